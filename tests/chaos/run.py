"""A whole run: processes, callers, faults; then quiet, and the audit."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import aiohttp
import grpc.aio

from bench.processes import Process, free_address
from pushsvc.v1 import cert_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from tests.chaos.books import Audit, Evidence, Shown, audit
from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger
from tests.chaos.shim import Shim, can_build
from tests.chaos.traffic import APP, Traffic
from tests.conftest import Sandbox

T = TypeVar("T")

# One that swallows a repeat itself, one whose phones do, and one where a repeat replaces the first.
VENDORS = ("oppo", "xiaomi", "huawei")
# A retry waits five minutes at most: with the clocks put forward it is due at once.
FORWARD_SECONDS = 360
QUIET_SECONDS = 120
SEEN_SECONDS = 10
CHANNEL_OPTIONS = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200))
READERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run showed.

    Attributes:
        seed: repeats its choices.
        seconds: how long it took.
        starts: how often the service was started.
        faults: what was done to it.
        ledger: what callers did and were told.
        audit: the verdict.
        recovered_seconds: from the end of the faults until nothing waited.
    """

    seed: int
    seconds: float
    starts: int
    faults: Mapping[str, int]
    ledger: Ledger
    audit: Audit
    recovered_seconds: float


async def run(*, kills: int, seed: int, folder: Path) -> Outcome:
    """Runs it in a folder, which keeps database and logs."""
    began = time.monotonic()
    shims = [Shim(folder, name) for name in ("service", "makers")] if can_build() else []
    environments: list[Mapping[str, str]] = [shim.environment for shim in shims] or [{}, {}]
    address = free_address()
    makers = Process(("sandbox", "--listen", "127.0.0.1:0"), folder, environments[1])
    makers_url = await makers.start()
    http_address = free_address()
    addresses = ("--listen", address, "--http-listen", http_address, "--receipt-base-url", f"http://{http_address}")
    words = ("serve", *addresses, "--allowed-base-urls", makers_url, "--drain-seconds", "3", "--log-level", "error")
    service = Process(words, folder, environments[0])
    try:
        await service.start()
        async with (
            aiohttp.ClientSession() as http,
            grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel,
        ):
            sandbox = Sandbox(makers_url, http)
            stub = PushServiceStub(channel)
            certs = {vendor: await _host(stub, sandbox, vendor) for vendor in VENDORS}
            traffic = Traffic(stub, sandbox, certs, random.Random(seed))
            faults = Faults(
                service=service,
                sandbox=sandbox,
                traffic=traffic,
                shim=shims[0] if shims else None,
                vendors=VENDORS,
                luck=random.Random(seed + 1),
            )
            watching = asyncio.create_task(traffic.watch())
            calling = asyncio.create_task(traffic.run())
            await faults.run(kills)
            traffic.stop()
            await calling
            quiet = time.monotonic()
            for vendor in VENDORS:
                await sandbox.clear_faults(vendor)
            for shim in shims:
                shim.step_clock(FORWARD_SECONDS)
            await service.end(signal.SIGKILL)
            await service.start()
            await _until_nothing_waits(stub)
            recovered = time.monotonic() - quiet
            evidence = await _evidence(stub, sandbox, traffic.ledger)
            await _until_all_is_seen(traffic, evidence)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await service.end(signal.SIGTERM)
        evidence = Evidence(
            messages=evidence.messages,
            bars=evidence.bars,
            registered=evidence.registered,
            violations=evidence.violations,
            integrity=_integrity(folder),
        )
    finally:
        await service.end(signal.SIGKILL)
        await makers.end(signal.SIGKILL)
    return Outcome(
        seed=seed,
        seconds=time.monotonic() - began,
        starts=service.starts,
        faults=faults.counts,
        ledger=traffic.ledger,
        audit=audit(traffic.ledger, evidence),
        recovered_seconds=recovered,
    )


