from __future__ import annotations

from datetime import timedelta

import pytest

from pushsvc import retry
from pushsvc.delivery.settling import settlement
from pushsvc.domain import DeliveryEvent, DeliveryState, Reason
from pushsvc.retry import Plan
from pushsvc.store.base import Settlement
from tests.delivery.examples import NOW, delivery, message
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Throttled, Unavailable

PENDING = Plan(DeliveryState.PENDING, Reason.THROTTLED, NOW + 1_500)


def test_what_the_vendor_took_is_sent_with_its_id_and_what_was_shortened() -> None:
    outcome = Accepted(vendor_code="0", vendor_message_id="m-1", truncated=("title",))

    settled = settlement(delivery(message(5), 2), outcome, retry.SENT, now_ms=NOW)

    assert settled == Settlement(
        key=(5, 2),
        state=DeliveryState.SENT,
        attempts=1,
        event=DeliveryEvent(at_ms=NOW, state=DeliveryState.SENT, vendor_code="0", detail="the vendor took it"),
        vendor_code="0",
        vendor_message_id="m-1",
        truncated=("title",),
    )


def test_what_is_tried_again_says_why_and_when() -> None:
    outcome = Throttled(
        vendor_code="33", vendor_reason="limit exceeded", advice="slow down", retry_after=timedelta(seconds=1)
    )

    settled = settlement(delivery(message(5)), outcome, PENDING, now_ms=NOW)

    assert settled == Settlement(
        key=(5, 0),
        state=DeliveryState.PENDING,
        attempts=1,
        event=DeliveryEvent(
            at_ms=NOW,
            state=DeliveryState.PENDING,
            reason=Reason.THROTTLED,
            vendor_code="33",
            detail="limit exceeded; next attempt in 1.5 s",
        ),
        reason=Reason.THROTTLED,
        vendor_code="33",
        vendor_reason="limit exceeded",
        advice="slow down",
        due_at_ms=NOW + 1_500,
    )


def test_a_dead_registration_is_named_with_the_version_it_had() -> None:
    outcome = RegistrationInvalid(vendor_code="10000", vendor_reason="invalid registration id")
    plan = Plan(DeliveryState.FAILED, Reason.REGISTRATION_INVALID)

    settled = settlement(delivery(message(5), registration_key=9), outcome, plan, now_ms=NOW)

    assert settled.dead_registration == (9, 3)
    assert (settled.state, settled.reason) == (DeliveryState.FAILED, Reason.REGISTRATION_INVALID)
    assert settled.event.detail == "invalid registration id"


@pytest.mark.parametrize("outcome", [MessageRejected(), Unavailable(ambiguous=True), Accepted(), Throttled()])
def test_any_other_outcome_keeps_the_registration(outcome: Outcome) -> None:
    assert settlement(delivery(message(5)), outcome, PENDING, now_ms=NOW).dead_registration is None


@pytest.mark.parametrize(
    ("plan", "detail"),
    [
        (Plan(DeliveryState.FAILED, Reason.MESSAGE_REJECTED), "no words from the vendor"),
        (PENDING, "no words from the vendor; next attempt in 1.5 s"),
        (retry.EXPIRED, "no words from the vendor; the TTL ends before another attempt"),
        (
            Plan(DeliveryState.PENDING, Reason.CREDENTIAL_REJECTED, NOW),
            "no words from the vendor; waits until the certificate is mended",
        ),
    ],
)
def test_a_silent_vendor_is_called_silent(plan: Plan, detail: str) -> None:
    assert settlement(delivery(message(5)), MessageRejected(), plan, now_ms=NOW).event.detail == detail


def test_another_attempt_is_counted() -> None:
    tried_twice = delivery(message(5))
    tried_twice.attempts = 2

    assert settlement(tried_twice, Throttled(), PENDING, now_ms=NOW).attempts == 3
