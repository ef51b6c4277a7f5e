from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.pushes import make_push
from vendors.notify_ids import notify_digest, notify_id


@given(text=st.text())
def test_a_notify_id_is_a_number_every_maker_takes(text: str) -> None:
    assert 1 <= notify_id(make_push("phone", collapse_id=text, content_id=text)) <= 2_147_483_647


def test_what_shares_a_content_shares_the_id_whatever_phone() -> None:
    one, other = make_push("a", dedup_id="d-1", content_id="c"), make_push("b", dedup_id="d-2", content_id="c")

    assert notify_id(one) == notify_id(other) == 285_036_912
    assert notify_id(make_push("a", dedup_id="d-1", content_id="another")) != notify_id(one)


def test_a_push_of_its_own_has_an_id_of_its_own() -> None:
    ids = [notify_id(make_push("a", dedup_id=dedup_id)) for dedup_id in ("d-1", "d-1", "d-2")]

    assert ids[0] == ids[1] != ids[2]


def test_a_collapse_id_goes_before_the_content_and_never_meets_one() -> None:
    older, newer = (make_push("a", collapse_id="chat-42", content_id=content_id) for content_id in ("c-1", "c-2"))

    assert notify_digest(older) == notify_digest(newer)
    assert notify_digest(older) != notify_digest(make_push("a", content_id="chat-42"))
