"""A service that notes every request and gives canned answers, and what a command run against it gives back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Any, Protocol

import grpc.aio
from google.protobuf import any_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import status_pb2

from pushsvc.v1.push_service_pb2 import DESCRIPTOR

SERVICE = DESCRIPTOR.services_by_name["PushService"]
DETAILS_KEY = "grpc-status-details-bin"
Context = grpc.aio.ServicerContext[Any, Any]


class Command(Protocol):
    """Runs `pushsvc` with some words; gives exit code, standard output and standard error."""

    def __call__(self, *args: str) -> Awaitable[tuple[int, str, str]]: ...


class CannedService:
    """Answers each RPC with what `answers` holds under its name, else with an empty answer; a stream ends after one.

    With `breaks_once` the first stream ends as if the service went away.
    """

    def __init__(self) -> None:
        self.address = ""
        self.requests: list[Message] = []
        self.answers: dict[str, Message] = {}
        self.refusal: tuple[grpc.StatusCode, str, Iterable[Message]] | None = None
        self.details_code: grpc.StatusCode | None = None
        self.hangs = False
        self.breaks_once = False

    def refuse(self, code: grpc.StatusCode, message: str, *details: Message) -> None:
        self.refusal = (code, message, details)

    def handler(self) -> grpc.GenericRpcHandler:
        """All RPCs of the service, from its descriptor."""
        methods = {method.name: self._method_handler(method) for method in SERVICE.methods}
        return grpc.method_handlers_generic_handler(SERVICE.full_name, methods)

    def _method_handler(self, method: MethodDescriptor) -> grpc.RpcMethodHandler[Any, Any]:
        async def answer(request: Message, context: Context) -> Message:
            self.requests.append(request)
            if self.hangs:
                await asyncio.Event().wait()
            if self.refusal is not None:
                code, message, details = self.refusal
                status = _status(self.details_code or code, message, details)
                await context.abort(code, message, ((DETAILS_KEY, status.SerializeToString()),))
            return self.answers.get(method.name, GetMessageClass(method.output_type)())

        async def stream(request: Message, context: Context) -> AsyncIterator[Message]:
            yield await answer(request, context)
            if self.breaks_once:
                self.breaks_once = False
                await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the end")

        read = GetMessageClass(method.input_type).FromString
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(stream, read, _written)
        return grpc.unary_unary_rpc_method_handler(answer, read, _written)


def _written(message: Message) -> bytes:
    return message.SerializeToString()


def _status(code: grpc.StatusCode, message: str, details: Iterable[Message]) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status
