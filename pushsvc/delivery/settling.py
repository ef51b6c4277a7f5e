"""From a vendor's outcome and the plan for it to what the store writes down. Pure."""

from __future__ import annotations

from functools import lru_cache

from pushsvc.delivery.pushes import ignored, is_kept_shorter
from pushsvc.delivery.stops import Stop
from pushsvc.domain import Delivery, DeliveryEvent, DeliveryState, Reason
from pushsvc.retry import SENT, Plan
from pushsvc.store.base import Settlement
from vendors.contract import Capabilities
from vendors.outcomes import Accepted, Outcome, RegistrationInvalid


def settlement(
    delivery: Delivery, outcome: Outcome, plan: Plan, capabilities: Capabilities, *, now_ms: int
) -> Settlement:
    """What an attempt made of a delivery.

    Args:
        delivery: what was handed over.
        outcome: what the vendor made of it.
        plan: what is to become of it.
        capabilities: what the vendor can do.
        now_ms: the time, epoch milliseconds.
    """
    is_dead = isinstance(outcome, RegistrationInvalid)
    taken = outcome if isinstance(outcome, Accepted) else None
    return Settlement(
        key=delivery.key,
        state=plan.state,
        attempts=delivery.attempts + 1,
        event=_taken(now_ms, outcome.vendor_code) if plan is SENT else _step(outcome, plan, now_ms),
        reason=plan.reason,
        vendor_code=outcome.vendor_code,
        vendor_reason=outcome.vendor_reason,
        advice=outcome.advice,
        vendor_message_id=taken.vendor_message_id if taken else "",
        due_at_ms=plan.due_at_ms,
        truncated=_truncated(delivery, taken, capabilities) if taken else (),
        ignored=_ignored(delivery, taken, capabilities) if taken else (),
        dead_registration=(delivery.registration_key, delivery.registration_version) if is_dead else None,
    )


def deferral(delivery: Delivery, stop: Stop, *, now_ms: int) -> Settlement:
    """What becomes of a delivery whose class is stopped: it waits, or expires first; the vendor is not asked.

    Args:
        delivery: what would have been handed over.
        stop: what stops it.
        now_ms: the time, epoch milliseconds.
    """
    outcome = stop.outcome
    expires_first = stop.until_ms >= delivery.message.expires_at_ms
    state = DeliveryState.EXPIRED if expires_first else DeliveryState.PENDING
    reason = Reason.TTL_ENDED if expires_first else Reason.THROTTLED
    end = "the TTL ends first" if expires_first else f"next attempt in {(stop.until_ms - now_ms) / 1000:.1f} s"
    return Settlement(
        key=delivery.key,
        state=state,
        attempts=delivery.attempts,
        event=DeliveryEvent(
            at_ms=now_ms,
            state=state,
            reason=reason,
            vendor_code=outcome.vendor_code,
            detail=f"not sent, as others of its class were refused: {outcome.vendor_reason}; {end}",
        ),
        reason=reason,
        vendor_code=outcome.vendor_code,
        vendor_reason=outcome.vendor_reason,
        advice=outcome.advice,
        due_at_ms=0 if expires_first else stop.until_ms,
    )


def _truncated(delivery: Delivery, outcome: Accepted, capabilities: Capabilities) -> tuple[str, ...]:
    return (*outcome.truncated, "ttl") if is_kept_shorter(delivery.message, capabilities) else outcome.truncated


def _ignored(delivery: Delivery, outcome: Accepted, capabilities: Capabilities) -> tuple[str, ...]:
    return (*ignored(delivery.message.notification, capabilities), *outcome.ignored)


@lru_cache(maxsize=64)
def _taken(now_ms: int, vendor_code: str) -> DeliveryEvent:
    """The step of all that went in one call."""
    return DeliveryEvent(at_ms=now_ms, state=DeliveryState.SENT, vendor_code=vendor_code, detail="the vendor took it")


def _step(outcome: Outcome, plan: Plan, now_ms: int) -> DeliveryEvent:
    return DeliveryEvent(
        at_ms=now_ms,
        state=plan.state,
        reason=plan.reason,
        vendor_code=outcome.vendor_code,
        detail=_detail(outcome, plan, now_ms),
    )


def _detail(outcome: Outcome, plan: Plan, now_ms: int) -> str:
    said = outcome.vendor_reason or "no words from the vendor"
    if plan.reason is Reason.CREDENTIAL_REJECTED:
        return f"{said}; waits until the certificate is mended"
    if plan.state is DeliveryState.PENDING:
        return f"{said}; next attempt in {(plan.due_at_ms - now_ms) / 1000:.1f} s"
    if plan.state is DeliveryState.EXPIRED:
        return f"{said}; the TTL ends before another attempt"
    return said
