from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.huawei_samples import (
    OTHER_PHONE,
    PHONE,
    THIRD_PHONE,
    answer,
    answered,
    hand_over,
    message_in,
    outcome_of,
    outcomes_of,
    partly,
    push,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.huawei.codes import OUTCOMES, SUCCESS
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


@pytest.mark.parametrize("code", ["80000000", 80000000])
def test_a_taken_push_keeps_the_request_id(code: object) -> None:
    assert outcome_of(answered(code)) == Accepted(vendor_code="80000000", vendor_message_id="r-1")


def test_of_a_part_taken_only_the_illegal_tokens_are_dead() -> None:
    first, second, third = outcomes_of(partly(OTHER_PHONE, "stranger"), three())

    assert first == third == Accepted(vendor_code="80100000", vendor_message_id="r-1")
    assert second == RegistrationInvalid(
        vendor_code="80100000",
        vendor_reason="illegal_tokens",
        advice="Huawei says that the token is illegal; the app must register anew",
    )


@pytest.mark.parametrize(
    "msg",
    [
        None,
        "",
        "partly",
        "[]",
        "{}",
        json.dumps({"illegal_tokens": []}),
        json.dumps({"illegal_tokens": PHONE}),
        json.dumps({"illegal_tokens": [PHONE, 7]}),
        json.dumps({"illegal_tokens": [PHONE]})[:-1],
        {"illegal_tokens": [PHONE]},
    ],
)
def test_a_part_taken_without_saying_which_is_unknown_for_each(msg: object) -> None:
    outcomes = outcomes_of(answered("80100000", msg), three())

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)


def test_all_tokens_invalid_strikes_off_all() -> None:
    outcomes = outcomes_of(answered("80300007", "All the tokens are invalid"), three())

    assert [type(outcome) for outcome in outcomes] == [RegistrationInvalid] * 3


@pytest.mark.parametrize("code", ["80000000", "80100000"])
def test_success_beside_an_http_error_proves_no_success(code: str) -> None:
    response = partly(OTHER_PHONE, code=code)

    taken, *_ = outcomes_of(HttpResponse(status=500, body=response.body), three())

    assert isinstance(taken, Unavailable)
    assert taken.ambiguous


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("code", sorted(set(OUTCOMES) - {SUCCESS}))
def test_a_code_means_the_same_under_any_http_status(code: int, status: int) -> None:
    outcome = outcome_of(answered(str(code), "no\nmore", status=status))

    kind, advice = OUTCOMES[code]
    assert type(outcome) is kind
    assert (outcome.vendor_code, outcome.vendor_reason, outcome.advice) == (str(code), "no", advice)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, MessageRejected),
        (401, AccessTokenExpired),
        (404, CredentialRejected),
        (429, Throttled),
        (503, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (504, Unavailable),
        (302, Unavailable),
        (418, Unavailable),
        (200, Unavailable),
    ],
)
def test_without_a_code_the_http_status_decides(status: int, kind: type[Outcome]) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=b"<html>"))

    assert type(outcome) is kind
    assert not isinstance(outcome, Unavailable) or outcome.ambiguous


@pytest.mark.parametrize("code", [0, -1, 80000001, 80300012, 999_999_999])
def test_an_unlisted_code_is_a_refusal_and_never_strikes_a_phone_off(code: int) -> None:
    outcome = outcome_of(answered(code, "?"))

    assert outcome == MessageRejected(
        vendor_code=str(code),
        vendor_reason="?",
        advice="the code is unlisted, so it counts as refused; look it up at Huawei",
    )


@pytest.mark.parametrize("code", [80200000, 80200047, 80299999])
def test_an_unlisted_code_of_the_access_class_signs_in_again(code: int) -> None:
    assert type(outcome_of(answered(code, "?"))) is AccessTokenExpired


def test_every_code_but_success_has_advice() -> None:
    assert {code for code, (_, advice) in OUTCOMES.items() if not advice} == {SUCCESS}


@pytest.mark.parametrize(
    ("code", "is_halved"),
    [(80100001, True), (400, True), (80300099, True), (80100003, False), (80100016, False), (80300008, False)],
)
def test_only_a_refusal_without_a_reason_is_halved(code: int, *, is_halved: bool) -> None:
    response = answered(code)

    assert [getattr(outcome, "whole_call", None) for outcome in outcomes_of(response, three())] == [is_halved] * 3
    assert getattr(outcome_of(response), "whole_call", None) is False


@pytest.mark.parametrize("code", [80300011, 80300013])
def test_what_one_message_asks_for_is_not_the_certs_fault(code: int) -> None:
    assert type(outcome_of(answered(code))) is MessageRejected


def test_the_test_quota_waits_for_midnight_in_china() -> None:
    outcome = outcome_of(answered(80300029), now=datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize("body", [b"", b'{"code":"503"}'])
def test_retry_after_is_obeyed(body: bytes) -> None:
    outcome = outcome_of(HttpResponse(status=503, body=body, headers={"retry-after": "7"}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=7)


def test_a_lost_answer_concerns_its_own_call_only() -> None:
    lost = Unavailable(vendor_reason="timed out", ambiguous=True)

    def respond(request: HttpRequest) -> HttpResponse:
        if message_in(request)["token"] == [PHONE]:
            raise NoResponse(lost)
        return answered()

    _, outcomes = hand_over([push(body="one"), push(OTHER_PHONE, body="two")], respond)

    assert outcomes == [lost, Accepted(vendor_code="80000000", vendor_message_id="r-1")]


@given(
    body=st.binary() | st.dictionaries(st.text(), st.none() | st.integers() | st.text()).map(json.dumps).map(str.encode)
)
def test_no_answer_makes_it_raise(body: bytes) -> None:
    for status in (200, 400, 503):
        outcomes = outcomes_of(HttpResponse(status=status, body=body), three())

        assert len(outcomes) == 3
        assert not any(isinstance(outcome, RegistrationInvalid) for outcome in outcomes)


@given(
    code=st.sampled_from([80000000, 80100000, 80300007, 80100001, 7]),
    illegal=st.sets(st.sampled_from([PHONE, OTHER_PHONE, THIRD_PHONE, "stranger"])),
)
def test_a_phone_is_struck_off_only_by_huaweis_word_about_it(code: int, illegal: set[str]) -> None:
    outcomes = outcomes_of(answer({"code": code, "msg": json.dumps({"illegal_tokens": sorted(illegal)})}), three())

    for one, outcome in zip(three(), outcomes, strict=True):
        if isinstance(outcome, RegistrationInvalid):
            assert code == 80300007 or (code == 80100000 and one.registration_id in illegal)
        if isinstance(outcome, Accepted) and code == 80100000:
            assert one.registration_id not in illegal
