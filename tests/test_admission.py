from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.admission import Admission, Visit
from pushsvc.errors import Full


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admission(clock: Clock) -> Admission:
    return Admission(most=1_000, crowd=100, patience_seconds=1.0, what="things", clock=clock)


def leave(*visits: Visit) -> None:
    for visit in visits:
        with visit:
            pass


def refuses(door: Admission, caller: str = "app") -> bool:
    try:
        door.check(caller)
    except Full:
        return True
    return False


def test_what_is_no_crowd_may_stay_for_ever() -> None:
    clock = Clock()
    door = admission(clock)
    door.enter("app", 99)

    clock.now += 3_600

    assert not refuses(door)


def test_a_crowd_of_which_nobody_leaves_is_joined_as_long_as_the_patience_lasts() -> None:
    clock = Clock()
    door = admission(clock)
    door.enter("app", 100)

    clock.now += 1.0
    assert not refuses(door)
    clock.now += 0.001
    with pytest.raises(Full, match="100 things are waiting already") as refused:
        door.enter("app", 1)

    assert refused.value.retry_after.total_seconds() == 1


def test_a_larger_crowd_is_joined_for_less_long() -> None:
    clock = Clock()
    door = admission(clock)
    door.enter("app", 500)

    clock.now += 0.2
    assert not refuses(door)
    clock.now += 0.001
    assert refuses(door)


def test_a_newcomer_is_let_in_if_what_is_inside_leaves_within_the_patience() -> None:
    clock = Clock()
    door = admission(clock)
    visits = [door.enter("app", 10) for _ in range(60)]

    clock.now += 1.0
    leave(*visits[:50])  # 500 in a second, of which 100 are left
    assert not refuses(door)

    clock.now += 9.0  # since then nobody
    assert refuses(door)


def test_a_crowd_that_is_gone_is_forgotten() -> None:
    clock = Clock()
    door = admission(clock)
    crowd = door.enter("app", 100)
    clock.now += 10.0
    leave(crowd)

    door.enter("app", 100)

    assert not refuses(door)


def test_there_is_a_bound_however_fast_it_goes() -> None:
    clock = Clock()
    door = admission(clock)
    door.enter("app", 1_000)

    with pytest.raises(Full, match="1000 things"):
        door.enter("app", 1)


def test_whoever_has_little_inside_comes_in_although_others_wait_for_long() -> None:
    clock = Clock()
    door = admission(clock)
    door.enter("flood", 500)
    clock.now += 10.0

    assert refuses(door, "flood")
    door.enter("chat", 100)
    door.enter("chat", 100)
    assert refuses(door, "chat")


def test_callers_alike_are_refused_alike() -> None:
    clock = Clock()
    door = admission(clock)
    for number in range(50):
        door.enter(f"app {number}", 10)
    clock.now += 10.0

    assert all(refuses(door, f"app {number}") for number in range(50))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), min_size=300, max_size=400))
def test_whoever_calls_in_turn_however_much_the_room_is_not_filled(calls: list[tuple[str, int]]) -> None:
    clock = Clock()
    door = Admission(most=1_000_000, crowd=100, patience_seconds=1.0, what="things", clock=clock)
    inside = 0
    for caller, weight in calls:
        clock.now += 1.0
        try:
            door.enter(caller, weight)
        except Full:
            continue
        inside += max(1, weight)

    assert inside < 500


def test_calls_that_carry_nothing_come_and_go() -> None:
    door = admission(Clock())
    one, other = door.enter("app", 0), door.enter("app", 0)
    door.enter("app", 998)
    assert refuses(door)

    leave(one, other)

    assert not refuses(door)


def test_a_visit_ends_with_its_block_whatever_happens_inside() -> None:
    clock = Clock()
    door = admission(clock)

    with pytest.raises(ZeroDivisionError), door.enter("app", 1_000):
        raise ZeroDivisionError

    assert not refuses(door)


@given(
    per_second=st.integers(500, 5_000), offered=st.integers(2, 20), weight=st.integers(1, 50), seconds=st.integers(4, 8)
)
def test_under_overload_it_stays_busy_and_nobody_waits_much_longer_than_the_patience(
    per_second: int, offered: int, weight: int, seconds: int
) -> None:
    clock = Clock()
    door = Admission(most=100_000, crowd=100, patience_seconds=1.0, what="things", clock=clock)
    waiting: list[tuple[float, Visit]] = []
    longest = served = 0.0
    step = 0.01
    room = 0.0
    for _ in range(int(seconds / step)):
        clock.now += step
        for _ in range(max(1, int(offered * per_second * step / weight))):
            try:
                waiting.append((clock.now, door.enter("app", weight)))
            except Full:
                break
        room = min(room + per_second * step, per_second * step + weight)
        while waiting and room >= weight:
            came, visit = waiting.pop(0)
            leave(visit)
            longest = max(longest, clock.now - came)
            room -= weight
            served += weight

    assert longest <= 3.0  # at first nobody knows how fast it goes
    assert served >= 0.9 * per_second * seconds - 2 * weight
