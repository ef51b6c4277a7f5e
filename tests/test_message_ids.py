from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pushsvc.sending import MessageIds

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
LAST_MS = (1 << 42) - 2  # in the year 2109

steps = st.lists(st.integers(min_value=-5_000, max_value=5_000) | st.just(0), min_size=1, max_size=300)


@given(steps=steps, seed=st.integers())
def test_ids_rise_and_never_repeat_however_the_clock_steps(steps: list[int], seed: int) -> None:
    ids = MessageIds(Random(seed).random)
    now_ms = NOW
    given_out = []

    for step in steps:
        now_ms += step
        given_out.append(ids.next(now_ms))

    assert all(earlier < later for earlier, later in pairwise(given_out))


def test_many_ids_in_one_millisecond_are_all_different() -> None:
    ids = MessageIds(lambda: 0.999999)

    given_out = [ids.next(NOW) for _ in range(20_000)]

    assert len(set(given_out)) == 20_000
    assert given_out == sorted(given_out)
    assert {each >> 21 for each in given_out} == {NOW}


@given(
    now_ms=st.integers(min_value=0, max_value=LAST_MS), fraction=st.floats(min_value=0, max_value=1, exclude_max=True)
)
def test_an_id_is_positive_and_fits_in_63_bits(now_ms: int, fraction: float) -> None:
    ids = MessageIds(lambda: fraction)

    assert 0 < ids.next(now_ms) < 1 << 63
    assert 0 < ids.next(now_ms) < 1 << 63


def test_an_id_holds_its_millisecond_in_the_upper_bits() -> None:
    ids = MessageIds(lambda: 0.0)

    assert ids.next(NOW) == NOW * 2_097_152
    assert ids.next(NOW) == NOW * 2_097_152 + 1
    assert ids.next(NOW - 60_000) == NOW * 2_097_152 + 2
    assert ids.next(NOW + 1) == (NOW + 1) * 2_097_152


def test_two_databases_started_in_the_same_millisecond_give_out_different_ids() -> None:
    ours = MessageIds(lambda: 0.25)
    theirs = MessageIds(lambda: 0.75)

    our_ids = {ours.next(NOW) for _ in range(1_000)}
    their_ids = {theirs.next(NOW) for _ in range(1_000)}

    assert our_ids.isdisjoint(their_ids)
