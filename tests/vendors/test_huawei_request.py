from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.vendors.huawei_samples import CREDENTIAL, OTHER_PHONE, PHONE, hand_over, message_in, push, sent
from vendors import huawei
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, InvalidCredential
from vendors.outcomes import Accepted, AccessTokenExpired, MessageRejected


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def test_a_send_is_the_worked_body_byte_for_byte() -> None:
    one = push(
        ext='{"k":"v"}', collapse_id="chat-42", channel_id="im", options={"bi_tag": "b1", "target_user_type": 0.0}
    )

    [request], _ = hand_over([one, structs.replace(one, registration_id=OTHER_PHONE)])

    assert request.method == "POST"
    assert request.url == "https://push-api.cloud.huawei.com/v1/100000001/messages:send"
    assert request.headers == {
        "authorization": "Bearer tok-1",
        "content-type": "application/json; charset=UTF-8",
    }
    assert request.body.decode() == (
        '{"validate_only":false,"message":{"data":"{\\"k\\":\\"v\\"}","android":{"ttl":"3600s","category":"IM",'
        '"bi_tag":"b1","target_user_type":0,"notification":{"title":"Hi","body":"你好","click_action":{"type":3},'
        '"notify_id":1900078600,"channel_id":"im"}},"token":["made-up-token-1","made-up-token-2"]}}'
    )


def test_a_token_stands_once_and_both_its_pushes_are_settled() -> None:
    shared = push()

    [request], outcomes = hand_over(
        [shared, structs.replace(shared, dedup_id="m-2"), structs.replace(shared, registration_id="x")]
    )

    assert message_in(request)["token"] == [PHONE, "x"]
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3


def test_different_contents_go_by_different_calls() -> None:
    pushes = [push(body="one"), push(OTHER_PHONE, body="two"), push("x", body="one")]

    requests, outcomes = hand_over(pushes)

    assert [message_in(request)["token"] for request in requests] == [[PHONE, "x"], [OTHER_PHONE]]
    assert len(outcomes) == 3


def test_without_an_access_token_nothing_leaves() -> None:
    requests, [outcome] = hand_over([push()], access_token=None)

    assert requests == []
    assert isinstance(outcome, AccessTokenExpired)


# What the neutral words become.


@pytest.mark.parametrize(
    ("kind", "value", "click"),
    [
        (ClickKind.OPEN_APP, "", {"type": 3}),
        (ClickKind.URL, "https://example.com/?a=1", {"type": 2, "url": "https://example.com/?a=1"}),
        (
            ClickKind.ACTIVITY,
            "com.example.app.Chat",
            {
                "type": 1,
                "intent": "intent:#Intent;component=com.example.app/com.example.app.Chat;launchFlags=0x4000000;end",
            },
        ),
        (ClickKind.INTENT_ACTION, "com.x.ACTION", {"type": 1, "action": "com.x.ACTION"}),
        (
            ClickKind.INTENT_URI,
            "app://host/path?a=1",
            {"type": 1, "intent": "intent://host/path?a=1#Intent;scheme=app;launchFlags=0x4000000;end"},
        ),
    ],
)
def test_click_actions(kind: ClickKind, value: str, click: dict[str, object]) -> None:
    assert sent(click_action=ClickAction(kind, value))["notification"]["click_action"] == click


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, "http://example.com/"),
        (ClickKind.ACTIVITY, "NoPackage"),
        (ClickKind.INTENT_ACTION, ""),
        (ClickKind.INTENT_URI, "javascript:alert(1)"),
    ],
)
def test_a_click_action_huawei_cannot_do_is_not_sent(kind: ClickKind, value: str) -> None:
    assert refusal_of(click_action=ClickAction(kind, value)).startswith(f"click_action {kind} ")


def test_an_activity_needs_the_package() -> None:
    action = ClickAction(ClickKind.ACTIVITY, "com.example.app.Chat")

    requests, [outcome] = hand_over([push(click_action=action)], credential=replace(CREDENTIAL, package_name=""))

    assert requests == []
    assert outcome.advice == "click_action activity needs the app's package: set package_name in the cert"


@pytest.mark.parametrize(
    ("badge", "options", "members"),
    [
        (Badge(BadgeKind.COUNT, 0), {}, {"set_num": 0}),
        (Badge(BadgeKind.COUNT, 99), {"badge_class": "com.x.Main"}, {"set_num": 99, "class": "com.x.Main"}),
        (Badge(BadgeKind.INCREMENT), {"badge_class": "com.x.Main"}, {"add_num": 1, "class": "com.x.Main"}),
        (None, {"badge_class": "com.x.Main"}, None),
    ],
)
def test_a_badge_has_its_class(badge: Badge | None, options: dict[str, object], members: object) -> None:
    assert sent(badge=badge, options=options)["notification"].get("badge") == members


