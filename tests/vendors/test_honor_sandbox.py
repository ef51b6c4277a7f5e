"""The plug-in through the sender against the sandbox on loopback: what leaves is what stands on the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.vendors.honor_samples import OTHER_PHONE, PHONE, THIRD_PHONE, push
from tests.vendors.line import Line, line_to, maker
from vendors import honor
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind
from vendors.honor import HonorCredential
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    RegistrationInvalid,
    Throttled,
    ThrottleScope,
    Unavailable,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEMO = HonorCredential(
    app_id="104000000",
    client_id="sandbox-client",
    client_secret="sandbox-client-secret",
    package_name="com.example.app",
)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with line_to(maker("honor"), honor, DEMO, phone=PHONE, app_key="app_id") as line:
        yield line


async def test_every_field_stands_on_the_phone(line: Line) -> None:
    options = {
        "image": "https://example.com/a.png",
        "style": 1.0,
        "when": "2026-01-01T08:00:00.5Z",
        "buttons": [
            {"name": "打开", "actionType": 0.0},
            {"name": "Page", "actionType": 1.0, "intentType": 1.0, "intent": "com.x.OPEN", "data": "{}"},
            {"name": "Web", "actionType": 2.0, "intent": "https://example.com/"},
        ],
        "badgeClass": "com.example.app.Main",
        "group": "chat",
        "biTag": "b1",
        "receiptId": "sandbox-receipt",
        "targetUserType": 1.0,
    }
    one = push(
        title="爱丽丝",
        body="你好 👋",
        ext='{"k": {"n": 1.0}}',
        collapse_id="chat-42",
        badge=Badge(BadgeKind.COUNT, 0),
        options=options,
    )

    [outcome] = await line.send(one)
    [shown] = line.bar()

    assert outcome == Accepted(vendor_code="200", vendor_message_id=shown["message_id"])
    assert {key: shown[key] for key in ("title", "text", "channel", "category", "click", "extras")} == {
        "title": "爱丽丝",
        "text": "你好 👋",
        "channel": "",
        "category": "NORMAL",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": {"n": 1.0}},
    }
    assert shown["raw"] == {
        "ttl": "3600s",
        "biTag": "b1",
        "receiptId": "sandbox-receipt",
        "targetUserType": 1,
        "notification": {
            "title": "爱丽丝",
            "body": "你好 👋",
            "importance": "NORMAL",
            "clickAction": {"type": 3},
            "notifyId": 1900078600,
            "image": "https://example.com/a.png",
            "style": 1,
            "bigTitle": "爱丽丝",
            "bigBody": "你好 👋",
            "when": "2026-01-01T08:00:00.5Z",
            "buttons": [
                {"name": "打开", "actionType": 0},
                {"name": "Page", "actionType": 1, "intentType": 1, "intent": "com.x.OPEN", "data": "{}"},
                {"name": "Web", "actionType": 2, "intent": "https://example.com/"},
            ],
            "group": "chat",
            "badge": {"setNum": 0, "badgeClass": "com.example.app.Main"},
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
        (ClickAction(ClickKind.INTENT_URI, "mailto:a@example.com"), "mailto:a@example.com"),
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
    assert shown["text"].rstrip("…") == character * len(shown["text"].rstrip("…"))
    assert len(shown["text"]) > 100
    assert line.violations == 0


@pytest.mark.parametrize("category", Category)
async def test_every_category_has_its_importance(line: Line, category: Category) -> None:
    await line.send(push(category=category))

    is_marketing = category in (Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL)
    assert line.bar()[0]["category"] == ("LOW" if is_marketing else "NORMAL")
    assert line.violations == 0


@pytest.mark.parametrize("partial_code", [200, 80100000])
async def test_each_token_of_a_batch_has_its_own_fate(line: Line, partial_code: int) -> None:
    line.app(partial_code=partial_code)
    line.fault(match={"registration_id": OTHER_PHONE}, effect={"code": 80300007}, times=0)
    line.fault(match={"registration_id": THIRD_PHONE}, effect={"code": 1}, times=0)
    shared = push()

    outcomes = await line.send(
        *(structs.replace(shared, registration_id=phone) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE))
    )

    assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, MessageRejected]
    assert [len(line.bar(phone)) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE)] == [1, 0, 0]
    assert line.mounted.world.counters.paths["/api/v1/{app_id}/sendMessage"] == 1
    assert line.violations == 0


@pytest.mark.parametrize("errors_as_400", [False, True])
async def test_a_dead_phone_is_told_at_once(line: Line, *, errors_as_400: bool) -> None:
    line.app(errors_as_400=errors_as_400)
    phone = line.mounted.world.inbox.phone(PHONE)
    phone.is_dead, phone.dead_answer = True, 80300007

    [outcome] = await line.send(push())

    assert isinstance(outcome, RegistrationInvalid)
    assert outcome.vendor_code == "80300007"


async def test_a_thousand_phones_take_one_call_and_a_phone_that_stands_twice_gets_one(line: Line) -> None:
    shared = push()
    pushes = [structs.replace(shared, registration_id=f"phone-{at % 999}", dedup_id=f"m-{at}") for at in range(1000)]

    outcomes = await line.send(*pushes)

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert line.mounted.world.counters.delivered == 999
    assert line.mounted.world.counters.paths["/api/v1/{app_id}/sendMessage"] == 1
    assert line.violations == 0


@pytest.mark.parametrize("auth_status", [401, 403])
async def test_an_access_token_that_ends_in_mid_stream_is_renewed_once(line: Line, auth_status: int) -> None:
    line.app(auth_status=auth_status)
    await line.send(push(body="one", collapse_id="a"))
    line.fault(match={"kind": "send"}, effect={"expire_token": True})

    [outcome] = await line.send(push(body="two", collapse_id="b"))

    assert isinstance(outcome, Accepted)
    assert [shown["text"] for shown in line.bar()] == ["two", "one"]
    assert line.mounted.world.counters.logins == 2
    assert line.violations == 0


@pytest.mark.parametrize(
    "effect",
    [{"drop": "after"}, {"status": 502, "when": "after"}, {"garbage": "html", "when": "after"}]
    + [{"garbage": kind, "when": "after"} for kind in ("truncated", "empty", "types")],
    ids=str,
)
async def test_an_answer_lost_is_ambiguous_and_the_retry_replaces_what_it_repeats(
    line: Line, effect: dict[str, object]
) -> None:
    line.fault(match={"kind": "send"}, effect=effect)

    [lost] = await line.send(push(dedup_id="m-1"))
    [again] = await line.send(push(dedup_id="m-1"))

    assert isinstance(lost, Unavailable)
    assert lost.ambiguous
    assert isinstance(again, Accepted)
    assert line.mounted.world.counters.delivered == 2
    assert len(line.bar()) == 1


async def test_flow_control_throttles(line: Line) -> None:
    line.fault(match={"kind": "send"}, effect={"status": 503, "retry_after": 2})

    assert await line.send(push()) == [
        Throttled(
            vendor_code="503",
            vendor_reason="HTTP 503",
            advice="too many calls for this app; it is tried again by itself, later each time",
            retry_after=timedelta(seconds=2),
            scope=ThrottleScope.CERT,
        )
    ]


async def test_a_wrong_secret_is_the_certs_fault(line: Line) -> None:
    line.account = replace(line.account, credential=replace(DEMO, client_secret="made-up"))

    refused = await line.sender.access_token(line.account)

    assert isinstance(refused, CredentialRejected)
    assert refused.vendor_code == "unauthorized_client"
    assert "made-up" not in repr(refused)


async def test_a_wrong_app_id_is_the_certs_fault(line: Line) -> None:
    line.account = replace(line.account, credential=replace(DEMO, app_id="999"))

    [outcome] = await line.send(push())

    assert isinstance(outcome, CredentialRejected)
    assert outcome.vendor_code == "10205"
