"""`python -m bench.echo`: a bare `grpc.aio` server that answers SendOffline and does nothing: the service's ceiling.

It reads each request and writes an answer as long as the service's, on the same event loop under the same options.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio
import uvloop
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.server import OPTIONS, SERVICE
from pushsvc.v1 import delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


ANSWER = pb.SendOfflineResponse(
    message_id="7300000000000000000",
    deliveries=[
        delivery_pb2.Delivery(
            delivery_id="7300000000000000000-0",
            user_id="oppo-1",
            vendor="oppo",
            cert_id=1,
            registration_id_prefix="CN_000000000",
            state=delivery_pb2.DELIVERY_STATE_PENDING,
            update_time=Timestamp(seconds=1_767_225_600, nanos=123_000_000),
        )
    ],
)


async def answer(_request: Any, _context: Context) -> pb.SendOfflineResponse:  # noqa: ANN401 - any message
    """What the service would answer."""
    return ANSWER


async def serve(announce: Callable[[str], None]) -> None:
    """Serves on a free port until killed."""
    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.unary_unary_rpc_method_handler(
        answer, pb.SendOfflineRequest.FromString, pb.SendOfflineResponse.SerializeToString
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"SendOffline": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    announce(f"127.0.0.1:{port}")
    await server.wait_for_termination()


def _announce(address: str) -> None:
    sys.stdout.write(f"echo is listening on {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve(_announce))
