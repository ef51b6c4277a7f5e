"""A disk that fills up or stalls under the running service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from tests.chaos.shim import Shim, can_build
from tests.e2e.conftest import LISTEN, started

pytestmark = pytest.mark.skipif(not can_build(), reason="the shim under the service's disk needs a C compiler")

CALLERS = 16


@asynccontextmanager
async def serving(environment: dict[str, str], folder: Path) -> AsyncIterator[tuple[PushServiceStub, Shim]]:
    """A service with a phone, on a disk of ours."""
    shim = Shim(folder, "service")
    with started(("serve", *LISTEN), {**environment, **shim.environment}, folder) as (address, _):
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PushServiceStub(channel)
            cert = cert_pb2.Cert(app_id="im", vendor="fake")
            cert_id = (await stub.UpsertCert(pb.UpsertCertRequest(cert=cert))).cert.cert_id
            await stub.RegisterToken(
                pb.RegisterTokenRequest(app_id="im", user_id="alice", cert_id=cert_id, registration_id="phone")
            )
            yield stub, shim


async def send(stub: PushServiceStub, *, wait: bool = False, seconds: float = 10) -> str:
    notification = notification_pb2.Notification(title="Hi", body="x" * 1_000)
    request = pb.SendOfflineRequest(app_id="im", user_ids=["alice"], notification=notification, wait=wait)
    return (await stub.SendOffline(request, timeout=seconds)).message_id


async def state_of(stub: PushServiceStub, message_id: str) -> int:
    message = await stub.GetMessage(pb.GetMessageRequest(app_id="im", message_id=message_id))
    return message.deliveries[0].state


async def test_a_full_disk_refuses_sends_with_a_retry_delay_loses_nothing_and_needs_no_restart(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with serving(environment, tmp_path) as (stub, shim):
        before = await asyncio.gather(*(send(stub) for _ in range(100)))
        shim.fill_disk(is_full=True)
        refusals = await asyncio.gather(*(send(stub) for _ in range(100)), return_exceptions=True)
        shim.fill_disk(is_full=False)
        after = await send(stub, wait=True)
        states = {await state_of(stub, message_id) for message_id in (*before, after)}

    errors = [each for each in refusals if isinstance(each, grpc.aio.AioRpcError)]
    assert len(errors) == 100
    assert {each.code() for each in errors} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert "disk is full" in (errors[0].details() or "")
    assert retry_seconds(errors[0]) == 5
    assert states == {delivery_pb2.DELIVERY_STATE_SENT}


def retry_seconds(error: grpc.aio.AioRpcError) -> int:
    status = rpc_status.from_call(error)  # type: ignore[arg-type] # it has all of a call that is asked here
    info = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    return int(info.retry_delay.ToTimedelta().total_seconds())


async def test_while_the_disk_stalls_nothing_is_acknowledged_and_memory_stays_bounded(
    environment: dict[str, str], tmp_path: Path
) -> None:
    shim = Shim(tmp_path, "service")
    with started(("serve", *LISTEN), {**environment, **shim.environment}, tmp_path) as (address, process_id):
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PushServiceStub(channel)
            cert = cert_pb2.Cert(app_id="im", vendor="fake")
            await stub.UpsertCert(pb.UpsertCertRequest(cert=cert))
            await send(stub)
            before = resident_bytes(process_id)
            shim.slow_disk(10)
            # The first flush is under way before the others are asked for; none is answered before it ends.
            waiting = [asyncio.create_task(send(stub, seconds=60)) for _ in range(2_000)]
            answered, _ = await asyncio.wait(waiting, timeout=9)
            grown = resident_bytes(process_id) - before
            shim.slow_disk(0)
            accepted = await asyncio.gather(*waiting)

    assert answered == set()
    assert grown < 50 * 1024 * 1024
    assert len(set(accepted)) == 2_000


def resident_bytes(process_id: int) -> int:
    pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
