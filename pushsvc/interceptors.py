"""Maps what a use case raises to one gRPC status, once, with machine-readable details."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeAlias, cast

import grpc
import structlog
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from pushsvc.errors import (
    Full,
    InvalidRequest,
    KeyReused,
    NotFound,
    NotPossible,
    PushError,
    StoreUnavailable,
)

log = structlog.get_logger(__name__)

DETAILS_KEY = "grpc-status-details-bin"
STATUSES: dict[type[PushError], grpc.StatusCode] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    KeyReused: grpc.StatusCode.ALREADY_EXISTS,
    NotPossible: grpc.StatusCode.FAILED_PRECONDITION,
    Full: grpc.StatusCode.RESOURCE_EXHAUSTED,
    StoreUnavailable: grpc.StatusCode.UNAVAILABLE,
}

# An error travels in the trailers, of which clients take 8 KiB; names of unknown fields are as long as callers like.
MAX_WORDS = 1_000
MAX_VIOLATIONS = 20
MAX_FIELD = 100
MAX_FAULT = 150

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Behaviour: TypeAlias = Callable[[Any, "Context"], Awaitable[Any]]


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Turns PushError into its status, and anything unexpected into INTERNAL with an id that stands in the log."""

    def __init__(self) -> None:
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """The handler with its errors mapped; wrapped once per method, not per call."""
        method = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is not None:
            return wrapped
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        wrapped = grpc.unary_unary_rpc_method_handler(
            _mapped(method, cast("Behaviour", handler.unary_unary)),
            handler.request_deserializer,
            handler.response_serializer,
        )
        self._wrapped[method] = wrapped
        return wrapped


def _mapped(method: str, behaviour: Behaviour) -> Behaviour:
    async def call(request: Any, context: Context) -> Any:  # noqa: ANN401 - any message
        try:
            return await behaviour(request, context)
        except PushError as error:
            await _refuse(context, error)
        except Exception:
            error_id = uuid.uuid4().hex[:12]
            log.exception("call failed", method=method, error_id=error_id)
            await context.abort(grpc.StatusCode.INTERNAL, f"a fault of ours; the log has it under error_id {error_id}")

    return call


async def _refuse(context: Context, error: PushError) -> NoReturn:
    status_code = STATUSES[type(error)]
    words = _cut(str(error), MAX_WORDS)
    status = status_pb2.Status(code=code_pb2.Code.Value(status_code.name), message=words)
    for detail in _details(error):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    await context.abort(status_code, words, ((DETAILS_KEY, status.SerializeToString()),))
    raise AssertionError("abort always raises")


def _details(error: PushError) -> list[Message]:
    if isinstance(error, InvalidRequest):
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field=_cut(violation.field, MAX_FIELD), description=_cut(violation.text, MAX_FAULT)
            )
            for violation in error.violations[:MAX_VIOLATIONS]
        ]
        return [error_details_pb2.BadRequest(field_violations=violations)]
    if isinstance(error, Full):
        delay = Duration()
        delay.FromTimedelta(error.retry_after)
        return [error_details_pb2.RetryInfo(retry_delay=delay)]
    return []


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
