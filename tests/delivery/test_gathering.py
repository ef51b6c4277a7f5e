from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.delivery.gathering import LONGEST_SECONDS, Gathering


class Machine:
    """Time passes, and a share of it is worked."""

    def __init__(self) -> None:
        self.now = 100.0
        self.worked = 7.0

    def pass_on(self, seconds: float, *, busy: float) -> None:
        self.now += seconds
        self.worked += seconds * busy


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def gathering(machine: Machine) -> Gathering:
    return Gathering(lambda: machine.now, lambda: machine.worked)


def asked_for(gathering: Gathering, machine: Machine, seconds: float, *, busy: float) -> float:
    """What it says after so long, asked every now and then."""
    waits = gathering.seconds()
    for _ in range(int(seconds / 0.02)):
        machine.pass_on(0.02, busy=busy)
        waits = gathering.seconds()
    return waits


def test_a_service_with_time_to_spare_waits_for_nobody(gathering: Gathering, machine: Machine) -> None:
    assert gathering.seconds() == 0
    assert asked_for(gathering, machine, 1, busy=0.4) == 0


def test_a_busy_service_lets_sends_gather(gathering: Gathering, machine: Machine) -> None:
    some = asked_for(gathering, machine, 1, busy=0.7)

    assert 0 < some < asked_for(gathering, machine, 1, busy=0.95) == LONGEST_SECONDS


def test_after_a_pause_nobody_waits(gathering: Gathering, machine: Machine) -> None:
    asked_for(gathering, machine, 1, busy=0.9)

    machine.pass_on(5, busy=0.0)

    assert gathering.seconds() == 0


def test_it_tells_whether_the_loop_had_time_to_spare_meanwhile(gathering: Gathering, machine: Machine) -> None:
    since = gathering.moment()
    machine.pass_on(0.002, busy=0.3)
    assert gathering.had_time_to_spare(since)

    since = gathering.moment()
    machine.pass_on(0.002, busy=0.8)
    assert not gathering.had_time_to_spare(since)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1)), max_size=50))
def test_nobody_ever_waits_longer_than_the_longest(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    gathering = Gathering(lambda: machine.now, lambda: machine.worked)
    for seconds, busy in steps:
        machine.pass_on(seconds, busy=busy)
        assert 0 <= gathering.seconds() <= LONGEST_SECONDS
