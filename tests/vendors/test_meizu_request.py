from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.vendors.meizu_samples import CREDENTIAL, OTHER_PHONE, PHONE, form_of, hand_over, message_of, push
from tests.vendors.pushes import NOW
from vendors import meizu
from vendors.contract import OPEN_APP, Category, ClickAction, ClickKind
from vendors.meizu.notification import Content, content_of, notify_key, ttl_hours
from vendors.outcomes import Accepted, MessageRejected

URL = "https://server-api-push.meizu.com/garcia/api/server/push/varnished/pushByPushId"


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def click_of(kind: ClickKind, value: str, ext: str = "") -> dict[str, Any]:
    return dict(message_of(push(click_action=ClickAction(kind, value), ext=ext))["clickTypeInfo"])


def test_one_push_is_this_body_byte_for_byte() -> None:
    [request], _ = hand_over(
        [push(title="订单更新", body="价格=5% & 你好", ext='{"order": 42}', collapse_id="order-42")]
    )

    form = form_of(request)
    assert request.url == URL
    assert request.method == "POST"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
    assert list(form) == ["appId", "pushIds", "messageJson", "sign"]
    assert (form["appId"], form["pushIds"]) == ("100999", PHONE)
    assert form["messageJson"] == (
        '{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":0,"title":"订单更新","content":"价格=5% & 你好"},'
        '"clickTypeInfo":{"clickType":0,"parameters":{"order":"42","ext":"{\\"order\\":42}"}},'
        '"pushTimeInfo":{"offLine":1,"validTime":24},'
        '"advanceInfo":{"suspend":1,"clearNoticeBar":1,"notificationType":{"vibrate":1,"lights":1,"sound":1},'
        '"notifyKey":"umq6Y_XV"}}'
    )
    assert form["sign"] == "4228710e9302acfa274ded3ce07f5a73"


def test_pushes_of_one_message_share_a_call() -> None:
    first = push(title="题" * 40)

    [request], outcomes = hand_over([first, structs.replace(first, registration_id=OTHER_PHONE, dedup_id="m-2")])

    assert form_of(request)["pushIds"] == f"{PHONE},{OTHER_PHONE}"
    assert [outcome.truncated for outcome in outcomes if isinstance(outcome, Accepted)] == [("title",), ("title",)]


def test_pushes_of_two_messages_go_by_two_calls_and_keep_their_order() -> None:
    pushes = [push(title="One"), push(OTHER_PHONE, title="Two"), push(OTHER_PHONE, title="One")]

    requests, outcomes = hand_over(pushes)

    assert [form_of(request)["pushIds"] for request in requests] == [f"{PHONE},{OTHER_PHONE}", OTHER_PHONE]
    assert len(outcomes) == 3


def test_a_call_names_each_phone_once_and_at_most_a_hundred() -> None:
    first = push()
    pushes = [structs.replace(first, registration_id=f"J{at % 101:044x}") for at in range(202)]

    requests, outcomes = hand_over(pushes)

    assert [len(form_of(request)["pushIds"].split(",")) for request in requests] == [100, 1]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


@pytest.mark.parametrize("phone", ["", "a,b", "a b", "你", "a" * 129, "a\n", "\ud83d"])
def test_what_is_no_push_id_never_gets_into_a_call(phone: str) -> None:
    assert refusal_of(phone=phone) == "the registration id is not a Meizu push id"
    assert meizu.check_registration_id(CREDENTIAL, phone)


def test_text_is_counted_in_code_points() -> None:
    sent = message_of(push(title="😀" * 33, body="你" * 101))["noticeBarInfo"]

    assert sent["title"] == "😀" * 31 + "…"
    assert sent["content"] == "你" * 99 + "…"


@given(title=st.text(min_size=1, max_size=32), body=st.text(min_size=1, max_size=100))
def test_any_text_within_the_limits_survives(title: str, body: str) -> None:
    sent = message_of(push(title=title, body=body))["noticeBarInfo"]

    assert (sent["title"], sent["content"]) == (title, body)


