"""More than the service can take: what it still does, and what those hear whom it refuses."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench import lean_caller
from bench.rig import Rig
from bench.workloads import Workload

# As many callers as are under way at once, so that nobody waits to be sent.
CALLERS = 256
CONNECTIONS = 8
# Until it is steady, and before it ends.
WARM_SECONDS = 3.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """What came of it.

    Attributes:
        per_second: notifications that the makers got while it lasted.
        taken: calls.
        taken_p50_ms: of their latency.
        taken_p99_ms: of their latency.
        refused: calls.
        refused_p50_ms: of their latency.
        refused_p99_ms: of their latency.
        settled_seconds: from the last answer until nothing was pending.
    """

    per_second: float
    taken: int
    taken_p50_ms: float
    taken_p99_ms: float
    refused: int
    refused_p50_ms: float
    refused_p99_ms: float
    settled_seconds: float


async def flood_of(rig: Rig, work: Workload, *, calls_per_second: int, seconds: float) -> Flood:
    """Calls the service so often, whether it answers or not.

    Raises:
        RuntimeError: something else than RESOURCE_EXHAUSTED, or the makers did not get what was taken.
    """
    before = await rig.shown()
    counting = asyncio.create_task(_steady_rate(rig, seconds - 2 * WARM_SECONDS))
    load = await lean_caller.load(
        rig.address,
        work.method,
        work.data,
        calls=int(calls_per_second * seconds),
        concurrency=CALLERS,
        connections=CONNECTIONS,
        per_second=calls_per_second,
        cores=rig.cores.others,
        settled=rig.drained,
    )
    arrived = await rig.shown() - before
    if set(load.refused) - {"RESOURCE_EXHAUSTED"} or arrived != load.calls * work.notifications:
        raise RuntimeError(f"{load.calls} calls were taken, {arrived} notifications arrived, refused: {load.refused}")
    return Flood(
        per_second=await counting,
        taken=load.calls,
        taken_p50_ms=load.p50_ms,
        taken_p99_ms=load.p99_ms,
        refused=len(load.refused_ms),
        refused_p50_ms=statistics.median(load.refused_ms) if load.refused_ms else 0.0,
        refused_p99_ms=_p99(load.refused_ms),
        settled_seconds=load.settled_seconds,
    )


async def _steady_rate(rig: Rig, seconds: float) -> float:
    """What the makers get in a second, from a while after the first until shortly before the end."""
    before = await rig.shown()
    while await rig.shown() == before:  # noqa: ASYNC110 - another process's state
        await asyncio.sleep(POLL_SECONDS)
    await asyncio.sleep(WARM_SECONDS)
    shown, began = await rig.shown(), time.monotonic()
    await asyncio.sleep(seconds)
    return (await rig.shown() - shown) / (time.monotonic() - began)


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[-1] if len(values) > 1 else 0.0
