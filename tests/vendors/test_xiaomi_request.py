from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.xiaomi_samples import (
    CREDENTIAL,
    OTHER_PHONE,
    PHONE,
    fields_of,
    form_of,
    hand_over,
    phones,
    push,
    refusal_of,
)
from vendors import xiaomi
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, InvalidCredential
from vendors.outcomes import Accepted

DAY_MS = 86_400_000


def test_one_push_is_the_worked_body_byte_for_byte() -> None:
    one = push("regA==", title="订单更新", body="您的订单已发货 & 5%", ext='{"k":"v 1"}', ttl=timedelta(days=1))

    [request], _ = hand_over([one])

    assert request.method == "POST"
    assert request.url == "https://api.xmpush.xiaomi.com/v3/message/regid"
    assert request.headers == {
        "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        "authorization": "key=made-up-secret==",
    }
    assert request.body == (
        b"registration_id=regA%3D%3D&restricted_package_name=com.example.app"
        b"&title=%E8%AE%A2%E5%8D%95%E6%9B%B4%E6%96%B0"
        b"&description=%E6%82%A8%E7%9A%84%E8%AE%A2%E5%8D%95%E5%B7%B2%E5%8F%91%E8%B4%A7+%26+5%25"
        b"&payload=%7B%22k%22%3A%22v+1%22%7D&pass_through=0&notify_type=-1&notify_id=817399298&time_to_live=86400000"
        b"&extra.notify_effect=1&extra.channel_id=100001&extra.jobkey=URQ3I4WL"
    )


def test_phones_of_one_message_share_a_call_and_each_stands_in_it_once() -> None:
    pushes = [push(PHONE), push(OTHER_PHONE, dedup_id="d-2"), push(PHONE, dedup_id="d-3")]

    [request], outcomes = hand_over(pushes)

    assert form_of(request)["registration_id"] == "regA+/w==,regB=="
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3


def test_a_thousand_phones_are_one_call() -> None:
    [request], outcomes = hand_over(phones(1000))

    assert len(form_of(request)["registration_id"].split(",")) == 1000
    assert len(outcomes) == 1000


def test_different_messages_are_one_call_byte_for_byte() -> None:
    one = push("regA==", title="a", body="b", ext="{}", ttl=timedelta(days=1))
    other = push("regB==", title="c", body="d", content_id="m-2", badge=Badge(BadgeKind.COUNT, 7))

    [request], outcomes = hand_over([one, other])

    assert request.url == "https://api.xmpush.xiaomi.com/v2/multi_messages/regids"
    assert request.body.startswith(
        b"messages=%5B%7B%22target%22%3A%22regA%3D%3D%22%2C%22message%22%3A%7B%22restricted_package_name%22%3A"
    )
    form = form_of(request)
    assert form["time_to_send"] == "0"
    assert json.loads(form["messages"]) == [
        {
            "target": "regA==",
            "message": {
                "restricted_package_name": "com.example.app",
                "title": "a",
                "description": "b",
                "payload": "{}",
                "pass_through": 0,
                "notify_type": -1,
                "notify_id": 817399298,
                "time_to_live": 86400000,
                "extra": {"notify_effect": "1", "channel_id": "100001", "jobkey": "URQ3I4WL"},
            },
        },
        {
            "target": "regB==",
            "message": {
                "restricted_package_name": "com.example.app",
                "title": "c",
                "description": "d",
                "pass_through": 0,
                "notify_type": -1,
                "notify_id": 270942445,
                "time_to_live": 3600000,
                "extra": {"notify_effect": "1", "channel_id": "100001", "jobkey": "RLRKIEEV", "badge": "7"},
            },
        },
    ]
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]


def test_a_content_for_several_phones_goes_apart_from_those_for_one() -> None:
    pushes = [push("regA=="), push("regC==", content_id="m-2"), push("regB=="), push("regD==", content_id="m-3")]

    many, alone = hand_over(pushes)[0]

    assert form_of(many)["registration_id"] == "regA==,regB=="
    assert [each["target"] for each in json.loads(form_of(alone)["messages"])] == ["regC==", "regD=="]


def test_a_single_message_needs_no_list() -> None:
    requests, _ = hand_over([push("regA=="), push("regB=="), push("regC==", content_id="m-2")])

    assert [form_of(request)["registration_id"] for request in requests] == ["regA==,regB==", "regC=="]


def test_a_retry_for_fewer_phones_has_the_same_jobkey_and_notify_id() -> None:
    [first], _ = hand_over(phones(3))
    [retry], _ = hand_over(phones(3)[1:2])

    for name in ("extra.jobkey", "notify_id"):
        assert form_of(first)[name] == form_of(retry)[name]


def test_pushes_without_a_content_id_stay_two_under_their_dedup_ids() -> None:
    pushes = [push(dedup_id=name, content_id="") for name in ("d-1", "d-2")]

    [request], outcomes = hand_over(pushes)

    messages = json.loads(form_of(request)["messages"])
    assert len({each["message"]["extra"]["jobkey"] for each in messages}) == 2
    assert len(outcomes) == 2


