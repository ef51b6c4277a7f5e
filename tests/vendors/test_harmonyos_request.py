from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.vendors.harmonyos_samples import (
    OTHER_PHONE,
    PHONE,
    hand_over,
    message_in,
    notification_of,
    push,
    without_signature,
)
from tests.vendors.pushes import NOW
from vendors import harmonyos
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind
from vendors.outcomes import Accepted, MessageRejected

# By SHA-256 of the collapse id and of the content id.
CHAT_42 = 1900078600
MESSAGE_1 = "9deb880b43bdf6f465a0afb130aed71b"


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def test_a_send_is_the_worked_body_byte_for_byte() -> None:
    one = push(ext='{"k": 1.0}', collapse_id="chat-42", options={"biTag": "b1", "testMessage": False})

    [request], _ = hand_over([one, structs.replace(one, registration_id=OTHER_PHONE)])

    assert request.method == "POST"
    assert request.url == "https://push-api.cloud.huawei.com/v3/100000000000000002/messages:send"
    assert without_signature(request).headers == {
        "authorization": (
            "Bearer eyJraWQiOiJraWQtMDAwMSIsInR5cCI6IkpXVCIsImFsZyI6IlBTMjU2In0."
            "eyJhdWQiOiJodHRwczovL29hdXRoLWxvZ2luLmNsb3VkLmh1YXdlaS5jb20vb2F1dGgyL3YzL3Rva2VuIiwiaXNzIjoiMTAwMDAwMDAx"
            "IiwiZXhwIjoxNzY3MjI5MjAwLCJpYXQiOjE3NjcyMjU2MDB9"
        ),
        "content-type": "application/json",
        "push-type": "0",
    }
    assert request.body.decode() == (
        '{"payload":{"notification":{"category":"IM","title":"Hi","body":"你好","clickAction":{"actionType":0,'
        f'"data":{{"k":1.0}}}},"notifyId":{CHAT_42},"appMessageId":"{MESSAGE_1}"}}}},'
        '"pushOptions":{"ttl":3600,"testMessage":false,"biTag":"b1"},'
        '"target":{"token":["made-up-token-1","made-up-token-2"]}}'
    )


def test_a_token_stands_once_and_both_its_pushes_are_settled() -> None:
    shared = push()

    [request], outcomes = hand_over(
        [shared, structs.replace(shared, dedup_id="m-2"), structs.replace(shared, registration_id="x")]
    )

    assert message_in(request)["target"] == {"token": [PHONE, "x"]}
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3


def test_different_contents_go_by_different_calls() -> None:
    pushes = [push(body="one"), push(OTHER_PHONE, body="two"), push("x", body="one")]

    requests, outcomes = hand_over(pushes)

    assert [message_in(request)["target"]["token"] for request in requests] == [[PHONE, "x"], [OTHER_PHONE]]
    assert len(outcomes) == 3


def test_a_test_message_takes_a_call_for_every_ten_phones() -> None:
    shared = push(options={"testMessage": True})

    requests, outcomes = hand_over([structs.replace(shared, registration_id=f"phone-{at}") for at in range(21)])

    assert [len(message_in(request)["target"]["token"]) for request in requests] == [10, 10, 1]
    assert len(outcomes) == 21


# What replaces and what repeats.


def test_an_attempt_says_the_same_as_an_earlier_one_of_its_message() -> None:
    [first], _ = hand_over([push()])
    [later], _ = hand_over([push(dedup_id="m-2", phone=OTHER_PHONE)], now=NOW + timedelta(minutes=5))

    assert message_in(first)["payload"] == message_in(later)["payload"]


def test_another_message_of_the_same_words_is_no_repeat_and_stands_beside_it() -> None:
    one, another = notification_of(push()), notification_of(push(content_id="message-2"))

    assert one["appMessageId"] != another["appMessageId"]
    assert one["notifyId"] != another["notifyId"]


def test_without_a_content_id_the_dedup_id_tells_messages_apart() -> None:
    ids = {notification_of(push(content_id="", dedup_id=dedup_id))["appMessageId"] for dedup_id in ("m-1", "m-2")}

    assert len(ids) == 2


def test_a_collapse_id_replaces_across_messages_and_makes_no_repeats_of_them() -> None:
    both = [notification_of(push(content_id=content_id, collapse_id="chat-42")) for content_id in ("one", "two")]

    assert {one["notifyId"] for one in both} == {CHAT_42}
    assert len({one["appMessageId"] for one in both}) == 2


@given(collapse_id=st.text(), content_id=st.text())
def test_every_id_is_one_huawei_takes(collapse_id: str, content_id: str) -> None:
    sent = notification_of(push(collapse_id=collapse_id, content_id=content_id))

    assert 0 <= sent["notifyId"] < 2**31
    assert len(sent["appMessageId"]) == 32
    assert set(sent["appMessageId"]) <= set("0123456789abcdef")


