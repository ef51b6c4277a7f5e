"""Time under load: TTLs that end in the queue, many sends due at once, a clock that steps."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Clock, Service, ServiceStarter

EXPIRED = delivery_pb2.DELIVERY_STATE_EXPIRED
SENT = delivery_pb2.DELIVERY_STATE_SENT
MANY = 10_000
BATCH = 1_000


async def host_fake(service: Service, registration_id: str) -> int:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    await service.register("alice", cert_id, registration_id)
    return cert_id


async def send_many(service: Service, count: int, request: pb.SendOfflineRequest) -> list[str]:
    """So many equal sends; their message ids."""
    ids: list[str] = []
    while len(ids) < count:
        answer = await service.stub.SendOfflineBatch(pb.SendOfflineBatchRequest(requests=[request] * BATCH))
        ids += [result.accepted.message_id for result in answer.results]
    return ids


def a_send(**fields: object) -> pb.SendOfflineRequest:
    request = pb.SendOfflineRequest(app_id="im", user_ids=["alice"], **fields)  # type: ignore[arg-type] # of the proto
    request.notification.CopyFrom(notification_pb2.Notification(title="Hi", body="text"))
    return request


def at(clock: Clock, **later: float) -> Timestamp:
    time = Timestamp()
    time.FromDatetime(clock.now + timedelta(**later))
    return time


async def states(service: Service, ids: list[str]) -> Counter[int]:
    messages = [await service.message(message_id) for message_id in ids]
    return Counter(delivery.state for message in messages for delivery in message.deliveries)


async def until_nothing_waits(service: Service, cert_id: int) -> None:
    async with asyncio.timeout(30):
        while (await service.cert(cert_id)).pending_deliveries:
            pass  # each look is a call of its own


async def test_10000_sends_whose_ttl_ends_in_the_queue_expire_and_none_leaves(service: Service, clock: Clock) -> None:
    cert_id = await service.host_oppo(credential={"master_secret": "wrong"})
    await service.register("alice", cert_id, PHONE_A)
    ids = await send_many(service, MANY, a_send(ttl=Duration(seconds=60)))

    clock.advance(seconds=61)
    await service.host_oppo(cert_id=cert_id)  # from now on the vendor would take them
    await until_nothing_waits(service, cert_id)

    assert await states(service, ids[::50]) == {EXPIRED: MANY // 50}
    assert (await service.sandbox.counters())["targets"] == 0


async def test_10000_sends_due_in_one_second_leave_then_and_not_before_also_across_a_restart(
    start_service: ServiceStarter,
) -> None:
    clock = start_service.clock
    service = await start_service()
    cert_id = await host_fake(service, "phone")
    ids = await send_many(service, MANY, a_send(deliver_after=at(clock, hours=1)))
    clock.advance(minutes=59, seconds=59)
    service = await start_service()
    assert (await service.cert(cert_id)).pending_deliveries == MANY

    clock.advance(seconds=1)
    await service.send("alice")
    await until_nothing_waits(service, cert_id)

    assert await states(service, ids[::50]) == {SENT: MANY // 50}


async def test_a_clock_that_steps_loses_nothing_and_sends_nothing_early(service: Service, clock: Clock) -> None:
    cert_id = await host_fake(service, "phone")
    due = clock.now + timedelta(hours=2)
    ids = await send_many(service, BATCH, a_send(deliver_after=at(clock, hours=2), ttl=Duration(seconds=86_400)))
    for step in (timedelta(hours=1), -timedelta(hours=1), timedelta(minutes=90), -timedelta(hours=3)):
        clock.now += step
        assert clock.now < due
        await service.send("alice")
        assert (await service.cert(cert_id)).pending_deliveries == BATCH

    clock.now = due
    await service.send("alice")
    await until_nothing_waits(service, cert_id)

    assert await states(service, ids[::50]) == {SENT: BATCH // 50}


async def test_whoever_logged_out_before_it_was_due_gets_nothing_in_10000_races(service: Service, clock: Clock) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    users = [f"user-{number}" for number in range(1_000)]
    for start in range(0, len(users), 200):
        await asyncio.gather(*(service.register(user, cert_id, f"phone-{user}") for user in users[start : start + 200]))
    ids: list[str] = []
    for _ in range(10):
        request = a_send(deliver_after=at(clock, seconds=1))
        request.user_ids[:] = users
        ids.append((await service.stub.SendOffline(request)).message_id)
    logouts = [asyncio.create_task(_log_out(service, user)) for user in users]
    await asyncio.sleep(0)
    clock.advance(seconds=1)
    await asyncio.gather(*logouts, _log_out(service, "nobody"))
    answered = clock.now
    clock.advance(seconds=1)
    await until_nothing_waits(service, cert_id)

    for message_id in ids:
        for delivery in (await service.message(message_id)).deliveries:
            if delivery.state == SENT:
                # It had left before its logout was answered.
                assert delivery.update_time.ToDatetime(tzinfo=answered.tzinfo) <= answered
            else:
                assert delivery.reason == delivery_pb2.REASON_LOGGED_OUT


async def _log_out(service: Service, user: str) -> None:
    await service.stub.UnregisterToken(pb.UnregisterTokenRequest(app_id="im", user_id=user))
