from __future__ import annotations

from datetime import timedelta

import pytest

from pushsvc.delivery.governor import DOWN_AFTER, Governor
from pushsvc.delivery.pushes import push_of
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.sealing import Sealer
from tests.delivery.examples import NOW, delivery, message
from tests.delivery.test_lane import lane_cert
from vendors.contract import Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    Outcome,
    Throttled,
    ThrottleScope,
    Unavailable,
    Withdrawn,
)

DOWN = Unavailable(ambiguous=False)
DOWN_FOR_A_WHILE = Unavailable(ambiguous=False, retry_after=timedelta(seconds=1))
WAIT = Throttled(retry_after=timedelta(seconds=30), scope=ThrottleScope.CERT)


def governor(*, most_exchanges: int = 4, targets_per_second: int = 0) -> Governor:
    return Governor(most_exchanges=most_exchanges, targets_per_second=targets_per_second, random=lambda: 0.0)


def a_push() -> Push:
    cert = lane_cert()
    addresses = ReceiptAddresses("", Sealer([bytes(32)]))
    return push_of(delivery(message(1)), cert.cert, cert.capabilities, addresses)


def test_a_fresh_lane_may_start_as_many_exchanges_as_it_may_have() -> None:
    lane = governor(most_exchanges=4)

    assert [lane.admits(under_way, NOW) for under_way in range(6)] == [True] * 4 + [False] * 2
    assert lane.next_ms(4, NOW) is None


def test_a_resting_lane_admits_one_probe_of_one_target_when_its_time_has_come() -> None:
    lane = governor()
    started = lane.begin(10)
    lane.rest(WAIT, started, NOW)

    assert not lane.admits(0, NOW + 29_999)
    assert lane.next_ms(0, NOW) == NOW + 30_000
    assert lane.admits(0, NOW + 30_000)
    assert lane.room(NOW + 30_000) == 1
    lane.begin(1)
    assert not lane.admits(1, NOW + 30_000)


def test_a_lane_without_room_says_when_there_will_be() -> None:
    lane = governor(targets_per_second=100)
    lane.begin(lane.room(NOW))

    assert not lane.admits(1, NOW)
    next_ms = lane.next_ms(1, NOW)
    assert next_ms is not None
    assert NOW < next_ms <= NOW + 200
    assert lane.admits(1, next_ms)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([Accepted(), CredentialRejected()], CredentialRejected()),
        ([Accepted(), WAIT], WAIT),
        ([DOWN, Accepted()], Accepted()),
        ([Withdrawn(), Withdrawn()], None),
        ([Throttled()], None),
        ([DOWN_FOR_A_WHILE, DOWN], DOWN_FOR_A_WHILE),
    ],
)
def test_the_verdict_is_that_of_whatever_says_most_of_the_cert(
    outcomes: list[Outcome], verdict: Outcome | None
) -> None:
    assert governor().verdict(outcomes) == verdict


def test_a_vendor_is_down_after_so_many_exchanges_without_an_answer() -> None:
    lane = governor()

    verdicts = [lane.verdict([DOWN]) for _ in range(DOWN_AFTER)]

    assert verdicts == [None] * (DOWN_AFTER - 1) + [DOWN]


def test_an_edit_lets_a_stopped_class_be_tried_again() -> None:
    lane, push = governor(), a_push()
    quota = Throttled(retry_after=timedelta(hours=1), scope=ThrottleScope.CLASS)
    lane.learn(lane.begin(1), [push], [quota], seconds=0.01, now_ms=NOW)
    [stopped] = lane.stops_of([push], NOW)

    lane.edited(0)

    assert stopped is not None
    assert stopped.until_ms == NOW + 3_600_000
    assert lane.stops_of([push], NOW) == []
