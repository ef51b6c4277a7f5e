"""`python -m tests.chaos.lifecycle`: kills a service while it starts, migrates and stops.

Each round sends to a running service, ends it by SIGTERM and kills it before it is done, and starts it again and kills
it before it serves. The last start has to find every answered send. Of migrations each round makes a new database and
kills the service that makes it; a second start has to find it whole, at the newest schema, or not begun.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import grpc.aio

from bench.processes import Process, free_address
from pushsvc.store.migrations import load_migrations
from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub

APP = "im"
CALLERS = 16
# A start takes about so long, of which the last half is spent in what may be cut.
START_SECONDS = 0.9
STOP_SECONDS = 0.3


@dataclass(slots=True)
class Outcome:
    """What came of it.

    Attributes:
        rounds: kills of each kind.
        accepted: sends that were answered.
        lost: those of them that are gone.
        half_migrated: databases that were found in between two schemas, or broken.
    """

    rounds: int
    accepted: int = 0
    lost: int = 0
    half_migrated: int = 0


async def run(*, rounds: int, seed: int, folder: Path) -> Outcome:
    """Kills so often in each of the three ways."""
    luck = random.Random(seed)
    outcome = Outcome(rounds)
    await _starts_and_stops(outcome, luck, folder)
    for number in range(rounds):
        own_folder = folder / f"migration-{number}"
        own_folder.mkdir()
        await _migration(outcome, luck, own_folder)
    return outcome


async def _starts_and_stops(outcome: Outcome, luck: random.Random, folder: Path) -> None:
    address = free_address()
    listen = ("--listen", address, "--http-listen", "127.0.0.1:0")
    service = Process(("serve", *listen, "--log-level", "error"), folder, {})
    accepted: list[str] = []
    await service.start()
    for _ in range(outcome.rounds):
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PushServiceStub(channel)
            if not accepted:
                await _register(stub)
            callers = [asyncio.create_task(_send_until_it_ends(stub, accepted)) for _ in range(CALLERS)]
            await asyncio.sleep(luck.uniform(0, STOP_SECONDS))
            ending = asyncio.create_task(service.end(signal.SIGTERM))
            await asyncio.sleep(luck.uniform(0, STOP_SECONDS))
            service.kill()
            await asyncio.gather(ending, *callers)
        start = asyncio.create_task(service.start())
        await asyncio.sleep(luck.uniform(START_SECONDS / 2, START_SECONDS))
        service.kill()
        await asyncio.gather(start, return_exceptions=True)
        await service.end(signal.SIGKILL)
        await service.start()
    async with grpc.aio.insecure_channel(address) as channel:
        stub = PushServiceStub(channel)
        for message_id in accepted:
            outcome.lost += not await _is_there(stub, message_id)
    outcome.accepted = len(accepted)
    await service.end(signal.SIGTERM)


async def _migration(outcome: Outcome, luck: random.Random, folder: Path) -> None:
    words = ("serve", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--log-level", "error")
    service = Process(words, folder, {})
    start = asyncio.create_task(service.start())
    await asyncio.sleep(luck.uniform(START_SECONDS / 2, START_SECONDS))
    service.kill()
    await asyncio.gather(start, return_exceptions=True)
    await service.end(signal.SIGKILL)
    newest = len(load_migrations())
    database = folder / "pushsvc.db"
    if database.exists():
        with closing(sqlite3.connect(database)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'migrations'").fetchone()[0]
            applied = connection.execute("SELECT count(*) FROM migrations").fetchone()[0] if tables else 0
            outcome.half_migrated += version != applied
    await service.start()
    await service.end(signal.SIGTERM)
    with closing(sqlite3.connect(database)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        outcome.half_migrated += (version, verdict) != (newest, "ok")


async def _register(stub: PushServiceStub) -> None:
    cert = cert_pb2.Cert(app_id=APP, vendor="fake")
    answer = await stub.UpsertCert(pb.UpsertCertRequest(cert=cert), wait_for_ready=True)
    await stub.RegisterToken(
        pb.RegisterTokenRequest(app_id=APP, user_id="alice", cert_id=answer.cert.cert_id, registration_id="phone")
    )


async def _send_until_it_ends(stub: PushServiceStub, accepted: list[str]) -> None:
    notification = notification_pb2.Notification(title="Hi", body="text")
    request = pb.SendOfflineRequest(app_id=APP, user_ids=["alice"], notification=notification)
    try:
        while True:
            accepted.append((await stub.SendOffline(request, timeout=5)).message_id)
    except grpc.aio.AioRpcError:
        return  # the service is gone, as it should be


async def _is_there(stub: PushServiceStub, message_id: str) -> bool:
    try:
        await stub.GetMessage(pb.GetMessageRequest(app_id=APP, message_id=message_id), wait_for_ready=True)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return False
    return True


def main() -> int:
    """Runs once and prints what came of it; 1 if anything was lost or half done."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.lifecycle", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="kills of each kind")
    parser.add_argument("--seed", type=int, default=1, help="repeats the moments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(rounds=options.rounds, seed=options.seed, folder=Path(folder)))
    print(outcome)  # noqa: T201 - it is a command
    return 1 if outcome.lost or outcome.half_migrated else 0


if __name__ == "__main__":
    sys.exit(main())
