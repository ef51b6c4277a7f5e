from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushsvc import retry
from pushsvc.domain import DeliveryState, Reason
from pushsvc.retry import Plan
from vendors import outcomes
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
    Withdrawn,
)

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
attempt_counts = st.integers(min_value=1, max_value=10_000)
retry_afters = st.none() | st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=400))
lasting = st.one_of(
    st.builds(Throttled, retry_after=retry_afters),
    st.builds(Unavailable, retry_after=retry_afters, ambiguous=st.booleans()),
    st.builds(CredentialRejected),
    st.builds(AccessTokenExpired),
)
final = st.one_of(
    st.builds(Accepted, vendor_message_id=st.text()),
    st.builds(RegistrationInvalid),
    st.builds(MessageRejected, whole_call=st.booleans()),
)

# One of each kind; a new kind fails the test below until somebody decides what becomes of it.
PLANNED: dict[type[Outcome], Outcome] = {
    Accepted: Accepted(),
    RegistrationInvalid: RegistrationInvalid(),
    MessageRejected: MessageRejected(),
    CredentialRejected: CredentialRejected(),
    AccessTokenExpired: AccessTokenExpired(),
    Throttled: Throttled(),
    Unavailable: Unavailable(ambiguous=False),
}


def plan(outcome: Outcome, *, attempts: int = 1, ttl_ms: int = DAY, jitter: float = 0.5) -> Plan:
    return retry.plan(outcome, attempts=attempts, now_ms=NOW, expires_at_ms=NOW + ttl_ms, jitter=jitter)


@given(outcome=lasting, attempts=attempt_counts, jitter=jitters, ttl_ms=st.integers(min_value=-DAY, max_value=14 * DAY))
@example(outcome=CredentialRejected(), attempts=1, jitter=0.0, ttl_ms=0)
def test_the_next_attempt_is_never_before_now_nor_at_or_after_expiry(
    outcome: Outcome, attempts: int, jitter: float, ttl_ms: int
) -> None:
    planned = plan(outcome, attempts=attempts, ttl_ms=ttl_ms, jitter=jitter)

    if planned.state is DeliveryState.PENDING:
        assert NOW <= planned.due_at_ms < NOW + ttl_ms
    else:
        assert planned == Plan(DeliveryState.EXPIRED, Reason.TTL_ENDED, 0)


@given(outcome=final, attempts=attempt_counts, jitter=jitters, ttl_ms=st.integers(min_value=-DAY, max_value=14 * DAY))
def test_a_final_outcome_is_final_whatever_the_attempts_and_even_past_the_ttl(
    outcome: Outcome, attempts: int, jitter: float, ttl_ms: int
) -> None:
    planned = plan(outcome, attempts=attempts, ttl_ms=ttl_ms, jitter=jitter)

    assert planned.due_at_ms == 0
    assert planned.state in {DeliveryState.SENT, DeliveryState.FAILED}


@given(outcome=lasting, attempts=attempt_counts, jitter=jitters)
def test_what_may_yet_work_is_never_given_up_before_the_ttl_ends(
    outcome: Outcome, attempts: int, jitter: float
) -> None:
    planned = plan(outcome, attempts=attempts, ttl_ms=2 * DAY, jitter=jitter)

    assert planned.state is DeliveryState.PENDING


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Accepted(), DeliveryState.SENT, Reason.NONE),
        (RegistrationInvalid(), DeliveryState.FAILED, Reason.REGISTRATION_INVALID),
        (MessageRejected(), DeliveryState.FAILED, Reason.MESSAGE_REJECTED),
        (CredentialRejected(), DeliveryState.PENDING, Reason.CREDENTIAL_REJECTED),
        (Throttled(), DeliveryState.PENDING, Reason.THROTTLED),
        (Unavailable(ambiguous=False), DeliveryState.PENDING, Reason.UNAVAILABLE),
        (Unavailable(ambiguous=True), DeliveryState.PENDING, Reason.UNKNOWN_OUTCOME),
    ],
)
def test_each_outcome_has_its_state_and_reason(outcome: Outcome, state: DeliveryState, reason: Reason) -> None:
    planned = plan(outcome)

    assert (planned.state, planned.reason) == (state, reason)


def test_every_kind_of_outcome_that_reaches_the_plan_has_one() -> None:
    # A dataclass with slots leaves the class it was made from behind; the module holds the real one.
    kinds = {each for each in Outcome.__subclasses__() if getattr(outcomes, each.__name__) is each} - {Withdrawn}

    assert kinds == set(PLANNED)
    for outcome in PLANNED.values():
        assert plan(outcome).state in {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.PENDING}


