from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.vendors.xiaomi_samples import (
    OTHER_PHONE,
    PHONE,
    answer,
    hand_over,
    outcome_of,
    phones,
    push,
    refused,
    taken,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)


def test_a_taken_push_has_xiaomis_message_id() -> None:
    assert outcome_of(taken()) == Accepted(vendor_code="0", vendor_message_id="sdm00000000000000001")


def test_without_a_message_id_the_trace_id_stands_in() -> None:
    for data in ({}, None, {"id": ""}, {"id": 7}):
        outcome = outcome_of(answer({"code": 0, "trace_id": "Xdm1", "data": data}))
        assert outcome == Accepted(vendor_code="0", vendor_message_id="Xdm1")


def test_bad_regids_are_settled_by_the_phone() -> None:
    pushes = [push(PHONE), push(OTHER_PHONE, dedup_id="d-2"), push(PHONE, dedup_id="d-3")]

    _, outcomes = hand_over(pushes, lambda _: taken([PHONE, "regUnknown=="]))

    assert [type(outcome) for outcome in outcomes] == [RegistrationInvalid, Accepted, RegistrationInvalid]
    assert outcomes[0].vendor_reason == "listed in bad_regids"


def test_the_only_phone_may_be_the_bad_one() -> None:
    assert type(outcome_of(taken([PHONE]))) is RegistrationInvalid


@pytest.mark.parametrize("bad", [7, True, [PHONE], {"a": 1}])
def test_bad_regids_that_can_not_be_read_leave_it_open_who_was_taken(bad: object) -> None:
    outcome = outcome_of(answer({"code": 0, "data": {"id": "sdm1", "bad_regids": bad}}))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


def test_no_valid_targets_strikes_off_a_small_batch() -> None:
    _, outcomes = hand_over(phones(49), lambda _: refused(20301, "No valid targets!"))

    assert {type(outcome) for outcome in outcomes} == {RegistrationInvalid}
    assert {outcome.vendor_code for outcome in outcomes} == {"20301"}


def test_no_valid_targets_of_a_large_batch_is_asked_again_in_smaller_ones() -> None:
    _, outcomes = hand_over(phones(50), lambda _: refused(20301, "No valid targets!"))

    assert all(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in outcomes)


@pytest.mark.parametrize("code", [10018, 65003])
def test_what_fewer_phones_may_escape_is_asked_again_in_smaller_batches(code: int) -> None:
    _, [first, _] = hand_over(phones(2), lambda _: refused(code))
    alone = outcome_of(refused(code))

    assert isinstance(first, MessageRejected)
    assert first.whole_call
    assert isinstance(alone, MessageRejected)
    assert not alone.whole_call


def test_a_refusal_of_the_content_holds_for_all_phones_without_asking_again() -> None:
    _, outcomes = hand_over(phones(3), lambda _: refused(10017))

    assert all(isinstance(outcome, MessageRejected) and not outcome.whole_call for outcome in outcomes)


@pytest.mark.parametrize("code", [10034, 200001])
def test_a_spent_quota_waits_for_midnight_in_china(code: int) -> None:
    outcome = outcome_of(refused(code), now=datetime(2026, 1, 1, 15, 30, tzinfo=UTC))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(minutes=30)


def test_a_fault_of_xiaomis_may_come_after_it_took_the_message() -> None:
    outcome = outcome_of(refused(10010))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous


def test_a_code_may_be_a_text_and_a_reason_is_one_short_line() -> None:
    outcome = outcome_of(answer({"code": "21301", "reason": " Invalid secret.\nmore" + "x" * 300}))

    assert isinstance(outcome, CredentialRejected)
    assert (outcome.vendor_code, outcome.vendor_reason) == ("21301", "Invalid secret.")
    assert outcome_of(answer({"code": 10017, "description": "x" * 300})).vendor_reason == "x" * 200


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (HttpResponse(status=401, body=b""), CredentialRejected),
        (HttpResponse(status=403, body=b"<html>"), CredentialRejected),
        (HttpResponse(status=404, body=b"{}"), MessageRejected),
        (HttpResponse(status=408, body=b""), Unavailable),
        (HttpResponse(status=429, body=b"", headers={"retry-after": "7"}), Throttled),
        (HttpResponse(status=500, body=b""), Unavailable),
        (HttpResponse(status=503, body=b"", headers={"retry-after": "soon"}), Unavailable),
        (HttpResponse(status=200, body=b""), Unavailable),
        (HttpResponse(status=302, body=b""), Unavailable),
        (refused(21301, status=401), CredentialRejected),
        (refused(200002, status=429), Throttled),
        (refused(10017, status=400), MessageRejected),
        (refused(20301, "No valid targets!", status=500), Unavailable),
        (answer({"code": 0}, status=500), Unavailable),
        (answer({"code": 0}, status=404), MessageRejected),
        (answer({"code": True}), Unavailable),
        (answer({"code": 0.0}), Unavailable),
        (answer([{"code": 0}]), Unavailable),
    ],
)
def test_an_answer_is_read_by_its_status_too(response: HttpResponse, expected: type[Outcome]) -> None:
    assert type(outcome_of(response)) is expected