@pytest.mark.parametrize(
    ("ttl", "hours"),
    [
        (timedelta(seconds=-5), 1),
        (timedelta(), 1),
        (timedelta(seconds=1), 1),
        (timedelta(hours=1), 1),
        (timedelta(hours=2, seconds=-1), 1),
        (timedelta(hours=2), 2),
        (timedelta(hours=72, seconds=-1), 71),
        (timedelta(hours=72), 72),
        (timedelta(days=28), 72),
    ],
)
def test_the_ttl_is_whole_hours_within_meizus_range(ttl: timedelta, hours: int) -> None:
    assert message_of(push(ttl=ttl))["pushTimeInfo"] == {"offLine": 1, "validTime": hours}


@given(st.timedeltas(timedelta(days=-1), timedelta(days=40)), st.timedeltas(timedelta(), timedelta(days=40)))
def test_a_longer_ttl_is_never_kept_shorter(ttl: timedelta, more: timedelta) -> None:
    assert 1 <= ttl_hours(push(ttl=ttl), NOW) <= ttl_hours(push(ttl=ttl + more), NOW) <= 72


@pytest.mark.parametrize("category", Category)
def test_only_content_and_marketing_are_public(category: Category) -> None:
    public = {Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL}

    sent = message_of(push(category=category))["noticeBarInfo"]["noticeMsgType"]

    assert sent == (0 if category in public else 1)


# What replaces what.


def test_a_repeat_replaces_the_first_whatever_phone_and_hour() -> None:
    first = push()
    again = structs.replace(first, registration_id=OTHER_PHONE, dedup_id="m-2")

    assert message_of(first)["advanceInfo"]["notifyKey"] == "CaZo-XCl"
    assert message_of(again, now=NOW + timedelta(hours=5))["advanceInfo"]["notifyKey"] == "CaZo-XCl"


def test_another_message_replaces_nothing() -> None:
    first = notify_key(push())

    assert notify_key(push(content_id="message-2")) != first
    assert notify_key(push(collapse_id="message-1")) != first


def test_a_collapse_id_alone_says_what_is_replaced() -> None:
    first = push(title="One", collapse_id="chat-42")
    second = push(title="Two", collapse_id="chat-42", ttl=timedelta(hours=2))

    assert notify_key(first) == notify_key(second) == "8UDmCBOu"


@given(st.text())
def test_any_collapse_id_makes_a_key_meizu_takes(collapse_id: str) -> None:
    key = notify_key(push(collapse_id=collapse_id))

    assert len(key) == 8
    assert key.isascii()
    assert key.replace("-", "").replace("_", "").isalnum() or set(key) <= {"-", "_"}


# Taps.


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        (ClickKind.OPEN_APP, "", {"clickType": 0}),
        (ClickKind.URL, "https://a.example/聊?id=1#x", {"clickType": 2, "url": "https://a.example/聊?id=1#x"}),
        (ClickKind.ACTIVITY, "com.example.Chat$In", {"clickType": 1, "activity": "com.example.Chat$In"}),
        (ClickKind.INTENT_URI, "app://chat?id=1", {"clickType": 2, "url": "app://chat?id=1"}),
        (
            ClickKind.INTENT_URI,
            "intent://chat/1?x=2#Intent;scheme=app;S.k=v;end",
            {"clickType": 2, "url": "app://chat/1?x=2"},
        ),
        (
            ClickKind.INTENT_URI,
            "intent:#Intent;component=com.example/.Chat;S.k=a%20b;i.n=1;end",
            {"clickType": 1, "activity": "com.example.Chat", "parameters": {"k": "a b"}},
        ),
        (
            ClickKind.INTENT_URI,
            "intent://x#Intent;scheme=app;component=com.example/com.other.Chat;end",
            {"clickType": 1, "activity": "com.other.Chat"},
        ),
    ],
)
def test_a_tap_is_sent_in_meizus_words(kind: ClickKind, value: str, sent: dict[str, Any]) -> None:
    assert click_of(kind, value) == sent


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, ""),
        (ClickKind.URL, "ftp://a.example"),
        (ClickKind.URL, "https://"),
        (ClickKind.URL, "https://a.example/ x"),
        (ClickKind.ACTIVITY, "Chat"),
        (ClickKind.ACTIVITY, ".Chat"),
        (ClickKind.ACTIVITY, "com.example/.Chat"),
        (ClickKind.INTENT_URI, "javascript:alert(1)"),
        (ClickKind.INTENT_URI, "file:///a"),
        (ClickKind.INTENT_URI, "intent://x#Intent;scheme=javascript;end"),
        (ClickKind.INTENT_URI, "intent://x#Intent;action=a.b.C;end"),
        (ClickKind.INTENT_URI, "intent://x"),
        (ClickKind.INTENT_URI, "no link"),
    ],
)
def test_a_badly_formed_tap_does_not_leave(kind: ClickKind, value: str) -> None:
    assert f"click_action {kind}" in refusal_of(click_action=ClickAction(kind, value))