@pytest.mark.parametrize("outcome", [CredentialRejected(), AccessTokenExpired()])
def test_a_refused_cert_leaves_its_deliveries_due_at_once(outcome: Outcome) -> None:
    assert plan(outcome, attempts=9) == Plan(DeliveryState.PENDING, Reason.CREDENTIAL_REJECTED, NOW)


@pytest.mark.parametrize(
    ("asked", "delay_ms"),
    [
        (timedelta(hours=3), 3 * HOUR),
        (timedelta(milliseconds=1500), 1500),
        (timedelta(days=300), DAY),
        (timedelta(0), 100),
        (timedelta(seconds=-5), 100),
        (None, 100),
    ],
)
def test_a_retry_after_is_honoured_within_bounds(asked: timedelta | None, delay_ms: int) -> None:
    for outcome in (Throttled(retry_after=asked), Unavailable(retry_after=asked, ambiguous=True)):
        assert plan(outcome, ttl_ms=14 * DAY, jitter=0).due_at_ms == NOW + delay_ms


@given(
    asked=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)), attempts=attempt_counts, jitter=jitters
)
def test_no_attempt_comes_earlier_than_the_vendor_asked(asked: timedelta, attempts: int, jitter: float) -> None:
    planned = plan(Throttled(retry_after=asked), attempts=attempts, jitter=jitter, ttl_ms=2 * DAY)

    assert timedelta(milliseconds=planned.due_at_ms - NOW + 1) > asked


def test_the_longest_backoff_doubles_with_each_attempt_up_to_five_minutes() -> None:
    nearly_one = 1 - 2**-53
    delays = [plan(Unavailable(ambiguous=False), attempts=n, jitter=nearly_one).due_at_ms - NOW for n in range(1, 12)]

    expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert [round(delay / SECOND) for delay in delays] == expected


@given(attempts=attempt_counts, jitter=jitters)
def test_backoff_is_between_a_tenth_of_a_second_and_five_minutes(attempts: int, jitter: float) -> None:
    planned = plan(Unavailable(ambiguous=True), attempts=attempts, jitter=jitter)

    assert 100 <= planned.due_at_ms - NOW <= 5 * MINUTE


@given(attempts=attempt_counts, jitter=jitters)
def test_backoff_never_shrinks_with_another_attempt(attempts: int, jitter: float) -> None:
    sooner = plan(Throttled(), attempts=attempts, jitter=jitter)
    later = plan(Throttled(), attempts=attempts + 1, jitter=jitter)

    assert sooner.due_at_ms <= later.due_at_ms


@pytest.mark.parametrize(
    ("failures", "jitter", "pause_ms"),
    [
        (1, 0.0, 30 * SECOND),
        (2, 0.0, MINUTE),
        (3, 0.0, 2 * MINUTE),
        (6, 0.0, 10 * MINUTE),
        (1_000, 0.0, 10 * MINUTE),
        (1, 0.5, 26_250),
    ],
)
def test_a_refused_cert_is_probed_after_half_a_minute_and_then_ever_more_rarely(
    failures: int, jitter: float, pause_ms: int
) -> None:
    assert retry.pause_ms(CredentialRejected(), failures=failures, jitter=jitter) == pause_ms


@given(failures=attempt_counts, jitter=jitters)
def test_a_refused_cert_rests_between_22_seconds_and_10_minutes(failures: int, jitter: float) -> None:
    pause_ms = retry.pause_ms(CredentialRejected(), failures=failures, jitter=jitter)

    assert 22_500 <= pause_ms <= 10 * MINUTE


@given(
    outcome=lasting.filter(lambda each: not isinstance(each, CredentialRejected)),
    failures=attempt_counts,
    jitter=jitters,
)
def test_a_vendor_out_of_order_gets_between_a_tenth_of_a_second_and_a_day(
    outcome: Outcome, failures: int, jitter: float
) -> None:
    pause_ms = retry.pause_ms(outcome, failures=failures, jitter=jitter)

    assert 100 <= pause_ms <= DAY


def test_a_sign_in_that_is_throttled_rests_as_long_as_the_vendor_asked() -> None:
    throttled = Throttled(retry_after=timedelta(minutes=7))

    assert retry.pause_ms(throttled, failures=1, jitter=0.9) == 7 * MINUTE
