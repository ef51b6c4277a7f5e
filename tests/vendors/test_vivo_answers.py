from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.vivo_samples import OTHER_PHONE, PHONE, TAKEN, answer, hand_over, outcome_of, push
from vendors.contract import HttpRequest, HttpResponse, NoResponse
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.vivo.codes import OUTCOMES


def refused(status: object, userid: object = PHONE, *, result: int = 10302) -> HttpResponse:
    return answer({"result": result, "desc": "regId不合法", "invalidUser": {"status": status, "userid": userid}})


def test_a_taken_push_keeps_vivos_task_id() -> None:
    assert outcome_of(TAKEN) == Accepted(vendor_code="0", vendor_message_id="541362618526760960")


@pytest.mark.parametrize("task_id", [None, 7, [], {}])
def test_result_0_is_taken_even_without_a_task_id(task_id: object) -> None:
    assert outcome_of(answer({"result": 0, "taskId": task_id})) == Accepted(vendor_code="0")


def test_the_result_may_come_as_a_string() -> None:
    assert isinstance(outcome_of(answer({"result": "10302"})), RegistrationInvalid)


@pytest.mark.parametrize("result", [0, 10302])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (1, RegistrationInvalid),
        (2, RegistrationInvalid),
        ("1", RegistrationInvalid),
        (3, MessageRejected),
        (4, MessageRejected),
        (5, MessageRejected),
        (None, MessageRejected),
        ("?", MessageRejected),
    ],
)
def test_only_a_dead_registration_is_struck_off(result: int, status: object, kind: type[Outcome]) -> None:
    outcome = outcome_of(refused(status, result=result))

    assert type(outcome) is kind
    assert (outcome.vendor_code, outcome.vendor_reason) == (str(result), "regId不合法")
    assert outcome.advice


@pytest.mark.parametrize("userid", [OTHER_PHONE, "", None, 16, [PHONE]])
def test_what_is_said_of_another_phone_strikes_nobody_off(userid: object) -> None:
    assert type(outcome_of(refused(1, userid))) is MessageRejected


def test_an_invalid_user_beside_another_code_changes_nothing() -> None:
    assert type(outcome_of(refused(1, result=10072))) is Throttled


@pytest.mark.parametrize("code", [10001, 10041, 10999, 20000, -1, 999_999_999])
def test_an_unlisted_code_is_a_refusal_and_never_strikes_a_phone_off(code: int) -> None:
    outcome = outcome_of(answer({"result": code, "desc": "?"}))

    assert type(outcome) is MessageRejected
    assert outcome.vendor_code == str(code)
    assert outcome.advice == "the code is unlisted, so it counts as refused; look it up in vivo's current table"


def test_every_code_but_success_has_advice() -> None:
    assert {code for code, (_, advice) in OUTCOMES.items() if not advice} == {0}


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=16)),
        (datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (datetime(2026, 1, 1, 16, tzinfo=UTC), timedelta(hours=24)),
    ],
)
@pytest.mark.parametrize("code", [10070, 10073, 10252, 10254])
def test_a_spent_quota_lasts_until_midnight_in_vivos_zone(code: int, now: datetime, wait: timedelta) -> None:
    outcome = outcome_of(answer({"result": code}), now=now)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 1, 1, 15, tzinfo=UTC), timedelta(hours=8)),
        (datetime(2026, 1, 1, 20, tzinfo=UTC), timedelta(hours=3)),
        (datetime(2026, 1, 1, 22, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (datetime(2026, 1, 1, 23, tzinfo=UTC), timedelta(hours=24)),
    ],
)
def test_an_operation_message_at_night_waits_for_seven_in_vivos_zone(now: datetime, wait: timedelta) -> None:
    outcome = outcome_of(answer({"result": 10071}), now=now)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


def test_a_rate_limit_says_no_time() -> None:
    outcome = outcome_of(answer({"result": 10072}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after is None


def test_a_code_nobody_explains_may_have_been_a_yes() -> None:
    outcome = outcome_of(answer({"result": 10040}))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


@pytest.mark.parametrize(
    ("text", "reason"),
    [("first\nsecond", "first"), ("  \n ", ""), ("x" * 300, "x" * 200), (None, ""), (["no"], ""), ("你好", "你好")],
)
def test_vivos_words_are_kept_to_one_line(text: object, reason: str) -> None:
    assert outcome_of(answer({"result": 10050, "desc": text})).vendor_reason == reason


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (HttpResponse(status=500, body=b'{"result":0}'), "HTTP 500"),
        (HttpResponse(status=302, body=b""), "HTTP 302"),
        (HttpResponse(status=200, body=b""), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"Internet server error!"), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"[0]"), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"{}"), "the answer has no result"),
        (HttpResponse(status=200, body=b'{"code":0}'), "the answer has no result"),
        (HttpResponse(status=200, body=b'{"result":true}'), "the answer has no result"),
        (HttpResponse(status=200, body=b'{"result":0.0}'), "the answer has no result"),
        (HttpResponse(status=200, body=b'{"result":"zero"}'), "the answer has no result"),
    ],
)
def test_an_answer_of_no_use_may_have_been_a_yes(response: HttpResponse, reason: str) -> None:
    outcome = outcome_of(response)

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous
    assert outcome.vendor_reason == reason


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (503, "30", timedelta(seconds=30)),
        (429, "0", timedelta(0)),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", None),
        (500, "30", None),
    ],
)
def test_a_retry_after_header_is_heeded_where_it_belongs(status: int, header: str, wait: timedelta | None) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=b"", headers={"retry-after": header}))

    assert isinstance(outcome, Unavailable)
    assert outcome.retry_after == wait


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 204, 400, 503]))
def test_any_bytes_give_a_push_an_outcome_and_never_strike_it_off(body: bytes, status: int) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=body))

    assert not isinstance(outcome, Accepted | RegistrationInvalid)


def test_one_push_without_an_answer_leaves_the_next_one_alone() -> None:
    def respond(request: HttpRequest) -> HttpResponse:
        if PHONE.encode() in request.body:
            raise NoResponse(Unavailable(vendor_reason="timed out", ambiguous=True))
        return TAKEN

    requests, outcomes = hand_over([push(), push(OTHER_PHONE)], respond)

    assert len(requests) == 2
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Accepted]


def test_nothing_leaves_without_an_access_token() -> None:
    requests, outcomes = hand_over([push(), push(OTHER_PHONE)], access_token=None)

    assert requests == []
    assert [type(outcome) for outcome in outcomes] == [AccessTokenExpired, AccessTokenExpired]
