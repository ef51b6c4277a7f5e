"""The plug-in through the real sender against vivo's simulator on loopback: nothing it sends breaks a rule."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest

from tests.vendors.pushes import NOW
from tests.vendors.vivo_samples import PHONE, push
from vendors import vivo
from vendors.access_tokens import Account, AccountKey
from vendors.contract import AccessToken, Badge, BadgeKind, Category, ClickAction, ClickKind, Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.sandbox.fault_script import parse_rules
from vendors.sandbox.server import SandboxServer, mount, running
from vendors.sandbox.simulator import Simulator, World
from vendors.sender import Sender, open_session
from vendors.vivo import VivoCredential

CREDENTIAL = {
    "app_id": "100000001",
    "app_key": "sandbox-app-key",
    "app_secret": "sandbox-app-secret",
    "package_name": "com.example.app",
}


class Forgetful:
    """Keeps no access token."""

    async def load(self, key: AccountKey) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        pass

    async def forget(self, key: AccountKey) -> None:
        pass


@dataclass
class Road:
    """The way from the sender to the phones."""

    sender: Sender
    account: Account[VivoCredential]
    simulator: Simulator
    world: World

    async def send(self, *pushes: Push) -> Sequence[Outcome]:
        """One by one, as the service does for a vendor without batches."""
        outcomes: list[Outcome] = []
        for one in pushes:
            token = await self.sender.access_token(self.account)
            if isinstance(token, Outcome):
                outcomes.append(token)
            else:
                outcomes.extend(await self.sender.send(self.account, [one], token))
        return outcomes

    def fault(self, *rules: dict[str, object]) -> None:
        self.world.faults.add(parse_rules(list(rules), where="rules"))

    def bar(self, phone: str = PHONE) -> list[dict[str, object]]:
        """What stands on a phone, newest first."""
        found = self.world.inbox.find(phone)
        shown = found.as_json(self.simulator.show) if found else {"notifications": []}
        return cast("list[dict[str, object]]", shown["notifications"])


@pytest.fixture
async def road() -> AsyncIterator[Road]:
    mounted = mount(clock=NOW.timestamp)
    async with running(mounted=mounted) as server, open_session() as session:
        yield await _road(server, Sender(session, Forgetful(), lambda: NOW), mounted["vivo"].simulator)


async def _road(server: SandboxServer, sender: Sender, simulator: Simulator) -> Road:
    account = Account(
        key=(1, 1), vendor=vivo, credential=vivo.parse_credential(CREDENTIAL), base_url=server.base_url("vivo")
    )
    return Road(sender, account, simulator, server.worlds["vivo"])


def violations(road: Road) -> list[object]:
    return [violation.as_json()["text"] for violation in road.world.counters.recent]


async def test_a_notification_arrives_field_for_field(road: Road) -> None:
    options: dict[str, object] = {
        "notifyType": 2,
        "networkType": 1,
        "foregroundShow": False,
        "sendOnline": False,
        "profileId": "p-1",
        "pushMode": 0,
        "extra": {"callback": "https://example.com/receipts", "callback.param": "made-up", "callback.id": "7"},
    }

    [outcome] = await road.send(
        push(ext='{"chat": 42}', collapse_id="chat-42", badge=Badge(BadgeKind.INCREMENT), options=options)
    )

    assert outcome == Accepted(vendor_code="0", vendor_message_id="541362618526760001")
    [shown] = road.bar()
    assert shown == {
        "at": "2026-01-01T00:00:00.000+00:00",
        "message_id": "541362618526760001",
        "title": "小明",
        "text": "晚上一起吃火锅吗?",
        "channel": "",
        "category": "IM",
        "click": {"opens": "app", "value": ""},
        "extras": {"ext": '{"chat":42}'},
        "raw": {
            "appId": 100000001,
            "regId": PHONE,
            "requestId": "m-1",
            "timeToLive": 3600,
            "title": "小明",
            "content": "晚上一起吃火锅吗?",
            "classification": 1,
            "category": "IM",
            "notifyId": vivo.notification.notify_id("chat-42"),
            "skipType": 1,
            "clientCustomMap": {"ext": '{"chat":42}'},
            "addBadge": True,
            **options,
        },
    }
    assert violations(road) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ClickKind.URL, "https://example.com/chat?id=1&b=二"),
        (ClickKind.ACTIVITY, "com.example.app.Chat$Activity"),
        (ClickKind.INTENT_ACTION, "com.example.app.OPEN"),
        (ClickKind.INTENT_URI, "exampleapp://chat?id=1"),
        (ClickKind.INTENT_URI, "intent://com.example.app/detail?#Intent;scheme=exampleapp;S.k=v;end"),
    ],
)
async def test_each_click_action_arrives_as_what_it_is(road: Road, kind: ClickKind, value: str) -> None:
    await road.send(push(click_action=ClickAction(kind, value)))

    assert [shown["click"] for shown in road.bar()] == [{"opens": str(kind), "value": value}]
    assert violations(road) == []


@pytest.mark.parametrize("category", Category)
async def test_each_category_is_one_vivo_knows(road: Road, category: Category) -> None:
    [outcome] = await road.send(push(category=category))

    assert isinstance(outcome, Accepted)
    assert violations(road) == []


async def test_texts_and_data_at_the_limits_arrive_whole(road: Road) -> None:
    ext = json.dumps({"k": "😀" * 1013}, ensure_ascii=False, separators=(",", ":"))

    [whole] = await road.send(push(title="题" * 40, body="😀文" * 50, ext=ext))
    [cut] = await road.send(push(title="题" * 41, body="文" * 101, dedup_id="m-2"))

    newest, oldest = road.bar()
    assert len(ext) == 1021
    assert (oldest["title"], oldest["text"], oldest["extras"]) == ("题" * 40, "😀文" * 50, {"ext": ext})
    assert (newest["title"], newest["text"]) == ("题" * 39 + "…", "文" * 99 + "…")
    assert isinstance(whole, Accepted)
    assert whole.truncated == ()
    assert isinstance(cut, Accepted)
    assert cut.truncated == ("title", "body")
    assert violations(road) == []


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=61), timedelta(days=28)])
async def test_a_ttl_at_either_end_is_taken(road: Road, ttl: timedelta) -> None:
    [outcome] = await road.send(push(ttl=ttl))

    assert isinstance(outcome, Accepted)
    assert violations(road) == []


async def test_a_repeat_replaces_the_first_on_screen(road: Road) -> None:
    await road.send(push(), push(), push(dedup_id="m-2"))

    assert len(road.bar()) == 2
    assert road.world.counters.delivered == 3


async def test_an_access_token_that_ends_in_mid_stream_costs_no_push(road: Road) -> None:
    await road.send(push())
    road.simulator.expire_tokens()

    [outcome] = await road.send(push(dedup_id="m-2"))

    assert isinstance(outcome, Accepted)
    assert (road.world.counters.logins, len(road.bar())) == (2, 2)
    assert violations(road) == []


@pytest.mark.parametrize(
    ("effect", "arrived"),
    [
        ({"drop": "before"}, 0),
        ({"drop": "after"}, 1),
        ({"status": 500}, 0),
        ({"status": 503, "when": "after"}, 1),
        ({"garbage": "html"}, None),
        ({"garbage": "truncated"}, None),
        ({"garbage": "empty"}, None),
        ({"garbage": "types"}, None),
    ],
    ids=str,
)
async def test_no_usable_answer_leaves_the_push_open_and_a_repeat_shows_it_once(
    road: Road, effect: dict[str, object], arrived: int | None
) -> None:
    road.fault({"match": {"kind": "send"}, "effect": effect})

    [first] = await road.send(push())
    after_first = len(road.bar())
    [second] = await road.send(push())

    assert isinstance(first, Unavailable)
    assert first.ambiguous
    assert arrived in (None, after_first)
    assert isinstance(second, Accepted)
    assert len(road.bar()) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (10302, RegistrationInvalid),
        (10311, MessageRejected),
        (10072, Throttled),
        (10043, CredentialRejected),
        (19999, MessageRejected),
    ],
)
async def test_what_befalls_one_phone_befalls_no_other(road: Road, code: int, kind: type[Outcome]) -> None:
    road.fault({"match": {"registration_id": "bad-*"}, "effect": {"code": code}, "times": 0})

    outcomes = await road.send(push("good-1"), push("bad-2"), push("good-3"))

    assert [type(outcome) for outcome in outcomes] == [Accepted, kind, Accepted]
    assert violations(road) == []


async def test_a_sign_in_that_has_to_wait_keeps_the_push(road: Road) -> None:
    road.fault({"match": {"kind": "auth"}, "effect": {"code": 10093}})

    [first] = await road.send(push())
    [second] = await road.send(push())

    assert isinstance(first, Throttled)
    assert isinstance(second, Accepted)
    assert len(road.bar()) == 1


async def test_a_dead_phone_is_told_with_its_reason(road: Road) -> None:
    phone = road.world.inbox.phone(PHONE)
    phone.is_dead, phone.dead_answer = True, 10302

    [outcome] = await road.send(push())

    assert isinstance(outcome, RegistrationInvalid)
    assert outcome.advice == "no phone of this app has the registration id; the app must register anew"


async def test_a_test_push_to_a_phone_that_is_for_none_keeps_the_registration(road: Road) -> None:
    [outcome] = await road.send(push(options={"pushMode": 1}))

    assert isinstance(outcome, MessageRejected)
    assert outcome.advice.startswith("the phone is no test phone")


async def test_a_wrong_secret_refuses_the_credential(road: Road) -> None:
    road.simulator.put_app({"app_id": "100000001", "app_secret": "another"})

    [outcome] = await road.send(push())

    assert isinstance(outcome, CredentialRejected)
    assert outcome.vendor_code == "10206"


async def test_an_english_word_alone_looks_like_a_test_to_vivo(road: Road) -> None:
    [outcome] = await road.send(push(title="Alice"))

    assert isinstance(outcome, MessageRejected)
    assert outcome.vendor_code == "10085"
