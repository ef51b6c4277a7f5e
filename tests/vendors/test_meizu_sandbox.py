"""The plug-in through the sender, against the simulator on loopback: what leaves is what the phone shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec import structs

from tests.vendors.line import Forgetful
from tests.vendors.meizu_samples import OTHER_PHONE, PHONE, push
from tests.vendors.pushes import NOW
from vendors import meizu
from vendors.access_tokens import Account
from vendors.contract import Category, ClickAction, ClickKind, Push
from vendors.meizu import MeizuCredential
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
from vendors.sandbox.server import mount, running
from vendors.sandbox.simulator import Mounted
from vendors.sender import Sender, open_session


@dataclass
class Gateway:
    """The sender on one side, the simulator on the other."""

    sender: Sender
    account: Account[MeizuCredential]
    maker: Mounted

    async def send(self, *pushes: Push) -> Sequence[Outcome]:
        assert await self.sender.access_token(self.account) is None
        return await self.sender.send(self.account, pushes, None)

    async def send_one(self, one: Push) -> Outcome:
        [outcome] = await self.send(one)
        return outcome

    def fault(self, **rule: object) -> None:
        self.maker.world.faults.add(parse_rules(rule, where="fault"))

    def bar(self, phone: str = PHONE) -> list[dict[str, Any]]:
        """What stands on a phone, newest first."""
        found = self.maker.world.inbox.find(phone)
        if found is None:
            return []
        return cast("list[dict[str, Any]]", found.as_json(self.maker.simulator.show)["notifications"])

    def violations(self) -> list[str]:
        return [str(violation.as_json()["text"]) for violation in self.maker.world.counters.recent]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    mounted = mount(clock=NOW.timestamp)
    mounted["meizu"].simulator.put_app({"app_id": "100999", "device_minute_cap": None})
    async with running(mounted=mounted) as server, open_session() as session:
        account = Account(
            key=(1, 1),
            vendor=meizu,
            credential=MeizuCredential(app_id="100999", app_secret="sandbox-app-secret"),
            base_url=server.base_url("meizu"),
        )
        yield Gateway(Sender(session, Forgetful(), lambda: NOW), account, mounted["meizu"])


async def test_a_notification_arrives_field_for_field(gateway: Gateway) -> None:
    outcome = await gateway.send_one(
        push(title="订单更新", body="价格=5% & 你好 +", ext='{"k": "v", "n": [1, {"x": null}]}')
    )
    [shown] = gateway.bar()

    assert outcome == Accepted(vendor_code="200", vendor_message_id=shown["message_id"])
    assert {key: shown[key] for key in ("title", "text", "channel", "category", "click", "extras")} == {
        "title": "订单更新",
        "text": "价格=5% & 你好 +",
        "channel": "",
        "category": "private",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": "v", "n": [1, {"x": None}]},
    }
    assert shown["raw"] == {
        "noticeBarInfo": {"noticeMsgType": 1, "noticeBarType": 0, "title": "订单更新", "content": "价格=5% & 你好 +"},
        "clickTypeInfo": {
            "clickType": 0,
            "parameters": {"k": "v", "n": '[1,{"x":null}]', "ext": '{"k":"v","n":[1,{"x":null}]}'},
        },
        "pushTimeInfo": {"offLine": 1, "validTime": 24},
        "advanceInfo": {
            "suspend": 1,
            "clearNoticeBar": 1,
            "notificationType": {"vibrate": 1, "lights": 1, "sound": 1},
            "notifyKey": shown["raw"]["advanceInfo"]["notifyKey"],
        },
    }
    assert gateway.violations() == []


@pytest.mark.parametrize(
    ("action", "click"),
    [
        (ClickAction(), {"opens": "app", "value": ""}),
        (
            ClickAction(ClickKind.URL, "https://a.example/聊天?id=1&x=2#f"),
            {"opens": "url", "value": "https://a.example/聊天?id=1&x=2#f"},
        ),
        (
            ClickAction(ClickKind.ACTIVITY, "com.example.app.ChatActivity"),
            {"opens": "activity", "value": "com.example.app.ChatActivity"},
        ),
        (ClickAction(ClickKind.INTENT_URI, "app://chat?id=1"), {"opens": "intent_uri", "value": "app://chat?id=1"}),
        (
            ClickAction(ClickKind.INTENT_URI, "intent:#Intent;component=com.example/.Chat;end"),
            {"opens": "activity", "value": "com.example.Chat"},
        ),
    ],
)
async def test_each_tap_arrives(gateway: Gateway, action: ClickAction, click: Mapping[str, str]) -> None:
    outcome = await gateway.send_one(push(click_action=action, ext='{"k":"v"}'))
    [shown] = gateway.bar()

    assert isinstance(outcome, Accepted)
    assert shown["click"] == click
    assert shown["extras"] == ({} if click["opens"] in ("url", "intent_uri") else {"k": "v"})
    assert gateway.violations() == []


async def test_the_longest_of_everything_arrives(gateway: Gateway) -> None:
    at_the_limit = push(title="😀" * 32, body="文" * 100, ext='{"k":"' + "文" * 328 + '"}')
    over = structs.replace(
        push(OTHER_PHONE, title="题" * 33, body="文" * 101),
        click_action=ClickAction(ClickKind.ACTIVITY, "a." + "b" * 998),
    )

    first, second = await gateway.send(at_the_limit, over)

    assert isinstance(first, Accepted)
    assert first.truncated == ()
    assert isinstance(second, Accepted)
    assert second.truncated == ("title", "body")
    [shown] = gateway.bar()
    assert (shown["title"], shown["text"], shown["extras"]) == ("😀" * 32, "文" * 100, {"k": "文" * 328})
    [cut] = gateway.bar(OTHER_PHONE)
    assert (cut["title"], cut["text"]) == ("题" * 31 + "…", "文" * 99 + "…")
    assert gateway.violations() == []


async def test_custom_data_of_any_depth_can_be_looked_at(gateway: Gateway) -> None:
    deep = "[" * 300 + "]" * 300

    assert isinstance(await gateway.send_one(push(ext=f'{{"deep":{deep}}}')), Accepted)
    assert gateway.bar()[0]["extras"] == {"deep": deep, "ext": f'{{"deep":{deep}}}'}


@pytest.mark.parametrize(
    ("ttl", "hours"), [(timedelta(seconds=1), 1), (timedelta(hours=72), 72), (timedelta(days=28), 72)]
)
async def test_both_ends_of_the_ttl_are_taken(gateway: Gateway, ttl: timedelta, hours: int) -> None:
    outcome = await gateway.send_one(push(ttl=ttl))

    assert isinstance(outcome, Accepted)
    assert gateway.bar()[0]["raw"]["pushTimeInfo"] == {"offLine": 1, "validTime": hours}
    assert gateway.violations() == []


@pytest.mark.parametrize("category", Category)
async def test_each_category_is_taken(gateway: Gateway, category: Category) -> None:
    assert isinstance(await gateway.send_one(push(category=category)), Accepted)
    assert gateway.violations() == []


async def test_all_options_are_taken(gateway: Gateway) -> None:
    options = {
        "noticeBarType": 2,
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

    assert isinstance(await gateway.send_one(push(options=options)), Accepted)
    assert gateway.violations() == []


async def test_a_picture_is_taken_of_a_vip(gateway: Gateway) -> None:
    gateway.maker.simulator.put_app({"app_id": "100999", "vip": True})
    options = {"noticeExpandImgUrl": "https://open-res.flyme.cn/made-up.png"}

    assert isinstance(await gateway.send_one(push(options=options)), Accepted)
    assert gateway.violations() == []


async def test_phones_are_settled_one_by_one_inside_a_batch(gateway: Gateway) -> None:
    gateway.fault(match={"registration_id": "Jdead*"}, effect={"code": 110002}, times=0)
    gateway.fault(match={"registration_id": "Joff*"}, effect={"code": 110010}, times=0)
    gateway.fault(match={"registration_id": "Jbusy*"}, effect={"code": 519}, times=0)
    first = push()
    phones = [PHONE, "Jdead1", "Joff1", OTHER_PHONE, "Jbusy1"]

    outcomes = await gateway.send(*(structs.replace(first, registration_id=phone, dedup_id=phone) for phone in phones))

    assert [type(outcome) for outcome in outcomes] == [
        Accepted,
        RegistrationInvalid,
        MessageRejected,
        Accepted,
        Unavailable,
    ]
    assert gateway.maker.world.counters.calls == 1
    assert [len(gateway.bar(phone)) for phone in phones] == [1, 0, 0, 1, 0]
    assert gateway.violations() == []


async def test_a_hundred_phones_go_by_one_call(gateway: Gateway) -> None:
    first = push()

    outcomes = await gateway.send(*(structs.replace(first, registration_id=f"J{at:044x}") for at in range(100)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert gateway.maker.world.counters.calls == 1
    assert gateway.maker.world.counters.delivered == 100


async def test_an_answer_lost_on_the_way_shows_the_message_once_after_a_retry(gateway: Gateway) -> None:
    gateway.fault(effect={"drop": "after"})

    lost = await gateway.send_one(push())
    again = await gateway.send_one(push())

    assert isinstance(lost, Unavailable)
    assert lost.ambiguous
    assert isinstance(again, Accepted)
    assert len(gateway.bar()) == 1
    assert gateway.violations() == []


async def test_the_newer_of_one_collapse_id_replaces_the_older(gateway: Gateway) -> None:
    await gateway.send(push(title="One", collapse_id="chat-42"))
    await gateway.send(push(title="Two", collapse_id="chat-42"), push(title="Other"))

    assert sorted(shown["title"] for shown in gateway.bar()) == ["Other", "Two"]


@pytest.mark.parametrize(
    "effect",
    [
        {"status": 500},
        {"status": 502},
        {"status": 503, "retry_after": 7},
        {"drop": "before"},
        {"garbage": "html"},
        {"garbage": "truncated"},
        {"garbage": "empty"},
        {"garbage": "types"},
    ],
    ids=lambda effect: "-".join(map(str, effect.values())),
)
async def test_no_usable_answer_may_have_been_a_yes(gateway: Gateway, effect: Mapping[str, object]) -> None:
    gateway.fault(effect=effect)

    first, second = await gateway.send(push(), structs.replace(push(), registration_id=OTHER_PHONE))
    again = await gateway.send_one(push())

    for outcome in (first, second):
        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous
        assert outcome.retry_after == (timedelta(seconds=7) if "retry_after" in effect else None)
    assert isinstance(again, Accepted)
    assert gateway.violations() == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (500, Unavailable),
        (1003, Unavailable),
        (1006, CredentialRejected),
        (110009, CredentialRejected),
        (110010, Throttled),
        (110019, Throttled),
        (123456, MessageRejected),
    ],
)
async def test_a_refused_call_means_what_the_table_says(gateway: Gateway, code: int, kind: type[Outcome]) -> None:
    gateway.fault(effect={"code": code})

    outcome = await gateway.send_one(push())

    assert type(outcome) is kind
    assert outcome.vendor_code == str(code)


async def test_a_push_id_refused_with_its_call_is_found_by_halving(gateway: Gateway) -> None:
    gateway.fault(effect={"code": 110003}, times=2)
    first = push()

    outcomes = await gateway.send(first, structs.replace(first, registration_id=OTHER_PHONE))

    assert [type(outcome) for outcome in outcomes] == [RegistrationInvalid, Accepted]


async def test_a_wrong_secret_is_the_certs_fault(gateway: Gateway) -> None:
    gateway.account = replace(gateway.account, credential=MeizuCredential(app_id="100999", app_secret="another-one"))

    outcome = await gateway.send_one(push())

    assert isinstance(outcome, CredentialRejected)
    assert outcome.vendor_code == "1006"
    assert "another-one" not in "".join(gateway.violations())


async def test_the_fourth_public_message_of_the_day_waits_for_the_next(gateway: Gateway) -> None:
    outcomes = [await gateway.send_one(push(title=f"{at}", category=Category.NEWS)) for at in range(4)]

    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, Accepted, Throttled]
    assert outcomes[3].vendor_code == "110011"
    assert gateway.violations() == []


async def test_the_sixth_message_of_a_minute_waits_for_the_next(gateway: Gateway) -> None:
    gateway.maker.simulator.put_app({"app_id": "100999", "device_minute_cap": 5})

    outcomes = [await gateway.send_one(push(title=f"{at}")) for at in range(6)]

    assert isinstance(outcomes[5], Throttled)
    assert outcomes[5].retry_after == timedelta(seconds=60)
