from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.honor_samples import (
    OTHER_PHONE,
    PHONE,
    THIRD_PHONE,
    answer,
    answered,
    hand_over,
    outcome_of,
    outcomes_of,
    push,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.honor.codes import OUTCOMES, SUCCESS
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


def three() -> list[Push]:
    return [push(), push(OTHER_PHONE), push(THIRD_PHONE)]


def kinds(response: HttpResponse) -> list[type[Outcome]]:
    return [type(outcome) for outcome in outcomes_of(response, three())]


@pytest.mark.parametrize("code", [200, "200", 80000000])
def test_a_taken_push_keeps_the_request_id(code: object) -> None:
    assert outcome_of(answered(code)) == Accepted(vendor_code=str(code), vendor_message_id="r-1")


@pytest.mark.parametrize("data", [None, {}, [], "text", {"failTokens": None, "expireTokens": None}])
def test_success_without_lists_is_success(data: object) -> None:
    assert outcome_of(answer({"code": 200, "data": data})) == Accepted(vendor_code="200")


@pytest.mark.parametrize("code", [200, 80000000, 80100000])
def test_each_token_is_settled_by_the_lists_it_stands_in(code: int) -> None:
    response = answered(code, fail=[OTHER_PHONE, THIRD_PHONE], expire=[THIRD_PHONE])

    accepted, failed, dead = outcomes_of(response, three())

    assert accepted == Accepted(vendor_code=str(code), vendor_message_id="r-1")
    assert type(failed) is MessageRejected
    assert not failed.whole_call
    assert type(dead) is RegistrationInvalid
    assert {failed.vendor_code, dead.vendor_code} == {str(code)}


def test_expired_tokens_are_dead_whatever_the_code() -> None:
    response = answered(80200056, fail=[OTHER_PHONE], expire=[THIRD_PHONE], sendResult=False)

    assert kinds(response) == [MessageRejected, MessageRejected, RegistrationInvalid]


@pytest.mark.parametrize("data", [{}, {"failTokens": [PHONE, 7]}, {"expireTokens": PHONE}])
def test_a_part_taken_without_saying_which_is_unknown_for_each(data: object) -> None:
    outcomes = outcomes_of(answer({"code": 80100000, "data": data}), three())

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)


@pytest.mark.parametrize("lists", [{"failTokens": "no list"}, {"expireTokens": [7]}, {"expireTokens": {}}])
def test_lists_that_cannot_be_read_prove_no_success(lists: dict[str, Any]) -> None:
    outcomes = outcomes_of(answered(200, **lists), three())

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)


def test_a_send_result_of_false_without_lists_proves_no_success() -> None:
    outcome = outcome_of(answered(sendResult=False))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


def test_success_beside_an_http_error_proves_no_success() -> None:
    outcome = outcome_of(answer({"code": 200}, status=500))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


@pytest.mark.parametrize(
    ("fail", "expire", "expected"),
    [
        ([], [], [RegistrationInvalid] * 3),
        ([PHONE, OTHER_PHONE, THIRD_PHONE], [], [RegistrationInvalid] * 3),
        ([PHONE, OTHER_PHONE, THIRD_PHONE], [PHONE, OTHER_PHONE, THIRD_PHONE], [RegistrationInvalid] * 3),
        ([PHONE, OTHER_PHONE], [OTHER_PHONE, THIRD_PHONE], [MessageRejected, RegistrationInvalid, RegistrationInvalid]),
    ],
)
def test_all_tokens_invalid_strikes_off_all_but_those_that_only_failed(
    fail: list[str], expire: list[str], expected: list[type[Outcome]]
) -> None:
    assert kinds(answered(80300007, fail=fail, expire=expire, sendResult=False)) == expected


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("code", sorted(set(OUTCOMES) - SUCCESS))
def test_a_code_means_the_same_under_any_http_status(code: int, status: int) -> None:
    outcome = outcome_of(answer({"code": code, "message": "no\nmore"}, status=status))

    kind, advice = OUTCOMES[code]
    assert type(outcome) is kind
    assert (outcome.vendor_code, outcome.vendor_reason, outcome.advice) == (str(code), "no", advice)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, MessageRejected),
        (401, AccessTokenExpired),
        (403, AccessTokenExpired),
        (404, CredentialRejected),
        (429, Throttled),
        (503, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (504, Unavailable),
        (302, Unavailable),
        (418, Unavailable),
        (200, Unavailable),
        (204, Unavailable),
    ],
)
def test_without_a_code_the_http_status_decides(status: int, kind: type[Outcome]) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=b"<html>"))

    assert type(outcome) is kind
    assert not isinstance(outcome, Unavailable) or outcome.ambiguous


