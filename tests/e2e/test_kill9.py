"""kill -9 in the middle of a run: what was answered OK reaches its end, and no phone shows anything twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import grpc
import grpc.aio
import pytest

from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from tests.conftest import CREDENTIAL, PHONE_A, Sandbox
from tests.e2e.conftest import LISTEN, started

ROUNDS = 3
CALLERS = 16
# A round is killed once this many sends were answered in it, and a little more at random.
ANSWERS_BEFORE_THE_KILL = 150


async def send_until_killed(stub: PushServiceStub, accepted: list[str], process_id: int, luck: random.Random) -> None:
    """Sends from many callers at once; kills the service between two answers, while others are on their way."""
    last = len(accepted) + ANSWERS_BEFORE_THE_KILL + luck.randrange(100)

    async def call() -> None:
        while len(accepted) < last:
            request = pb.SendOfflineRequest(
                app_id="im", user_ids=["alice"], notification=notification_pb2.Notification(title="Hi", body="text")
            )
            accepted.append((await stub.SendOffline(request)).message_id)
        os.kill(process_id, signal.SIGKILL)

    await asyncio.gather(*(call() for _ in range(CALLERS)), return_exceptions=True)


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_answered_send_survives_kill_9_and_is_shown_once(
    seed: int, sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    luck = random.Random(seed)
    serve = ("serve", *LISTEN, "--allowed-base-urls", sandbox.url)
    accepted: list[str] = []
    # The vendor is slow and loses some answers, so that the kill finds hand-overs in flight.
    await sandbox.fault(match={"kind": "send"}, effect={"latency_ms": 20}, times=0)
    await sandbox.fault(match={"kind": "send"}, effect={"drop": "after"}, times=5)

    for at in range(ROUNDS):
        with started(serve, environment, tmp_path) as (address, process_id):
            async with grpc.aio.insecure_channel(address) as channel:
                stub = PushServiceStub(channel)
                if at == 0:
                    await host_and_register(stub, sandbox)
                await send_until_killed(stub, accepted, process_id, luck)

    with started(serve, environment, tmp_path) as (address, _):
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PushServiceStub(channel)
            await until_nothing_is_pending(stub)
            states = [await state_of(stub, message_id) for message_id in accepted]

    assert len(accepted) >= ROUNDS * ANSWERS_BEFORE_THE_KILL
    assert set(states) == {delivery_pb2.DELIVERY_STATE_SENT}
    phone = await sandbox.phone(PHONE_A)
    assert phone["received"] == phone["distinct"] >= len(accepted)
    assert (await sandbox.counters())["violations"] == 0


async def host_and_register(stub: PushServiceStub, sandbox: Sandbox) -> None:
    cert = cert_pb2.Cert(
        app_id="im",
        vendor="oppo",
        credential=CREDENTIAL,
        base_url=f"{sandbox.url}/oppo",
        defaults=cert_pb2.CertDefaults(channel_id="chat"),
    )
    cert_id = (await stub.UpsertCert(pb.UpsertCertRequest(cert=cert))).cert.cert_id
    await stub.RegisterToken(
        pb.RegisterTokenRequest(app_id="im", user_id="alice", cert_id=cert_id, registration_id=PHONE_A)
    )


async def until_nothing_is_pending(stub: PushServiceStub) -> None:
    async with asyncio.timeout(30):
        while (await stub.ListCerts(pb.ListCertsRequest(app_id="im"))).certs[0].pending_deliveries:
            pass  # each look is a call of its own; there is nothing to sleep for


async def state_of(stub: PushServiceStub, message_id: str) -> int:
    message = await stub.GetMessage(pb.GetMessageRequest(app_id="im", message_id=message_id))
    return message.deliveries[0].state
