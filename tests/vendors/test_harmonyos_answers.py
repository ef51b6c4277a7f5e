from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.harmonyos_samples import (
    OTHER_PHONE,
    PHONE,
    TAKEN,
    THIRD_PHONE,
    answered,
    hand_over,
    illegal,
    jwt_in,
    message_in,
    outcome_of,
    outcomes_of,
    push,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.harmonyos.codes import OUTCOMES, REASONS, SUCCESS
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)

ALL_INVALID = "80300007"


def three() -> list[Push]:
    return [push(), push(OTHER_PHONE), push(THIRD_PHONE)]


def kinds(response: HttpResponse) -> list[type[Outcome]]:
    return [type(outcome) for outcome in outcomes_of(response, three())]


def in_turn(*responses: HttpResponse) -> Callable[[HttpRequest], HttpResponse]:
    """Answers each request with the next."""
    left = list(responses)
    return lambda _: left.pop(0)


@pytest.mark.parametrize("code", ["80000000", 80000000])
def test_a_taken_push_keeps_the_request_id(code: object) -> None:
    assert outcome_of(answered(code)) == Accepted(vendor_code="80000000", vendor_message_id="r-1")


def test_success_beside_an_http_error_proves_no_success() -> None:
    outcome = outcome_of(answered(status=500))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


# A part that failed.


def test_each_token_is_settled_by_the_reason_it_is_named_with() -> None:
    response = illegal(tokenFormatError=[OTHER_PHONE], differentImgVerifyPolicy=[THIRD_PHONE])

    accepted, dead, refused = outcomes_of(response, three())

    assert accepted == Accepted(vendor_code="80100000", vendor_message_id="r-1")
    assert dead == RegistrationInvalid(
        vendor_code="80100000",
        vendor_reason="tokenFormatError",
        advice="the token is malformed; the app must register anew",
    )
    assert type(refused) is MessageRejected
    assert refused.vendor_reason == "differentImgVerifyPolicy"


def test_spaces_around_a_reason_do_not_hide_it() -> None:
    assert kinds(illegal(**{" tokenFormatError ": [PHONE]})) == [RegistrationInvalid, Accepted, Accepted]


@pytest.mark.parametrize(
    "msg",
    [
        "Check Parameter Partial Success",
        "[]",
        {"failure": 1},
        {"illegalTokens": {}},
        {"illegalTokens": [PHONE]},
        {"illegalTokens": {"tokenFormatError": PHONE}},
        {"illegalTokens": {"tokenFormatError": [7, PHONE]}},
        {"illegalTokens": {"tokenFormatError": ["stranger"]}},
    ],
)
def test_a_part_taken_without_saying_which_is_unknown_for_each(msg: object) -> None:
    outcomes = outcomes_of(answered("80100000", msg), three())

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)


def test_fewer_names_than_failures_leave_the_others_unknown() -> None:
    msg = {"illegalTokens": {"tokenFormatError": [PHONE]}, "success": 1, "failure": 2}

    assert kinds(answered("80100000", msg)) == [RegistrationInvalid, Unavailable, Unavailable]


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_for_some_never_condemns_the_cert(reason: str) -> None:
    kind, advice = REASONS[reason]

    named, *others = outcomes_of(illegal(**{reason: [PHONE]}), three())

    assert type(named) is (MessageRejected if kind is CredentialRejected else kind)
    assert named.advice == advice
    assert [type(other) for other in others] == [Accepted, Accepted]


@pytest.mark.parametrize("reason", sorted(REASONS.keys() - {"noRight"}))
def test_a_reason_for_all_means_what_the_table_says(reason: str) -> None:
    kind, advice = REASONS[reason]

    outcomes = outcomes_of(illegal(ALL_INVALID, **{reason: [PHONE, OTHER_PHONE, THIRD_PHONE]}), three())

    assert {type(outcome) for outcome in outcomes} == {kind}
    assert {outcome.advice for outcome in outcomes} == {advice}


def test_no_right_for_all_of_several_is_the_certs_fault() -> None:
    assert kinds(illegal(ALL_INVALID, noRight=[PHONE, OTHER_PHONE, THIRD_PHONE])) == [CredentialRejected] * 3