def test_an_intent_action_is_refused_with_what_to_use_instead() -> None:
    assert refusal_of(click_action=ClickAction(ClickKind.INTENT_ACTION, "com.example.OPEN")) == (
        "click_action intent_action is not available at meizu; use activity, or intent_uri with a deep link"
    )


@pytest.mark.parametrize(
    ("kind", "value"), [(ClickKind.URL, "https://a.example/"), (ClickKind.ACTIVITY, "com.example.")]
)
def test_a_tap_is_measured_in_bytes(kind: ClickKind, value: str) -> None:
    fits = value + "a" * (1000 - len(value))

    assert click_of(kind, fits)
    assert (
        refusal_of(click_action=ClickAction(kind, fits + "a"))
        == f"click_action {kind} has 1001 bytes; meizu allows 1000"
    )


def test_a_link_of_chinese_characters_counts_three_bytes_each() -> None:
    assert "bytes; meizu allows 1000" in refusal_of(
        click_action=ClickAction(ClickKind.URL, "https://a.b/" + "文" * 330)
    )


# Custom data.


def test_the_app_gets_each_member_as_a_text_and_the_whole() -> None:
    parameters = click_of(ClickKind.OPEN_APP, "", '{"s": "文", "n": 1.50, "b": true, "o": {"k": [1]}, "z": null}')[
        "parameters"
    ]

    assert parameters == {
        "s": "文",
        "n": "1.50",
        "b": "true",
        "o": '{"k":[1]}',
        "z": "null",
        "ext": '{"s":"文","n":1.50,"b":true,"o":{"k":[1]},"z":null}',
    }


def test_no_number_loses_a_digit_and_no_depth_is_too_deep() -> None:
    deep = "[" * 400 + "]" * 400

    parameters = click_of(ClickKind.OPEN_APP, "", f'{{"big": 123456789012345678901234567890, "deep": {deep}}}')[
        "parameters"
    ]

    assert parameters["big"] == "123456789012345678901234567890"
    assert parameters["deep"] == deep


@given(
    st.dictionaries(
        st.text(max_size=8), st.text(max_size=20) | st.integers() | st.none() | st.lists(st.booleans()), max_size=5
    )
)
def test_any_object_reaches_the_app_whole_and_member_by_member(members: dict[str, object]) -> None:
    parameters = click_of(ClickKind.OPEN_APP, "", json.dumps(members, indent=1))["parameters"]

    assert json.loads(parameters.pop("ext")) == members
    assert parameters == {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in members.items()
        if name != "ext"
    }


def test_custom_data_joins_the_extras_of_an_intent() -> None:
    clicked = click_of(ClickKind.INTENT_URI, "intent:#Intent;component=a.b/.C;S.k=theirs;S.x=1;end", '{"k":"ours"}')

    assert clicked["parameters"] == {"k": "ours", "x": "1", "ext": '{"k":"ours"}'}


def test_custom_data_does_not_go_with_an_address_and_that_is_said() -> None:
    assert click_of(ClickKind.URL, "https://a.example", '{"k":"v"}') == {"clickType": 2, "url": "https://a.example"}
    for action, ext, ignored in (
        (ClickAction(ClickKind.URL, "https://a.example"), '{"k":"v"}', ("ext",)),
        (ClickAction(ClickKind.URL, "https://a.example"), "", ()),
        (OPEN_APP, '{"k":"v"}', ()),
    ):
        content = content_of(push(click_action=action, ext=ext), CREDENTIAL, now=NOW)
        assert isinstance(content, Content)
        assert content.ignored == ignored


