from __future__ import annotations

import asyncio
import json
from typing import cast

import aiohttp
import pytest

from tests.vendors.sandbox.conftest import OTHER_PHONE, PHONE, Clock, Json, Maker, message
from vendors.sandbox.server import SandboxServer, mount, running, serve
from vendors.sandbox.simulator import installed


def test_oppo_is_found_by_its_entry_point() -> None:
    assert "oppo" in installed()


async def test_the_overview_names_vendors_endpoints_and_totals(maker: Maker) -> None:
    overview = cast("Json", (await maker.control("GET", ""))["vendors"])
    oppo = cast("Json", overview["oppo"])

    assert "/oppo/server/v1/message/notification/unicast_batch" in cast("list[str]", oppo["endpoints"])
    assert (oppo["apps"], oppo["faults"]) == (1, 0)
    assert cast("Json", oppo["counters"])["logins"] == 1


async def test_a_maker_says_how_to_push_to_it(maker: Maker) -> None:
    assert await maker.control("GET", "/oppo/demo") == {
        "credential": {"app_key": "sandbox-app-key", "master_secret": "sandbox-master-secret"},
        "registration_id": "CN_00112233445566778899aabbccddeeff",
        "channel_id": "chat",
    }


async def test_a_phone_nothing_was_sent_to_is_empty_and_not_made(maker: Maker) -> None:
    phone = await maker.control("GET", f"/oppo/phones/{PHONE}")

    assert phone == {
        "vendor": "oppo",
        "registration_id": PHONE,
        "dead": False,
        "received": 0,
        "distinct": 0,
        "duplicates": 0,
        "notifications": [],
    }
    assert (await maker.control("GET", "/oppo/phones"))["total"] == 0


async def test_a_notification_is_shown_in_full(maker: Maker) -> None:
    fields: Json = {"click_action_type": 4, "click_action_activity": "com.example.Main", "notify_id": 3}
    await maker.unicast(message(**fields, action_parameters='{"room":"42"}'))

    [shown] = await maker.bar()

    assert shown == {
        "at": "2026-01-01T00:00:00.000+00:00",
        "message_id": "sandbox-app-1-1-6955b9000000000000000001",
        "title": "Hi",
        "text": "你好",
        "channel": "im",
        "category": "IM",
        "click": {"opens": "activity", "value": "com.example.Main"},
        "extras": {"room": "42"},
        "raw": {
            "title": "Hi",
            "content": "你好",
            "category": "IM",
            "channel_id": "im",
            "click_action_type": 4,
            "click_action_activity": "com.example.Main",
            "notify_id": 3,
            "action_parameters": '{"room":"42"}',
        },
    }


async def test_phones_are_listed_by_the_page_and_removed(maker: Maker) -> None:
    await maker.batch([message(f"CN_{index:032x}") for index in range(5)])

    page = await maker.control("GET", "/oppo/phones?offset=3&limit=10")
    one = await maker.control("DELETE", f"/oppo/phones/CN_{0:032x}")
    rest = await maker.control("DELETE", "/oppo/phones")

    assert page["total"] == 5
    assert [phone["registration_id"] for phone in cast("list[Json]", page["phones"])] == [
        f"CN_{3:032x}",
        f"CN_{4:032x}",
    ]
    assert (one, rest) == ({"removed": 1}, {"removed": 4})
    assert await maker.bar(f"CN_{4:032x}") == []


async def test_the_bar_keeps_the_last_50(maker: Maker) -> None:
    await maker.batch([message(title=f"t{index}") for index in range(60)])

    shown = await maker.bar()

    assert [shown[0]["title"], shown[-1]["title"], len(shown)] == ["t59", "t10", 50]


async def test_violations_are_told_newest_first_and_the_last_100_kept(maker: Maker) -> None:
    await maker.batch([message("bad", title=f"t{index}") for index in range(150)])
    await maker.unicast(message(sub_title="x" * 11))

    told = await maker.control("GET", "/oppo/violations")
    newest = cast("list[Json]", told["violations"])[0]

    assert (told["total"], len(cast("list[Json]", told["violations"]))) == (151, 100)
    assert newest == {
        "at": "2026-01-01T00:00:00.000+00:00",
        "path": "/server/v1/message/notification/unicast",
        "code": 41,
        "field": "notification.sub_title",
        "expected": "a string of 0 to 10 characters",
        "got": '"xxxxxxxxxxx"',
        "text": "/server/v1/message/notification/unicast answered 41: notification.sub_title: "
        'expected a string of 0 to 10 characters, got "xxxxxxxxxxx"',
    }


async def test_a_violation_shows_a_registration_id_by_its_beginning(maker: Maker) -> None:
    await maker.unicast(message("US_" + "c" * 32))

    [violation] = await maker.violations()

    assert violation["got"] == '"US_ccccccccc…" (35 characters)'


