from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.vivo_samples import (
    LIST_TAKEN,
    OTHER_PHONE,
    PHONE,
    TAKEN,
    answer,
    hand_over,
    is_list_push,
    is_save,
    outcome_of,
    push,
    several,
    take,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse
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


def no_answer(_: HttpRequest) -> HttpResponse:
    raise NoResponse(Unavailable(vendor_reason="timed out", ambiguous=True))


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (no_answer, Unavailable),
        (lambda _: answer({"result": 10072}), Throttled),
        (lambda _: answer({"result": 10043}), CredentialRejected),
        (lambda _: answer({"result": 10000}), AccessTokenExpired),
    ],
)
def test_what_the_next_ones_would_get_too_spares_them_the_call(
    respond: Callable[[HttpRequest], HttpResponse], kind: type[Outcome]
) -> None:
    pushes = [push(title="小红"), push(OTHER_PHONE, title="小刚"), *several(2)]

    requests, outcomes = hand_over(pushes, respond)

    assert len(requests) == 1
    assert [type(outcome) for outcome in outcomes] == [kind] * 4
    assert [outcome.ambiguous for outcome in outcomes[1:] if isinstance(outcome, Unavailable)] in ([], [False] * 3)


@pytest.mark.parametrize("code", [10302, 10311, 10085])
def test_a_refusal_of_one_push_leaves_the_next_ones_alone(code: int) -> None:
    def respond(request: HttpRequest) -> HttpResponse:
        return answer({"result": code}) if PHONE.encode() in request.body else TAKEN

    _, outcomes = hand_over([push(title="小红"), push(OTHER_PHONE, title="小刚")], respond)

    assert not isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[1], Accepted)


# Lists.


def saving(response: HttpResponse | None, count: int = 3) -> tuple[int, Sequence[Outcome]]:
    """How many requests a list made whose saving got this answer, or None for none at all; and the outcomes."""
    requests, outcomes = hand_over(several(count), no_answer if response is None else lambda _: response)
    return len(requests), outcomes


