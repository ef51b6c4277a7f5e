from __future__ import annotations

import asyncio
from datetime import timedelta

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Clock, Service, ServiceStarter
from tests.service.refusals import refusal_of

CANCELLED = (delivery_pb2.DELIVERY_STATE_CANCELLED, delivery_pb2.REASON_MESSAGE_CANCELLED)


async def cancel(service: Service, message_id: str, *, app_id: str = "im") -> int:
    request = pb.CancelMessageRequest(app_id=app_id, message_id=message_id)
    return (await service.stub.CancelMessage(request)).cancelled_deliveries


async def states_of(service: Service, message_id: str) -> list[tuple[int, int]]:
    return [(each.state, each.reason) for each in (await service.message(message_id)).deliveries]


async def test_a_scheduled_message_that_was_cancelled_never_leaves(service: Service, clock: Clock) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    for phone in ("phone-1", "phone-2"):
        await service.register("alice", cert_id, phone)
    due = Timestamp()
    due.FromDatetime(clock.now + timedelta(hours=1))
    later = await service.send("alice", title="later", wait=False, deliver_after=due)

    assert await cancel(service, later.message_id) == 2
    clock.advance(hours=2)
    await service.send("alice", title="next")

    assert await states_of(service, later.message_id) == [CANCELLED, CANCELLED]
    [*_, step] = (await service.message(later.message_id)).deliveries[0].timeline
    assert (step.state, step.detail) == (delivery_pb2.DELIVERY_STATE_CANCELLED, "the message was cancelled")


async def test_a_message_that_waits_for_another_attempt_is_stopped_and_its_sender_answered(service: Service) -> None:
    cert_id = await service.host_oppo(credential={"master_secret": "wrong"})
    await service.register("alice", cert_id, PHONE_A)
    refused = await service.send("alice", title="stuck")

    assert await cancel(service, refused.message_id) == 1
    await service.host_oppo(cert_id=cert_id)
    await service.send("alice", title="next")

    assert await states_of(service, refused.message_id) == [CANCELLED]
    assert [shown["title"] for shown in await service.sandbox.bar(PHONE_A)] == ["next"]


async def test_what_the_vendor_took_stays_sent_and_a_second_cancel_cancels_nothing(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice")

    assert await cancel(service, sent.message_id) == 0
    assert await cancel(service, sent.message_id) == 0

    assert (await states_of(service, sent.message_id))[0][0] == delivery_pb2.DELIVERY_STATE_SENT


async def test_however_a_cancel_meets_the_hand_over_the_books_agree_with_the_phone(
    start_service: ServiceStarter,
) -> None:
    service = await start_service()
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    sends = await asyncio.gather(*(service.send("alice", title=f"m{at}", wait=False) for at in range(40)))

    stopped = await asyncio.gather(*(cancel(service, each.message_id) for each in sends))
    service = await start_service()  # what was under way has ended

    shown = {each["title"] for each in await service.sandbox.bar(PHONE_A)}
    for at, (each, count) in enumerate(zip(sends, stopped, strict=True)):
        [(state, _)] = await states_of(service, each.message_id)
        assert (f"m{at}" in shown) == (state == delivery_pb2.DELIVERY_STATE_SENT)
        assert state != delivery_pb2.DELIVERY_STATE_PENDING
        assert count == 1 or f"m{at}" in shown


async def test_another_apps_message_is_not_found(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice")

    for message_id, app_id in ((sent.message_id, "mail"), ("1", "im"), ("no id", "im")):
        error = await refusal_of(cancel(service, message_id, app_id=app_id))
        assert error.code() is grpc.StatusCode.NOT_FOUND
