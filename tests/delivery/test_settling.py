from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from pushsvc import retry
from pushsvc.delivery.settling import settlement
from pushsvc.domain import DeliveryEvent, DeliveryState, Reason
from pushsvc.retry import Plan
from pushsvc.store.base import Settlement
from tests.delivery.examples import NOW, delivery, message
from vendors import fake
from vendors.contract import Badge, BadgeKind, Capabilities, Category, ClickAction, ClickKind, Notification
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Throttled, Unavailable

# What the fake vendor can do is everything; a test takes away what it is about.
CAN = fake.CAPABILITIES
PENDING = Plan(DeliveryState.PENDING, Reason.THROTTLED, NOW + 1_500)


def test_what_the_vendor_took_is_sent_with_its_id_and_what_was_shortened() -> None:
    outcome = Accepted(vendor_code="0", vendor_message_id="m-1", truncated=("title",))

    settled = settlement(delivery(message(5), 2), outcome, retry.SENT, CAN, now_ms=NOW)

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

    settled = settlement(delivery(message(5)), outcome, PENDING, CAN, now_ms=NOW)

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

    settled = settlement(delivery(message(5), registration_key=9), outcome, plan, CAN, now_ms=NOW)

    assert settled.dead_registration == (9, 3)
    assert (settled.state, settled.reason) == (DeliveryState.FAILED, Reason.REGISTRATION_INVALID)
    assert settled.event.detail == "invalid registration id"


@pytest.mark.parametrize("outcome", [MessageRejected(), Unavailable(ambiguous=True), Accepted(), Throttled()])
def test_any_other_outcome_keeps_the_registration(outcome: Outcome) -> None:
    assert settlement(delivery(message(5)), outcome, PENDING, CAN, now_ms=NOW).dead_registration is None


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
    assert settlement(delivery(message(5)), MessageRejected(), plan, CAN, now_ms=NOW).event.detail == detail


def test_another_attempt_is_counted() -> None:
    tried_twice = delivery(message(5))
    tried_twice.attempts = 2

    assert settlement(tried_twice, Throttled(), PENDING, CAN, now_ms=NOW).attempts == 3


EVERYTHING = Notification(
    title="t",
    body="b",
    click_action=ClickAction(ClickKind.URL, "https://example.com"),
    channel_id="chat",
    category=Category.TODO,
    collapse_id="chat-42",
    badge=Badge(BadgeKind.INCREMENT),
    sound="chime.mp3",
)


@pytest.mark.parametrize(
    ("lack", "field"),
    [
        ({"click_actions": frozenset({ClickKind.OPEN_APP})}, "click_action"),
        ({"channels": False}, "channel_id"),
        ({"categories": frozenset({Category.IM})}, "category"),
        ({"collapse": False}, "collapse_id"),
        ({"badges": frozenset({BadgeKind.COUNT})}, "badge"),
        ({"sound": False}, "sound"),
    ],
)
def test_what_was_asked_and_the_vendor_can_not_do_is_named(lack: dict[str, Any], field: str) -> None:
    asked = delivery(structs.replace(message(5), notification=EVERYTHING))
    can = replace(CAN, **lack)

    assert settlement(asked, Accepted(), retry.SENT, can, now_ms=NOW).ignored == (field,)
    assert settlement(asked, Accepted(), retry.SENT, CAN, now_ms=NOW).ignored == ()
    assert settlement(delivery(message(5)), Accepted(), retry.SENT, can, now_ms=NOW).ignored == ()
    assert settlement(asked, Throttled(), PENDING, can, now_ms=NOW).ignored == ()


def test_what_the_plug_in_left_out_is_named_too() -> None:
    asked = delivery(structs.replace(message(5), notification=EVERYTHING))

    settled = settlement(asked, Accepted(ignored=("badge",)), retry.SENT, replace(CAN, sound=False), now_ms=NOW)

    assert settled.ignored == ("sound", "badge")


@pytest.mark.parametrize(("ttl", "truncated"), [(timedelta(days=1), ()), (timedelta(days=1, milliseconds=1), ("ttl",))])
def test_a_ttl_longer_than_the_vendor_keeps_it_counts_as_shortened(ttl: timedelta, truncated: tuple[str, ...]) -> None:
    kept = delivery(message(5, expires_at_ms=NOW + ttl // timedelta(milliseconds=1)))
    can: Capabilities = replace(CAN, max_ttl=timedelta(days=1))

    assert settlement(kept, Accepted(), retry.SENT, can, now_ms=NOW).truncated == truncated
