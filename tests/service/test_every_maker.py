"""One user with a phone of every make: one send lights every bar."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points

import pytest

from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from tests.conftest import CREDENTIAL, PHONE_A, Service


@dataclass(frozen=True)
class Make:
    """A maker's app in the sandbox, and how its registration ids look; `{}` is a number."""

    credential: Mapping[str, str]
    registration_id: str
    channel_id: str = "chat"


MAKES = {
    "oppo": Make(CREDENTIAL, "CN_{:032x}"),
    "xiaomi": Make({"package_name": "com.example.app", "app_secret": "sandbox-app-secret"}, "{:044d}", "100001"),
    "vivo": Make({"app_id": "100000001", "app_key": "sandbox-app-key", "app_secret": "sandbox-app-secret"}, "{:022d}"),
    "meizu": Make({"app_id": "100999", "app_secret": "sandbox-app-secret"}, "RA50c6348036343010d636{:020d}"),
    "honor": Make(
        {"app_id": "104000000", "client_id": "sandbox-client", "client_secret": "sandbox-client-secret"},
        "BAEAAAAAB.honor-token-{:010d}",
    ),
}

# vivo refuses what looks like a test message.
BODY = "老地方，七点见"


async def host(service: Service, vendor: str) -> int:
    make = MAKES[vendor]
    return await service.host(
        cert_pb2.Cert(
            app_id="im",
            vendor=vendor,
            credential=make.credential,
            base_url=f"{service.sandbox.url}/{vendor}",
            defaults=cert_pb2.CertDefaults(channel_id=make.channel_id),
        )
    )


def test_every_simulator_has_its_make_here() -> None:
    assert set(MAKES) == entry_points(group="pushsvc.sandboxes").names


async def test_one_send_lights_a_bar_of_every_make(service: Service) -> None:
    for vendor, make in MAKES.items():
        await service.register("alice", await host(service, vendor), make.registration_id.format(1))

    sent = await service.send(
        "alice", title="小红：今晚火锅？", notification=notification_pb2.Notification(body=BODY, ext='{"room":"42"}')
    )

    assert {each.vendor: each.state for each in sent.deliveries} == dict.fromkeys(
        MAKES, delivery_pb2.DELIVERY_STATE_SENT
    )
    for vendor, make in MAKES.items():
        [shown] = await service.sandbox.bar(make.registration_id.format(1), vendor)
        assert (shown["title"], shown["text"]) == ("小红：今晚火锅？", BODY)
        assert (await service.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("vendor", MAKES)
async def test_fifty_users_of_one_make_are_reached_once_each(service: Service, vendor: str) -> None:
    cert_id = await host(service, vendor)
    users = {f"user-{number}": MAKES[vendor].registration_id.format(number) for number in range(1, 51)}
    await asyncio.gather(*(service.register(user, cert_id, phone) for user, phone in users.items()))

    sent = await service.send(*users, title="今晚八点开会", notification=notification_pb2.Notification(body=BODY))

    assert {each.state for each in sent.deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    counters = await service.sandbox.counters(vendor)
    assert (counters["delivered"], counters["duplicates"], counters["violations"]) == (50, 0, 0)


async def test_what_a_maker_can_not_do_is_said_and_the_rest_arrives(service: Service) -> None:
    for vendor, make in MAKES.items():
        await service.register("alice", await host(service, vendor), make.registration_id.format(1))
    asked = notification_pb2.Notification(
        body=BODY, badge=notification_pb2.Badge(count=7), sound="chime.mp3", channel_id="100001", collapse_id="room-42"
    )

    sent = await service.send("alice", title="小红：今晚火锅？", notification=asked, ttl=timedelta(days=4))

    assert {each.vendor: (list(each.ignored), list(each.truncated)) for each in sent.deliveries} == {
        "oppo": (["sound"], []),
        "xiaomi": ([], []),
        "vivo": (["channel_id", "badge", "sound"], ["ttl"]),
        "meizu": (["channel_id", "badge", "sound"], ["ttl"]),
        "honor": (["channel_id", "sound"], []),
    }
    for vendor, make in MAKES.items():
        [shown] = await service.sandbox.bar(make.registration_id.format(1), vendor)
        assert shown["title"] == "小红：今晚火锅？"


@pytest.mark.parametrize("vendor", ["xiaomi", "meizu", "honor"])
async def test_one_content_of_many_calls_goes_to_the_maker_together(service: Service, vendor: str) -> None:
    cert_id = await host(service, vendor)
    users = {f"user-{number}": MAKES[vendor].registration_id.format(number) for number in range(1, 61)}
    await asyncio.gather(*(service.register(user, cert_id, phone) for user, phone in users.items()))
    body = notification_pb2.Notification(body=BODY)

    sends = await asyncio.gather(*(service.send(user, title="今晚八点开会", notification=body) for user in users))

    assert {each.deliveries[0].state for each in sends} == {delivery_pb2.DELIVERY_STATE_SENT}
    counters = await service.sandbox.counters(vendor)
    assert (counters["delivered"], counters["duplicates"], counters["violations"]) == (60, 0, 0)
    assert counters["calls"] < 20


async def test_a_maker_that_fails_does_not_hold_up_the_others(service: Service) -> None:
    await service.register("alice", await host(service, "oppo"), PHONE_A)
    await service.register("alice", await host(service, "vivo"), MAKES["vivo"].registration_id.format(1))
    await service.sandbox.fault("vivo", match={"kind": "send"}, effect={"status": 503}, times=0)

    sent = await service.send("alice", title="今晚火锅", notification=notification_pb2.Notification(body=BODY))

    assert {each.vendor: each.state for each in sent.deliveries} == {
        "oppo": delivery_pb2.DELIVERY_STATE_SENT,
        "vivo": delivery_pb2.DELIVERY_STATE_PENDING,
    }