def test_two_messages_of_one_collapse_id_replace_each_other_and_are_both_shown() -> None:
    older, newer = (fields_of(push(collapse_id="chat-42", content_id=name)) for name in ("m-1", "m-2"))

    assert older["notify_id"] == newer["notify_id"]
    assert older["extra.jobkey"] != newer["extra.jobkey"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (ClickAction(), {"extra.notify_effect": "1"}),
        (
            ClickAction(ClickKind.URL, "https://example.com/a?b=1&c=2"),
            {"extra.notify_effect": "3", "extra.web_uri": "https://example.com/a?b=1&c=2"},
        ),
        (
            ClickAction(ClickKind.ACTIVITY, ".DetailActivity"),
            {
                "extra.notify_effect": "2",
                "extra.intent_uri": "intent:#Intent;component=com.example.app/.DetailActivity;end",
            },
        ),
        (
            ClickAction(ClickKind.ACTIVITY, "com.example.app.Chat$Inner"),
            {
                "extra.notify_effect": "2",
                "extra.intent_uri": "intent:#Intent;component=com.example.app/com.example.app.Chat$Inner;end",
            },
        ),
        (
            ClickAction(ClickKind.INTENT_ACTION, "com.example.app.OPEN;1"),
            {"extra.notify_effect": "2", "extra.intent_uri": "intent:#Intent;action=com.example.app.OPEN%3B1;end"},
        ),
        (
            ClickAction(ClickKind.INTENT_URI, "app://host/path?x=1"),
            {"extra.notify_effect": "2", "extra.intent_uri": "intent://host/path?x=1#Intent;scheme=app;end"},
        ),
        (
            ClickAction(ClickKind.INTENT_URI, "intent:#Intent;component=com.example.app/.DetailActivity;S.k=v;end"),
            {
                "extra.notify_effect": "2",
                "extra.intent_uri": "intent:#Intent;component=com.example.app/.DetailActivity;S.k=v;end",
            },
        ),
    ],
    ids=lambda value: str(getattr(value, "value", "")) or "open_app",
)
def test_a_click_action_is_an_effect_and_its_partner(action: ClickAction, fields: dict[str, str]) -> None:
    sent = fields_of(push(click_action=action))

    clicks = ("extra.notify_effect", "extra.intent_uri", "extra.web_uri")
    assert {name: sent[name] for name in clicks if name in sent} == fields


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, "ftp://example.com"),
        (ClickKind.URL, "https://"),
        (ClickKind.URL, ""),
        (ClickKind.ACTIVITY, "Chat"),
        (ClickKind.ACTIVITY, "a.b;end"),
        (ClickKind.INTENT_ACTION, "a b"),
        (ClickKind.INTENT_URI, "javascript:alert(1)"),
        (ClickKind.INTENT_URI, "intent://host/path"),
        (ClickKind.INTENT_URI, "no scheme"),
    ],
)
def test_a_badly_formed_click_action_is_not_sent(kind: ClickKind, value: str) -> None:
    assert refusal_of(push(click_action=ClickAction(kind, value))) == f"click_action {kind} is badly formed"


def test_ext_is_in_the_payload_and_on_request_in_the_intent_too() -> None:
    click = ClickAction(ClickKind.ACTIVITY, ".Chat")
    sent = fields_of(push(ext='{"k": "你"}', click_action=click, options={"intent_ext": True}))

    assert sent["payload"] == '{"k": "你"}'
    assert sent["extra.intent_uri"] == (
        "intent:#Intent;component=com.example.app/.Chat;S.ext=%7B%22k%22%3A%20%22%E4%BD%A0%22%7D;end"
    )
    assert "extra.intent_ext" not in sent


def test_ext_is_measured_in_bytes() -> None:
    fits = '{"k":"' + "你" * 1362 + '12"}'

    assert len(fits.encode()) == 4096
    assert fields_of(push(ext=fits))["payload"] == fits
    assert refusal_of(push(ext=fits.replace("12", "123"))) == "ext has 4097 bytes; xiaomi allows 4096"
    assert refusal_of(push(ext="[]")) == "ext is not a JSON object"