async def test_apps_are_added_edited_and_shown_without_secrets(maker: Maker) -> None:
    added = await maker.control("POST", "/oppo/apps", {"app_key": "k2", "master_secret": "s2", "qps": 100})
    edited = await maker.control("POST", "/oppo/apps", {"app_key": "k2", "require_template": True, "daily_limit": None})
    listed = await maker.control("GET", "/oppo/apps")

    assert added["app"] == {
        "app_key": "k2",
        "app_id": "k2",
        "enabled": True,
        "has_api_right": True,
        "require_template": False,
        "strong_reminder": False,
        "daily_limit": 100000,
        "device_daily_cap": 2,
        "qps": 100,
        "qps_code": 55,
        "region": "cn",
        "allow_header_token": False,
        "allow_all_devices": False,
        "shuffle_answers": False,
    }
    app = cast("Json", edited["app"])
    assert (app["qps"], app["require_template"], app["daily_limit"]) == (100, True, None)
    assert len(cast("list[Json]", listed["apps"])) == 2
    assert "secret" not in json.dumps(listed)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ([], "the body must be a JSON object"),
        ({}, "app_key is missing"),
        ({"app_key": 7}, "app_key is missing"),
        ({"app_key": "new"}, "master_secret is missing"),
        ({"app_key": "sandbox-app-key", "app_secret": "x"}, "app_secret is not a field of an app"),
        ({"app_key": "sandbox-app-key", "master_secret": ""}, "master_secret must be a JSON string, not empty"),
        ({"app_key": "sandbox-app-key", "enabled": 1}, "enabled must be a JSON boolean"),
        ({"app_key": "sandbox-app-key", "qps": True}, "qps must be a whole number"),
        ({"app_key": "sandbox-app-key", "daily_limit": -1}, "daily_limit must be a whole number"),
        ({"app_key": "sandbox-app-key", "qps_code": 7}, "qps_code must be one of 13, 55, -2"),
        ({"app_key": "sandbox-app-key", "region": "us"}, "region must be one of cn, intl"),
    ],
)
async def test_an_edit_that_cannot_be_taken_names_the_field(maker: Maker, edit: object, words: str) -> None:
    refused = await maker.control("POST", "/oppo/apps", edit, status=400)

    assert words in str(refused["error"])


async def test_a_reset_forgets_all_but_access_tokens(maker: Maker) -> None:
    await maker.app(daily_limit=0)
    await maker.fault({"effect": {"code": 13}, "times": 0, "after": 1})
    await maker.unicast(message(app_message_id="m-1"))
    await maker.control("POST", f"/oppo/phones/{OTHER_PHONE}", {"dead": True})

    await maker.control("POST", "/reset")
    zero = await maker.counters()
    again = await maker.unicast(message(app_message_id="m-1", category="NEWS"))
    await maker.unicast(message(OTHER_PHONE))

    assert (zero["calls"], zero["phones"], zero["delivered"], zero["paths"]) == (0, 0, 0, {})
    assert again["code"] == 0
    assert len(await maker.bar()) == len(await maker.bar(OTHER_PHONE)) == 1


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/opo/phones", None, 404),
        ("GET", "/oppo/phones?limit=1001", None, 400),
        ("GET", "/oppo/phones?offset=-1", None, 400),
        ("POST", f"/oppo/phones/{PHONE}", {"alive": True}, 400),
        ("POST", f"/oppo/phones/{PHONE}", {"dead": "yes"}, 400),
        ("POST", f"/oppo/phones/{PHONE}", {"dead": True, "answer": "10000"}, 400),
        ("POST", "/oppo/faults", {"effect": {}}, 400),
        ("POST", "/oppo/faults", None, 400),
    ],
)
async def test_a_wrong_control_call_is_told_so_in_words(
    maker: Maker, method: str, path: str, content: object, status: int
) -> None:
    refused = await maker.control(method, path, content, status=status)

    assert str(refused["error"])


async def test_a_phone_too_many_is_told_so_in_words(maker: Maker) -> None:
    maker.server.worlds["oppo"].inbox.max_phones = 0

    refused = await maker.control("POST", f"/oppo/phones/{PHONE}", {"dead": True}, status=400)

    assert "at most 0 phones" in str(refused["error"])


async def test_two_sandboxes_in_one_process_share_nothing(maker: Maker, clock: Clock) -> None:
    await maker.unicast(message())

    async with running(mounted=mount(clock=clock)) as other:
        counters = other.worlds["oppo"].counters

    assert counters.calls == 0
    assert other.url != maker.server.url


async def test_a_port_in_use_is_an_error_at_once(maker: Maker) -> None:
    port = int(maker.server.url.rpartition(":")[2])

    with pytest.raises(OSError, match="address already in use"):
        async with running(port=port):
            pass


async def test_serve_runs_until_cancelled() -> None:
    ready: asyncio.Future[SandboxServer] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve("127.0.0.1", 0, ready=ready.set_result))
    server = await ready

    async with aiohttp.ClientSession() as http:
        async with http.get(f"{server.url}/_control") as response:
            status = response.status
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(f"{server.url}/_control")

    assert status == 200


async def test_an_app_too_many_is_told_so_in_words(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vendors.sandbox.app_registry.MAX_APPS", 1)

    refused = await maker.control("POST", "/oppo/apps", {"app_key": "one more", "master_secret": "s"}, status=400)

    assert "at most 1 apps" in str(refused["error"])