def test_no_right_for_the_only_token_neither_strikes_it_off_nor_condemns_the_cert() -> None:
    assert type(outcome_of(illegal(ALL_INVALID, noRight=[PHONE]))) is MessageRejected


def test_no_right_beside_another_reason_strikes_off() -> None:
    response = illegal(ALL_INVALID, noRight=[PHONE, OTHER_PHONE], tokenFormatError=[THIRD_PHONE])

    assert kinds(response) == [RegistrationInvalid] * 3


def test_a_reason_nobody_documented_keeps_the_token() -> None:
    named, *_ = outcomes_of(illegal(newReason=[PHONE]), three())

    assert named == MessageRejected(
        vendor_code="80100000",
        vendor_reason="newReason",
        advice="the reason is unlisted, so the token is kept; look it up at Huawei",
    )


@pytest.mark.parametrize("msg", ["All the tokens are invalid", {"failure": 3}, {"illegalTokens": "junk"}])
def test_all_tokens_invalid_without_names_strikes_none_off(msg: object) -> None:
    assert kinds(answered(ALL_INVALID, msg)) == [MessageRejected] * 3


def test_names_beside_another_code_strike_none_off() -> None:
    assert kinds(illegal("80100003", tokenFormatError=[PHONE])) == [MessageRejected] * 3


# A JWT that is refused.


@pytest.mark.parametrize(
    "refusal",
    [
        answered("80200001", status=401),
        answered("80200005"),
        answered("80299999", status=401),
        HttpResponse(status=401, body=b""),
    ],
)
def test_a_refused_jwt_is_signed_anew_and_its_call_made_again(refusal: HttpResponse) -> None:
    requests, [outcome] = hand_over([push()], in_turn(refusal, TAKEN))

    first, second = requests
    assert first.body == second.body
    assert jwt_in(first) != jwt_in(second)
    assert isinstance(outcome, Accepted)


@pytest.mark.parametrize("code", ["80200001", "80200005", "80200003", "80299999"])
def test_a_jwt_refused_twice_is_the_certs_fault(code: str) -> None:
    requests, [outcome] = hand_over([push()], lambda _: answered(code, status=401))

    assert len(requests) == 2
    assert type(outcome) is CredentialRejected
    assert (outcome.vendor_code, outcome.vendor_reason) == (code, "Success")
    assert "made anew" in outcome.advice


def test_it_is_signed_anew_once_in_an_exchange_and_for_the_calls_that_follow() -> None:
    pushes = [push(body="one"), push(body="two"), push(body="three")]

    requests, outcomes = hand_over(pushes, in_turn(TAKEN, answered("80200005"), TAKEN, TAKEN))

    jwts = [jwt_in(request) for request in requests]
    assert jwts[0] == jwts[1]
    assert jwts[2] == jwts[3] != jwts[0]
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3


def test_a_wrong_key_costs_one_call_more_however_many_there_are() -> None:
    pushes = [push(body="one"), push(body="two"), push(body="three")]

    requests, outcomes = hand_over(pushes, lambda _: answered("80200001"))

    assert len(requests) == 4
    assert [type(outcome) for outcome in outcomes] == [CredentialRejected] * 3


def test_an_answer_lost_after_signing_anew_leaves_what_happened() -> None:
    lost = Unavailable(vendor_reason="timed out", ambiguous=True)
    answers = iter([answered("80200005")])

    def respond(_: HttpRequest) -> HttpResponse:
        if (response := next(answers, None)) is None:
            raise NoResponse(lost)
        return response

    assert hand_over([push()], respond)[1] == [lost]


# Codes and statuses.


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500, 503])
@pytest.mark.parametrize("code", sorted(code for code in OUTCOMES if code > 1000 and code != SUCCESS))
def test_a_code_means_the_same_under_any_http_status(code: int, status: int) -> None:
    outcome = outcome_of(answered(str(code), "no\nmore", status=status))

    kind, advice = OUTCOMES[code]
    assert type(outcome) is kind
    assert (outcome.vendor_code, outcome.vendor_reason, outcome.advice) == (str(code), "no", advice)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, MessageRejected),
        (401, CredentialRejected),
        (404, CredentialRejected),
        (503, Throttled),
        (500, Unavailable),
        (502, Unavailable),
        (504, Unavailable),
        (302, Unavailable),
        (403, Unavailable),
        (429, Unavailable),
        (200, Unavailable),
        (204, Unavailable),
    ],
)
def test_without_a_code_the_http_status_decides(status: int, kind: type[Outcome]) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=b"<html>"))

    assert type(outcome) is kind
    assert not isinstance(outcome, Unavailable) or outcome.ambiguous


