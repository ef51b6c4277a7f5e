from __future__ import annotations

import asyncio

from pushsvc.v1 import delivery_pb2
from tests.conftest import PHONE_A, Clock, Service

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
