"""`python -m bench.waiting`: memory while ever more messages wait for a vendor that is down.

Prints the service's resident memory for each so many waiting, and how long a send to it takes meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

import grpc.aio

from bench.processes import Process, free_address
from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub

BATCH = 1_000
STEPS = 10
# The vendor without a network, of which this phone is never reached.
DOWN = "unavailable"


async def measure(count: int, folder: Path) -> None:
    """Prints a row for each tenth of the messages."""
    address = free_address()
    listen = ("--listen", address, "--http-listen", "127.0.0.1:0")
    service = Process(("serve", *listen, "--drain-seconds", "1", "--log-level", "error"), folder, {})
    await service.start()
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PushServiceStub(channel)
            cert = cert_pb2.Cert(app_id="im", vendor="fake")
            answer = await stub.UpsertCert(pb.UpsertCertRequest(cert=cert), wait_for_ready=True)
            await stub.RegisterToken(
                pb.RegisterTokenRequest(app_id="im", user_id="alice", cert_id=answer.cert.cert_id, registration_id=DOWN)
            )
            _print("waiting", "resident MiB", "batch of 1000, ms")
            _print("---", "---", "---")
            for step in range(1, STEPS + 1):
                began = time.monotonic()
                for _ in range(count // BATCH // STEPS):
                    await _send(stub)
                batch_ms = 1000 * (time.monotonic() - began) / (count // BATCH // STEPS)
                _print(step * count // STEPS, f"{service.resident_mib:.0f}", f"{batch_ms:.0f}")
    finally:
        await service.end(signal.SIGTERM)


async def _send(stub: PushServiceStub) -> None:
    notification = notification_pb2.Notification(title="Hi", body="text")
    request = pb.SendOfflineRequest(app_id="im", user_ids=["alice"], notification=notification)
    batch = pb.SendOfflineBatchRequest(requests=[request] * BATCH)
    answer = await stub.SendOfflineBatch(batch, timeout=60)
    refused = sum(result.HasField("refused") for result in answer.results)
    if refused:
        raise SystemExit(f"{refused} sends were refused")


def _print(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)  # noqa: T201 - it is a command


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000, help="that wait in the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(options.messages, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