def test_http_429_says_how_long_to_wait() -> None:
    outcome = outcome_of(HttpResponse(status=429, body=b"", headers={"retry-after": "7"}))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=7)


def test_no_answer_to_one_call_spares_those_behind_it_the_wait() -> None:
    lost = Unavailable(vendor_reason="timed out", ambiguous=True)
    answers = iter([taken()])

    def respond(_: HttpRequest) -> HttpResponse:
        try:
            return next(answers)
        except StopIteration:
            raise NoResponse(lost) from None

    pushes = [push(phone, content_id=name) for name in ("m-1", "m-2", "m-3") for phone in (PHONE, OTHER_PHONE)]
    requests, outcomes = hand_over(pushes, respond)

    assert len(requests) == 2
    assert {type(outcome) for outcome in outcomes[:2]} == {Accepted}
    assert outcomes[2:4] == [lost] * 2
    assert outcomes[4:] == [Unavailable(vendor_reason="timed out", ambiguous=False)] * 2


@pytest.mark.parametrize(("code", "expected"), [(21301, CredentialRejected), (200002, Throttled)])
def test_a_refusal_of_the_app_spares_the_calls_behind_it(code: int, expected: type[Outcome]) -> None:
    pushes = [push(content_id=name) for name in ("m-1", "m-2")]

    requests, outcomes = hand_over(pushes, lambda _: refused(code))

    assert len(requests) == 1
    assert [type(outcome) for outcome in outcomes] == [expected] * 2


def test_a_refusal_of_one_content_is_none_of_the_next() -> None:
    answers = iter([refused(27001, "invalid channel info!"), taken()])
    pushes = [push(phone, content_id=name) for name in ("m-1", "m-2") for phone in (PHONE, OTHER_PHONE)]

    _, outcomes = hand_over(pushes, lambda _: next(answers))

    assert [type(outcome) for outcome in outcomes] == [MessageRejected] * 2 + [Accepted] * 2


# Different messages in one call.


def different(count: int, channel_id: str = "100001") -> list[Push]:
    return [push(f"reg{number}==", content_id=f"m-{number}", channel_id=channel_id) for number in range(count)]


def test_different_messages_share_an_id_and_are_settled_by_the_phone() -> None:
    _, outcomes = hand_over(different(3), lambda _: taken(["reg1=="]))

    assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, Accepted]
    assert outcomes[0] == Accepted(vendor_code="0", vendor_message_id="sdm00000000000000001")


@pytest.mark.parametrize("code", [10017, 27001, 999_999])
def test_a_refusal_of_different_messages_is_asked_again_in_smaller_calls(code: int) -> None:
    _, outcomes = hand_over(different(2), lambda _: refused(code))

    assert all(isinstance(outcome, MessageRejected) and outcome.whole_call for outcome in outcomes)


@pytest.mark.parametrize("code", [21301, 200002, 10001])
def test_a_refusal_of_the_app_or_a_fault_is_not_halved(code: int) -> None:
    _, outcomes = hand_over(different(2), lambda _: refused(code))

    assert not any(isinstance(outcome, MessageRejected) for outcome in outcomes)


def over_quota(told: object) -> HttpResponse:
    return answer({"code": 0, "data": {"id": "sdm1", "channel_exceed_quota": told}})


def test_a_channel_whose_every_message_was_dropped_waits_for_the_next_day() -> None:
    pushes = [*different(2), push("regX==", content_id="m-x", channel_id="100002")]

    _, outcomes = hand_over(pushes, lambda _: over_quota("100001:2"))

    assert [type(outcome) for outcome in outcomes] == [Throttled, Throttled, Accepted]
    assert isinstance(outcomes[0], Throttled)
    assert outcomes[0].retry_after == timedelta(hours=16)


def test_a_channel_of_which_some_were_dropped_is_tried_again_as_a_whole() -> None:
    _, outcomes = hand_over(different(3), lambda _: over_quota("100001:2"))

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)
    assert {outcome.vendor_reason for outcome in outcomes} == {"channel_exceed_quota 100001:2"}


@pytest.mark.parametrize("told", [7, ["100001:2"], "100001", "100001:many", ":2", "no_channel:1"])
def test_what_was_dropped_and_can_not_be_read_leaves_it_open_who_was_taken(told: object) -> None:
    _, outcomes = hand_over(different(2), lambda _: over_quota(told))

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in outcomes)