def table(outcome: Outcome) -> Sequence[str]:
    """A run as a table in Markdown."""
    ledger, states = outcome.ledger, outcome.audit.states
    lost = sum(fault.startswith("lost") for fault in outcome.audit.faults)
    doubled = sum(fault.startswith("doubled") for fault in outcome.audit.faults)
    rows = [
        ("seed", outcome.seed),
        ("seconds", f"{outcome.seconds:.0f}"),
        *sorted(outcome.faults.items()),
        ("sends accepted", len(ledger.sent)),
        ("deliveries", sum(states.values())),
        *((f"deliveries {state}", count) for state, count in sorted(states.items())),
        ("logins", len(ledger.logins)),
        ("logouts and moves", sum(login.ended_at is not None for login in ledger.logins)),
        ("messages cancelled", len(ledger.cancelled)),
        ("cert edits", ledger.cert_edits),
        ("outcomes watched", sum(map(len, ledger.seen.values()))),
        ("seconds until nothing waited", f"{outcome.recovered_seconds:.1f}"),
        ("lost", lost),
        ("doubled", doubled),
        ("other broken promises", len(outcome.audit.faults) - lost - doubled),
    ]
    return ["| what | count |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


async def _host(stub: PushServiceStub, sandbox: Sandbox, vendor: str) -> cert_pb2.Cert:
    demo = await sandbox.demo(vendor)
    cert = cert_pb2.Cert(
        app_id=APP,
        vendor=vendor,
        credential=demo["credential"],
        base_url=f"{sandbox.url}/{vendor}",
        defaults=cert_pb2.CertDefaults(channel_id=demo["channel_id"]),
    )
    cert.cert_id = (await stub.UpsertCert(pb.UpsertCertRequest(cert=cert), wait_for_ready=True)).cert.cert_id
    return cert


async def _until_nothing_waits(stub: PushServiceStub) -> None:
    request = pb.ListCertsRequest(app_id=APP)
    async with asyncio.timeout(QUIET_SECONDS):
        while any(cert.pending_deliveries for cert in (await stub.ListCerts(request, wait_for_ready=True)).certs):
            pass  # each look is a call of its own


async def _until_all_is_seen(traffic: Traffic, evidence: Evidence) -> None:
    """Gives the watcher time to read what stands there; what it has not seen then, it never will."""
    deliveries = [each for message in evidence.messages.values() for each in message.deliveries]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SEEN_SECONDS):
            while any(each.delivery_id not in traffic.ledger.seen for each in deliveries):
                traffic.saw_more.clear()
                await traffic.saw_more.wait()


async def _evidence(stub: PushServiceStub, sandbox: Sandbox, ledger: Ledger) -> Evidence:
    messages: dict[str, pb.GetMessageResponse] = {}
    registered: dict[str, frozenset[str]] = {}
    bars: dict[tuple[str, str], list[Shown]] = {}
    ids = {sent.message_id for sent in ledger.sent}
    users = {login.user_id for login in ledger.logins}
    phones = {(login.vendor, login.registration_id) for login in ledger.logins}

    async def read_message(message_id: str) -> None:
        try:
            request = pb.GetMessageRequest(app_id=APP, message_id=message_id)
            messages[message_id] = await stub.GetMessage(request)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise

    async def read_user(user_id: str) -> None:
        answer = await stub.ListTokens(pb.ListTokensRequest(app_id=APP, user_id=user_id))
        registered[user_id] = frozenset(each.registration_id for each in answer.registrations)

    async def read_bar(phone: tuple[str, str]) -> None:
        vendor, registration_id = phone
        bars[phone] = [
            Shown(each["title"], datetime.fromisoformat(each["at"]).timestamp())
            for each in await sandbox.bar(registration_id, vendor)
        ]

    await _each(read_message, ids)
    await _each(read_user, users)
    await _each(read_bar, phones)
    violations = {vendor: int((await sandbox.counters(vendor))["violations"]) for vendor in VENDORS}
    return Evidence(messages=messages, bars=bars, registered=registered, violations=violations)


def _integrity(folder: Path) -> str:
    with sqlite3.connect(folder / "pushsvc.db") as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return str(verdict)


async def _each(work: Callable[[T], Awaitable[None]], items: Iterable[T]) -> None:
    """Some at a time, so that nobody's bounds are reached."""
    remaining = iter(items)

    async def worker() -> None:
        for item in remaining:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(READERS)))
