"""The plug-in through the sender against the sandbox on loopback: what leaves is what stands on the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from tests.vendors.huawei_samples import OTHER_PHONE, PHONE, THIRD_PHONE, push
from tests.vendors.line import Line, line_to, maker
from vendors import huawei
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind
from vendors.huawei import HuaweiCredential
from vendors.outcomes import Accepted, CredentialRejected, RegistrationInvalid, Throttled, Unavailable

DEMO = HuaweiCredential(app_id="100000000", app_secret="sandbox-app-secret", package_name="com.example.app")
SEND = "/v1/{app_id}/messages:send"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with line_to(maker("huawei"), huawei, DEMO, phone=PHONE, app_key="app_id") as line:
        yield line


async def test_every_field_stands_on_the_phone(line: Line) -> None:
    options = {
        "image": "https://example.com/a.png",
        "icon": "/raw/chat",
        "color": "#00ff7f",
        "style": 3.0,
        "inbox_content": ["一", "two"],
        "group": "chat",
        "ticker": "A message",
        "when": "2026-01-01T08:00:00.5Z",
        "auto_cancel": False,
        "foreground_show": False,
        "visibility": "SECRET",
        "profile_id": "p-1",
        "buttons": [
            {"name": "打开", "action_type": 0.0},
            {"name": "Page", "action_type": 1.0, "intent_type": 1.0, "intent": "com.x.OPEN"},
            {"name": "Share", "action_type": 4.0, "data": "text"},
        ],
        "badge_class": "com.example.app.Main",
        "collapse_key": 7.0,
        "bi_tag": "b1",
        "receipt_id": "sandbox-receipt",
        "target_user_type": 1.0,
    }
    one = push(
        title="爱丽丝",
        body="你好 👋",
        ext='{"k": {"n": 1.0}}',
        collapse_id="chat-42",
        channel_id="im",
        badge=Badge(BadgeKind.COUNT, 0),
        sound="chime.mp3",
        options=options,
    )

    [outcome] = await line.send(one)
    [shown] = line.bar()

    assert outcome == Accepted(vendor_code="80000000", vendor_message_id=shown["message_id"])
    assert {key: shown[key] for key in ("title", "text", "channel", "category", "click", "extras")} == {
        "title": "爱丽丝",
        "text": "你好 👋",
        "channel": "im",
        "category": "IM",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": {"n": 1.0}},
    }
    assert shown["raw"] == {
        "ttl": "3600s",
        "category": "IM",
        "collapse_key": 7,
        "bi_tag": "b1",
        "receipt_id": "sandbox-receipt",
        "target_user_type": 1,
        "notification": {
            "title": "爱丽丝",
            "body": "你好 👋",
            "click_action": {"type": 3},
            "notify_id": 1900078600,
            "channel_id": "im",
            "badge": {"set_num": 0, "class": "com.example.app.Main"},
            "sound": "/raw/chime",
            "default_sound": False,
            "image": "https://example.com/a.png",
            "icon": "/raw/chat",
            "color": "#00ff7f",
            "style": 3,
            "inbox_content": ["一", "two"],
            "group": "chat",
            "ticker": "A message",
            "when": "2026-01-01T08:00:00.5Z",
            "auto_cancel": False,
            "foreground_show": False,
            "visibility": "SECRET",
            "profile_id": "p-1",
            "buttons": [
                {"name": "打开", "action_type": 0},
                {"name": "Page", "action_type": 1, "intent_type": 1, "intent": "com.x.OPEN"},
                {"name": "Share", "action_type": 4, "data": "text"},
            ],
        },
    }
    assert line.violations == 0


@pytest.mark.parametrize(
    ("action", "opens"),
    [
        (ClickAction(), ""),
        (ClickAction(ClickKind.URL, "https://example.com/chat?id=1#top"), "https://example.com/chat?id=1#top"),
        (ClickAction(ClickKind.ACTIVITY, "com.example.app.ChatActivity"), "com.example.app.ChatActivity"),
        (ClickAction(ClickKind.INTENT_ACTION, "com.example.app.OPEN"), "com.example.app.OPEN"),
        (ClickAction(ClickKind.INTENT_URI, "exampleapp://chat?id=1#top"), "exampleapp://chat?id=1#top"),
        (ClickAction(ClickKind.INTENT_URI, "intent://c#Intent;scheme=app;S.k=v;end"), "app://c"),
    ],
)
async def test_every_click_action_opens_what_it_says(line: Line, action: ClickAction, opens: str) -> None:
    [outcome] = await line.send(push(click_action=action))
    kind = "app" if action.kind is ClickKind.OPEN_APP else str(action.kind)

    assert isinstance(outcome, Accepted)
    assert line.bar()[0]["click"] == {"opens": kind, "value": opens}
    assert line.violations == 0


@pytest.mark.parametrize(("ttl_s", "sent"), [(0.2, "1s"), (1, "1s"), (1_296_000, "1296000s"), (9e6, "1296000s")])
async def test_the_ttl_is_taken_at_both_ends(line: Line, ttl_s: float, sent: str) -> None:
    await line.send(push(ttl=timedelta(seconds=ttl_s)))

    assert line.bar()[0]["raw"]["ttl"] == sent
    assert line.violations == 0


@pytest.mark.parametrize("character", ["a", "文", "👋", '"', "\x01"])
@pytest.mark.parametrize("style", [0, 1])
async def test_the_longest_text_is_taken_as_far_as_the_message_has_room(line: Line, character: str, style: int) -> None:
    one = push(title="题" * 200, body=character * 1000, options={"style": style})

    [outcome] = await line.send(one)
    [shown] = line.bar()

    assert isinstance(outcome, Accepted)
    assert shown["title"] == "题" * 200
    assert outcome.truncated == (() if shown["text"] == one.notification.body else ("body",))
    assert len(shown["text"]) > 100
    assert line.violations == 0


@pytest.mark.parametrize("category", Category)
async def test_every_category_is_one_huawei_knows(line: Line, category: Category) -> None:
    [outcome] = await line.send(push(category=category))

    assert isinstance(outcome, Accepted)
    assert line.violations == 0


@pytest.mark.parametrize("errors_as_200", [False, True])
async def test_each_token_of_a_batch_has_its_own_fate(line: Line, *, errors_as_200: bool) -> None:
    line.app(errors_as_200=errors_as_200)
    line.fault(match={"registration_id": OTHER_PHONE}, effect={"code": 80300007}, times=0)
    shared = push()

    outcomes = await line.send(
        *(structs.replace(shared, registration_id=phone) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE))
    )

    assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, Accepted]
    assert [len(line.bar(phone)) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE)] == [1, 0, 1]
    assert (line.calls, line.violations) == (1, 0)


async def test_a_thousand_phones_take_one_call_and_a_phone_that_stands_twice_gets_one(line: Line) -> None:
    shared = push()
    pushes = [structs.replace(shared, registration_id=f"phone-{at % 999}", dedup_id=f"m-{at}") for at in range(1000)]

    outcomes = await line.send(*pushes)

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert line.mounted.world.counters.delivered == 999
    assert (line.calls, line.violations) == (1, 0)


@pytest.mark.parametrize("errors_as_200", [False, True])
async def test_an_access_token_that_ends_in_mid_stream_is_renewed_once(line: Line, *, errors_as_200: bool) -> None:
    line.app(errors_as_200=errors_as_200)
    await line.send(push(body="one", collapse_id="a"))
    line.fault(match={"kind": "send"}, effect={"expire_token": True})

    [outcome] = await line.send(push(body="two", collapse_id="b"))

    assert isinstance(outcome, Accepted)
    assert [shown["text"] for shown in line.bar()] == ["two", "one"]
    assert line.mounted.world.counters.logins == 2
    assert line.violations == 0


async def test_an_answer_lost_is_ambiguous_and_the_retry_replaces_what_it_repeats(line: Line) -> None:
    line.fault(match={"kind": "send"}, effect={"drop": "after"})

    [lost] = await line.send(push(dedup_id="m-1"))
    [again] = await line.send(push(dedup_id="m-1"))

    assert isinstance(lost, Unavailable)
    assert lost.ambiguous
    assert isinstance(again, Accepted)
    assert line.mounted.world.counters.delivered == 2
    assert len(line.bar()) == 1


async def test_a_rate_that_is_passed_throttles(line: Line) -> None:
    line.app(qps=1)

    first, second = [(await line.send(push(body=body)))[0] for body in ("one", "two")]

    assert isinstance(first, Accepted)
    assert isinstance(second, Throttled)
    assert line.violations == 0


@pytest.mark.parametrize("credential", [replace(DEMO, app_secret="made-up"), replace(DEMO, app_id="999")])
async def test_a_wrong_secret_or_app_is_the_certs_fault(line: Line, credential: HuaweiCredential) -> None:
    line.account = replace(line.account, credential=credential)

    refused = await line.sender.access_token(line.account)

    assert isinstance(refused, CredentialRejected)
    assert refused.vendor_code == "1101/20001"
    assert "made-up" not in repr(refused)
