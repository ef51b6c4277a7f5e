from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.oppo_samples import OTHER_PHONE, PHONE, answer, hand_over, outcome_of, outcomes_of, push
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.oppo.codes import OUTCOMES
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

Item = dict[str, object]


def taken(phone: str, message_id: str) -> Item:
    return {"messageId": message_id, "registrationId": phone}


def failed(phone: str, code: object, text: str = "no") -> Item:
    return {"registrationId": phone, "errorCode": code, "errorMessage": text}


def batch(*items: object) -> dict[str, object]:
    return {"code": 0, "message": "", "data": list(items)}


def two() -> list[Push]:
    return [push(dedup_id="m-1"), push(OTHER_PHONE, dedup_id="m-2")]


def accepted_ids(outcomes: object) -> list[str]:
    assert isinstance(outcomes, list)
    return [outcome.vendor_message_id for outcome in outcomes if isinstance(outcome, Accepted)]


# One push.


def test_a_taken_push_keeps_oppos_message_id() -> None:
    content = {"code": 0, "message": "Success", "data": {"messageId": "app-1-1-65a1"}}

    assert outcome_of(answer(content)) == Accepted(vendor_code="0", vendor_message_id="app-1-1-65a1")


@pytest.mark.parametrize(
    "data", [json.dumps({"messageId": "app-1-1-65a1"}), [{"messageId": "app-1-1-65a1"}]], ids=["string", "array"]
)
def test_the_data_may_come_as_a_string_of_json_or_in_an_array(data: object) -> None:
    outcome = outcome_of(answer({"code": "0", "data": data}))

    assert outcome == Accepted(vendor_code="0", vendor_message_id="app-1-1-65a1")


@pytest.mark.parametrize("data", [None, [], {}, "", "no JSON", 7, {"messageId": 7}])
def test_code_0_is_taken_even_without_a_message_id(data: object) -> None:
    assert outcome_of(answer({"code": 0, "data": data})) == Accepted(vendor_code="0")


def test_an_item_error_in_the_answer_to_one_push_counts() -> None:
    outcome = outcome_of(answer(batch(failed(PHONE, 10000, "Invalid Registration_id"))))

    assert isinstance(outcome, RegistrationInvalid)
    assert (outcome.vendor_code, outcome.vendor_reason) == ("10000", "Invalid Registration_id")


def test_the_code_may_come_as_a_string() -> None:
    assert isinstance(outcome_of(answer({"code": "10000", "message": "Invalid Registration_id"})), RegistrationInvalid)


@pytest.mark.parametrize("code", [52, 53, 66, 68, 9999, 10006, 20000, -4, -404, 999_999_999])
def test_an_unlisted_code_is_a_refusal_and_never_strikes_a_phone_off(code: int) -> None:
    outcome = outcome_of(answer({"code": code, "message": "?"}))

    assert type(outcome) is MessageRejected
    assert outcome.vendor_code == str(code)
    assert outcome.advice == "the code is unlisted, so it counts as refused; look it up in OPPO's current table"


def test_every_code_but_success_has_advice() -> None:
    assert {code for code, (_, advice) in OUTCOMES.items() if not advice} == {0}


@pytest.mark.parametrize(
    ("text", "phone", "kind"),
    [
        ("Invalid registration_id", "not-an-id", RegistrationInvalid),
        ("bad RegId", "not-an-id", RegistrationInvalid),
        ("target_value is wrong", "not-an-id", RegistrationInvalid),
        ("Invalid registration_id", PHONE, MessageRejected),
        ("title is too long", "not-an-id", MessageRejected),
        ("", "not-an-id", MessageRejected),
    ],
)
def test_41_means_the_phone_only_if_it_names_the_id_and_the_id_is_ill_formed(
    text: str, phone: str, kind: type[Outcome]
) -> None:
    outcome = outcome_of(answer({"code": 41, "message": text}), push(phone))

    assert type(outcome) is kind
    assert outcome.vendor_code == "41"


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=16)),
        (datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (datetime(2026, 1, 1, 16, tzinfo=UTC), timedelta(hours=24)),
    ],
)
@pytest.mark.parametrize("code", [33, 34])
def test_a_spent_quota_lasts_until_midnight_in_oppos_zone(code: int, now: datetime, wait: timedelta) -> None:
    outcome = outcome_of(answer({"code": code}), now=now)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == wait