@pytest.mark.parametrize("code", [0, -1, 200, 80000001, 80100016, 80300011, 999_999_999])
def test_an_unlisted_code_is_a_refusal_and_never_strikes_a_phone_off(code: int) -> None:
    assert outcome_of(answered(code, "?")) == MessageRejected(
        vendor_code=str(code),
        vendor_reason="?",
        advice="the code is unlisted, so it counts as refused; look it up at Huawei",
    )


def test_every_code_but_success_has_advice() -> None:
    assert {code for code, (_, advice) in OUTCOMES.items() if not advice} == {SUCCESS}


@pytest.mark.parametrize(
    ("response", "is_halved"),
    [
        (HttpResponse(status=400, body=b""), True),
        (answered("80100001"), True),
        (answered("80300099"), True),
        (answered("80100003"), False),
        (answered("80300008"), False),
        (answered("80300007"), False),
    ],
)
def test_only_a_refusal_without_a_reason_is_halved(response: HttpResponse, *, is_halved: bool) -> None:
    assert [getattr(outcome, "whole_call", None) for outcome in outcomes_of(response, three())] == [is_halved] * 3
    alone = outcome_of(response)
    assert isinstance(alone, MessageRejected)
    assert not alone.whole_call


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=16)),
        (datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (datetime(2026, 1, 1, 16, tzinfo=UTC), timedelta(hours=24)),
    ],
)
def test_the_test_quota_waits_for_midnight_in_china(now: datetime, wait: timedelta) -> None:
    outcome = outcome_of(answered("80300029", status=503), now=now)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


def test_retry_after_is_obeyed() -> None:
    outcome = outcome_of(HttpResponse(status=503, body=b"", headers={"retry-after": "7"}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=7)


def test_a_lost_answer_concerns_its_own_call_only() -> None:
    lost = Unavailable(vendor_reason="timed out", ambiguous=True)

    def respond(request: HttpRequest) -> HttpResponse:
        if message_in(request)["target"]["token"] == [PHONE]:
            raise NoResponse(lost)
        return TAKEN

    _, outcomes = hand_over([push(body="one"), push(OTHER_PHONE, body="two")], respond)

    assert outcomes == [lost, Accepted(vendor_code="80000000", vendor_message_id="r-1")]


@given(
    body=st.binary() | st.dictionaries(st.text(), st.none() | st.integers() | st.text()).map(json.dumps).map(str.encode)
)
def test_no_answer_makes_it_raise(body: bytes) -> None:
    for status in (200, 400, 401, 503):
        outcomes = outcomes_of(HttpResponse(status=status, body=body), three())

        assert len(outcomes) == 3
        assert not any(isinstance(outcome, RegistrationInvalid) for outcome in outcomes)


@given(
    code=st.sampled_from(["80000000", "80100000", "80300007", "80100001", "7"]),
    named=st.dictionaries(
        st.sampled_from([PHONE, OTHER_PHONE, THIRD_PHONE, "stranger"]), st.sampled_from([*REASONS, "new"])
    ),
)
def test_a_phone_is_struck_off_only_by_huaweis_word_about_it(code: str, named: dict[str, str]) -> None:
    reasons: dict[str, list[str]] = {}
    for token, reason in named.items():
        reasons.setdefault(reason, []).append(token)

    outcomes = outcomes_of(illegal(code, **reasons), three())

    for one, outcome in zip(three(), outcomes, strict=True):
        reason = named.get(one.registration_id, "")
        if isinstance(outcome, RegistrationInvalid):
            assert code in ("80100000", "80300007")
            assert reason in ("tokenFormatError", "tokenPlatformNotSupport", "noRight")
        if isinstance(outcome, Accepted):
            assert code == "80000000" or not reason
