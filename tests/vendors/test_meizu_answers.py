from __future__ import annotations

from datetime import timedelta

import pytest

from tests.vendors.meizu_samples import (
    OTHER_PHONE,
    PHONE,
    TAKEN,
    answer,
    coded,
    hand_over,
    outcome_of,
    outcomes_of,
    push,
    took,
)
from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.meizu.codes import CALL_OUTCOMES, PHONE_OUTCOMES
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)

MESSAGE_ID = "NS20260101080000000_0_1_1_3"
UNTIL_MIDNIGHT_IN_CHINA = timedelta(hours=16)


def two() -> list[Push]:
    return [push(dedup_id="m-1"), push(OTHER_PHONE, dedup_id="m-2")]


@pytest.mark.parametrize("value", [{}, "", None, []])
def test_all_phones_are_taken_when_none_is_listed(value: object) -> None:
    accepted = Accepted(vendor_code="200", vendor_message_id=MESSAGE_ID)

    assert outcomes_of(took(value), two()) == [accepted, accepted]


def test_a_missing_value_lists_no_phone() -> None:
    assert isinstance(outcome_of(answer({"code": "200", "msgId": "m"})), Accepted)


def test_the_code_may_be_a_number() -> None:
    assert isinstance(outcome_of(answer({"code": 200, "value": {}})), Accepted)


@pytest.mark.parametrize(
    ("code", "kind", "wait"),
    [
        ("201", CredentialRejected, None),
        ("501", Unavailable, None),
        ("513", Unavailable, None),
        ("518", Throttled, None),
        ("519", Unavailable, None),
        ("520", Throttled, timedelta(seconds=60)),
        ("110002", RegistrationInvalid, None),
        ("110003", RegistrationInvalid, None),
        ("110005", MessageRejected, None),
        ("110010", MessageRejected, None),
        ("110011", Throttled, UNTIL_MIDNIGHT_IN_CHINA),
        ("110012", MessageRejected, None),
    ],
)
def test_a_listed_phone_is_settled_by_its_code_and_the_others_are_taken(
    code: str, kind: type[Outcome], wait: timedelta | None
) -> None:
    taken, refused = outcomes_of(took({code: [OTHER_PHONE]}), two())

    assert isinstance(taken, Accepted)
    assert type(refused) is kind
    assert refused.vendor_code == code
    assert refused.advice
    assert not isinstance(refused, Throttled) or refused.retry_after == wait
    assert not isinstance(refused, Unavailable) or not refused.ambiguous


def test_the_table_of_phones_is_whole() -> None:
    assert set(PHONE_OUTCOMES) == {201, 501, 513, 518, 519, 520, 110002, 110003, 110005, 110010, 110011}


def test_too_fast_and_switched_off_are_told_apart_by_their_place() -> None:
    too_fast = outcome_of(coded("110010"))
    switched_off = outcome_of(took({"110010": [PHONE]}))

    assert isinstance(too_fast, Throttled)
    assert too_fast.retry_after == timedelta(seconds=1)
    assert isinstance(switched_off, MessageRejected)
    assert "switched notifications off" in switched_off.advice


@pytest.mark.parametrize("code", ["110019", "110051"])
def test_a_spent_day_waits_for_midnight_in_china(code: str) -> None:
    outcome = outcome_of(coded(code))

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == UNTIL_MIDNIGHT_IN_CHINA


@pytest.mark.parametrize("code", ["110002", "110003", "1005", "110004", "999999"])
def test_a_refused_call_of_several_phones_strikes_none_off_on_a_guess(code: str) -> None:
    for outcome in outcomes_of(coded(code), two()):
        assert isinstance(outcome, MessageRejected)
        assert outcome.whole_call


@pytest.mark.parametrize(("code", "ambiguous"), [(500, True), (1001, True), (-1, True), (1003, False), (300, False)])
def test_a_fault_says_whether_the_call_may_have_been_carried_out(code: int, *, ambiguous: bool) -> None:
    outcome = outcome_of(coded(str(code)))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous is ambiguous


@pytest.mark.parametrize(
    "value",
    [7, True, "junk", [1], {"110002": PHONE}, {"110002": [7]}, {"x": [PHONE]}, {"": None}],
)
def test_a_value_that_cant_be_read_leaves_every_phone_unclear(value: object) -> None:
    for outcome in outcomes_of(took(value), two()):
        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous


@pytest.mark.parametrize("status", [301, 404, 429, 500, 502, 503])
def test_any_other_http_status_is_no_usable_answer(status: int) -> None:
    outcome = outcome_of(answer({"code": "200"}, status=status, headers={"retry-after": "7"}))

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous
    assert outcome.retry_after == (timedelta(seconds=7) if status in (429, 503) else None)


def test_the_text_is_kept_as_one_short_line() -> None:
    outcome = outcome_of(coded("1005", message="参数错误\n" + "x" * 500))

    assert outcome.vendor_reason == "参数错误"


def test_a_redirected_call_is_repeated_once_at_meizus_address() -> None:
    address = "https://server-api-push2.meizu.com/garcia/api/server/push/varnished/pushByPushId"
    answers = iter([coded("300", redirect=address), TAKEN])

    (first, second), [outcome] = hand_over([push()], lambda _: next(answers))

    assert isinstance(outcome, Accepted)
    assert second.url == address
    assert second.body == first.body


def test_a_call_redirected_twice_is_given_up_for_now() -> None:
    requests, [outcome] = hand_over([push()], lambda _: coded("300", redirect="https://x.meizu.com/a"))

    assert len(requests) == 2
    assert isinstance(outcome, Unavailable)


@pytest.mark.parametrize(
    "address",
    [
        "https://meizu.com.example.com/a",
        "https://evilmeizu.com/a",
        "http://x.meizu.com/a",
        "https://user@x.meizu.com/a",
        "https://x.meizu.com:8443/a",
        "https://[x.meizu.com/a",
        "//x.meizu.com/a",
        "",
    ],
)
def test_a_signed_request_goes_to_no_strange_address(address: str) -> None:
    requests, [outcome] = hand_over([push()], lambda _: coded("300", redirect=address))

    assert len(requests) == 1
    assert isinstance(outcome, Unavailable)
    assert not outcome.ambiguous


def test_a_lost_answer_costs_only_its_own_call() -> None:
    def respond(request: HttpRequest) -> HttpResponse:
        if b"first" in request.body:
            raise NoResponse(Unavailable(vendor_reason="timed out", ambiguous=True))
        return TAKEN

    requests, (first, second) = hand_over([push(title="first"), push(title="second")], respond)

    assert len(requests) == 2
    assert isinstance(first, Unavailable)
    assert isinstance(second, Accepted)


def test_a_refused_credential_is_not_tried_again_in_the_same_batch() -> None:
    requests, outcomes = hand_over([push(title="first"), push(title="second")], lambda _: coded("1006"))

    assert len(requests) == 1
    assert [type(outcome) for outcome in outcomes] == [CredentialRejected, CredentialRejected]


def test_every_code_has_advice() -> None:
    rows = [*CALL_OUTCOMES.values(), *PHONE_OUTCOMES.values()]

    assert [kind for kind, advice in rows if not advice] == [Accepted]