@pytest.mark.parametrize("code", [-2, 13, 55])
def test_a_rate_limit_says_no_time(code: int) -> None:
    outcome = outcome_of(answer({"code": code}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after is None


def test_an_answered_try_later_took_nothing() -> None:
    outcome = outcome_of(answer({"code": -1, "message": "Service Currently Unavailable"}))

    assert isinstance(outcome, Unavailable)
    assert not outcome.ambiguous


@pytest.mark.parametrize(
    ("message", "reason"),
    [("first\nsecond", "first"), ("  \n ", ""), ("x" * 300, "x" * 200), (None, ""), (["no"], ""), ("你好", "你好")],
)
def test_oppos_words_are_kept_to_one_line(message: object, reason: str) -> None:
    assert outcome_of(answer({"code": 40, "message": message})).vendor_reason == reason


# Answers of no use.


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (HttpResponse(status=500, body=b'{"code":0}'), "HTTP 500"),
        (HttpResponse(status=302, body=b""), "HTTP 302"),
        (HttpResponse(status=200, body=b""), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"<html>welcome</html>"), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b'{"code":0'), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"[0]"), "the answer is not a JSON object"),
        (HttpResponse(status=200, body=b"{}"), "the answer has no code"),
        (HttpResponse(status=200, body=b'{"code":true}'), "the answer has no code"),
        (HttpResponse(status=200, body=b'{"code":0.0}'), "the answer has no code"),
        (HttpResponse(status=200, body=b'{"code":"zero"}'), "the answer has no code"),
        (HttpResponse(status=200, body=b'{"code":null}'), "the answer has no code"),
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
        (503, "-1", None),
        (503, "9" * 30, None),
        (500, "30", None),
    ],
)
def test_a_retry_after_header_is_heeded_where_it_belongs(status: int, header: str, wait: timedelta | None) -> None:
    outcome = outcome_of(HttpResponse(status=status, body=b"", headers={"retry-after": header}))

    assert isinstance(outcome, Unavailable)
    assert outcome.retry_after == wait


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 204, 400, 503]))
def test_any_bytes_give_each_push_an_outcome_and_never_strike_one_off(body: bytes, status: int) -> None:
    response = HttpResponse(status=status, body=body)

    for pushes in ([push()], two()):
        _, outcomes = hand_over(pushes, lambda _: response)
        assert len(outcomes) == len(pushes)
        assert not any(isinstance(outcome, RegistrationInvalid) for outcome in outcomes)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "message", "data", "messageId", "registrationId", "errorCode", "errorMessage"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(code=ANY_JSON | st.just(0), message=ANY_JSON, data=ANY_JSON)
def test_any_envelope_gives_each_push_an_outcome(code: object, message: object, data: object) -> None:
    response = answer({"code": code, "message": message, "data": data})

    for pushes in ([push()], two()):
        _, outcomes = hand_over(pushes, lambda _: response)
        assert len(outcomes) == len(pushes)
        assert all(isinstance(outcome, Outcome) for outcome in outcomes)


# Batches.


def test_items_are_matched_by_registration_id_in_whatever_order() -> None:
    outcomes = outcomes_of(batch(taken(OTHER_PHONE, "second"), taken(PHONE, "first")), two())

    assert accepted_ids(outcomes) == ["first", "second"]


def test_items_of_the_same_phone_are_taken_in_order() -> None:
    outcomes = outcomes_of(
        batch(taken(PHONE, "first"), taken(OTHER_PHONE, "other"), taken(PHONE, "second")),
        [push(), push(), push(OTHER_PHONE)],
    )

    assert accepted_ids(outcomes) == ["first", "second", "other"]


@pytest.mark.parametrize("data", [json.dumps([taken(OTHER_PHONE, "second")]), taken(OTHER_PHONE, "second")])
def test_a_batchs_data_may_come_as_a_string_of_json_or_as_one_object(data: object) -> None:
    _, outcome = outcomes_of({"code": 0, "data": data}, two())

    assert outcome == Accepted(vendor_code="0", vendor_message_id="second")


@pytest.mark.parametrize(
    "data",
    [None, [], "no JSON", [None, 7, "x"], [{"registrationId": 7}], [{"messageId": "m"}], [taken("CN_else", "m")]],
)
def test_a_push_the_answer_does_not_mention_is_unknown_and_not_sent(data: object) -> None:
    outcomes = outcomes_of({"code": 0, "data": data}, two())

    for outcome in outcomes:
        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous
        assert outcome.advice.startswith("OPPO's answer does not mention this phone")


def test_one_missing_item_leaves_the_others_with_theirs() -> None:
    first, second = outcomes_of(batch(taken(PHONE, "first")), two())

    assert isinstance(first, Accepted)
    assert isinstance(second, Unavailable)