def test_custom_data_is_measured_whole_and_member_by_member() -> None:
    fits = json.dumps({"k": "v" * 985})
    over = json.dumps({"k": "v" * 986})

    assert len(json.dumps(click_of(ClickKind.OPEN_APP, "", fits)["parameters"], separators=(",", ":"))) == 1999
    assert refusal_of(ext=over) == "ext takes 2001 bytes, whole and member by member; meizu allows 2000"


@pytest.mark.parametrize("ext", ["[]", "7", "{", "null", " ", '{"k":"\ud83d"}', r'{"k":"\ud83d"}', r'{"\udc00":1}'])
def test_custom_data_is_an_object(ext: str) -> None:
    assert refusal_of(ext=ext) == "ext is not a JSON object"


def test_custom_data_is_counted_without_white_space() -> None:
    assert refusal_of(ext='{"k": "' + "v" * 1000 + '"}') == "ext has 1008 characters; meizu allows 1000"
    assert click_of(ClickKind.OPEN_APP, "", '{"k":' + " " * 2000 + "1}")["parameters"] == {"k": "1", "ext": '{"k":1}'}


def test_half_of_a_surrogate_pair_does_not_leave() -> None:
    assert "surrogate" in refusal_of(title="\ud83d")
    assert "badly formed" in refusal_of(click_action=ClickAction(ClickKind.URL, "https://a.example/\ud83d"))
    intent = "intent:#Intent;component=a.b/.C;S.k=\ud83d;end"
    assert "badly formed" in refusal_of(click_action=ClickAction(ClickKind.INTENT_URI, intent))


# Options.


def test_options_stand_where_meizu_wants_them() -> None:
    options = {
        "noticeBarType": 2.0,
        "noticeExpandContent": "long",
        "offLine": False,
        "suspend": False,
        "clearNoticeBar": False,
        "fixStartDisplayTime": "2026-01-01 08:00:00",
        "fixEndDisplayTime": "2026-01-01 22:00:00",
        "vibrate": False,
        "lights": False,
        "sound": False,
    }

    message = message_of(push(options=options))

    assert message["noticeBarInfo"]["noticeBarType"] == 2
    assert message["noticeExpandInfo"] == {"noticeExpandType": 1, "noticeExpandContent": "long"}
    assert message["pushTimeInfo"] == {"offLine": 0}
    assert message["advanceInfo"] == {
        "suspend": 0,
        "clearNoticeBar": 0,
        "fixDisplay": 1,
        "fixStartDisplayTime": "2026-01-01 08:00:00",
        "fixEndDisplayTime": "2026-01-01 22:00:00",
        "notificationType": {"vibrate": 0, "lights": 0, "sound": 0},
        "notifyKey": "CaZo-XCl",
    }


def test_a_picture_takes_the_place_of_a_long_text() -> None:
    options = {"noticeExpandContent": "long", "noticeExpandImgUrl": "https://open-res.flyme.cn/made-up.png"}

    assert message_of(push(options=options))["noticeExpandInfo"] == {
        "noticeExpandType": 2,
        "noticeExpandImgUrl": "https://open-res.flyme.cn/made-up.png",
    }


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"noticeBarType": 1}, "noticeBarType"),
        ({"noticeBarType": True}, "noticeBarType"),
        ({"noticeExpandContent": ""}, "noticeExpandContent"),
        ({"noticeExpandImgUrl": "a.png"}, "noticeExpandImgUrl"),
        ({"offLine": 0}, "offLine"),
        ({"sound": "no"}, "sound"),
        ({"fixStartDisplayTime": "2026-01-01 08:00:00"}, "fixEndDisplayTime"),
        ({"fixEndDisplayTime": "2026-01-01 08:00:00"}, "fixStartDisplayTime"),
        (
            {"fixStartDisplayTime": "2026-01-01 08:00:00", "fixEndDisplayTime": "2026-01-01 08:00:00"},
            "fixEndDisplayTime",
        ),
        (
            {"fixStartDisplayTime": "2026-02-30 08:00:00", "fixEndDisplayTime": "2026-03-01 08:00:00"},
            "fixStartDisplayTime",
        ),
        ({"extra": {}}, "extra"),
    ],
)
def test_a_bad_option_is_named_and_does_not_leave(options: dict[str, object], field: str) -> None:
    assert [violation.field for violation in meizu.check_options(options)] == [field]
    assert field in refusal_of(options=options)
