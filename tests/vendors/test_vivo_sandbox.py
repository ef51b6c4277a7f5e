"""The plug-in through the real sender against vivo's simulator on loopback: nothing it sends breaks a rule."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest

from tests.vendors.line import Forgetful
from tests.vendors.pushes import NOW
from tests.vendors.vivo_samples import PHONE, push, several
from vendors import vivo
from vendors.access_tokens import Account
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, Push
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


@dataclass
class Road:
    """The way from the sender to the phones."""

    sender: Sender
    account: Account[VivoCredential]
    simulator: Simulator
    world: World

    async def send(self, *pushes: Push) -> Sequence[Outcome]:
        """One by one, as pushes of different contents go."""
        return [outcome for one in pushes for outcome in await self.send_batch([one])]

    async def send_batch(self, pushes: Sequence[Push]) -> Sequence[Outcome]:
        """In one exchange."""
        token = await self.sender.access_token(self.account)
        if isinstance(token, Outcome):
            return [token] * len(pushes)
        return await self.sender.send(self.account, pushes, token)

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
            "notifyId": 1_900_078_600,
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


# Lists.


def paths(road: Road) -> dict[str, int]:
    """How often each call but the sign-in was made."""
    return {path.rsplit("/", 1)[1]: count for path, count in road.world.counters.paths.items() if "auth" not in path}


def shown_once(road: Road, pushes: Sequence[Push]) -> bool:
    """Whether each phone got one notification and no more."""
    return all(
        phone is not None and (phone.received, len(road.bar(phone.registration_id))) == (1, 1)
        for phone in (road.world.inbox.find(push.registration_id) for push in pushes)
    )


async def test_one_content_reaches_1001_phones_once_each_by_a_list_and_a_single_push(road: Road) -> None:
    pushes = several(1001)

    outcomes = [*await road.send_batch(pushes[:1000]), *await road.send_batch(pushes[1000:])]

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert shown_once(road, pushes)
    assert paths(road) == {"saveListPayload": 1, "pushToList": 1, "send": 1}
    assert violations(road) == []


async def test_a_list_arrives_field_for_field_under_one_notify_id(road: Road) -> None:
    options: dict[str, object] = {
        "notifyType": 2,
        "networkType": 1,
        "foregroundShow": False,
        "sendOnline": False,
        "pushMode": 0,
        "extra": {"callback.id": "7"},
    }
    pushes = several(
        2,
        ext='{"chat": 42}',
        badge=Badge(BadgeKind.INCREMENT),
        click_action=ClickAction(ClickKind.URL, "https://example.com"),
        options=options,
    )

    outcomes = await road.send_batch(pushes)

    assert outcomes == [Accepted(vendor_code="0", vendor_message_id="541362618526760001")] * 2
    [one], [two] = road.bar(pushes[0].registration_id), road.bar(pushes[1].registration_id)
    assert one == two
    raw = cast("dict[str, object]", one["raw"])
    assert {name: value for name, value in raw.items() if name != "requestId"} == {
        "appId": 100000001,
        "timeToLive": 3600,
        "title": "小明",
        "content": "晚上一起吃火锅吗?",
        "classification": 1,
        "category": "IM",
        "notifyId": 698_897_324,
        "skipType": 2,
        "skipContent": "https://example.com",
        "clientCustomMap": {"ext": '{"chat":42}'},
        "addBadge": True,
        **options,
    }
    assert violations(road) == []


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=899), timedelta(seconds=901), timedelta(days=28)])
async def test_a_lists_ttl_at_either_end_is_taken(road: Road, ttl: timedelta) -> None:
    outcomes = await road.send_batch(several(2, ttl=ttl))

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 2
    assert violations(road) == []


async def test_texts_and_data_at_the_limits_go_by_list_whole(road: Road) -> None:
    ext = json.dumps({"k": "😀" * 1013}, ensure_ascii=False, separators=(",", ":"))

    outcomes = await road.send_batch(several(2, title="题" * 41, body="文" * 101, ext=ext))

    assert [outcome.truncated for outcome in outcomes if isinstance(outcome, Accepted)] == [("title", "body")] * 2
    assert violations(road) == []


async def test_a_list_sent_again_replaces_what_it_repeats_and_a_collapse_id_what_was_before(road: Road) -> None:
    pushes = several(2)
    await road.send_batch(pushes)
    await road.send_batch(pushes)
    phone = pushes[0].registration_id
    repeated = len(road.bar(phone))
    await road.send_batch(several(2, content_id="c-2", collapse_id="chat-42"))
    await road.send_batch(several(2, content_id="c-3", collapse_id="chat-42", title="新的"))

    assert repeated == 1
    assert [shown["title"] for shown in road.bar(phone)] == ["新的", "小明"]


async def test_a_single_retry_of_a_lists_push_replaces_what_the_list_showed(road: Road) -> None:
    pushes = several(2)
    await road.send_batch(pushes)
    await road.send_batch(pushes[:1])

    assert len(road.bar(pushes[0].registration_id)) == 1


@pytest.mark.parametrize("step", ["saveListPayload", "pushToList"])
async def test_an_access_token_that_ends_at_either_step_costs_no_push(road: Road, step: str) -> None:
    road.fault({"match": {"path": step}, "effect": {"expire_token": True}})
    pushes = several(20)

    outcomes = await road.send_batch(pushes)

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert shown_once(road, pushes)
    assert road.world.counters.logins == 2
    assert violations(road) == []


@pytest.mark.parametrize(
    ("effect", "arrived"),
    [
        ({"drop": "before"}, 0),
        ({"drop": "after"}, 2),
        ({"status": 503, "when": "after"}, 2),
        ({"garbage": "html"}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("step", ["saveListPayload", "pushToList"])
async def test_no_usable_answer_at_either_step_leaves_the_list_open_and_a_repeat_shows_it_once(
    road: Road, step: str, effect: dict[str, object], arrived: int | None
) -> None:
    road.fault({"match": {"path": step}, "effect": effect})
    pushes = several(2)

    first = await road.send_batch(pushes)
    after_first = sum(len(road.bar(push.registration_id)) for push in pushes)
    second = await road.send_batch(pushes)

    at_push = step == "pushToList"
    assert [outcome.ambiguous for outcome in first if isinstance(outcome, Unavailable)] == [at_push] * 2
    assert after_first == (arrived if at_push else 0) or (at_push and arrived is None)
    assert [type(outcome) for outcome in second] == [Accepted] * 2
    assert [len(road.bar(push.registration_id)) for push in pushes] == [1, 1]


@pytest.mark.parametrize(
    ("code", "kind"), [(10302, RegistrationInvalid), (10311, MessageRejected), (19999, MessageRejected)]
)
async def test_what_befalls_one_phone_of_a_list_befalls_no_other(road: Road, code: int, kind: type[Outcome]) -> None:
    road.fault({"match": {"registration_id": "*2"}, "effect": {"code": code}, "times": 0})

    outcomes = await road.send_batch(several(3))

    assert [type(outcome) for outcome in outcomes] == [Accepted, kind, Accepted]
    assert violations(road) == []


@pytest.mark.parametrize("code", [10302, 10311])
async def test_a_list_refused_for_one_phone_reaches_all_others_by_halves(road: Road, code: int) -> None:
    road.fault({"match": {"path": "pushToList"}, "effect": {"code": code}, "times": 3})
    pushes = several(20)

    outcomes = await road.send_batch(pushes)

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert shown_once(road, pushes)
    assert violations(road) == []


async def test_a_message_lost_between_saving_and_pushing_is_saved_anew(road: Road) -> None:
    road.fault({"match": {"path": "pushToList"}, "effect": {"code": 10155}})
    pushes = several(3)

    outcomes = await road.send_batch(pushes)

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert shown_once(road, pushes)
    assert paths(road) == {"saveListPayload": 2, "pushToList": 2}


async def test_a_dead_phone_of_a_list_is_struck_off_alone(road: Road) -> None:
    pushes = several(3)
    dead = road.world.inbox.phone(pushes[1].registration_id)
    dead.is_dead, dead.dead_answer = True, 10302

    outcomes = await road.send_batch(pushes)

    assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, Accepted]
    assert outcomes[1].advice == "no phone of this app has the registration id; the app must register anew"


async def test_a_test_goes_by_list_to_test_phones_only(road: Road) -> None:
    pushes = several(3, title="test", options={"pushMode": 1})
    road.simulator.put_app(
        {"app_id": "100000001", "devices_for_tests": ",".join(push.registration_id for push in pushes[:2])}
    )

    outcomes = await road.send_batch(pushes)

    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, MessageRejected]
    assert outcomes[2].advice.startswith("the phone is no test phone")
    assert violations(road) == []


async def test_a_profile_keeps_a_content_out_of_lists(road: Road) -> None:
    pushes = several(3, options={"profileId": "p-1"})

    outcomes = await road.send_batch(pushes)

    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert (paths(road), shown_once(road, pushes)) == ({"send": 3}, True)


async def test_the_days_last_saved_list_makes_the_next_one_wait(road: Road) -> None:
    road.simulator.put_app({"app_id": "100000001", "saved_lists_daily_limit": 1})
    await road.send_batch(several(2))

    outcomes = await road.send_batch(several(2, content_id="c-2"))

    assert [outcome.retry_after for outcome in outcomes if isinstance(outcome, Throttled)] == [timedelta(hours=16)] * 2
    assert violations(road) == []