def test_a_sound_is_a_resource_of_the_app_in_place_of_the_phones_own() -> None:
    notification = sent(sound="chime.mp3")["notification"]

    assert (notification["sound"], notification["default_sound"]) == ("/raw/chime", False)


@pytest.mark.parametrize(
    ("category", "name"),
    [
        (Category.IM, "IM"),
        (Category.ACCOUNT, "ACCOUNT"),
        (Category.TODO, "WORK"),
        (Category.ORDER, "EXPRESS"),
        (Category.DEVICE, "DEVICE_REMINDER"),
        (Category.SUBSCRIPTION, "SUBSCRIPTION"),
        (Category.NEWS, "MARKETING"),
        (Category.CONTENT, "MARKETING"),
        (Category.MARKETING, "MARKETING"),
        (Category.SOCIAL, "MARKETING"),
    ],
)
def test_categories(category: Category, name: str) -> None:
    assert sent(category=category)["category"] == name


# Limits.


def test_ext_must_be_an_object_within_its_limit() -> None:
    assert refusal_of(ext="[]") == "ext is not a JSON object"
    assert refusal_of(ext='{"k":"' + "x" * 3000 + '"}') == "ext has 3008 characters; huawei allows 3000"


def test_a_message_too_large_even_without_a_body_is_not_sent() -> None:
    ext = '{"k":"' + "文" * 1400 + '"}'

    assert refusal_of(ext=ext) == "the message has more than 4096 bytes even without a body; shorten ext"


@given(
    title=st.text(st.characters(codec="utf-8"), min_size=1, max_size=300),
    body=st.text(st.characters(codec="utf-8"), min_size=1) | st.integers(1, 2000).map("👋".__mul__),
    style=st.sampled_from([0, 1]),
)
def test_every_text_survives_and_fits(title: str, body: str, style: int) -> None:
    [request], [outcome] = hand_over([push(title=title, body=body, options={"style": style})])
    message = message_in(request)
    shown = message["android"]["notification"]

    assert len(request.body) - len(json.dumps(message["token"], separators=(",", ":"))) <= 4096
    assert isinstance(outcome, Accepted)
    assert shown["title"] == (title if len(title) <= 200 else title[:199] + "…")
    assert shown["body"] == body or shown["body"] == body[: len(shown["body"]) - 1] + "…"
    assert ("body" in outcome.truncated) == (shown["body"] != body)
    if style:
        assert (shown["big_title"], shown["big_body"]) == (shown["title"], shown["body"])


def test_half_of_a_surrogate_pair_is_not_sent() -> None:
    assert "surrogate" in refusal_of(body="\ud83d")


# Options and the credential.


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"image": "http://example.com/a.png"}, "image"),
        ({"icon": "chat.png"}, "icon"),
        ({"color": "red"}, "color"),
        ({"style": 2}, "style"),
        ({"style": True}, "style"),
        ({"style": 3}, "inbox_content"),
        ({"inbox_content": []}, "inbox_content"),
        ({"inbox_content": ["x" * 1025]}, "inbox_content"),
        ({"when": "2026-01-01T08:00:00+08:00"}, "when"),
        ({"visibility": "HIDDEN"}, "visibility"),
        ({"auto_cancel": 1}, "auto_cancel"),
        ({"profile_id": "x" * 65}, "profile_id"),
        ({"buttons": [{"name": "a"}]}, "buttons"),
        ({"buttons": [{"name": "a", "action_type": 1, "intent": "a"}]}, "buttons"),
        ({"buttons": [{"name": "a", "action_type": 2, "intent": "http://a"}]}, "buttons"),
        ({"buttons": [{"name": "a", "action_type": 4}]}, "buttons"),
        ({"buttons": [{"name": "a", "action_type": 0}] * 4}, "buttons"),
        ({"badge_class": "Main"}, "badge_class"),
        ({"collapse_key": 101}, "collapse_key"),
        ({"target_user_type": 2}, "target_user_type"),
        ({"receipt_id": ""}, "receipt_id"),
    ],
)
def test_an_option_out_of_its_range_is_named_and_not_sent(options: dict[str, object], field: str) -> None:
    assert [violation.field for violation in huawei.check_options(options)] == [field]
    assert refusal_of(options=options).startswith(f"{field} ")


def test_the_credential_names_each_faulty_field() -> None:
    raw = {"app_id": "no digits", "app_secret": "", "package_name": "nodots"}

    with pytest.raises(InvalidCredential) as refused:
        huawei.parse_credential(raw)

    assert [violation.field for violation in refused.value.violations] == ["app_id", "app_secret", "package_name"]
