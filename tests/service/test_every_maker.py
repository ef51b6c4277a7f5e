"""One user with a phone of every make: one send lights every bar."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib.metadata import entry_points

import pytest

from pushsvc.v1 import delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Service
from tests.service.makers import BODY, MAKES, TITLE, host, host_with_phones


async def plug_in(service: Service, vendor: str) -> pb.Vendor:
    answer = await service.stub.ListVendors(pb.ListVendorsRequest())
    return next(each for each in answer.vendors if each.name == vendor)


def test_every_simulator_has_its_make_here() -> None:
    assert set(MAKES) == entry_points(group="pushsvc.sandboxes").names


async def test_one_send_lights_a_bar_of_every_make(service: Service) -> None:
    for vendor, make in MAKES.items():
        await service.register("alice", await host(service, vendor), make.phone(1))

    sent = await service.send(
        "alice", title=TITLE, notification=notification_pb2.Notification(body=BODY, ext='{"room":"42"}')
    )

    assert {each.vendor: each.state for each in sent.deliveries} == dict.fromkeys(
        MAKES, delivery_pb2.DELIVERY_STATE_SENT
    )
    for vendor, make in MAKES.items():
        [shown] = await service.sandbox.bar(make.phone(1), vendor)
        assert (shown["title"], shown["text"]) == (TITLE, BODY)
        assert (await service.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("vendor", MAKES)
async def test_fifty_users_of_one_make_are_reached_once_each(service: Service, vendor: str) -> None:
    users = await host_with_phones(service, vendor, 50)

    sent = await service.send(*users, title="今晚八点开会", notification=notification_pb2.Notification(body=BODY))

    assert {each.state for each in sent.deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    counters = await service.sandbox.counters(vendor)
    assert (counters["delivered"], counters["duplicates"], counters["violations"]) == (50, 0, 0)


async def test_what_a_maker_can_not_do_is_said_and_the_rest_arrives(service: Service) -> None:
    for vendor, make in MAKES.items():
        await service.register("alice", await host(service, vendor), make.phone(1))
    asked = notification_pb2.Notification(
        body=BODY, badge=notification_pb2.Badge(count=7), sound="chime.mp3", channel_id="100001", collapse_id="room-42"
    )

    sent = await service.send("alice", title=TITLE, notification=asked, ttl=timedelta(days=4))

    assert {each.vendor: (list(each.ignored), list(each.truncated)) for each in sent.deliveries} == {
        "oppo": (["sound"], []),
        "xiaomi": ([], []),
        "vivo": (["channel_id", "badge", "sound"], ["ttl"]),
        "meizu": (["channel_id", "badge", "sound"], ["ttl"]),
        "honor": (["channel_id", "sound"], []),
        "huawei": ([], []),
        "harmonyos": (["channel_id"], []),
    }
    for vendor, make in MAKES.items():
        [shown] = await service.sandbox.bar(make.phone(1), vendor)
        assert shown["title"] == TITLE


@pytest.mark.parametrize("vendor", ["xiaomi", "meizu", "honor", "vivo"])
async def test_one_content_of_many_calls_goes_to_the_maker_together(service: Service, vendor: str) -> None:
    users = await host_with_phones(service, vendor, 60)
    body = notification_pb2.Notification(body=BODY)

    sends = await asyncio.gather(*(service.send(user, title="今晚八点开会", notification=body) for user in users))

    assert {each.deliveries[0].state for each in sends} == {delivery_pb2.DELIVERY_STATE_SENT}
    counters = await service.sandbox.counters(vendor)
    assert (counters["delivered"], counters["duplicates"], counters["violations"]) == (60, 0, 0)
    # How many come together is up to the machine; one call for each would be 60, and at vivo's two steps more.
    assert counters["calls"] < 60


async def test_a_maker_that_fails_does_not_hold_up_the_others(service: Service) -> None:
    await service.register("alice", await host(service, "oppo"), PHONE_A)
    await service.register("alice", await host(service, "vivo"), MAKES["vivo"].phone(1))
    await service.sandbox.fault("vivo", match={"kind": "send"}, effect={"status": 503}, times=0)

    sent = await service.send("alice", title="今晚火锅", notification=notification_pb2.Notification(body=BODY))

    assert {each.vendor: each.state for each in sent.deliveries} == {
        "oppo": delivery_pb2.DELIVERY_STATE_SENT,
        "vivo": delivery_pb2.DELIVERY_STATE_PENDING,
    }


@pytest.mark.parametrize("vendor", MAKES)
async def test_every_tap_that_a_maker_can_do_reaches_the_phone(service: Service, vendor: str) -> None:
    make = MAKES[vendor]
    await service.register("alice", await host(service, vendor), make.phone(1))
    assert set(make.click_actions) == set((await plug_in(service, vendor)).capabilities.click_actions)

    for kind, value in make.click_actions.items():
        click = notification_pb2.ClickAction(**{kind: value})  # type: ignore[arg-type]  # one of the five
        asked = notification_pb2.Notification(
            body=BODY, ext='{"房间":"42","n":12345678901234567890}', click_action=click
        )
        sent = await service.send("alice", title=TITLE, notification=asked)
        assert (sent.deliveries[0].state, sent.deliveries[0].advice) == (delivery_pb2.DELIVERY_STATE_SENT, "")

    taps = [each["click"] for each in reversed(await service.sandbox.bar(make.phone(1), vendor))]
    assert taps[0] == {"opens": "app", "value": ""}
    assert [(tap["opens"], tap["value"]) for tap in taps[1:]] == list(make.click_actions.items())[1:]
    assert (await service.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("vendor", MAKES)
async def test_text_at_a_makers_limits_arrives_whole_and_beyond_them_shortened(service: Service, vendor: str) -> None:
    make = MAKES[vendor]
    await service.register("alice", await host(service, vendor), make.phone(1))
    can = (await plug_in(service, vendor)).capabilities
    title, body = (("字👋" * limit)[:limit] for limit in (min(can.title_limit, 199), min(can.body_limit, 300)))

    for more in ("", "…"):
        asked = notification_pb2.Notification(body=body + more)
        sent = await service.send("alice", title=title + more, notification=asked)
        assert sent.deliveries[0].state == delivery_pb2.DELIVERY_STATE_SENT

    longer, whole = await service.sandbox.bar(make.phone(1), vendor)
    assert (whole["title"], whole["text"]) == (title, body)
    for name, limit in (("title", can.title_limit), ("text", can.body_limit)):
        assert len(longer[name]) <= limit
        assert longer[name].startswith(whole[name][:-1])
    assert (await service.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("ttl", [timedelta(seconds=2), timedelta(days=14)])
@pytest.mark.parametrize("vendor", MAKES)
async def test_a_ttl_at_either_end_is_one_the_maker_takes(service: Service, vendor: str, ttl: timedelta) -> None:
    make = MAKES[vendor]
    await service.register("alice", await host(service, vendor), make.phone(1))

    sent = await service.send("alice", title=TITLE, notification=notification_pb2.Notification(body=BODY), ttl=ttl)

    max_ttl = (await plug_in(service, vendor)).capabilities.max_ttl.ToTimedelta()
    assert sent.deliveries[0].state == delivery_pb2.DELIVERY_STATE_SENT
    assert list(sent.deliveries[0].truncated) == (["ttl"] if ttl > max_ttl else [])
    assert (await service.sandbox.counters(vendor))["violations"] == 0