@pytest.mark.parametrize("code", [0, -1, 201, 80000001, 80300011, 80299999, 999_999_999])
def test_an_unlisted_code_is_a_refusal_and_never_strikes_a_phone_off(code: int) -> None:
    outcome = outcome_of(answer({"code": code, "message": "?"}))

    assert outcome == MessageRejected(
        vendor_code=str(code),
        vendor_reason="?",
        advice="the code is unlisted, so it counts as refused; look it up at Honor",
    )


def test_every_code_but_success_has_advice() -> None:
    assert {code for code, (_, advice) in OUTCOMES.items() if not advice} == SUCCESS


@pytest.mark.parametrize(
    ("code", "is_halved"), [(400, True), (80300099, True), (80100003, False), (80200056, False), (80300008, False)]
)
def test_only_a_refusal_without_a_reason_is_halved(code: int, *, is_halved: bool) -> None:
    response = answer({"code": code})

    assert [getattr(outcome, "whole_call", None) for outcome in outcomes_of(response, three())] == [is_halved] * 3
    assert outcome_of(response) == MessageRejected(
        vendor_code=str(code),
        advice=OUTCOMES.get(code, (None, "the code is unlisted, so it counts as refused; look it up at Honor"))[1],
    )


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=16)),
        (datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (datetime(2026, 1, 1, 16, tzinfo=UTC), timedelta(hours=24)),
    ],
)
def test_the_test_quota_waits_for_midnight_in_china(now: datetime, wait: timedelta) -> None:
    outcome = outcome_of(answer({"code": 80200047}), now=now)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


@pytest.mark.parametrize("body", [b"", b'{"code":503}'])
def test_retry_after_is_obeyed(body: bytes) -> None:
    outcome = outcome_of(HttpResponse(status=503, body=body, headers={"retry-after": "7"}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=7)


def test_a_lost_answer_concerns_its_own_call_only() -> None:
    lost = Unavailable(vendor_reason="timed out", ambiguous=True)

    def respond(request: HttpRequest) -> HttpResponse:
        if json.loads(request.body)["token"] == [PHONE]:
            raise NoResponse(lost)
        return answered()

    _, outcomes = hand_over([push(body="one"), push(OTHER_PHONE, body="two")], respond)

    assert outcomes == [lost, Accepted(vendor_code="200", vendor_message_id="r-1")]


@given(
    body=st.binary() | st.dictionaries(st.text(), st.none() | st.integers() | st.text()).map(json.dumps).map(str.encode)
)
def test_no_answer_makes_it_raise(body: bytes) -> None:
    for status in (200, 400, 503):
        outcomes = outcomes_of(HttpResponse(status=status, body=body), three())

        assert len(outcomes) == 3
        assert not any(isinstance(outcome, RegistrationInvalid) for outcome in outcomes)


@given(
    code=st.sampled_from([200, 80100000, 80300007, 400, 7]),
    fail=st.sets(st.sampled_from([PHONE, OTHER_PHONE, THIRD_PHONE, "stranger"])),
    expire=st.sets(st.sampled_from([PHONE, OTHER_PHONE, THIRD_PHONE, "stranger"])),
)
def test_a_phone_is_struck_off_only_by_honors_word_about_it(code: int, fail: set[str], expire: set[str]) -> None:
    outcomes = outcomes_of(answered(code, fail=sorted(fail), expire=sorted(expire)), three())

    for one, outcome in zip(three(), outcomes, strict=True):
        if isinstance(outcome, RegistrationInvalid):
            assert code == 80300007 or one.registration_id in expire
        if isinstance(outcome, Accepted):
            assert one.registration_id not in fail | expire
