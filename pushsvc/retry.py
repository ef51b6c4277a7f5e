"""The one owner of retries: what becomes of a delivery after an outcome, and how long a refused cert rests.

Pure: time and randomness are arguments. Nothing else in the service decides to try again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pushsvc.domain import DeliveryState, Reason
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)

FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 5 * 60_000
SHORTEST_DELAY_MS = 100
LONGEST_RETRY_AFTER_MS = 24 * 3_600_000
FIRST_PROBE_MS = 30_000
LONGEST_PROBE_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a delivery.

    Attributes:
        state: final, or PENDING.
        reason: why.
        due_at_ms: when to try again; 0 unless PENDING.
    """

    state: DeliveryState
    reason: Reason
    due_at_ms: int = 0


SENT = Plan(DeliveryState.SENT, Reason.NONE)
_FINAL = {
    Accepted: SENT,
    RegistrationInvalid: Plan(DeliveryState.FAILED, Reason.REGISTRATION_INVALID),
    MessageRejected: Plan(DeliveryState.FAILED, Reason.MESSAGE_REJECTED),
}
EXPIRED = Plan(DeliveryState.EXPIRED, Reason.TTL_ENDED)


def plan(outcome: Outcome, *, attempts: int, now_ms: int, expires_at_ms: int, jitter: float) -> Plan:
    """What becomes of a delivery.

    Args:
        outcome: what the vendor made of the last attempt.
        attempts: hand-overs so far, at least 1.
        now_ms: the time, epoch milliseconds.
        expires_at_ms: end of the TTL; a next attempt is always before it.
        jitter: random, 0 to below 1.
    """
    final = _FINAL.get(type(outcome))
    if final is not None:
        return final
    due_at_ms = now_ms + _delay_ms(outcome, attempts, jitter)
    if due_at_ms >= expires_at_ms:
        return EXPIRED
    return Plan(DeliveryState.PENDING, _reason(outcome), due_at_ms)


def pause_ms(outcome: Outcome, *, failures: int, jitter: float) -> int:
    """How long a cert rests before the next probe, in milliseconds.

    Args:
        outcome: why it got no access token, or why its pushes were refused.
        failures: how often in a row, at least 1.
        jitter: random, 0 to below 1.
    """
    if isinstance(outcome, CredentialRejected):
        longest = min(LONGEST_PROBE_MS, FIRST_PROBE_MS << min(failures - 1, 20))
        return longest - int(longest * jitter / 4)
    return max(_backoff_ms(failures, jitter), asked_ms(outcome))


def _delay_ms(outcome: Outcome, attempts: int, jitter: float) -> int:
    if isinstance(outcome, CredentialRejected | AccessTokenExpired):
        return 0  # the lane rests as a whole; the delivery goes with the first probe that succeeds
    return max(_backoff_ms(attempts, jitter), asked_ms(outcome))


def _backoff_ms(attempts: int, jitter: float) -> int:
    """Exponential with full jitter."""
    ceiling = min(LONGEST_DELAY_MS, FIRST_DELAY_MS << min(attempts - 1, 20))
    return SHORTEST_DELAY_MS + int(jitter * (ceiling - SHORTEST_DELAY_MS))


def asked_ms(outcome: Outcome) -> int:
    """How long the vendor asked to wait, in milliseconds and within bounds; 0: it did not."""
    asked = outcome.retry_after if isinstance(outcome, Throttled | Unavailable) else None
    if asked is None:
        return 0
    return min(LONGEST_RETRY_AFTER_MS, max(0, asked // timedelta(milliseconds=1)))


def _reason(outcome: Outcome) -> Reason:
    if isinstance(outcome, Throttled):
        return Reason.THROTTLED
    if isinstance(outcome, Unavailable):
        return Reason.UNKNOWN_OUTCOME if outcome.ambiguous else Reason.UNAVAILABLE
    return Reason.CREDENTIAL_REJECTED
