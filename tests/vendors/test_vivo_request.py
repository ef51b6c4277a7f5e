from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.vivo_samples import CREDENTIAL, OTHER_PHONE, PHONE, hand_over, message_of, push, several
from vendors import vivo
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, Push
from vendors.outcomes import Accepted, MessageRejected


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def test_one_push_is_the_worked_body_byte_for_byte() -> None:
    [request], [outcome] = hand_over([push(title="标题", body="内容", ext='{"k": "v"}', options={"notifyType": 2})])

    assert request.method == "POST"
    assert request.url == "https://api-push.vivo.com.cn/message/send"
    assert request.headers == {"content-type": "application/json;charset=UTF-8", "authtoken": "tok-1"}
    assert request.body.decode() == (
        '{"appId":100000001,"regId":"16000000000000000000001","requestId":"m-1","timeToLive":3600,"notifyType":2,'
        '"title":"标题","content":"内容","classification":1,"category":"IM","notifyId":817399298,"skipType":1,'
        '"clientCustomMap":{"ext":"{\\"k\\":\\"v\\"}"}}'
    )
    assert isinstance(outcome, Accepted)


@given(title=st.text(min_size=1, max_size=40), body=st.text(min_size=1, max_size=100))
def test_any_text_arrives_as_it_was_written(title: str, body: str) -> None:
    sent = message_of(push(title=title, body=body))

    assert (sent["title"], sent["content"]) == (title, body)


@given(ext=st.dictionaries(st.text(max_size=20), st.text(max_size=20) | st.integers() | st.booleans(), max_size=3))
def test_any_custom_data_arrives_as_it_was_written(ext: dict[str, object]) -> None:
    sent = message_of(push(ext=json.dumps(ext, indent=1)))

    assert json.loads(sent["clientCustomMap"]["ext"]) == ext


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        (timedelta(seconds=-5), 60),
        (timedelta(0), 60),
        (timedelta(seconds=60.9), 60),
        (timedelta(seconds=90), 90),
        (timedelta(days=1), 86_400),
        (timedelta(days=28), 86_400),
    ],
)
def test_the_ttl_is_what_is_left_within_vivos_range(ttl: timedelta, seconds: int) -> None:
    assert message_of(push(ttl=ttl))["timeToLive"] == seconds


@pytest.mark.parametrize(
    ("category", "name", "classification"),
    [
        (Category.IM, "IM", 1),
        (Category.ACCOUNT, "ACCOUNT", 1),
        (Category.TODO, "TODO", 1),
        (Category.ORDER, "ORDER", 1),
        (Category.DEVICE, "DEVICE_REMINDER", 1),
        (Category.SUBSCRIPTION, "SUBSCRIPTION", 1),
        (Category.NEWS, "NEWS", 0),
        (Category.CONTENT, "CONTENT", 0),
        (Category.MARKETING, "MARKETING", 0),
        (Category.SOCIAL, "SOCIAL", 0),
    ],
)
def test_each_category_has_vivos_word_and_the_class_that_matches(
    category: Category, name: str, classification: int
) -> None:
    sent = message_of(push(category=category))

    assert (sent["category"], sent["classification"]) == (name, classification)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (ClickAction(), {"skipType": 1}),
        (
            ClickAction(ClickKind.URL, "https://example.com/?a=1&b=2"),
            {"skipType": 2, "skipContent": "https://example.com/?a=1&b=2"},
        ),
        (
            ClickAction(ClickKind.ACTIVITY, "com.example.Chat$Inner"),
            {"skipType": 4, "skipContent": "intent:#Intent;component=com.example.app/com.example.Chat%24Inner;end"},
        ),
        (
            ClickAction(ClickKind.INTENT_ACTION, "com.example.OPEN;x"),
            {"skipType": 4, "skipContent": "intent:#Intent;action=com.example.OPEN%3Bx;package=com.example.app;end"},
        ),
        (
            ClickAction(ClickKind.INTENT_URI, "myapp://chat?id=1"),
            {"skipType": 4, "skipContent": "myapp://chat?id=1"},
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, ClickAction) else "",
)
def test_each_click_action_has_vivos_type_and_content(action: ClickAction, fields: dict[str, object]) -> None:
    sent = message_of(push(click_action=action))

    assert {name: value for name, value in sent.items() if name.startswith("skip")} == fields


