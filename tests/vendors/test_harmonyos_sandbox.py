"""The plug-in through the sender against the sandbox on loopback: what leaves is what stands on the phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from msgspec import structs

from tests.vendors.harmonyos_samples import KEY, OTHER_PHONE, PHONE, THIRD_PHONE, push
from tests.vendors.line import Line, line_to, maker
from tests.vendors.pushes import NOW
from vendors import harmonyos
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    ThrottleScope,
    Unavailable,
)

PROJECT = "100000000000000001"
SEND = "/v3/{project_id}/messages:send"
# By SHA-256 of the collapse id and of the content id.
CHAT_42 = 1900078600
MESSAGE_1 = "9deb880b43bdf6f465a0afb130aed71b"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    made = maker("harmonyos")
    [demo] = made.simulator.apps()
    credential = harmonyos.parse_credential(
        {"project_id": PROJECT, "service_account": cast("str", demo["service_account"])}
    )
    async with line_to(made, harmonyos, credential, phone=PHONE, app_key="project_id") as line:
        yield line


async def test_every_field_stands_on_the_phone(line: Line) -> None:
    options = {
        "image": "https://example.com/a.png",
        "style": 1.0,
        "profileId": "made-up-user",
        "soundDuration": 5.0,
        "foregroundShow": False,
        "testMessage": True,
        "biTag": "b1",
        "receiptId": "made-up-receipt",
        "collapseKey": 7.0,
    }
    one = push(
        title="爱丽丝",
        body="你好 👋",
        ext='{"k": {"n": 1.0}}',
        collapse_id="chat-42",
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
        "channel": "",
        "category": "IM",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": {"n": 1.0}},
    }
    assert shown["raw"] == {
        "notification": {
            "category": "IM",
            "title": "爱丽丝",
            "body": "你好 👋",
            "clickAction": {"actionType": 0, "data": {"k": {"n": 1.0}}},
            "notifyId": CHAT_42,
            "appMessageId": MESSAGE_1,
            "image": "https://example.com/a.png",
            "style": 1,
            "bigTitle": "爱丽丝",
            "bigBody": "你好 👋",
            "profileId": "made-up-user",
            "badge": {"setNum": 0},
            "sound": "chime.mp3",
            "soundDuration": 5,
            "foregroundShow": False,
        },
        "pushOptions": {
            "ttl": 3600,
            "testMessage": True,
            "biTag": "b1",
            "receiptId": "made-up-receipt",
            "collapseKey": 7,
        },
    }
    assert line.violations == 0


async def test_lines_and_an_increment_are_taken(line: Line) -> None:
    await line.send(push(badge=Badge(BadgeKind.INCREMENT), options={"inboxContent": ["one", "two"]}))

    notification = line.bar()[0]["raw"]["notification"]
    assert (notification["style"], notification["inboxContent"]) == (3, ["one", "two"])
    assert notification["badge"] == {"addNum": 1}
    assert line.violations == 0


@pytest.mark.parametrize(
    ("action", "opens"),
    [
        (ClickAction(), ""),
        (ClickAction(ClickKind.INTENT_ACTION, "com.example.app.OPEN"), "com.example.app.OPEN"),
        (ClickAction(ClickKind.INTENT_URI, "exampleapp://chat?id=1#top"), "exampleapp://chat?id=1#top"),
    ],
)
async def test_every_click_action_opens_what_it_says(line: Line, action: ClickAction, opens: str) -> None:
    [outcome] = await line.send(push(click_action=action))
    kind = "app" if action.kind is ClickKind.OPEN_APP else str(action.kind)

    assert isinstance(outcome, Accepted)
    assert line.bar()[0]["click"] == {"opens": kind, "value": opens}
    assert line.violations == 0


@pytest.mark.parametrize(("ttl_s", "sent"), [(0.2, 1), (1, 1), (1_296_000, 1_296_000), (9e6, 1_296_000)])
async def test_the_ttl_is_taken_at_both_ends(line: Line, ttl_s: float, sent: int) -> None:
    await line.send(push(ttl=timedelta(seconds=ttl_s)))

    assert line.bar()[0]["raw"]["pushOptions"]["ttl"] == sent
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
async def test_every_category_is_one_the_maker_knows(line: Line, category: Category) -> None:
    await line.send(push(category=category))

    is_marketing = category in (Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL)
    assert (line.bar()[0]["category"] == "MARKETING") is is_marketing
    assert line.violations == 0


async def test_each_token_of_a_batch_has_its_own_fate(line: Line) -> None:
    line.fault(match={"registration_id": OTHER_PHONE}, effect={"code": 80300007}, times=0)
    line.fault(match={"registration_id": THIRD_PHONE}, effect={"code": 1}, times=0)
    shared = push()

    outcomes = await line.send(
        *(structs.replace(shared, registration_id=phone) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE))
    )

    assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, MessageRejected]
    assert [len(line.bar(phone)) for phone in (PHONE, OTHER_PHONE, THIRD_PHONE)] == [1, 0, 0]
    assert line.calls == 1
    assert line.violations == 0


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("noRight", CredentialRejected), ("noPushTypeRight", CredentialRejected), ("appinfoError", CredentialRejected)],
)
async def test_a_reason_of_the_project_for_all_is_the_certs_fault(line: Line, reason: str, kind: type[Outcome]) -> None:
    line.fault(match={"registration_id": "*"}, effect={"code": 80300007, "message": reason}, times=0)
    shared = push()

    outcomes = await line.send(shared, structs.replace(shared, registration_id=OTHER_PHONE))

    assert [(type(outcome), outcome.vendor_reason) for outcome in outcomes] == [(kind, reason)] * 2


async def test_a_dead_phone_is_told_at_once(line: Line) -> None:
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
    assert line.calls == 1
    assert line.violations == 0


async def test_a_test_message_to_many_phones_breaks_no_rule(line: Line) -> None:
    shared = push(options={"testMessage": True})

    outcomes = await line.send(*(structs.replace(shared, registration_id=f"phone-{at}") for at in range(25)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert line.calls == 3
    assert line.violations == 0


async def test_a_jwt_that_ends_in_mid_exchange_is_signed_anew(line: Line) -> None:
    line.fault(match={"kind": "send"}, effect={"expire_token": True}, after=1)

    outcomes = await line.send(push(body="one", content_id="1"), push(body="two", content_id="2"))

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 2
    assert [shown["text"] for shown in line.bar()] == ["two", "one"]
    assert line.calls == 3
    assert line.violations == 0


@pytest.mark.parametrize("errors_as_200", [False, True])
@pytest.mark.parametrize("code", [80200001, 80200005])
async def test_a_jwt_refused_once_costs_a_call_and_refused_twice_is_the_certs_fault(
    line: Line, code: int, *, errors_as_200: bool
) -> None:
    line.app(errors_as_200=errors_as_200)
    line.fault(match={"kind": "send"}, effect={"code": code})
    [once] = await line.send(push())
    line.fault(match={"kind": "send"}, effect={"code": code}, times=2)
    [twice] = await line.send(push())

    assert isinstance(once, Accepted)
    assert isinstance(twice, CredentialRejected)
    assert (twice.vendor_code, line.calls) == (str(code), 4)


@pytest.mark.parametrize(
    "effect",
    [{"drop": "after"}, {"status": 502, "when": "after"}, {"garbage": "html", "when": "after"}]
    + [{"garbage": kind, "when": "after"} for kind in ("truncated", "empty", "types")],
    ids=str,
)
async def test_an_answer_lost_is_ambiguous_and_the_retry_is_known_for_a_repeat(
    line: Line, effect: dict[str, object]
) -> None:
    line.fault(match={"kind": "send"}, effect=effect)

    [lost] = await line.send(push())
    [again] = await line.send(push())

    assert isinstance(lost, Unavailable)
    assert lost.ambiguous
    assert isinstance(again, Accepted)
    counters = line.mounted.world.counters
    assert (counters.delivered, counters.duplicates) == (1, 1)
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


async def test_another_key_is_the_certs_fault(line: Line) -> None:
    line.account = replace(line.account, credential=replace(line.account.credential, private_key=KEY))

    [outcome] = await line.send(push())

    assert isinstance(outcome, CredentialRejected)
    assert outcome.vendor_code == "80200001"
    assert line.calls == 2


async def test_a_clock_that_is_wrong_is_the_certs_fault(line: Line) -> None:
    line.now = NOW - timedelta(hours=2)

    [outcome] = await line.send(push())

    assert isinstance(outcome, CredentialRejected)
    assert outcome.vendor_code == "80200005"
    assert "clock" in outcome.advice
