from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from pushsvc import sending
from pushsvc.errors import PushError
from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Service, ServiceStarter
from tests.service.refusals import refusal_of, retry_delay_of, violations_of

SERVICE = pb.DESCRIPTOR.services_by_name["PushService"]


async def test_health_says_serving(service: Service) -> None:
    check = service.channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )

    answer = await check(health_pb2.HealthCheckRequest(service="pushsvc.v1.PushService"))

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("symbol", ["pushsvc.v1.PushService", "pushsvc.v1.PushService.SendOffline", "pushsvc.v1.Cert"])
async def test_reflection_finds_services_methods_and_messages(service: Service, symbol: str) -> None:
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)

    [answer] = await reflected(service, request)

    assert len(answer.file_descriptor_response.file_descriptor_proto) > 0


async def test_reflection_says_not_found_of_an_unknown_method(service: Service) -> None:
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol="pushsvc.v1.PushService.Nothing")

    [answer] = await reflected(service, request)

    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_reflection_lists_the_service(service: Service) -> None:
    [answer] = await reflected(service, reflection_pb2.ServerReflectionRequest(list_services=""))

    assert "pushsvc.v1.PushService" in {each.name for each in answer.list_services_response.service}


async def reflected(
    service: Service, request: reflection_pb2.ServerReflectionRequest
) -> list[reflection_pb2.ServerReflectionResponse]:
    reflect = service.channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )

    return [each async for each in reflect(iter([request]))]


async def test_no_method_is_registered_as_grpc_would_ask_for_each_anew_with_every_call(
    start_service: ServiceStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[str] = []
    monkeypatch.setattr(
        type(grpc.aio.server()), "add_registered_method_handlers", lambda _, service, __: registered.append(service)
    )

    await start_service()

    assert registered == []


@pytest.mark.parametrize("method", [method.name for method in SERVICE.methods])
async def test_every_rpc_answers_an_empty_request_with_words_or_an_answer(service: Service, method: str) -> None:
    name = f"/{SERVICE.full_name}/{method}"
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = service.channel.unary_unary(name)
    stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = service.channel.unary_stream(name)

    try:
        is_stream = SERVICE.methods_by_name[method].server_streaming
        answer = [each async for each in stream(b"")] if is_stream else await call(b"")
    except grpc.aio.AioRpcError as error:
        refused_with = error.code()
        assert refused_with is grpc.StatusCode.INVALID_ARGUMENT
    else:
        assert (method, len(answer) > 0) == ("ListVendors", True)


async def test_3000_calls_at_once_on_one_connection_are_all_answered(service: Service) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))

    registered = await asyncio.gather(*(service.register(f"user-{at}", cert_id, f"phone-{at}") for at in range(3_000)))

    assert [each.user_id for each in registered] == [f"user-{at}" for at in range(3_000)]


async def test_a_request_over_256_kib_is_refused(service: Service) -> None:
    error = await refusal_of(service.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id="x" * (256 * 1024))))

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert violations_of(error) == {"request": "has 262152 bytes; at most 262144 are allowed"}


async def test_a_request_over_4_mib_is_refused_by_grpc_itself(service: Service) -> None:
    error = await refusal_of(service.stub.ListTokens(pb.ListTokensRequest(app_id="x" * (4 * 1024 * 1024))))

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_list_vendors_describes_oppo_well_enough_to_draw_its_form(service: Service) -> None:
    answer = await service.stub.ListVendors(pb.ListVendorsRequest())

    oppo = next(vendor for vendor in answer.vendors if vendor.name == "oppo")
    assert [(field.name, field.secret, field.required) for field in oppo.credential_fields] == [
        ("app_key", False, True),
        ("master_secret", True, True),
        ("app_id", False, False),
        ("region", False, False),
    ]
    assert (oppo.capabilities.title_limit, oppo.capabilities.body_limit) == (50, 50)
    assert "notify_level" in {option.name for option in oppo.options}


async def test_what_was_accepted_before_a_stop_is_sent_after_the_start(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.fault(match={"kind": "send"}, effect={"status": 503}, times=0)
    sent = [await service.send("alice", title=f"number {number}") for number in range(3)]
    assert {each.deliveries[0].state for each in sent} == {delivery_pb2.DELIVERY_STATE_PENDING}

    await service.sandbox.clear_faults()
    start_service.clock.advance(minutes=10)
    service = await start_service()

    async with asyncio.timeout(10):
        while (await service.cert(cert_id)).pending_deliveries:
            pass  # each look is a call of its own
    shown = [each["title"] for each in await service.sandbox.bar(PHONE_A)]
    assert sorted(shown) == ["number 0", "number 1", "number 2"]


@pytest.mark.parametrize("method", [method.name for method in SERVICE.methods])
async def test_bytes_that_are_no_message_are_refused_in_words(service: Service, method: str) -> None:
    name = f"/{SERVICE.full_name}/{method}"
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = service.channel.unary_unary(name)
    stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = service.channel.unary_stream(name)

    async def answers() -> None:
        if SERVICE.methods_by_name[method].server_streaming:
            await anext(aiter(stream(b"no message at all")))
        else:
            await call(b"no message at all")

    error = await refusal_of(answers())

    assert violations_of(error) == {"request": "is no message of this method"}


async def test_a_call_without_a_message_is_refused_in_words(service: Service) -> None:
    send: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = service.channel.stream_unary(
        f"/{SERVICE.full_name}/SendOffline"
    )

    error = await refusal_of(send(iter(())))

    assert violations_of(error) == {"request": "is missing"}


@pytest.mark.parametrize("method", ["SendOffline", "SendOfflineBatch"])
async def test_a_send_that_is_refused_for_want_of_room_is_not_even_read(
    start_service: ServiceStarter, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(sending, "MAX_WAITING_USERS", 0)
    service = await start_service()
    send: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = service.channel.stream_unary(
        f"/{SERVICE.full_name}/{method}"
    )

    async def nothing_for_long() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with asyncio.timeout(10):
        error = await refusal_of(send(nothing_for_long()))

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert retry_delay_of(error) == timedelta(seconds=1)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nobody looks for garbage."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("method", ["SendOffline", "WatchDeliveries"])
async def test_a_refused_call_leaves_nothing_that_only_a_garbage_collection_frees(
    service: Service, method: str
) -> None:
    call: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = service.channel.stream_stream(
        f"/{SERVICE.full_name}/{method}"
    )

    await asyncio.gather(*(refusal_of(anext(aiter(call(iter([b"no message"]))))) for _ in range(100)))

    left = [each for each in gc.get_objects() if isinstance(each, grpc.aio.AbortError | PushError)]
    assert len(left) < 10  # the last of them may not have ended quite
