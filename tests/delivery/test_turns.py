from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.delivery.turns import Turns
from pushsvc.domain import Delivery
from tests.delivery.examples import delivery, message


def waiting(*deliveries: Delivery) -> Turns:
    turns = Turns()
    for each in deliveries:
        turns.add(each)
    return turns


def test_phones_of_one_content_are_handed_out_together_and_contents_take_turns() -> None:
    one, other, same = message(1), message(2), message(3, content_id=1)
    turns = waiting(delivery(one, 0), delivery(other, 0), delivery(same, 0), delivery(one, 1))

    batches = [turns.pop(2, one_content=True) for _ in range(4)]

    assert [[each.key for each in batch] for batch in batches] == [[(1, 0), (3, 0)], [(2, 0)], [(1, 1)], []]


def test_a_message_to_many_does_not_hold_up_one_to_a_single_phone() -> None:
    many = message(1)
    singles = [delivery(message(n)) for n in (2, 3, 4)]
    turns = waiting(*(delivery(many, number) for number in range(1_000)), *singles)

    first = turns.pop(100, one_content=False)

    assert len(first) == 100
    assert {each.key for each in first} >= {each.key for each in singles}


@pytest.mark.parametrize("one_content", [False, True])
def test_a_caller_of_many_messages_does_not_hold_up_one_of_few(one_content: bool) -> None:
    flood = [delivery(message(n), caller="flood") for n in range(1, 5_001)]
    chat = [delivery(message(n), caller="chat") for n in (6_001, 6_002)]
    turns = waiting(*flood, *chat)

    gone = [each for _ in range(4) for each in turns.pop(1, one_content=one_content)]

    assert [each.caller for each in gone] == ["flood", "chat", "flood", "chat"]


def test_what_did_not_leave_is_next_and_in_its_order() -> None:
    turns = waiting(*(delivery(message(n), caller=caller) for n, caller in enumerate(["a", "b", "a", "b"], start=1)))
    two = turns.pop(2, one_content=False)

    turns.put_back(two)

    assert turns.pop(2, one_content=False) == two


arrivals = st.lists(st.tuples(st.sampled_from("abc"), st.integers(min_value=1, max_value=4)), max_size=60)


@given(arrivals, st.lists(st.integers(min_value=1, max_value=9), min_size=1), st.booleans(), st.booleans())
def test_everything_leaves_once_and_each_content_of_a_caller_in_its_order(
    arrivals: list[tuple[str, int]], limits: list[int], one_content: bool, is_put_back: bool
) -> None:
    deliveries = [
        delivery(message(number, content_id=content), caller=caller)
        for number, (caller, content) in enumerate(arrivals, start=1)
    ]
    turns = waiting(*deliveries)
    gone: list[Delivery] = []

    while turns:
        batch = turns.pop(limits[len(gone) % len(limits)], one_content=one_content)
        assert 0 < len(batch) <= max(limits)
        if is_put_back:
            turns.put_back(batch)
            batch = turns.pop(len(batch), one_content=one_content)
        if one_content:
            assert len({(each.caller, each.message.content_id) for each in batch}) == 1
        gone += batch

    assert Counter(each.key for each in gone) == Counter(each.key for each in deliveries)
    for caller in "abc":
        for content_id in range(1, 5):
            assert _of(gone, caller, content_id) == _of(deliveries, caller, content_id)


def _of(deliveries: list[Delivery], caller: str, content_id: int) -> list[tuple[int, int]]:
    return [each.key for each in deliveries if (each.caller, each.message.content_id) == (caller, content_id)]
