"""Whatever one maker does wrong, every neighbour is reached once and every outcome has a reason."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest

from pushsvc.v1 import delivery_pb2, notification_pb2
from tests.conftest import Clock, Service
from tests.service.makers import BODY, MAKES, TITLE, host_with_phones

USERS = 120
NOTIFICATION = notification_pb2.Notification(body=BODY)

FAULTS: Mapping[str, Mapping[str, object]] = {
    "a server error": {"status": 503},
    "a server error after the call was carried out": {"status": 502, "when": "after"},
    "a dropped connection": {"drop": "before"},
    "a connection dropped after the call was carried out": {"drop": "after"},
    "a garbage answer": {"garbage": "html"},
    "a cut answer after the call was carried out": {"garbage": "truncated", "when": "after"},
    "an answer of wrong types": {"garbage": "types"},
}


async def bring_to_an_end(service: Service, clock: Clock, message_id: str, cert_id: int) -> list[delivery_pb2.Delivery]:
    """Turns the clock on, and wakes the lane, until nothing of a message is pending."""
    async with asyncio.timeout(30):
        for number in range(1_000, 2_000):
            deliveries = list((await service.message(message_id)).deliveries)
            if all(each.state != delivery_pb2.DELIVERY_STATE_PENDING for each in deliveries):
                return deliveries
            # Little enough for a maker that compares clocks.
            clock.advance(seconds=70)
            waker = f"waker-{number}"
            await service.register(waker, cert_id, MAKES[deliveries[0].vendor].phone(number))
            await service.send(waker, title=f"叫醒 {number}", notification=NOTIFICATION)
    raise AssertionError("it never ended")


async def seen(service: Service, vendor: str, phones: Mapping[str, str]) -> Counter[int]:
    """How many phones show how many notifications."""
    return Counter([len(await service.sandbox.bar(phone, vendor)) for phone in phones.values()])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("vendor", MAKES)
async def test_a_fault_in_mid_stream_loses_and_doubles_nothing(
    service: Service, clock: Clock, vendor: str, fault: str
) -> None:
    users = await host_with_phones(service, vendor, USERS)
    await service.sandbox.fault(vendor, match={"kind": "send"}, effect=FAULTS[fault], times=1)

    sent = await service.send(*users, title=TITLE, notification=NOTIFICATION)

    waiting = [each for each in sent.deliveries if each.state == delivery_pb2.DELIVERY_STATE_PENDING]
    assert waiting
    assert all(each.reason and each.vendor_reason and each.advice for each in waiting)
    deliveries = await bring_to_an_end(service, clock, sent.message_id, waiting[0].cert_id)
    assert {each.state for each in deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    assert await seen(service, vendor, users) == {1: USERS}
    assert (await service.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("vendor", MAKES)
async def test_a_throttle_fails_nothing(service: Service, clock: Clock, vendor: str) -> None:
    users = await host_with_phones(service, vendor, USERS)
    await service.sandbox.fault(
        vendor, match={"kind": "send"}, effect={"code": MAKES[vendor].throttled, "message": "too fast"}, times=1
    )

    sent = await service.send(*users, title=TITLE, notification=NOTIFICATION)

    waiting = [each for each in sent.deliveries if each.state == delivery_pb2.DELIVERY_STATE_PENDING]
    assert {each.reason for each in waiting} == {delivery_pb2.REASON_THROTTLED}
    assert {each.vendor_code for each in waiting} == {str(MAKES[vendor].throttled)}
    deliveries = await bring_to_an_end(service, clock, sent.message_id, waiting[0].cert_id)
    assert {each.state for each in deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    assert await seen(service, vendor, users) == {1: USERS}


@pytest.mark.parametrize("vendor", [name for name, make in MAKES.items() if make.signs_in])
async def test_an_access_token_that_expires_in_mid_stream_costs_one_sign_in(service: Service, vendor: str) -> None:
    users = await host_with_phones(service, vendor, USERS)
    first, *rest = users
    await service.send(first, title=TITLE, notification=NOTIFICATION)
    await service.sandbox.fault(vendor, match={"kind": "send"}, effect={"expire_token": True}, times=1)

    sent = await service.send(*rest, title=TITLE, notification=NOTIFICATION)

    assert {each.state for each in sent.deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    assert await seen(service, vendor, users) == {1: USERS}
    counters = await service.sandbox.counters(vendor)
    assert (counters["logins"], counters["violations"]) == (2, 0)


@pytest.mark.parametrize("vendor", MAKES)
async def test_an_unknown_code_is_a_refusal_in_words(service: Service, vendor: str) -> None:
    users = await host_with_phones(service, vendor, 2)
    await service.sandbox.fault(
        vendor, match={"kind": "send"}, effect={"code": 777777, "message": "who knows"}, times=0
    )

    sent = await service.send(*users, title=TITLE, notification=NOTIFICATION)

    assert {(each.state, each.reason, each.vendor_code) for each in sent.deliveries} == {
        (delivery_pb2.DELIVERY_STATE_FAILED, delivery_pb2.REASON_MESSAGE_REJECTED, "777777")
    }
    assert all("unlisted" in each.advice for each in sent.deliveries)


@pytest.mark.parametrize("vendor", MAKES)
async def test_dead_ids_among_a_thousand_fail_alone_and_are_forgotten(service: Service, vendor: str) -> None:
    users = await host_with_phones(service, vendor, 1_000)
    dead = {user: phone for at, (user, phone) in enumerate(users.items()) if at % 100 == 7}
    for phone in dead.values():
        await service.sandbox.kill_phone(phone, vendor, answer=MAKES[vendor].dead)

    sent = await service.send(*users, title=TITLE, notification=NOTIFICATION)

    failed = {each.user_id: each for each in sent.deliveries if each.state != delivery_pb2.DELIVERY_STATE_SENT}
    assert failed.keys() == dead.keys()
    assert {(each.state, each.reason) for each in failed.values()} == {
        (delivery_pb2.DELIVERY_STATE_FAILED, delivery_pb2.REASON_REGISTRATION_INVALID)
    }
    assert all(each.advice for each in failed.values())
    alive = {user: phone for user, phone in users.items() if user not in dead}
    assert await seen(service, vendor, alive) == {1: 990}
    again = await service.send(*users, title=TITLE, notification=NOTIFICATION, wait=False)
    assert list(again.unreachable_user_ids) == list(dead)
