"""The gRPC server: the service, health, reflection, limits, and a stop that lets running calls finish."""

from __future__ import annotations

from collections.abc import Mapping

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH_SERVICE
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection_pb2_grpc

from pushsvc import reflection
from pushsvc.handlers import Check, Handler, handlers_of, with_errors_mapped
from pushsvc.metrics import Metrics
from pushsvc.v1.push_service_pb2 import DESCRIPTOR
from pushsvc.v1.push_service_pb2_grpc import PushServiceServicer, add_PushServiceServicer_to_server

SERVICE = DESCRIPTOR.services_by_name["PushService"].full_name
MAX_REQUEST_BYTES = 256 * 1024
MAX_BATCH_BYTES = 4 * 1024 * 1024
# Past about a thousand calls that nobody has taken up yet gRPC cancels some without a word; with this bound a client's
# own library lets them wait. A stream that ended counts until it is put away, for which a burst needs room.
MAX_STREAMS = 128
MAX_ENDED_STREAMS = 4_096
OPTIONS = (
    ("grpc.max_concurrent_streams", MAX_STREAMS),
    ("grpc.http2.max_deallocating_streams", MAX_ENDED_STREAMS),
    ("grpc.max_receive_message_length", MAX_BATCH_BYTES),
    ("grpc.max_metadata_size", 8 * 1024),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    # Two processes on one port would each get half of the calls, and only one can own the database.
    ("grpc.so_reuseport", 0),
)


class PushServer:
    """Serves a servicer at an address.

    Args:
        servicer: the RPCs.
        listen: `host:port`; port 0 takes a free one.
        metrics: told of each call.
        check_room: raises PushError where a caller's sends are refused at present.

    Raises:
        OSError: the address can't be had.
    """

    def __init__(self, servicer: PushServiceServicer, listen: str, metrics: Metrics, *, check_room: Check) -> None:
        self._server = grpc.aio.server(options=OPTIONS)
        self._health = health.HealthServicer()
        health_handlers = handlers_of(health_pb2_grpc.add_HealthServicer_to_server, self._health)
        describing = reflection.servicer((SERVICE, HEALTH_SERVICE))
        reflection_handlers = handlers_of(reflection_pb2_grpc.add_ServerReflectionServicer_to_server, describing)
        self._server.add_generic_rpc_handlers(
            (
                _generic(SERVICE, _handlers(servicer, metrics, check_room)),
                _generic(HEALTH_SERVICE, health_handlers),
                _generic(reflection.SERVICE, reflection_handlers),
            )
        )
        self.address = _bind(self._server, listen)

    async def start(self) -> None:
        """Takes calls from here on."""
        await self._server.start()
        for service in ("", SERVICE):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, *, grace_seconds: float) -> None:
        """Says NOT_SERVING, refuses new calls, lets running ones finish as long as the grace lasts."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)


def _generic(service: str, handlers: Mapping[str, Handler]) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(service, dict(handlers))


def _handlers(servicer: PushServiceServicer, metrics: Metrics, check_room: Check) -> Mapping[str, Handler]:
    return with_errors_mapped(
        handlers_of(add_PushServiceServicer_to_server, servicer),
        max_bytes=MAX_REQUEST_BYTES,
        max_bytes_of={"SendOfflineBatch": MAX_BATCH_BYTES},
        check_of={"SendOffline": check_room, "SendOfflineBatch": check_room},
        ended=metrics.called,
    )


def _bind(server: grpc.aio.Server, listen: str) -> str:
    try:
        port = server.add_insecure_port(listen)
    except RuntimeError as error:
        raise OSError(f"can't listen on {listen}: is something else listening there?") from error
    return f"{listen.rpartition(':')[0]}:{port}"
