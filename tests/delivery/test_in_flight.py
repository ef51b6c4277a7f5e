from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pushsvc.delivery.in_flight import SLOW_SECONDS, InFlight

MOST = 64


def test_a_vendor_that_keeps_up_keeps_the_whole_cap() -> None:
    cap = InFlight(MOST)

    for _ in range(1_000):
        cap.answered(0.02, round_begun=cap.begin())

    assert cap.cap == MOST


def test_a_round_of_failures_halves_the_cap_once() -> None:
    cap = InFlight(MOST)
    rounds = [cap.begin() for _ in range(MOST)]

    for each in rounds:
        cap.failed(round_begun=each)

    assert cap.cap == MOST // 2


def test_a_vendor_that_takes_far_longer_than_usual_gets_fewer_calls() -> None:
    cap = InFlight(MOST)
    for _ in range(100):
        cap.answered(0.02, round_begun=cap.begin())

    cap.answered(SLOW_SECONDS + 0.1, round_begun=cap.begin())

    assert cap.cap == MOST // 2


def test_a_vendor_that_is_always_slow_is_not_slower_than_usual() -> None:
    cap = InFlight(MOST)

    for _ in range(1_000):
        cap.answered(2.0, round_begun=cap.begin())

    assert cap.cap == MOST


def test_a_vendor_that_became_slower_for_good_gets_all_its_calls_again() -> None:
    cap = InFlight(MOST)
    for _ in range(100):
        cap.answered(0.02, round_begun=cap.begin())

    caps = []
    for _ in range(3_000):
        cap.answered(1.5, round_begun=cap.begin())
        caps.append(cap.cap)

    assert min(caps) < MOST // 2
    assert caps[-1] == MOST


def test_a_busy_moment_of_the_machine_is_not_the_vendors() -> None:
    cap = InFlight(MOST)
    for _ in range(100):
        cap.answered(0.001, round_begun=cap.begin())

    cap.answered(SLOW_SECONDS - 0.1, round_begun=cap.begin())

    assert cap.cap == MOST


def test_about_one_more_a_round_is_allowed_once_it_keeps_up_again() -> None:
    cap = InFlight(MOST)
    for _ in range(10):
        cap.failed(round_begun=cap.begin())
    assert cap.cap == 1

    for _ in range(8):
        for _ in range(cap.cap):
            cap.answered(0.02, round_begun=cap.begin())

    assert 5 <= cap.cap <= 9


@given(
    most=st.integers(1, 100),
    answers=st.lists(st.none() | st.floats(0, 100), max_size=200),
)
def test_the_cap_stays_between_one_and_its_most(most: int, answers: list[float | None]) -> None:
    cap = InFlight(most)

    for seconds in answers:
        begun = cap.begin()
        if seconds is None:
            cap.failed(round_begun=begun)
        else:
            cap.answered(seconds, round_begun=begun)
        assert 1 <= cap.cap <= most