@pytest.mark.parametrize(
    ("category", "ttl", "sent"),
    [
        (Category.IM, timedelta(), 1000),
        (Category.IM, timedelta(days=-1), 1000),
        (Category.IM, timedelta(milliseconds=1500), 1500),
        (Category.IM, timedelta(days=10), 10 * DAY_MS),
        (Category.IM, timedelta(days=10, milliseconds=1), 10 * DAY_MS),
        (Category.NEWS, timedelta(days=2), DAY_MS),
        (Category.MARKETING, timedelta(hours=1), DAY_MS // 24),
    ],
)
def test_the_time_to_live_is_what_is_left_in_milliseconds(category: Category, ttl: timedelta, sent: int) -> None:
    assert fields_of(push(category=category, ttl=ttl))["time_to_live"] == str(sent)


def test_options_become_texts_of_their_own_names() -> None:
    options = {
        "notify_type": 3.0,
        "notify_foreground": False,
        "only_send_once": True,
        "template_id": "t-1",
        "template_param": {"who": "爱丽丝"},
        "extra": {"chat": "42"},
    }
    sent = fields_of(push(options=options))

    assert sent["notify_type"] == "3"
    assert {name: value for name, value in sent.items() if name.startswith("extra.")} == {
        "extra.notify_effect": "1",
        "extra.channel_id": "100001",
        "extra.jobkey": sent["extra.jobkey"],
        "extra.notify_foreground": "0",
        "extra.only_send_once": "1",
        "extra.template_id": "t-1",
        "extra.template_param": '{"who":"爱丽丝"}',
        "extra.chat": "42",
    }


def test_a_badge_is_set_and_a_sound_is_a_resource_of_the_app() -> None:
    sent = fields_of(push(badge=Badge(BadgeKind.COUNT, 7), sound="chime.mp3"))

    assert sent["extra.badge"] == "7"
    assert sent["extra.sound_uri"] == "android.resource://com.example.app/raw/chime"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"notify_type": 8}, "notify_type"),
        ({"notify_type": True}, "notify_type"),
        ({"notify_foreground": 1}, "notify_foreground"),
        ({"template_param": {"who": "Alice"}}, "template_id"),
        ({"template_id": "t", "template_param": {"who": "🙂"}}, "template_param"),
        ({"template_id": "t", "template_param": {"who": "x" * 129}}, "template_param"),
        ({"template_id": "t", "template_param": {"who": " "}}, "template_param"),
        ({"template_id": "t", "template_param": {"who": 1}}, "template_param"),
        ({"connpt": "5g"}, "connpt"),
        ({"notification_style_type": 2}, "notification_bigPic_uri"),
        ({"notification_bigPic_uri": "p.png"}, "notification_bigPic_uri"),
        ({"extra": {"channel_id": "1"}}, "extra"),
        ({"extra": {"": "1"}}, "extra"),
        ({"extra": {"k": 1}}, "extra"),
        ({"extra": {str(number): "" for number in range(11)}}, "extra"),
        ({"callback": "https://example.com"}, "callback"),
    ],
)
def test_an_option_out_of_range_is_named_and_not_sent(options: dict[str, object], field: str) -> None:
    assert [violation.field for violation in xiaomi.check_options(options)] == [field]
    assert refusal_of(push(options=options)).startswith(field)


def test_the_extra_pairs_have_a_limit_of_their_own_and_one_with_the_template() -> None:
    own = {"notify_effect": "1", "channel_id": "100001", "jobkey": "URQ3I4WL"}
    used = sum(len(name) + len(value) for name, value in own.items())
    room = 1024 - used - len("k")

    assert fields_of(push(options={"extra": {"k": "字" * room}}))["extra.k"] == "字" * room
    assert "1025 characters; xiaomi allows 1024" in refusal_of(push(options={"extra": {"k": "字" * (room + 1)}}))
    template = {"template_id": "t", "template_param": {str(at): "字" * 128 for at in range(9)}}
    assert "xiaomi allows 2047" in refusal_of(push(options={"extra": {"k": "字" * room}, **template}))


def test_what_xiaomi_takes_nothing_without_is_asked_for() -> None:
    assert refusal_of(push(channel_id="")).startswith("channel_id is empty")
    assert refusal_of(push(title=" ")) == "title and body must not be blank"
    assert "half of a surrogate pair" in refusal_of(push(title="\ud83d"))


@pytest.mark.parametrize("package", ["app", "com.", "com.1a", "com.exa mple", "com.example;x"])
def test_a_package_name_must_be_one(package: str) -> None:
    with pytest.raises(InvalidCredential) as refusal:
        xiaomi.parse_credential({"app_secret": "made-up", "package_name": package})

    assert [violation.field for violation in refusal.value.violations] == ["package_name"]


@pytest.mark.parametrize("phone", ["abc", "a,b,c", "reg A==", "x" * 257])
def test_a_registration_id_of_another_shape_is_refused(phone: str) -> None:
    assert "is not a Xiaomi registration id" in xiaomi.check_registration_id(CREDENTIAL, phone)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=49).filter(str.strip))
def test_any_title_within_the_limit_arrives_whole(text: str) -> None:
    assert fields_of(push(title=text))["title"] == text


@given(seconds=st.floats(-1e6, 1e8), more=st.floats(0, 1e6))
def test_a_longer_time_to_live_is_never_sent_as_a_shorter_one(seconds: float, more: float) -> None:
    shorter, longer = (
        int(fields_of(push(ttl=timedelta(seconds=left)))["time_to_live"]) for left in (seconds, seconds + more)
    )

    assert 1000 <= shorter <= longer <= 10 * DAY_MS
