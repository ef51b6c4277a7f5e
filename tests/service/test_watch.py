from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from pushsvc import watching
from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from tests.conftest import Clock, Service, ServiceStarter
from tests.service.refusals import refusal_of, violations_of

SENT = delivery_pb2.DELIVERY_STATE_SENT
FAILED = delivery_pb2.DELIVERY_STATE_FAILED
CANCELLED = delivery_pb2.DELIVERY_STATE_CANCELLED
EXPIRED = delivery_pb2.DELIVERY_STATE_EXPIRED

Stream = AsyncIterator[pb.WatchDeliveriesResponse]


@asynccontextmanager
async def watched(service: Service, *, app_id: str = "im", cursor: str = "") -> AsyncIterator[Stream]:
    """A stream past its first response, which says from where on it is."""
    call = service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id=app_id, cursor=cursor), timeout=20)
    responses = aiter(call)
    first = await anext(responses)
    assert (first.cursor != "", list(first.deliveries)) == (True, [])
    try:
        yield responses
    finally:
        call.cancel()


async def changes(responses: Stream, count: int) -> tuple[list[delivery_pb2.Delivery], str]:
    """So many changes, and the cursor behind them."""
    seen: list[delivery_pb2.Delivery] = []
    async for response in responses:
        seen += response.deliveries
        if len(seen) >= count:
            return seen, response.cursor
    raise AssertionError("the stream ended")


async def cursor_now(service: Service) -> str:
    responses = aiter(service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im"), timeout=20))
    return (await anext(responses)).cursor


async def host_fake(service: Service, *phones: str, app_id: str = "im") -> int:
    cert_id = await service.host(cert_pb2.Cert(app_id=app_id, vendor="fake"))
    for at, phone in enumerate(phones):
        await service.register(f"user-{at}", cert_id, phone, app_id=app_id)
    return cert_id


async def test_each_outcome_of_an_app_is_seen_once_with_its_reason_and_nothing_of_another_app(service: Service) -> None:
    await host_fake(service, "phone-1", "invalid")
    await host_fake(service, "phone-1", app_id="mail")

    async with watched(service) as responses:
        await service.send("user-0", app_id="mail")
        sent = await service.send("user-0", "user-1")
        seen, _ = await changes(responses, 2)

    by_user = {each.user_id: each for each in seen}
    assert len(seen) == 2
    assert (by_user["user-0"].state, by_user["user-0"].delivery_id) == (SENT, f"{sent.message_id}-0")
    assert (by_user["user-1"].state, by_user["user-1"].reason) == (FAILED, delivery_pb2.REASON_REGISTRATION_INVALID)


async def test_a_cancel_a_logout_a_deleted_cert_and_an_ended_ttl_are_seen_too(service: Service, clock: Clock) -> None:
    cert_id = await host_fake(service, "unavailable#1", "unavailable#2", "unavailable#3", "unavailable#4")

    async with watched(service) as responses:
        sends = [await service.send(f"user-{at}") for at in range(4)]
        await service.stub.CancelMessage(pb.CancelMessageRequest(app_id="im", message_id=sends[0].message_id))
        await service.stub.UnregisterToken(pb.UnregisterTokenRequest(app_id="im", user_id="user-1"))
        seen, _ = await changes(responses, 2)
        clock.advance(days=2)
        seen += (await changes(responses, 2))[0]
        await service.send("user-2")
        await service.stub.DeleteCert(pb.DeleteCertRequest(app_id="im", cert_id=cert_id, force=True))
        seen += (await changes(responses, 1))[0]

    assert [(each.user_id, each.state) for each in seen[:2]] == [("user-0", CANCELLED), ("user-1", CANCELLED)]
    assert {(each.user_id, each.state) for each in seen[2:4]} == {("user-2", EXPIRED), ("user-3", EXPIRED)}
    assert [(each.user_id, each.reason) for each in seen[4:]] == [("user-2", delivery_pb2.REASON_CERT_DELETED)]


async def test_a_watcher_that_reconnects_at_random_across_restarts_misses_nothing_and_sees_nothing_twice(
    start_service: ServiceStarter,
) -> None:
    service = await start_service()
    await host_fake(service, "phone-1")
    cursor = await cursor_now(service)
    sent = []
    seen: list[str] = []
    for round_number in range(6):
        sends = await asyncio.gather(*(service.send("user-0", wait=round_number % 2 == 0) for _ in range(50)))
        sent += [f"{each.message_id}-0" for each in sends]
        if round_number % 2:
            service = await start_service()
        async with watched(service, cursor=cursor) as responses:
            # Whatever this response holds; what follows it is left for the next connection.
            some, cursor = await changes(responses, 1)
        seen += [each.delivery_id for each in some]
    async with watched(service, cursor=cursor) as responses:
        if len(seen) < len(sent):
            seen += [each.delivery_id for each in (await changes(responses, len(sent) - len(seen)))[0]]

    assert sorted(seen) == sorted(sent)


async def test_cursor_0_gives_everything_that_is_kept_in_pages(service: Service) -> None:
    await host_fake(service, "phone-1")
    await asyncio.gather(*(service.send("user-0") for _ in range(watching.PAGE + 20)))

    async with watched(service, cursor="0") as responses:
        first = await anext(responses)
        rest, _ = await changes(responses, 20)

    assert (len(first.deliveries), len(rest)) == (watching.PAGE, 20)


async def test_a_stop_ends_a_stream_at_once_with_unavailable(start_service: ServiceStarter) -> None:
    service = await start_service()
    async with grpc.aio.insecure_channel(service.address) as channel:
        responses = aiter(PushServiceStub(channel).WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im")))
        await anext(responses)

        async with asyncio.timeout(4):  # a stream that was left running would take the five seconds of the drain
            error, _ = await asyncio.gather(refusal_of(anext(responses)), start_service.stop())

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "cursor" in (error.details() or "")


async def test_more_watchers_than_allowed_are_told_to_come_back_and_those_that_left_make_room(service: Service) -> None:
    calls = [service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im")) for _ in range(watching.MAX_WATCHERS)]
    await asyncio.gather(*(anext(aiter(call)) for call in calls))

    error = await refusal_of(cursor_now(service))
    calls.pop().cancel()

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    async with asyncio.timeout(10):
        while await refused(service):
            pass  # each look is a call of its own


async def refused(service: Service) -> bool:
    try:
        await cursor_now(service)
    except grpc.aio.AioRpcError:
        return True
    return False


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "٣", "9223372036854775808"])
async def test_a_cursor_that_is_none_is_refused_by_name(service: Service, cursor: str) -> None:
    call = service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(cursor=cursor))

    error = await refusal_of(anext(aiter(call)))

    assert violations_of(error) == {"app_id": "is required", "cursor": "is not one that WatchDeliveries gave"}


async def test_a_cursor_of_another_database_is_refused(service: Service) -> None:
    call = service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im", cursor="4711"))

    error = await refusal_of(anext(aiter(call)))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_cursor_older_than_what_is_kept_is_refused_and_not_silently_moved(
    start_service: ServiceStarter,
) -> None:
    service = await start_service()
    await host_fake(service, "phone-1")
    await service.send("user-0")
    async with watched(service, cursor="0") as responses:
        _, cursor = await changes(responses, 1)
    for _ in range(2):
        await service.send("user-0")
    start_service.clock.advance(days=31)
    service = await start_service()

    async with asyncio.timeout(10):
        while True:
            stream = service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im", cursor=cursor))
            try:
                await anext(aiter(stream))
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.FAILED_PRECONDITION  # noqa: PT017 - until retention has passed
                break
            stream.cancel()