def test_without_the_package_an_action_goes_alone_and_a_class_not_at_all() -> None:
    bare = replace(CREDENTIAL, package_name="")

    sent = message_of(push(click_action=ClickAction(ClickKind.INTENT_ACTION, "com.example.OPEN")), credential=bare)
    requests, [outcome] = hand_over(
        [push(click_action=ClickAction(ClickKind.ACTIVITY, "com.example.Chat"))], credential=bare
    )

    assert sent["skipContent"] == "intent:#Intent;action=com.example.OPEN;end"
    assert requests == []
    assert outcome.advice == "click_action activity needs the app's package; set package_name in the cert"


def test_a_collapse_id_is_one_number_for_good_and_else_the_message_is() -> None:
    collapsing = message_of(push(collapse_id="chat-42"))["notifyId"]
    first, repeat, other = (message_of(push(dedup_id=dedup_id))["notifyId"] for dedup_id in ("m-1", "m-1", "m-2"))
    of_one_content = {message_of(push(content_id="c-1", dedup_id=dedup_id))["notifyId"] for dedup_id in ("m-1", "m-2")}

    assert collapsing == message_of(push(collapse_id="chat-42", dedup_id="m-2"))["notifyId"] == 1_900_078_600
    assert first == repeat
    assert first != other
    assert of_one_content == {698_897_324}


def test_a_collapse_id_never_meets_the_content_id_of_another_message() -> None:
    assert message_of(push(collapse_id="42"))["notifyId"] != message_of(push(content_id="42"))["notifyId"]


def test_one_content_for_many_phones_is_the_worked_list_byte_for_byte() -> None:
    pushes = several(2, title="标题", body="内容", options={"notifyType": 2})

    [save, to_list], outcomes = hand_over(pushes)

    headers = {"content-type": "application/json;charset=UTF-8", "authtoken": "tok-1"}
    assert (save.url, to_list.url) == (
        "https://api-push.vivo.com.cn/message/saveListPayload",
        "https://api-push.vivo.com.cn/message/pushToList",
    )
    assert save.headers == to_list.headers == headers
    assert save.body.decode() == (
        '{"appId":100000001,"requestId":"f687eebbf42647c8de52d81308f12f15bd9eea606ab13771b36a3fc65e2bf904",'
        '"timeToLive":3600,"notifyType":2,"title":"标题","content":"内容","classification":1,"category":"IM",'
        '"notifyId":698897324,"skipType":1}'
    )
    assert to_list.body.decode() == (
        '{"appId":100000001,"regIds":["0000000000000000000001","0000000000000000000002"],'
        '"taskId":"541362618526760960",'
        '"requestId":"f687eebbf42647c8de52d81308f12f15bd9eea606ab13771b36a3fc65e2bf904","pushMode":0}'
    )
    assert outcomes == [Accepted(vendor_code="0", vendor_message_id="541362618526760960")] * 2


def paths_of(pushes: Sequence[Push]) -> list[str]:
    """The last part of each path an exchange calls."""
    requests, outcomes = hand_over(pushes)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    return [request.url.rsplit("/", 1)[1] for request in requests]


LIST = ["saveListPayload", "pushToList"]


def test_a_phone_that_stands_twice_is_named_once_and_is_no_list_alone() -> None:
    first, repeat = push(content_id="c-1"), push(content_id="c-1", dedup_id="m-2")

    assert paths_of([first, repeat]) == ["send"]
    assert paths_of([first, repeat, push(OTHER_PHONE, content_id="c-1")]) == LIST
    [_, to_list], _ = hand_over([first, repeat, push(OTHER_PHONE, content_id="c-1")])
    assert json.loads(to_list.body)["regIds"] == [PHONE, OTHER_PHONE]


