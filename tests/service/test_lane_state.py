from __future__ import annotations

import asyncio

import pytest
from google.protobuf.duration_pb2 import Duration

from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from tests.conftest import PHONE_A, Clock, Service
from tests.service.makers import MAKES, host
from tests.service.refusals import refusal_of, violations_of

PENDING = delivery_pb2.DELIVERY_STATE_PENDING


async def send_to_a_vendor_that_is_down(service: Service) -> int:
    """A cert whose vendor has answered 503 so often that only probes leave."""
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.fault(match={"kind": "send"}, effect={"status": 503}, times=0)
    for _ in range(5):
        await service.send("alice")
    return cert_id


async def test_get_cert_says_that_the_vendor_is_down_and_when_it_is_asked_again(service: Service, clock: Clock) -> None:
    cert_id = await send_to_a_vendor_that_is_down(service)

    cert = await service.cert(cert_id)

    assert cert.lane.next_probe_time.ToMilliseconds() > clock.now.timestamp() * 1000
    assert cert.pending_deliveries == 5


async def test_what_waits_behind_a_vendor_that_is_down_says_so_and_goes_out_once_it_is_back(
    service: Service, clock: Clock
) -> None:
    cert_id = await send_to_a_vendor_that_is_down(service)
    waiting = await service.send("alice", title="waiting", wait=False)

    [delivery] = (await service.message(waiting.message_id)).deliveries
    assert (delivery.state, delivery.reason, delivery.attempts) == (PENDING, delivery_pb2.REASON_UNAVAILABLE, 0)
    assert "the vendor gives no usable answer" in delivery.advice
    assert delivery.next_attempt_time == (await service.cert(cert_id)).lane.next_probe_time

    await service.sandbox.clear_faults()
    clock.advance(minutes=5)
    await service.send("alice", title="last")
    assert "waiting" in [shown["title"] for shown in await service.sandbox.bar(PHONE_A)]
    assert not (await service.cert(cert_id)).lane.HasField("next_probe_time")


async def test_a_vendor_that_throttles_is_followed_and_what_waits_says_so(service: Service) -> None:
    cert_id = await service.host_oppo()
    users = [f"user-{at}" for at in range(100)]
    await asyncio.gather(*(service.register(user, cert_id, f"CN_{at:032x}") for at, user in enumerate(users)))
    await service.sandbox.put_app(app_key="sandbox-app-key", qps=10)
    await service.send(*users)  # lets one call through, and has it paid off
    throttled = await service.send(*users)

    assert {(each.state, each.reason) for each in throttled.deliveries} == {(PENDING, delivery_pb2.REASON_THROTTLED)}
    assert (await service.cert(cert_id)).lane.targets_per_second > 0

    waiting = await service.send("user-1", wait=False)
    [delivery] = (await service.message(waiting.message_id)).deliveries
    assert (delivery.reason, delivery.attempts) == (delivery_pb2.REASON_THROTTLED, 0)
    assert "waits its turn" in delivery.advice


async def test_a_days_quota_of_one_class_stops_that_class_and_says_so_while_chat_goes_on(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.put_app(app_key="sandbox-app-key", daily_limit=0)
    news = notification_pb2.Notification(category=notification_pb2.CATEGORY_NEWS)

    sends = [await service.send("alice", notification=news, ttl=Duration(seconds=300_000)) for _ in range(20)]
    chat = await service.send("alice", title="chat")

    assert chat.deliveries[0].state == delivery_pb2.DELIVERY_STATE_SENT
    [delivery] = (await service.message(sends[-1].message_id)).deliveries
    assert (delivery.state, delivery.reason, delivery.vendor_code) == (PENDING, delivery_pb2.REASON_THROTTLED, "33")
    assert delivery.attempts == 0
    [stopped] = (await service.cert(cert_id)).lane.stopped_classes
    assert (stopped.category, stopped.vendor_code) == (notification_pb2.CATEGORY_NEWS, "33")
    assert (await service.sandbox.counters())["refused"] == {"33": 1}


async def test_after_429_with_retry_after_no_call_comes_before_its_time(service: Service, clock: Clock) -> None:
    huawei = await host(service, "huawei")
    oppo = await service.host_oppo()
    await service.register("alice", huawei, MAKES["huawei"].phone(1))
    await service.register("bob", oppo, PHONE_A)
    await service.sandbox.fault("huawei", match={"kind": "send"}, effect={"status": 429, "retry_after": 30})
    sends = [await service.send("alice", wait=at == 0) for at in range(10)]
    assert (await service.send("bob")).deliveries[0].state == delivery_pb2.DELIVERY_STATE_SENT
    clock.advance(seconds=29)
    sends.append(await service.send("alice", wait=False))
    assert (await service.sandbox.counters("huawei"))["paths"]["/v1/{app_id}/messages:send"] == 1

    clock.advance(seconds=2)
    await service.send("alice", wait=False)

    async with asyncio.timeout(10):
        while len(await service.sandbox.bar(MAKES["huawei"].phone(1), "huawei")) < len(sends):
            clock.advance(seconds=1)


async def test_a_certs_own_limit_is_kept_shown_and_edited(service: Service, clock: Clock) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake", targets_per_second=100))
    users = [f"user-{at}" for at in range(60)]
    await asyncio.gather(*(service.register(user, cert_id, f"phone-{at}") for at, user in enumerate(users)))
    assert (await service.cert(cert_id)).targets_per_second == 100

    sent = await service.send(*users, wait=False)
    clock.advance(seconds=1)
    await service.send("user-0", wait=False)
    waiting = (await service.cert(cert_id)).pending_deliveries
    await service.host(cert_pb2.Cert(app_id="im", cert_id=cert_id, targets_per_second=0))

    assert waiting > 0
    async with asyncio.timeout(10):
        while (await service.cert(cert_id)).pending_deliveries:
            pass  # each look is a call of its own
    assert len((await service.message(sent.message_id)).deliveries) == 60


@pytest.mark.parametrize("rate", [-1, 100_001])
async def test_a_limit_out_of_bounds_is_refused_by_name(service: Service, rate: int) -> None:
    error = await refusal_of(service.host(cert_pb2.Cert(app_id="im", vendor="fake", targets_per_second=rate)))

    assert violations_of(error) == {"cert.targets_per_second": f"is {rate}; 0 to 100000 are allowed"}
