from __future__ import annotations

import pytest

from tests.delivery.examples import delivery, message


def test_the_words_of_a_delivery_hold_no_registration_id() -> None:
    one = delivery(message(7))

    assert one.registration_id
    assert one.registration_id not in repr(one)
    assert "7-" in repr(one)


def test_a_message_can_not_be_changed() -> None:
    one = message(7)

    with pytest.raises(AttributeError):
        one.app_id = "another"  # type: ignore[misc] # mypy refuses it as well