def test_each_content_has_a_call_of_its_own() -> None:
    pushes = several(2)
    one, two = several(2, title="小红", content_id="c-2")
    other = push(OTHER_PHONE, title="小刚")

    assert paths_of([pushes[0], one, other, pushes[1], two]) == [*LIST, *LIST, "send"]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"profileId": "p"}, ["send", "send", "send"]),
        ({"extra": {"callback": "https://example.com/receipts"}}, ["send", "send", "send"]),
        ({"extra": {"callback.id": "7"}}, LIST),
        ({"sendOnline": True, "pushMode": 1}, LIST),
    ],
)
def test_what_only_a_single_push_can_do_goes_phone_by_phone(options: dict[str, object], path: list[str]) -> None:
    assert paths_of(several(3, options=options)) == path


def test_single_pushes_of_one_content_keep_their_own_request_ids() -> None:
    requests, _ = hand_over(several(2, options={"profileId": "p"}))

    assert [json.loads(request.body)["requestId"] for request in requests] == ["m-1", "m-2"]


def test_a_test_is_one_in_both_requests_of_a_list() -> None:
    requests, _ = hand_over(several(2, options={"pushMode": 1.0}))

    assert [json.loads(request.body)["pushMode"] for request in requests] == [1, 1]


def test_a_registration_id_that_is_none_is_left_out_of_its_list() -> None:
    [_, to_list], outcomes = hand_over([push("a b", content_id="c-1"), *several(2)])

    assert json.loads(to_list.body)["regIds"] == ["0000000000000000000001", "0000000000000000000002"]
    assert [type(outcome) for outcome in outcomes] == [MessageRejected, Accepted, Accepted]


@given(content_id=st.text(min_size=1), phones=st.integers(2, 5))
def test_a_lists_request_id_is_one_vivo_takes_and_the_lists_own(content_id: str, phones: int) -> None:
    requests, _ = hand_over(several(phones, content_id=content_id))
    others, _ = hand_over(several(phones + 1, content_id=content_id))

    ids = {json.loads(request.body)["requestId"] for request in requests}
    assert {len(request_id) for request_id in ids} == {64}
    assert len(ids | {json.loads(request.body)["requestId"] for request in others}) == 2


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        (timedelta(seconds=-5), 900),
        (timedelta(seconds=899), 900),
        (timedelta(seconds=901.5), 901),
        (timedelta(days=28), 86_400),
    ],
)
def test_a_lists_ttl_is_what_is_left_within_the_stricter_range(ttl: timedelta, seconds: int) -> None:
    [save, _], _ = hand_over(several(2, ttl=ttl))

    assert json.loads(save.body)["timeToLive"] == seconds


def test_custom_data_goes_as_compact_json_with_its_numbers_as_written() -> None:
    sent = message_of(push(ext='{ "n" : 1.50,\n "big": 12345678901234567890, "s": "a \\" b\\u4f60" }'))

    assert sent["clientCustomMap"] == {"ext": '{"n":1.50,"big":12345678901234567890,"s":"a \\" b\\u4f60"}'}
    assert "clientCustomMap" not in message_of(push())


def test_custom_data_at_the_limit_leaves_and_spaces_in_it_do_not_count() -> None:
    sent = message_of(push(ext='{"k":' + " " * 100 + '"' + "好" * 1013 + '"}'))

    assert len(sent["clientCustomMap"]["ext"]) == 1021


def test_every_option_goes_under_its_own_name() -> None:
    options: dict[str, object] = {
        "notifyType": 1.0,
        "networkType": 1.0,
        "foregroundShow": False,
        "sendOnline": True,
        "profileId": "p",
        "pushMode": 1.0,
        "extra": {"callback.id": "7"},
    }

    sent = message_of(push(options=options))

    assert {name: sent[name] for name in options} == options