def pushing(response: HttpResponse | None, count: int = 3) -> Sequence[Outcome]:
    """The outcomes of a list whose pushing got this answer, or None for none at all."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not is_list_push(request):
            return TAKEN
        return no_answer(request) if response is None else response

    return hand_over(several(count), respond)[1]


def invalid(*users: object, result: int = 0) -> HttpResponse:
    """An answer to a list that names phones."""
    return answer({"result": result, "desc": "as recorded", "invalidUsers": list(users)})


def user(at: int, status: object) -> dict[str, object]:
    return {"status": status, "userid": f"{at:022d}"}


@pytest.mark.parametrize(
    "response",
    [
        None,
        HttpResponse(status=500, body=b"Internet server error!"),
        HttpResponse(status=200, body=b""),
        answer({"result": 10040}),
        answer({"result": 0}),
        answer({"result": 0, "taskId": ""}),
        answer({"result": 0, "taskId": 7}),
    ],
)
def test_a_saving_that_gives_no_task_id_has_reached_nobody(response: HttpResponse | None) -> None:
    requests, outcomes = saving(response)

    assert requests == 1
    assert len(outcomes) == 3
    for outcome in outcomes:
        assert isinstance(outcome, Unavailable)
        assert not outcome.ambiguous


@pytest.mark.parametrize(
    "response",
    [
        None,
        HttpResponse(status=500, body=b"Internet server error!"),
        HttpResponse(status=200, body=b"[]"),
        answer({"result": 10040}),
    ],
)
def test_a_pushing_without_a_usable_answer_may_have_been_a_yes(response: HttpResponse | None) -> None:
    for outcome in pushing(response):
        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (10000, AccessTokenExpired),
        (10094, CredentialRejected),
        (10085, MessageRejected),
        (10153, MessageRejected),
        (10252, Throttled),
        (19999, MessageRejected),
    ],
)
def test_a_code_at_either_step_is_the_whole_lists(code: int, kind: type[Outcome]) -> None:
    refusal = answer({"result": code, "desc": "as recorded"})

    for outcomes in (saving(refusal)[1], pushing(refusal)):
        assert [type(outcome) for outcome in outcomes] == [kind] * 3
        assert {outcome.vendor_code for outcome in outcomes} == {str(code)}
        assert not any(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in outcomes)


def test_too_many_saved_lists_wait_until_midnight_in_vivos_zone() -> None:
    _, [outcome, *_] = saving(answer({"result": 10252}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(hours=16)


def test_a_saving_never_strikes_a_phone_off() -> None:
    _, outcomes = saving(answer({"result": 10302, "invalidUser": user(1, 1)}))

    assert [type(outcome) for outcome in outcomes] == [MessageRejected] * 3


def test_each_phone_a_list_names_gets_its_own_outcome_and_the_others_are_taken() -> None:
    response = invalid(user(1, 1), user(2, "2"), user(3, 3), user(4, 4), user(5, 5), user(6, None))

    outcomes = pushing(response, count=8)

    assert [type(outcome) for outcome in outcomes] == [
        *[RegistrationInvalid] * 2,
        *[MessageRejected] * 4,
        *[Accepted] * 2,
    ]
    assert not any(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in outcomes)
    assert outcomes[7] == Accepted(vendor_code="0", vendor_message_id="541362618526760960")


@pytest.mark.parametrize(
    "users", [None, 7, {}, "x", [], [None], [[]], [{}], [{"status": 1}], [{"status": 1, "userid": 7}], [user(99, 1)]]
)
def test_what_names_no_phone_of_the_list_strikes_nobody_off(users: object) -> None:
    outcomes = pushing(answer({"result": 0, "invalidUsers": users}))

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3


def test_both_pushes_of_a_dead_phone_get_its_outcome() -> None:
    twice = several(2)[0]

    _, outcomes = hand_over(
        [*several(2), twice], lambda request: invalid(user(1, 1)) if is_list_push(request) else TAKEN
    )

    assert [type(outcome) for outcome in outcomes] == [RegistrationInvalid, Accepted, RegistrationInvalid]


@pytest.mark.parametrize("code", [10302, 10311])
def test_a_list_refused_for_a_phone_it_does_not_name_is_halved(code: int) -> None:
    outcomes = pushing(answer({"result": code}))

    assert {type(outcome) for outcome in outcomes} == {MessageRejected}
    assert all(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in outcomes)


def test_a_list_refused_for_phones_it_names_is_tried_again_without_them() -> None:
    first, *others = pushing(invalid(user(1, 1), result=10302))

    assert isinstance(first, RegistrationInvalid)
    assert all(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in others)


def test_the_last_phone_of_a_refused_list_is_sent_to_alone() -> None:
    def respond(request: HttpRequest) -> HttpResponse:
        return invalid(user(1, 1), user(3, 2), result=10302) if is_list_push(request) else take(request)

    requests, outcomes = hand_over(several(), respond)

    assert [request.url.rsplit("/", 1)[1] for request in requests] == ["saveListPayload", "pushToList", "send"]
    assert json.loads(requests[2].body)["regId"] == f"{2:022d}"
    assert [type(outcome) for outcome in outcomes] == [RegistrationInvalid, Accepted, RegistrationInvalid]


@pytest.mark.parametrize(("times", "kind"), [(1, Accepted), (2, MessageRejected)])
def test_a_message_vivo_lost_is_saved_and_pushed_once_more(times: int, kind: type[Outcome]) -> None:
    left = times
    saved = 0

    def respond(request: HttpRequest) -> HttpResponse:
        nonlocal left, saved
        if is_save(request):
            saved += 1
            return answer({"result": 0, "taskId": f"7{saved}"})
        assert json.loads(request.body)["taskId"] == f"7{saved}"
        left -= 1
        return answer({"result": 10155}) if left >= 0 else LIST_TAKEN

    requests, outcomes = hand_over(several(), respond)

    assert (len(requests), saved) == (4, 2)
    assert [type(outcome) for outcome in outcomes] == [kind] * 3
    assert [outcome.vendor_message_id for outcome in outcomes if isinstance(outcome, Accepted)] in ([], ["72"] * 3)


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 204, 400, 503]))
def test_any_bytes_at_either_step_give_each_phone_an_outcome_and_strike_none_off(body: bytes, status: int) -> None:
    response = HttpResponse(status=status, body=body)

    for outcomes in (saving(response)[1], pushing(response)):
        assert len(outcomes) == 3
        assert not any(isinstance(outcome, Accepted | RegistrationInvalid) for outcome in outcomes)


def test_nothing_leaves_without_an_access_token() -> None:
    requests, outcomes = hand_over([push(), push(OTHER_PHONE)], access_token=None)

    assert requests == []
    assert [type(outcome) for outcome in outcomes] == [AccessTokenExpired, AccessTokenExpired]
