from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.delivery.pace import FORGET_AFTER_MS, LOWEST_PER_SECOND, UNLIMITED, Pace
from tests.delivery.examples import NOW

STEP_MS = 5
ANSWER_MS = 20
CALLS_AT_ONCE = 4

# A vendor: how many targets of a call it takes, and when it is called.
Maker = Callable[[int, int], int]


def by_the_second(limit: int) -> Maker:
    """Counts each second anew and refuses a call that would pass the limit as a whole."""
    counted: Counter[int] = Counter()

    def take(targets: int, now_ms: int) -> int:
        fits = counted[now_ms // 1000] + targets <= limit
        counted[now_ms // 1000] += targets if fits else 0
        return targets if fits else 0

    return take


def in_part(limit: int) -> Maker:
    """Counts each second anew and takes of a call what fits."""
    counted: Counter[int] = Counter()

    def take(targets: int, now_ms: int) -> int:
        taken = min(targets, limit - counted[now_ms // 1000])
        counted[now_ms // 1000] += taken
        return taken

    return take


def on_credit(limit: int) -> Maker:
    """Lets a call through while anything is left, and has it paid off."""
    left, at_ms = float(limit), NOW

    def take(targets: int, now_ms: int) -> int:
        nonlocal left, at_ms
        left, at_ms = min(limit, left + (now_ms - at_ms) / 1000 * limit), now_ms
        if left < 1:
            return 0
        left -= targets
        return targets

    return take


def taken_by_second(maker: Maker, *, seconds: int, max_targets: int = 500) -> list[int]:
    """What a maker takes in each second of a lane that always has more."""
    pace = Pace()
    under_way: list[tuple[int, int]] = []
    taken: Counter[int] = Counter()
    for now_ms in range(NOW, NOW + seconds * 1000, STEP_MS):
        while len(under_way) < CALLS_AT_ONCE and (room := pace.room(now_ms)):
            targets = min(room, max_targets)
            pace.spend(targets)
            under_way.append((now_ms + ANSWER_MS, targets))
        for _, targets in [call for call in under_way if call[0] <= now_ms]:
            accepted = maker(targets, now_ms)
            taken[(now_ms - NOW) // 1000] += accepted
            if accepted:
                pace.taken(accepted, now_ms)
            if accepted < targets:
                pace.too_fast(targets - accepted, now_ms)
        under_way = [call for call in under_way if call[0] > now_ms]
    return [taken[second] for second in range(seconds)]


@pytest.mark.parametrize("limit", [20, 100, 2_000])
@pytest.mark.parametrize("maker", [by_the_second, in_part, on_credit])
def test_a_lane_settles_near_what_the_maker_takes(maker: Callable[[int], Maker], limit: int) -> None:
    taken = taken_by_second(maker(limit), seconds=60)[20:]

    assert 0.85 * limit <= sum(taken) / len(taken) <= 1.05 * limit


def test_nothing_is_held_back_that_nobody_asked_to_slow_down() -> None:
    pace = Pace()
    pace.spend(1_000_000)
    pace.taken(1_000_000, NOW)

    assert (pace.room(NOW), pace.next_ms, pace.per_second) == (UNLIMITED, None, None)


def test_calls_refused_together_count_as_one_word() -> None:
    pace = Pace()
    for _ in range(4):
        pace.too_fast(400, NOW)

    assert pace.per_second == 200


def test_one_word_to_a_quiet_lane_does_not_hold_up_what_comes_later() -> None:
    pace = Pace()
    pace.too_fast(1, NOW)
    assert pace.per_second == LOWEST_PER_SECOND

    passed = 0
    for now_ms in range(NOW, NOW + 20_000, 100):
        room = pace.room(now_ms)
        pace.spend(room)
        passed += room

    assert passed > 10_000


def test_a_minute_without_a_word_ends_the_limit() -> None:
    pace = Pace()
    pace.too_fast(100, NOW)

    assert pace.room(NOW + FORGET_AFTER_MS - 1) < UNLIMITED
    assert pace.room(NOW + FORGET_AFTER_MS) == UNLIMITED
    assert pace.per_second is None


@given(
    told=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 5_000), st.integers(0, 5_000)), min_size=1),
)
def test_there_is_room_when_it_said_so_and_never_less_than_a_phone(told: list[tuple[int, int, int]]) -> None:
    pace = Pace()
    now_ms = NOW
    for passed_ms, refused, taken in told:
        now_ms += passed_ms
        if taken:
            pace.taken(taken, now_ms)
        pace.too_fast(refused, now_ms)
        pace.spend(pace.room(now_ms))
    for _ in range(3):
        next_ms = pace.next_ms
        if next_ms is None:
            break
        assert next_ms > now_ms
        now_ms = next_ms
        if pace.room(now_ms):
            break
    assert pace.room(now_ms) >= 1


@given(back_ms=st.integers(0, 3_600_000))
def test_a_clock_that_steps_back_neither_opens_nor_stops_it(back_ms: int) -> None:
    pace = Pace()
    pace.too_fast(1_000, NOW)

    now_ms = NOW - back_ms
    assert pace.room(now_ms) < UNLIMITED
    assert pace.room(now_ms + 1_000) >= 1


@given(most=st.integers(20, 20_000), seconds=st.integers(3, 10))
def test_its_own_limit_is_kept_and_used(most: int, seconds: int) -> None:
    pace = Pace(most)
    pace.room(NOW)
    sent: list[int] = []
    for _ in range(seconds):
        this_second = 0
        for step in range(0, 1_000, STEP_MS):
            now_ms = NOW + len(sent) * 1_000 + step
            room = pace.room(now_ms)
            if room:
                pace.spend(room)
                this_second += room
        sent.append(this_second)

    # The bucket holds a fifth of a second's worth, which the first second may have on top.
    assert sum(sent) <= most * (seconds + 0.2) + 1
    assert sum(sent[1:]) >= 0.95 * most * (seconds - 1) - max(1, most // 10)


def test_what_the_vendor_asks_for_goes_below_its_own_limit_and_never_above() -> None:
    pace = Pace(100)
    pace.taken(50, NOW)
    pace.too_fast(10, NOW + 1_000)

    assert pace.per_second is not None
    assert pace.per_second < 100
    for second in range(2, 60):
        assert pace.room(NOW + second * 1_000) <= 20


def test_another_limit_holds_from_now_on() -> None:
    pace = Pace(100)
    assert pace.room(NOW) == 20

    pace.allow(0)

    assert pace.room(NOW) == UNLIMITED
