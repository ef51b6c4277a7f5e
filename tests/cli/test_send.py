from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.json_format import ParseDict

from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command

HELLO = ("send", "--app", "im", "--user", "alice", "--title", "Hello", "--body", "World")


def refused_answer() -> api.SendOfflineResponse:
    delivery = {
        "delivery_id": "99-0",
        "user_id": "alice",
        "vendor": "oppo",
        "cert_id": 7,
        "state": "DELIVERY_STATE_FAILED",
        "reason": "REASON_MESSAGE_REJECTED",
        "vendor_code": "10001",
        "vendor_reason": "channel \x1b[31mmissing",
        "advice": "Create the channel in the app.",
        "attempts": 1,
        "ignored": ["click_action", "sound"],
        "registration_id_prefix": "CN_00112233",
    }
    fields = {"message_id": "99", "deliveries": [delivery], "unreachable_user_ids": ["bob"], "deduplicated": True}
    return ParseDict(fields, api.SendOfflineResponse())


async def test_everything_a_send_can_say_reaches_the_service(service: CannedService, command: Command) -> None:
    exit_code, _, err = await command(
        *(*HELLO, "--user", "bob", "--ext", '{"k":"v"}', "--url", "https://im.example.com/1"),
        *(
            "--channel-id",
            "chat",
            "--category",
            "im",
            "--collapse-id",
            "room-1",
            "--badge",
            "7",
            "--sound",
            "chime.mp3",
        ),
        *("--option", "oppo.notify_level=2", "--option", "oppo.template=plain", "--option", 'vivo.extra={"a":true}'),
        *("--ttl", "1h30m", "--deliver-after", "2030-01-31T08:00:00+08:00", "--idempotency-key", "k1", "--wait"),
        *("--server", service.address),
    )

    assert (exit_code, err) == (0, "")
    assert service.requests == [
        ParseDict(
            {
                "app_id": "im",
                "user_ids": ["alice", "bob"],
                "notification": {
                    "title": "Hello",
                    "body": "World",
                    "ext": '{"k":"v"}',
                    "click_action": {"url": "https://im.example.com/1"},
                    "channel_id": "chat",
                    "category": "CATEGORY_IM",
                    "collapse_id": "room-1",
                    "badge": {"count": 7},
                    "sound": "chime.mp3",
                    "vendor_options": {
                        "oppo": {"notify_level": 2, "template": "plain"},
                        "vivo": {"extra": {"a": True}},
                    },
                },
                "ttl": "5400s",
                "deliver_after": "2030-01-31T00:00:00Z",
                "idempotency_key": "k1",
                "wait": True,
            },
            api.SendOfflineRequest(),
        )
    ]


async def test_what_is_not_said_is_left_to_the_service(service: CannedService, command: Command) -> None:
    await command(*HELLO, "--server", service.address)

    request = api.SendOfflineRequest(app_id="im", user_ids=["alice"])
    request.notification.title = "Hello"
    request.notification.body = "World"
    assert service.requests == [request]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        (["--open-app"], {"open_app": True}),
        (["--activity", "com.example.Chat"], {"activity": "com.example.Chat"}),
        (["--intent-action", "com.example.OPEN"], {"intent_action": "com.example.OPEN"}),
        (["--intent-uri", "example://chat?id=1"], {"intent_uri": "example://chat?id=1"}),
    ],
)
async def test_each_tap_has_its_option(
    service: CannedService, command: Command, words: list[str], action: dict[str, object]
) -> None:
    await command(*HELLO, *words, "--server", service.address)

    request = service.requests[0]
    assert isinstance(request, api.SendOfflineRequest)
    assert request.notification.click_action == ParseDict(action, type(request.notification.click_action)())


async def test_a_badge_can_be_one_more_than_it_is(service: CannedService, command: Command) -> None:
    await command(*HELLO, "--badge", "+1", "--server", service.address)

    request = service.requests[0]
    assert isinstance(request, api.SendOfflineRequest)
    assert request.notification.badge.increment


async def test_deliver_after_takes_a_duration_from_now(service: CannedService, command: Command) -> None:
    earliest = datetime.now(UTC) + timedelta(minutes=10)

    await command(*HELLO, "--deliver-after", "10m", "--server", service.address)

    latest = datetime.now(UTC) + timedelta(minutes=10)
    request = service.requests[0]
    assert isinstance(request, api.SendOfflineRequest)
    assert earliest <= request.deliver_after.ToDatetime(UTC) <= latest


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--ttl", "soon"], "--ttl: must be a duration such as 90s, 30m, 1h30m or 2d"),
        (["--badge", "+2"], "--badge: must be a number such as 7, or +1"),
        (["--deliver-after", "2030-01-31T08:00"], "--deliver-after: needs a zone, such as +08:00 or Z"),
        (
            ["--option", "notify_level=2"],
            "--option: must be vendor.key=value, such as oppo.notify_level=2",
        ),
    ],
)
async def test_a_value_that_cannot_be_read_is_wrong_usage(command: Command, words: list[str], complaint: str) -> None:
    result = await command(*HELLO, *words)

    assert result == (2, "", f"error: Invalid value for {complaint}\n")


async def test_what_became_of_a_send_reads_as_words(service: CannedService, command: Command) -> None:
    service.answers["SendOffline"] = refused_answer()

    exit_code, out, _ = await command(*HELLO, "--server", service.address)

    assert exit_code == 0
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[0] == "message 99 accepted (the answer to an earlier send with this idempotency key)"
    assert lines[1].split() == [
        *("DELIVERY", "USER", "DEVICE", "VENDOR", "CERT", "PHONE", "STATE", "REASON", "ATTEMPTS"),
    ]
    assert lines[2].split() == ["99-0", "alice", "oppo", "7", "CN_00112233…", "failed", "message", "rejected", "1"]
    assert lines[3:] == [
        "99-0",
        "  vendor said  10001: channel �[31mmissing",
        "  left out     click_action, sound",
        "  what to do   Create the channel in the app.",
        "no phone registered: bob",
    ]


async def test_json_is_one_document_with_the_names_of_the_proto(service: CannedService, command: Command) -> None:
    service.answers["SendOffline"] = api.SendOfflineResponse(message_id="99", unreachable_user_ids=["小明"])

    _, out, _ = await command(*HELLO, "--json", "--server", service.address)

    assert json.loads(out) == {
        "message_id": "99",
        "deliveries": [],
        "unreachable_user_ids": ["小明"],
        "deduplicated": False,
    }
    assert "小明" in out
