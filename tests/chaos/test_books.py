"""The audit finds each broken promise: a check that can't fail would prove nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pushsvc.v1 import delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.chaos.books import FLIGHT_SECONDS, Evidence, Shown, audit
from tests.chaos.ledger import Ledger, Login, Sent

SENT = delivery_pb2.DELIVERY_STATE_SENT
PENDING = delivery_pb2.DELIVERY_STATE_PENDING
CANCELLED = delivery_pb2.DELIVERY_STATE_CANCELLED
PHONE = ("oppo", "CN_1")


def ledger() -> Ledger:
    """Alice was sent one notification to her one phone."""
    return Ledger(
        sent=[Sent("send 1", "alice", "99", 1)],
        logins=[Login(*PHONE, "alice")],
        seen={"99-0": [SENT]},
    )


def message(state: delivery_pb2.DeliveryState.ValueType = SENT, *, deliveries: int = 1) -> pb.GetMessageResponse:
    event = delivery_pb2.DeliveryEvent(state=state, detail="its last step")
    return pb.GetMessageResponse(
        message_id="99",
        deliveries=[
            delivery_pb2.Delivery(delivery_id=f"99-{number}", user_id="alice", state=state, timeline=[event])
            for number in range(deliveries)
        ],
    )


def evidence() -> Evidence:
    return Evidence(
        messages={"99": message()},
        bars={PHONE: [Shown("send 1", 2.0)]},
        registered={"alice": frozenset({"CN_1"})},
    )


def test_books_that_balance_have_no_fault() -> None:
    verdict = audit(ledger(), evidence())

    assert (verdict.states, verdict.faults) == ({"sent": 1}, [])


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (replace(evidence(), messages={}), "lost: send 1 was accepted as 99 and is gone"),
        (replace(evidence(), messages={"99": message(deliveries=0)}), "lost: send 1 had 1 deliveries and has 0"),
        (replace(evidence(), messages={"99": message(PENDING)}), "unfinished: 99-0 waits: its last step"),
        (replace(evidence(), bars={PHONE: []}), "lost: send 1 went to 1 phones and stands on 0"),
        (
            replace(evidence(), bars={PHONE: [Shown("send 1", 2.0)] * 2}),
            "doubled: send 1 stands 2 times on oppo CN_1",
        ),
        (
            replace(evidence(), bars={PHONE: [Shown("send 1", 2.0)], ("vivo", "17"): [Shown("send 1", 2.0)]}),
            "astray: send 1 for alice stands on vivo 17",
        ),
        (replace(evidence(), registered={}), "forgotten: oppo CN_1 of alice, which no maker called dead"),
        (replace(evidence(), violations={"oppo": 3}), "oppo: 3 requests broke its rules"),
        (replace(evidence(), integrity="row 7 missing"), "database: row 7 missing"),
    ],
)
def test_what_is_wrong_in_the_end_is_named(found: Evidence, fault: str) -> None:
    assert fault in audit(ledger(), found).faults


def test_a_notification_that_left_after_the_logout_is_named_and_one_on_its_way_is_not() -> None:
    books = ledger()
    books.logins[0].ended_at = 10.0
    on_its_way = replace(evidence(), bars={PHONE: [Shown("send 1", 10.0 + FLIGHT_SECONDS)]})
    late = replace(evidence(), bars={PHONE: [Shown("send 1", 10.5 + FLIGHT_SECONDS)]})

    assert audit(books, on_its_way).faults == []
    assert audit(books, late).faults == ["after logout: send 1 came to oppo CN_1 5.5 s after alice left"]


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        ({}, "unseen: 99-0 is sent, the watcher saw []"),
        ({"99-0": [SENT, CANCELLED]}, f"unseen: 99-0 is sent, the watcher saw [{SENT}, {CANCELLED}]"),
        ({"99-0": [SENT, SENT]}, f"seen twice: 99-0: [{SENT}, {SENT}]"),
    ],
)
def test_an_outcome_the_watcher_missed_or_saw_twice_is_named(seen: dict[str, list[int]], fault: str) -> None:
    books = ledger()
    books.seen = seen

    assert audit(books, evidence()).faults == [fault]


def test_what_was_asked_to_be_taken_back_need_not_stand_on_the_phone() -> None:
    books = ledger()
    books.cancelled.add("99")

    assert audit(books, replace(evidence(), bars={PHONE: []})).faults == []


def test_a_dead_phone_may_be_forgotten_and_shows_nothing() -> None:
    books = ledger()
    books.logins[0].is_dead = True

    assert audit(books, replace(evidence(), registered={}, bars={PHONE: []})).faults == []


def test_an_answer_that_is_nobodys_right_is_named() -> None:
    books = ledger()
    books.faults_of_ours.append("INTERNAL: error_id 1")

    assert audit(books, evidence()).faults == ["a fault of ours: INTERNAL: error_id 1"]