# Click actions, badge, sound.


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        (ClickKind.OPEN_APP, "", {"actionType": 0}),
        (ClickKind.INTENT_ACTION, "com.x.ACTION", {"actionType": 1, "action": "com.x.ACTION"}),
        (ClickKind.INTENT_URI, "app://host/path?a=1", {"actionType": 1, "uri": "app://host/path?a=1"}),
        (ClickKind.INTENT_URI, "https://example.com/a", {"actionType": 1, "uri": "https://example.com/a"}),
    ],
)
def test_click_actions(kind: ClickKind, value: str, sent: dict[str, object]) -> None:
    assert notification_of(push(click_action=ClickAction(kind, value)))["clickAction"] == sent


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, "https://example.com/"),
        (ClickKind.ACTIVITY, "com.example.app.Chat"),
        (ClickKind.INTENT_ACTION, ""),
        (ClickKind.INTENT_ACTION, "a b"),
        (ClickKind.INTENT_URI, "javascript:alert(1)"),
        (ClickKind.INTENT_URI, "File:///etc"),
        (ClickKind.INTENT_URI, "no link"),
        (ClickKind.INTENT_URI, "intent://host#Intent;scheme=app;end"),
    ],
)
def test_a_click_action_harmonyos_cannot_do_is_not_sent(kind: ClickKind, value: str) -> None:
    assert refusal_of(click_action=ClickAction(kind, value)).startswith(f"click_action {kind} ")


def test_ext_is_handed_to_the_app_with_the_tap_as_it_was_written() -> None:
    ext = '{"n": 123456789012345678901234567890, "f": 1.0}'

    [request], _ = hand_over([push(ext=ext, click_action=ClickAction(ClickKind.INTENT_ACTION, "com.x.A"))])

    assert b'"data":{"n":123456789012345678901234567890,"f":1.0}' in request.body


@pytest.mark.parametrize(
    ("badge", "sent"),
    [
        (Badge(BadgeKind.COUNT, 0), {"setNum": 0}),
        (Badge(BadgeKind.COUNT, 99), {"setNum": 99}),
        (Badge(BadgeKind.INCREMENT), {"addNum": 1}),
    ],
)
def test_badges(badge: Badge, sent: dict[str, int]) -> None:
    assert notification_of(push(badge=badge))["badge"] == sent


def test_without_a_badge_and_a_sound_neither_stands_there() -> None:
    assert not notification_of(push()).keys() & {"badge", "sound", "soundDuration"}


def test_how_long_a_sound_plays_goes_with_a_sound_only() -> None:
    options = {"soundDuration": 3.0}

    with_sound = notification_of(push(sound="chime.mp3", options=options))

    assert (with_sound["sound"], with_sound["soundDuration"]) == ("chime.mp3", 3)
    assert "soundDuration" not in notification_of(push(options=options))


def test_big_text_repeats_title_and_body_and_lines_come_before_it() -> None:
    big = notification_of(push(options={"style": 1.0}))
    lines = notification_of(push(options={"style": 1.0, "inboxContent": ["one", "two"]}))

    assert (big["style"], big["bigTitle"], big["bigBody"]) == (1, "Hi", "你好")
    assert (lines["style"], lines["inboxContent"]) == (3, ["one", "two"])
    assert "bigBody" not in lines


@pytest.mark.parametrize(
    ("category", "sent"),
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
def test_categories(category: Category, sent: str) -> None:
    assert notification_of(push(category=category))["category"] == sent


# Limits.


def test_ext_must_be_an_object_within_its_limit() -> None:
    assert refusal_of(ext="[]") == "ext is not a JSON object"
    assert refusal_of(ext='{"k":"' + "x" * 3000 + '"}') == "ext has 3008 characters; harmonyos allows 3000"


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
    message = json.loads(request.body)
    sent = message["payload"]["notification"]

    assert len(request.body) - len(json.dumps(message["target"]["token"], separators=(",", ":"))) <= 4096
    assert isinstance(outcome, Accepted)
    assert sent["title"] == (title if len(title) <= 200 else title[:199] + "…")
    assert sent["body"] == body or sent["body"] == body[: len(sent["body"]) - 1] + "…"
    assert ("body" in outcome.truncated) == (sent["body"] != body)
    if style:
        assert (sent["bigTitle"], sent["bigBody"]) == (sent["title"], sent["body"])


@pytest.mark.parametrize("fields", [{"body": "\ud83d"}, {"sound": "\ud83d"}, {"options": {"receiptId": "\ud83d"}}])
def test_half_of_a_surrogate_pair_is_not_sent(fields: dict[str, Any]) -> None:
    assert "surrogate" in refusal_of(**fields)


@pytest.mark.parametrize(("ttl_s", "sent"), [(0.2, 1), (1, 1), (1_296_000, 1_296_000), (9e6, 1_296_000)])
def test_the_ttl_is_a_whole_number_within_its_range(ttl_s: float, sent: int) -> None:
    [request], _ = hand_over([push(ttl=timedelta(seconds=ttl_s))])

    assert message_in(request)["pushOptions"] == {"ttl": sent}


# Options.


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("image", "http://example.com/a.png"),
        ("style", 3),
        ("style", 0.5),
        ("style", True),
        ("inboxContent", []),
        ("inboxContent", ["a"] * 4),
        ("inboxContent", ["a" * 1025]),
        ("inboxContent", [" "]),
        ("profileId", "x" * 65),
        ("profileId", ""),
        ("soundDuration", 0),
        ("soundDuration", 61),
        ("foregroundShow", 1),
        ("testMessage", "true"),
        ("biTag", "题" * 22),
        ("receiptId", " "),
        ("collapseKey", 101),
        ("collapseKey", -2),
    ],
)
def test_an_option_out_of_its_range_is_named_and_not_sent(option: str, value: object) -> None:
    assert [violation.field for violation in harmonyos.check_options({option: value})] == [option]
    assert refusal_of(options={option: value}).startswith(f"{option} ")