def test_a_badge_is_raised_by_one_and_never_set() -> None:
    assert message_of(push(badge=Badge(BadgeKind.INCREMENT)))["addBadge"] is True
    assert "addBadge" not in message_of(push(badge=Badge(BadgeKind.COUNT, 7)))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ext": "[1]"}, "ext is not a JSON object"),
        ({"ext": "{"}, "ext is not a JSON object"),
        ({"ext": '{"k":"' + "v" * 1014 + '"}'}, "ext has 1022 characters; vivo allows 1021"),
        ({"title": "half a pair \ud83d"}, "the text holds what JSON can't carry, such as half of a surrogate pair"),
        ({"options": {"nope": 1}}, "nope is not an option of vivo; the options are "),
        (
            {"ext": "[]", "click_action": ClickAction(ClickKind.URL, "ftp://x")},
            "ext is not a JSON object; click_action url is badly formed",
        ),
    ],
)
def test_a_push_vivo_would_refuse_does_not_leave_and_says_why(fields: dict[str, Any], words: str) -> None:
    assert refusal_of(**fields).startswith(words)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (ClickKind.URL, "ftp://example.com", "click_action url is badly formed"),
        (ClickKind.URL, "https://", "click_action url is badly formed"),
        (
            ClickKind.URL,
            "https://e.com/" + "a" * 1011,
            "click_action url has 1025 characters as vivo takes it; vivo allows 1024",
        ),
        (ClickKind.ACTIVITY, "ChatActivity", "click_action activity is badly formed"),
        (ClickKind.ACTIVITY, "com.1st.Chat", "click_action activity is badly formed"),
        (ClickKind.INTENT_ACTION, "", "click_action intent_action is badly formed"),
        (ClickKind.INTENT_ACTION, "a b", "click_action intent_action is badly formed"),
        (ClickKind.INTENT_ACTION, "a\ud83d", "click_action intent_action is badly formed"),
        (ClickKind.INTENT_URI, "chat", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "JavaScript:alert(1)", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "file:///etc/hosts", "click_action intent_uri is badly formed"),
    ],
)
def test_a_bad_click_action_does_not_leave(kind: ClickKind, value: str, words: str) -> None:
    assert refusal_of(click_action=ClickAction(kind, value)) == words


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"notifyType": 5}, "notifyType", "must be one of 1, 2, 3, 4"),
        ({"notifyType": True}, "notifyType", "must be one of 1, 2, 3, 4"),
        ({"networkType": 0}, "networkType", "must be one of -1, 1"),
        ({"pushMode": "1"}, "pushMode", "must be one of 0, 1"),
        ({"foregroundShow": 1}, "foregroundShow", "must be true or false"),
        ({"profileId": ""}, "profileId", "must be a text, not blank"),
        ({"profileId": "p" * 65}, "profileId", "has 65 characters; vivo allows 64"),
        ({"extra": {}}, "extra", "must be an object, not empty"),
        ({"extra": {"k": "v"}}, "extra", "has no key k; the keys are callback, callback.param, callback.id"),
        ({"extra": {"callback.param": "p" * 65}}, "extra", "callback.param has 65 characters; vivo allows 64"),
    ],
)
def test_a_bad_option_is_named_with_what_is_allowed(options: dict[str, object], field: str, words: str) -> None:
    [violation] = vivo.check_options(options)

    assert (violation.field, violation.text) == (field, words)


@pytest.mark.parametrize("registration_id", [PHONE, "a", "v2-" + "x" * 200])
def test_a_registration_id_of_any_length_is_taken(registration_id: str) -> None:
    assert vivo.check_registration_id(CREDENTIAL, registration_id) == ""


@pytest.mark.parametrize("registration_id", ["", "a b", "号码", f"{PHONE}\n"])
def test_an_ill_formed_registration_id_is_refused(registration_id: str) -> None:
    assert vivo.check_registration_id(CREDENTIAL, registration_id).startswith("is not a vivo registration id")
