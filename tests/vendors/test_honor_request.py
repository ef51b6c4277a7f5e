from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.vendors.honor_samples import CREDENTIAL, OTHER_PHONE, PHONE, hand_over, message_in, notification_of, push
from tests.vendors.pushes import NOW
from vendors import honor
from vendors.contract import Category, ClickAction, ClickKind, InvalidCredential
from vendors.outcomes import Accepted, AccessTokenExpired, MessageRejected

IMAGE = "https://example.com/a.png"


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def test_a_send_is_the_worked_body_byte_for_byte() -> None:
    one = push(ext='{"k":"v"}', collapse_id="chat-42", options={"biTag": "b1", "targetUserType": 0.0})

    [request], _ = hand_over([one, structs.replace(one, registration_id=OTHER_PHONE)])

    assert request.method == "POST"
    assert request.url == "https://push-api.cloud.honor.com/api/v1/104000001/sendMessage"
    assert request.headers == {
        "authorization": "Bearer tok-1",
        "content-type": "application/json; charset=UTF-8",
        "timestamp": "1767225600000",
    }
    assert request.body.decode() == (
        '{"data":"{\\"k\\":\\"v\\"}","android":{"ttl":"3600s","biTag":"b1","targetUserType":0,"notification":'
        '{"title":"Hi","body":"你好","importance":"NORMAL","clickAction":{"type":3},"notifyId":1900078600}},'
        '"token":["made-up-token-1","made-up-token-2"]}'
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


def test_options_merged_anew_for_each_phone_still_share_a_call() -> None:
    shared = push(options={"biTag": "b1"})

    requests, _ = hand_over([shared, structs.replace(shared, registration_id=OTHER_PHONE, options={"biTag": "b1"})])

    assert len(requests) == 1


def test_without_an_access_token_nothing_leaves() -> None:
    requests, [outcome] = hand_over([push()], access_token=None)

    assert requests == []
    assert isinstance(outcome, AccessTokenExpired)


# What replaces what.


def test_an_attempt_replaces_an_earlier_one_of_the_same_message() -> None:
    [first], _ = hand_over([push()])
    [later], _ = hand_over([push(dedup_id="m-2", phone=OTHER_PHONE)], now=NOW + timedelta(minutes=5))

    assert message_in(first)["android"]["notification"] == message_in(later)["android"]["notification"]


def test_another_message_of_the_same_words_stands_beside_it() -> None:
    assert notification_of(push(content_id="message-2"))["notifyId"] != notification_of(push())["notifyId"]


def test_a_collapse_id_replaces_across_messages() -> None:
    ids = {notification_of(push(title=title, collapse_id="chat-42"))["notifyId"] for title in ("One", "Two")}

    assert ids == {1900078600}


@given(collapse_id=st.text())
def test_every_notify_id_is_one_honor_takes(collapse_id: str) -> None:
    assert 0 <= notification_of(push(collapse_id=collapse_id))["notifyId"] < 2**31


# Click actions.


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
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
        (
            ClickKind.INTENT_URI,
            "intent://host/path?#Intent;scheme=s;S.k=v;end",
            {"type": 1, "intent": "intent://host/path?#Intent;scheme=s;S.k=v;end"},
        ),
    ],
)
def test_click_actions(kind: ClickKind, value: str, sent: dict[str, object]) -> None:
    assert notification_of(push(click_action=ClickAction(kind, value)))["clickAction"] == sent


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, "http://example.com/"),
        (ClickKind.URL, "https://"),
        (ClickKind.URL, "https://a b"),
        (ClickKind.ACTIVITY, "NoPackage"),
        (ClickKind.ACTIVITY, "com.x.A;end"),
        (ClickKind.INTENT_ACTION, ""),
        (ClickKind.INTENT_URI, "javascript:alert(1)"),
        (ClickKind.INTENT_URI, "file:///etc"),
        (ClickKind.INTENT_URI, "no link"),
        (ClickKind.INTENT_URI, "intent://unended"),
    ],
)
def test_a_click_action_honor_cannot_do_is_not_sent(kind: ClickKind, value: str) -> None:
    assert refusal_of(click_action=ClickAction(kind, value)).startswith(f"click_action {kind} ")


def test_an_activity_needs_the_package() -> None:
    action = ClickAction(ClickKind.ACTIVITY, "com.example.app.Chat")

    requests, [outcome] = hand_over([push(click_action=action)], credential=replace(CREDENTIAL, package_name=""))

    assert requests == []
    assert outcome.advice == "click_action activity needs the app's package: set package_name in the cert"


# Limits.


def test_ext_must_be_an_object_within_its_limit() -> None:
    assert refusal_of(ext="[]") == "ext is not a JSON object"
    assert refusal_of(ext='{"k":"' + "x" * 3000 + '"}') == "ext has 3008 characters; honor allows 3000"


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
    sent = message["android"]["notification"]

    assert len(request.body) - len(json.dumps(message["token"], separators=(",", ":"))) <= 4096
    assert isinstance(outcome, Accepted)
    assert sent["title"] == (title if len(title) <= 200 else title[:199] + "…")
    assert sent["body"] == body or sent["body"] == body[: len(sent["body"]) - 1] + "…"
    assert ("body" in outcome.truncated) == (sent["body"] != body)
    if style:
        assert (sent["bigTitle"], sent["bigBody"]) == (sent["title"], sent["body"])


def test_half_of_a_surrogate_pair_is_not_sent() -> None:
    assert "surrogate" in refusal_of(body="\ud83d")


@pytest.mark.parametrize("category", [Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL])
def test_marketing_has_no_image(category: Category) -> None:
    advice = refusal_of(category=category, options={"image": IMAGE})

    assert advice == f"category {category} is marketing at honor, which may not have an image"


# Options and the credential.


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("image", "http://example.com/a.png"),
        ("style", 2),
        ("style", 0.5),
        ("style", True),
        ("when", "2026-01-01T08:00:00+08:00"),
        ("buttons", []),
        ("buttons", [{"name": "a", "actionType": 0}] * 4),
        ("buttons", [{"name": "a"}]),
        ("buttons", [{"name": "a" * 41, "actionType": 0}]),
        ("buttons", [{"name": "a", "actionType": 1}]),
        ("buttons", [{"name": "a", "actionType": 2, "intent": "http://a"}]),
        ("buttons", [{"name": "a", "actionType": 0, "data": "x" * 1025}]),
        ("buttons", [{"name": "a", "actionType": 0, "more": 1}]),
        ("badgeClass", "Main"),
        ("group", ""),
        ("targetUserType", 2),
    ],
)
def test_an_option_out_of_its_range_is_named_and_not_sent(option: str, value: object) -> None:
    assert [violation.field for violation in honor.check_options({option: value})] == [option]
    assert refusal_of(options={option: value}).startswith(f"{option} ")


def test_the_credential_names_each_faulty_field() -> None:
    raw = {"app_id": "no digits", "client_id": "", "client_secret": "made-up", "package_name": "nodots"}

    with pytest.raises(InvalidCredential) as refused:
        honor.parse_credential(raw)

    assert [violation.field for violation in refused.value.violations] == ["app_id", "client_id", "package_name"]


@pytest.mark.parametrize(
    ("token", "is_well_formed"), [("BAEAAAAAB.jkl-1_2:x", True), ("令牌", False), ("x" * 513, False)]
)
def test_what_a_token_looks_like(token: str, *, is_well_formed: bool) -> None:
    assert (honor.check_registration_id(CREDENTIAL, token) == "") == is_well_formed
