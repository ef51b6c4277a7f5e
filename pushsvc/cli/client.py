"""One call to a running pushsvc, and what went wrong with it in one line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from pushsvc.cli.errors import CommandError
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub

# The service is reached directly: a shell's http_proxy must not swallow the loopback.
CHANNEL_OPTIONS = (("grpc.enable_http_proxy", 0),)
RESUME_SECONDS = 1.0

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)
StreamMethod = Callable[[PushServiceStub], "aio.UnaryStreamMultiCallable[Q, R]"]
Method = Callable[[PushServiceStub], "aio.UnaryUnaryMultiCallable[Q, R]"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where pushsvc is.

    Attributes:
        address: host and port.
        timeout_seconds: how long it may take to connect, and then to answer.
    """

    address: str
    timeout_seconds: float


def call(server: Server, method: Method[Q, R], request: Q) -> R:
    """What the service answers; see `ask`."""
    return asyncio.run(ask(server, method, request))


async def ask(server: Server, method: Method[Q, R], request: Q) -> R:
    """What the service answers.

    Args:
        server: the service.
        method: picks the RPC, such as `lambda stub: stub.GetCert`.
        request: of that RPC.

    Raises:
        CommandError: nobody is there, or the answer is an error.
    """
    async with aio.insecure_channel(server.address, options=CHANNEL_OPTIONS) as grpc_channel:
        await _connect(grpc_channel, server)
        try:
            return await method(PushServiceStub(grpc_channel))(request, timeout=server.timeout_seconds)
        except aio.AioRpcError as error:
            raise CommandError(explain(error, server)) from error


async def follow(
    server: Server, method: StreamMethod[Q, R], request: Q, *, seen: Callable[[R], None], resume: Callable[[], None]
) -> NoReturn:
    """Gives what the service streams to `seen`, for ever; a line that breaks is taken up again.

    Args:
        server: the service.
        method: picks the RPC, such as `lambda stub: stub.WatchDeliveries`.
        request: of that RPC; read anew each time the line is taken up.
        seen: told of each response.
        resume: told that the line broke.

    Raises:
        CommandError: nobody is there at the start, or the service refuses.
    """
    async with aio.insecure_channel(server.address, options=CHANNEL_OPTIONS) as grpc_channel:
        await _connect(grpc_channel, server)
        while True:
            try:
                async for response in method(PushServiceStub(grpc_channel))(request, wait_for_ready=True):
                    seen(response)
            except aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise CommandError(explain(error, server)) from error
            resume()
            await asyncio.sleep(RESUME_SECONDS)


async def _connect(grpc_channel: aio.Channel, server: Server) -> None:
    """Waits for a connection, so that an UNAVAILABLE afterwards is known to be the service's own word."""
    state = grpc_channel.get_state(try_to_connect=True)
    try:
        async with asyncio.timeout(server.timeout_seconds):
            while state is not grpc.ChannelConnectivity.READY:
                if state is grpc.ChannelConnectivity.TRANSIENT_FAILURE:
                    raise CommandError(f"no pushsvc at {server.address}: is 'pushsvc serve' running?")
                await grpc_channel.wait_for_state_change(state)
                state = grpc_channel.get_state(try_to_connect=True)
    except TimeoutError as error:
        raise CommandError(
            f"no pushsvc at {server.address}: no connection within {server.timeout_seconds:g} s"
        ) from error


def explain(error: aio.AioRpcError, server: Server) -> str:
    """An error of the service in words: its status, every faulty field, and when to ask again."""
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"DEADLINE_EXCEEDED: no answer from {server.address} within {server.timeout_seconds:g} s"
    violations, retry_seconds = _details(error)
    text = "; ".join(violations) or error.details() or "no reason given"
    again = f"; try again in {retry_seconds:g} s" if retry_seconds is not None else ""
    return f"{error.code().name}: {text}{again}"


def _details(error: aio.AioRpcError) -> tuple[list[str], float | None]:
    """The faulty fields in words, and the seconds to wait before asking again."""
    violations: list[str] = []
    retry_seconds: float | None = None
    try:
        # The error has all of a call that is asked here.
        status = rpc_status.from_call(cast("grpc.Call", error))
        for detail in status.details if status else ():
            bad_request, retry_info = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
            if detail.Unpack(bad_request):
                violations += [f"{fault.field} {fault.description}" for fault in bad_request.field_violations]
            elif detail.Unpack(retry_info):
                retry_seconds = retry_info.retry_delay.ToTimedelta().total_seconds()
    except (ValueError, DecodeError):
        # Details that contradict the status or can't be read: the plain status still says what is wrong.
        return [], None
    return violations, retry_seconds
