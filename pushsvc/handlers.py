"""The RPCs' handlers: what a use case raises becomes one gRPC status, once, with machine-readable details."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, TypeAlias, cast

import grpc
import structlog
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from pushsvc.convert.refusals import Refusal, refusal_of
from pushsvc.errors import InvalidRequest, PushError
from vendors.contract import Violation

log = structlog.get_logger(__name__)

DETAILS_KEY = "grpc-status-details-bin"

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Behaviour: TypeAlias = Callable[[Any, "Context"], Awaitable[Any]]
StreamBehaviour: TypeAlias = Callable[[Any, "Context"], AsyncGenerator[Any]]
# Method, name of the status, seconds.
Ended: TypeAlias = Callable[[str, str, float], None]
Deserializer: TypeAlias = Callable[[bytes], Any]
# Of who calls, as `caller_of` names them.
Check: TypeAlias = Callable[[str], None]
Reader: TypeAlias = Callable[[bytes], Any]


def handlers_of(add: Callable[[Any, grpc.aio.Server], None], servicer: object) -> Mapping[str, Handler]:
    """The handlers of a servicer by method, for a generic handler.

    To register methods, as generated code does too, would have gRPC wait for the next call of each of them anew with
    every call of any, and the service has health and reflection beside its own.

    Args:
        add: the generated function that adds such a servicer to a server.
        servicer: whose methods they are.
    """
    collected = _Collected()
    add(servicer, cast("grpc.aio.Server", collected))
    return collected.handlers


class _Collected:
    """Takes what the generated code would add to a server."""

    def __init__(self) -> None:
        self.handlers: Mapping[str, Handler] = {}

    def add_generic_rpc_handlers(self, _: object) -> None:
        """The same handlers, as a server looks them up."""

    def add_registered_method_handlers(self, _: str, handlers: Mapping[str, Handler]) -> None:
        """The handlers by the methods' names."""
        self.handlers = handlers


def with_errors_mapped(
    handlers: Mapping[str, Handler],
    *,
    max_bytes: int,
    max_bytes_of: Mapping[str, int],
    check_of: Mapping[str, Check],
    ended: Ended,
) -> Mapping[str, Handler]:
    """Handlers that turn PushError into its status, and anything unexpected into INTERNAL with an id found in the log.

    Wrapped once, and not by an interceptor, which gRPC asks anew for each call.

    Args:
        handlers: by method; an answer, or an async generator of them.
        max_bytes: longest request.
        max_bytes_of: the same of methods that take another length.
        check_of: raises PushError where a caller of a method is refused. Asked before the request is read, so that a
            refusal costs little.
        ended: told of each call that ended: method, status and seconds.
    """

    def wrapped(method: str, handler: Handler) -> Handler:
        read = _reader(cast("Deserializer", handler.request_deserializer), max_bytes_of.get(method, max_bytes))
        if handler.unary_unary is not None:
            call = _mapped(method, check_of.get(method), read, cast("Behaviour", handler.unary_unary), ended)
            # To gRPC a stream, of one message: that one it does not read before the handler asks for it.
            return grpc.stream_unary_rpc_method_handler(call, None, handler.response_serializer)
        stream = _mapped_stream(method, read, cast("StreamBehaviour", handler.unary_stream), ended)
        return grpc.unary_stream_rpc_method_handler(stream, None, handler.response_serializer)

    return {method: wrapped(method, handler) for method, handler in handlers.items()}


def caller_of(context: Context) -> str:
    """Who calls, as far as that is known: the host, which keeps its name when it connects anew."""
    return context.peer().rpartition(":")[0]


def _reader(deserialize: Deserializer, max_bytes: int) -> Reader:
    def read(data: bytes) -> Any:  # noqa: ANN401 - any message
        if len(data) > max_bytes:
            raise _unreadable(f"has {len(data)} bytes; at most {max_bytes} are allowed")
        try:
            return deserialize(data)
        except DecodeError as error:
            raise _unreadable("is no message of this method") from error

    return read


async def _only_message(context: Context) -> bytes:
    data = await context.read()
    if isinstance(data, bytes):
        return data
    raise _unreadable("is missing")


def _unreadable(fault: str) -> InvalidRequest:
    return InvalidRequest([Violation("request", fault)])


def _mapped(method: str, check: Check | None, read: Reader, behaviour: Behaviour, ended: Ended) -> Behaviour:
    async def call(_: object, context: Context) -> Any:  # noqa: ANN401 - any message
        began = time.perf_counter()
        code = "CANCELLED"
        try:
            if check is not None:
                check(caller_of(context))
            answer = await behaviour(read(await _only_message(context)), context)
            code = "OK"
        except Exception as error:  # noqa: BLE001 - the last to see it
            refusal = _refusal(method, error)
            code = refusal.code.name
        else:
            return answer
        finally:
            ended(method, code, time.perf_counter() - began)
        return await _refuse(context, refusal)

    return call


def _mapped_stream(method: str, read: Reader, behaviour: StreamBehaviour, ended: Ended) -> StreamBehaviour:
    async def call(data: bytes, context: Context) -> AsyncGenerator[Any]:
        began = time.perf_counter()
        code = "CANCELLED"
        try:
            async with aclosing(behaviour(read(data), context)) as answers:
                async for answer in answers:
                    yield answer
            code = "OK"
        except Exception as error:  # noqa: BLE001 - as above
            refusal = _refusal(method, error)
            code = refusal.code.name
        else:
            return
        finally:
            ended(method, code, time.perf_counter() - began)
        await _refuse(context, refusal)

    return call


def _refusal(method: str, error: Exception) -> Refusal:
    if isinstance(error, PushError):
        return refusal_of(error)
    error_id = uuid.uuid4().hex[:12]
    log.error("call failed", method=method, error_id=error_id, exc_info=error)
    words = f"a fault of ours; the log has it under error_id {error_id}"
    return Refusal(code=grpc.StatusCode.INTERNAL, words=words)


async def _refuse(context: Context, refusal: Refusal) -> None:
    """Ends a call; not while an error is handled, and nothing is raised.

    The call keeps the error that `abort` raises, and gRPC raises it once more when its handler returns. With a
    traceback it would keep the call in turn: a thousand such rings, and the requests in them, waited for the garbage
    collector, which then took a tenth of a second.
    """
    status = status_pb2.Status(code=code_pb2.Code.Value(refusal.code.name), message=refusal.words)
    for detail in _details(refusal):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    try:
        await context.abort(refusal.code, refusal.words, ((DETAILS_KEY, status.SerializeToString()),))
    except grpc.aio.AbortError as aborted:
        aborted.__traceback__ = None


def _details(refusal: Refusal) -> Iterator[Message]:
    if refusal.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.text)
            for violation in refusal.violations
        ]
        yield error_details_pb2.BadRequest(field_violations=violations)
    if refusal.retry_after is not None:
        delay = Duration()
        delay.FromTimedelta(refusal.retry_after)
        yield error_details_pb2.RetryInfo(retry_delay=delay)
