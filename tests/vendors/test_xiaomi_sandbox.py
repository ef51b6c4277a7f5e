"""The plug-in against the sandbox, over HTTP on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from tests.vendors.line import Line, line_to, maker
from tests.vendors.xiaomi_samples import phones, push
from vendors import xiaomi
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.xiaomi import XiaomiCredential

Json = dict[str, object]
PHONE = "regA+/w=="
CREDENTIAL = XiaomiCredential(app_secret="sandbox-app-secret", package_name="com.example.app")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with line_to(maker("xiaomi"), xiaomi, CREDENTIAL, phone=PHONE, app_key="package_name") as line:
        yield line


async def test_a_push_is_on_the_phone_field_for_field(line: Line) -> None:
    options = {
        "notify_type": 3,
        "notify_foreground": False,
        "ticker": "A message",
        "template_id": "P10001",
        "template_param": {"who": "爱丽丝", "what": "b"},
        "extra": {"chat": "42"},
    }

    [outcome] = await line.send(
        push(
            ext='{"k":"v 1&+%"}',
            collapse_id="chat-42",
            badge=Badge(BadgeKind.COUNT, 2),
            sound="chime.mp3",
            options=options,
        )
    )
    [shown] = line.bar()

    assert type(outcome) is Accepted
    assert outcome.vendor_message_id == shown["message_id"]
    assert {key: shown[key] for key in ("title", "text", "channel", "click", "extras")} == {
        "title": "Hi",
        "text": "你好",
        "channel": "100001",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": "v 1&+%"},
    }
    assert shown["raw"] == {
        "restricted_package_name": "com.example.app",
        "title": "Hi",
        "description": "你好",
        "payload": '{"k":"v 1&+%"}',
        "pass_through": "0",
        "notify_type": "3",
        "notify_id": "1900078600",
        "time_to_live": "3600000",
        "extra.notify_effect": "1",
        "extra.channel_id": "100001",
        "extra.jobkey": "URQ3I4WL",
        "extra.badge": "2",
        "extra.sound_uri": "android.resource://com.example.app/raw/chime",
        "extra.notify_foreground": "0",
        "extra.ticker": "A message",
        "extra.template_id": "P10001",
        "extra.template_param": '{"who":"爱丽丝","what":"b"}',
        "extra.chat": "42",
    }
    assert line.count("violations") == 0
    assert await line.token() is None


@pytest.mark.parametrize(
    ("action", "opens", "value"),
    [
        (ClickAction(), "app", ""),
        (ClickAction(ClickKind.URL, "https://example.com/a?b=1&c=你"), "url", "https://example.com/a?b=1&c=你"),
        (ClickAction(ClickKind.ACTIVITY, "com.example.app.Chat"), "activity", "com.example.app.Chat"),
        (ClickAction(ClickKind.INTENT_ACTION, "com.example.app.OPEN"), "intent_action", "com.example.app.OPEN"),
        (ClickAction(ClickKind.INTENT_URI, "exampleapp://chat?id=1"), "intent_uri", "exampleapp://chat?id=1"),
    ],
)
async def test_each_click_action_opens_what_it_says(line: Line, action: ClickAction, opens: str, value: str) -> None:
    await line.send(push(click_action=action, ext='{"k":"v"}', options={"intent_ext": True}))

    [shown] = line.bar()
    assert shown["click"] == {"opens": opens, "value": value}
    assert shown["extras"] == {"k": "v"}
    assert line.count("violations") == 0


async def test_texts_and_ext_at_their_limits_arrive_whole_and_longer_texts_shortened(line: Line) -> None:
    ext = '{"k":"' + "你" * 1362 + '12"}'
    at_limit = push(title="🙂" * 49, body="文" * 127, ext=ext)
    too_long = push("regB==", title="🙂" * 50, body="文" * 128, content_id="m-2")

    [whole] = await line.send(at_limit)
    [short] = await line.send(too_long)
    [shown], [cut] = line.bar(), line.bar("regB==")

    assert isinstance(whole, Accepted)
    assert isinstance(short, Accepted)
    assert (whole.truncated, short.truncated) == ((), ("title", "body"))
    assert (shown["title"], shown["text"]) == ("🙂" * 49, "文" * 127)
    assert (cut["title"], cut["text"]) == ("🙂" * 48 + "…", "文" * 126 + "…")
    assert shown["extras"] == {"k": "你" * 1362 + "12"}
    assert line.count("violations") == 0


@pytest.mark.parametrize(
    ("ttl", "category", "channel_id", "sent"),
    [
        (timedelta(), Category.IM, "100001", "1000"),
        (timedelta(days=30), Category.IM, "100001", "864000000"),
        (timedelta(days=30), Category.MARKETING, "100002", "86400000"),
    ],
)
async def test_the_time_to_live_is_taken_at_both_ends(
    line: Line, ttl: timedelta, category: Category, channel_id: str, sent: str
) -> None:
    [outcome] = await line.send(push(ttl=ttl, category=category, channel_id=channel_id))

    assert type(outcome) is Accepted
    assert cast("Json", line.bar()[0]["raw"])["time_to_live"] == sent
    assert line.count("violations") == 0


async def test_a_thousand_phones_are_one_call_and_all_get_it(line: Line) -> None:
    outcomes = await line.send(*phones(1000))

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert (line.count("calls"), line.count("delivered"), line.count("violations")) == (1, 1000, 0)


async def test_different_messages_are_one_call_and_each_stands_on_its_phone(line: Line) -> None:
    pushes = [push(f"reg{number:04}==", title=f"第{number}条", content_id=f"m-{number}") for number in range(300)]

    outcomes = await line.send(*pushes)

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert (line.count("calls"), line.count("delivered"), line.count("violations")) == (1, 300, 0)
    assert [line.bar(f"reg{number:04}==")[0]["title"] for number in (0, 299)] == ["第0条", "第299条"]


async def test_the_message_at_fault_is_found_and_its_neighbours_arrive(line: Line) -> None:
    pushes = [
        push(f"reg{number:04}==", content_id=f"m-{number}", channel_id="none" if number == 5 else "100001")
        for number in range(9)
    ]

    outcomes = await line.send(*pushes)

    assert [number for number, outcome in enumerate(outcomes) if not isinstance(outcome, Accepted)] == [5]
    assert outcomes[5].vendor_code == "27001"
    assert line.count("delivered") == 8


async def test_a_channel_whose_quota_ends_in_mid_call_costs_nothing_but_time(line: Line) -> None:
    line.app(daily_quota=2)
    fields = [{"channel_id": "100002"}] * 4 + [{"channel_id": "100001"}]
    pushes = [push(f"reg{number:04}==", content_id=f"m-{number}", **each) for number, each in enumerate(fields)]

    first = await line.send(*pushes)
    again = await line.send(*pushes[:4])

    assert [type(outcome) for outcome in first] == [Unavailable] * 4 + [Accepted]
    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in first[:4])
    assert {type(outcome) for outcome in again} == {Throttled}
    assert [len(line.bar(one.registration_id)) for one in pushes] == [1, 1, 0, 0, 1]


async def test_dead_ids_inside_a_batch_are_settled_each_for_itself(line: Line) -> None:
    line.fault(match={"registration_id": "reg*[37]=="}, effect={"code": 20301}, times=0)

    outcomes = await line.send(*phones(10))

    dead = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, RegistrationInvalid)]
    assert dead == [3, 7]
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 8
    assert line.count("delivered") == 8


async def test_a_large_batch_of_dead_ids_is_confirmed_by_smaller_calls(line: Line) -> None:
    line.fault(match={"registration_id": "reg*"}, effect={"code": 20301}, times=0)

    outcomes = await line.send(*phones(60))

    assert {type(outcome) for outcome in outcomes} == {RegistrationInvalid}
    assert line.count("calls") == 3


@pytest.mark.parametrize(
    "effect",
    [
        {"drop": "after"},
        {"status": 503, "when": "after"},
        {"garbage": "truncated", "when": "after"},
        {"garbage": "html", "when": "after"},
        {"garbage": "empty", "when": "after"},
        {"garbage": "types", "when": "after"},
    ],
    ids=str,
)
async def test_a_lost_answer_is_ambiguous_and_the_retry_shows_nothing_twice(line: Line, effect: Json) -> None:
    line.fault(match={}, effect=effect)

    lost = await line.send(*phones(3))
    again = await line.send(*phones(3)[1:])

    assert all(isinstance(outcome, Unavailable) and outcome.ambiguous for outcome in lost)
    assert {type(outcome) for outcome in again} == {Accepted}
    assert [len(line.bar(one.registration_id)) for one in phones(3)] == [1, 1, 1]
    assert (line.count("duplicates"), line.count("violations")) == (2, 0)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(21301, CredentialRejected), (200002, Throttled), (10002, Unavailable), (27001, MessageRejected)],
)
async def test_a_refused_call_means_what_its_code_says(line: Line, code: int, expected: type[Outcome]) -> None:
    line.fault(match={}, effect={"code": code})

    outcomes = await line.send(*phones(2))

    assert {type(outcome) for outcome in outcomes} == {expected}
    assert {outcome.vendor_code for outcome in outcomes} == {str(code)}
    assert line.count("calls") == 1


async def test_a_channel_the_app_does_not_have_is_refused_in_words(line: Line) -> None:
    [outcome] = await line.send(push(channel_id="messages"))

    assert isinstance(outcome, MessageRejected)
    assert outcome.vendor_code == "27001"
    assert outcome.vendor_reason.startswith("invalid channel info!")


async def test_a_newer_message_of_one_collapse_id_takes_the_olders_place(line: Line) -> None:
    await line.send(push(title="older", collapse_id="chat-42"))
    await line.send(push(title="other", content_id="m-2"))
    await line.send(push(title="newer", collapse_id="chat-42", content_id="m-3"))

    assert [shown["title"] for shown in line.bar()] == ["newer", "other"]
    assert line.count("duplicates") == 0
