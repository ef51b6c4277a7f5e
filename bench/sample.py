"""One run of load against the service or the echo, and what it cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench import ghz
from bench.load import Generator, Load
from bench.rig import Rig
from bench.workloads import Workload

CONNECTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one run brought.

    Attributes:
        per_second: notifications, from the first call until the last one was settled; of the echo, calls.
        p50_ms: of the latency of a call.
        p99_ms: of the latency of a call.
        cpu_ms: processor time of the server for 1000 notifications.
        makers_cpu_ms: the same of the makers.
        peak_mib: most the server ever had in memory.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    makers_cpu_ms: float
    peak_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """How a workload is sent.

    Attributes:
        calls: how many.
        concurrency: callers at a time, over at most four connections.
        per_second: calls, at most; 0: as fast as they are answered.
    """

    calls: int
    concurrency: int
    per_second: int = 0


async def of_service(rig: Rig, workload: Workload, callers: Callers, *, load: Generator = ghz.load) -> Sample:
    """Sends to the service until everything is settled.

    Raises:
        RuntimeError: a call was refused, or the makers did not get each notification once.
    """
    shown = await rig.shown()
    sample, seen = await _run(rig, workload, callers, load, is_echo=False)
    arrived = await rig.shown() - shown
    if seen.refused or arrived != seen.calls * workload.notifications:
        raise RuntimeError(
            f"{seen.calls} calls of {workload.notifications} were taken, {arrived} arrived, refused: {seen.refused}"
        )
    return sample


async def of_echo(rig: Rig, workload: Workload, callers: Callers) -> Sample:
    """Calls the echo.

    Raises:
        RuntimeError: a call was not answered.
    """
    sample, seen = await _run(rig, workload, callers, ghz.load, is_echo=True)
    if seen.refused:
        raise RuntimeError(f"the echo refused {seen.refused}")
    return sample


async def _run(
    rig: Rig, workload: Workload, callers: Callers, load: Generator, *, is_echo: bool
) -> tuple[Sample, Load]:
    server = rig.echo if is_echo else rig.service
    cpu_seconds, makers_cpu_seconds = server.cpu_seconds, rig.makers.cpu_seconds
    seen = await load(
        rig.echo_address if is_echo else rig.address,
        workload.method,
        workload.data,
        calls=callers.calls,
        concurrency=callers.concurrency,
        connections=min(CONNECTIONS, callers.concurrency),
        per_second=callers.per_second,
        cores=rig.cores.others,
        settled=_at_once if is_echo else rig.drained,
    )
    notifications = max(1, seen.calls) * workload.notifications
    sample = Sample(
        per_second=notifications / (seen.seconds + seen.settled_seconds),
        p50_ms=seen.p50_ms,
        p99_ms=seen.p99_ms,
        cpu_ms=1e6 * (server.cpu_seconds - cpu_seconds) / notifications,
        makers_cpu_ms=1e6 * (rig.makers.cpu_seconds - makers_cpu_seconds) / notifications,
        peak_mib=server.peak_mib,
    )
    return sample, seen


async def _at_once() -> None:
    await asyncio.sleep(0)