@pytest.mark.parametrize("code", [10000, "10000"])
def test_an_item_error_hits_its_own_push_alone(code: object) -> None:
    dead, alive = outcomes_of(batch(failed(PHONE, code, "Invalid Registration_id"), taken(OTHER_PHONE, "m")), two())

    assert isinstance(dead, RegistrationInvalid)
    assert (dead.vendor_code, dead.vendor_reason) == ("10000", "Invalid Registration_id")
    assert isinstance(alive, Accepted)


def test_a_failed_item_counts_as_failed_even_with_a_message_id() -> None:
    item = {**taken(PHONE, "m"), "errorCode": 67, "errorMessage": "Category error"}

    first, _ = outcomes_of(batch(item), two())

    assert isinstance(first, MessageRejected)
    assert not first.whole_call


def test_an_item_with_error_code_0_is_taken() -> None:
    first, _ = outcomes_of(batch({**taken(PHONE, "first"), "errorCode": 0}), two())

    assert first == Accepted(vendor_code="0", vendor_message_id="first")


def test_an_error_code_that_is_no_number_is_unknown() -> None:
    first, _ = outcomes_of(batch(failed(PHONE, "E_WHAT", "what")), two())

    assert isinstance(first, Unavailable)
    assert first.ambiguous
    assert first.vendor_reason == "what"


def test_a_badly_formed_id_within_a_batch_is_struck_off_by_41_too() -> None:
    first, second = outcomes_of(
        batch(failed("not-an-id", 41, "registration_id"), failed(PHONE, 41, "registration_id")),
        [push("not-an-id"), push()],
    )

    assert (type(first), type(second)) == (RegistrationInvalid, MessageRejected)


@pytest.mark.parametrize("code", [10000, 10001, 41, 40, 67, 4711])
def test_a_batch_refused_as_a_whole_names_nobody(code: int) -> None:
    outcomes = outcomes_of({"code": code, "message": "registration_id"}, [push("not-an-id"), push()])

    for outcome in outcomes:
        assert isinstance(outcome, MessageRejected)
        assert outcome.whole_call
        assert (outcome.vendor_code, outcome.vendor_reason) == (str(code), "registration_id")
        assert outcome.advice


@pytest.mark.parametrize(("code", "kind"), [(11, AccessTokenExpired), (28, CredentialRejected), (13, Throttled)])
def test_a_batch_refused_for_its_sender_says_so_for_each(code: int, kind: type[Outcome]) -> None:
    outcomes = outcomes_of({"code": code}, two())

    assert [type(outcome) for outcome in outcomes] == [kind, kind]


# Several calls in one exchange.


def three_calls() -> list[Push]:
    one = push()
    return [one] * 1001


@pytest.mark.parametrize(("code", "kind"), [(11, AccessTokenExpired), (16, CredentialRejected)])
def test_a_refusal_of_the_sender_spares_oppo_the_other_calls(code: int, kind: type[Outcome]) -> None:
    requests, outcomes = hand_over(three_calls(), lambda _: answer({"code": code}))

    assert len(requests) == 1
    assert [type(outcome) for outcome in outcomes] == [kind] * 1001


@pytest.mark.parametrize("code", [13, -1, 41])
def test_any_other_refusal_lets_the_other_calls_go(code: int) -> None:
    requests, _ = hand_over(three_calls(), lambda _: answer({"code": code}))

    assert len(requests) == 3


def test_an_item_that_blames_the_sender_does_not_speak_for_the_other_calls() -> None:
    requests, outcomes = hand_over(
        three_calls(), lambda _: answer(batch(failed(PHONE, 11), *[taken(PHONE, "m")] * 499))
    )

    assert len(requests) == 3
    assert [type(outcome) for outcome in outcomes[:2]] == [AccessTokenExpired, Accepted]


def test_a_call_without_an_answer_leaves_the_others_with_theirs() -> None:
    timed_out = Unavailable(vendor_reason="timed out", ambiguous=True)
    calls: list[HttpRequest] = []

    def respond(request: HttpRequest) -> HttpResponse:
        calls.append(request)
        if len(calls) == 2:
            raise NoResponse(timed_out)
        return answer(batch(*[taken(PHONE, "m")] * 500) if len(calls) == 1 else batch(taken(PHONE, "last")))

    _, outcomes = hand_over(three_calls(), respond)

    assert outcomes[499] == Accepted(vendor_code="0", vendor_message_id="m")
    assert outcomes[500:1000] == [timed_out] * 500
    assert outcomes[1000] == Accepted(vendor_code="0", vendor_message_id="last")
