"""`python -m bench.isolation`: one vendor hangs while another takes full load; how much slower does that one get?

Starts the service and the makers' simulators as processes. Callers send to Xiaomi, each as soon as its last send was
taken by the maker (`wait`), while others keep offering OPPO sends. Quiet phases and phases in which OPPO answers
nothing come in turn. Prints each pair's p99 and the median of their ratios; exits with 1 if that is above 1.2.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.rig import APP, started, user_id
from pushsvc.v1 import notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub

LIMIT = 1.2
HANG_SECONDS = 60
OPPO_PHONES = 200
OPPO_PER_SECOND = 50
WARM_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Phase:
    """What the callers of the healthy maker saw.

    Attributes:
        sends: taken by the maker.
        p50_ms: of their latency.
        p99_ms: of their latency.
    """

    sends: int
    p50_ms: float
    p99_ms: float


class Bench:
    """The service with both makers.

    Args:
        stub: the service.
        http: to the simulators.
        makers_url: where they are.
        callers: how many send to the healthy maker at a time.
    """

    def __init__(self, stub: PushServiceStub, http: aiohttp.ClientSession, makers_url: str, callers: int) -> None:
        self._stub = stub
        self._http = http
        self._makers_url = makers_url
        self._callers = callers

    async def hang(self, *, is_on: bool) -> None:
        """Whether OPPO answers nothing."""
        url = f"{self._makers_url}_control/oppo/faults"
        rule = {"match": {"kind": "send"}, "effect": {"hang": HANG_SECONDS}, "times": 0}
        async with self._http.post(url, json=rule) if is_on else self._http.delete(url) as response:
            response.raise_for_status()

    async def phase(self, seconds: float) -> Phase:
        """Full load for a while, with OPPO sends beside it."""
        end = time.monotonic() + seconds
        others = asyncio.create_task(self._offer_oppo(end))
        loads = await asyncio.gather(*(self._call(number, end) for number in range(self._callers)))
        await others
        latencies = sorted(each for load in loads for each in load)
        return Phase(
            sends=len(latencies),
            p50_ms=1000 * latencies[len(latencies) // 2],
            p99_ms=1000 * latencies[int(len(latencies) * 0.99)],
        )

    async def _call(self, number: int, end: float) -> Sequence[float]:
        latencies = []
        while (began := time.monotonic()) < end:
            await self._send(user_id("xiaomi", number), wait=True)
            latencies.append(time.monotonic() - began)
        return latencies

    async def _offer_oppo(self, end: float) -> None:
        began = time.monotonic()
        for number in range(round((end - began) * OPPO_PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / OPPO_PER_SECOND - time.monotonic()))
            await self._send(user_id("oppo", number % OPPO_PHONES), wait=False)

    async def _send(self, user_id: str, *, wait: bool) -> None:
        notification = notification_pb2.Notification(title="Hi", body="text")
        request = pb.SendOfflineRequest(app_id=APP, user_ids=[user_id], notification=notification, wait=wait)
        await self._stub.SendOffline(request, timeout=30)


@asynccontextmanager
async def running(folder: Path, callers: int) -> AsyncIterator[Bench]:
    """A bench on a fresh database."""
    phones = {"oppo": OPPO_PHONES, "xiaomi": callers}
    async with started(folder, phones, is_strict=True) as rig, rig.stub() as stub, aiohttp.ClientSession() as http:
        yield Bench(stub, http, rig.makers_url, callers)


async def measure(*, pairs: int, seconds: float, callers: int, folder: Path) -> Sequence[tuple[Phase, Phase]]:
    """Each pair: a calm phase, then one in which OPPO hangs."""
    results = []
    async with running(folder, callers) as bench:
        await bench.phase(WARM_SECONDS)
        for _ in range(pairs):
            calm = await bench.phase(seconds)
            await bench.hang(is_on=True)
            hanging = await bench.phase(seconds)
            await bench.hang(is_on=False)
            results.append((calm, hanging))
    return results


def main() -> int:
    """Measures, prints, and says by its exit code whether the limit holds."""
    parser = argparse.ArgumentParser(prog="python -m bench.isolation", description=__doc__)
    parser.add_argument("--pairs", type=int, default=3, help="calm and hanging phases in turn")
    parser.add_argument("--seconds", type=float, default=60, help="of each phase")
    parser.add_argument("--callers", type=int, default=64, help="that send to the healthy maker at a time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pairs = asyncio.run(
            measure(pairs=options.pairs, seconds=options.seconds, callers=options.callers, folder=Path(folder))
        )
    ratios = [hanging.p99_ms / calm.p99_ms for calm, hanging in pairs]
    lines = ["| phase | sends/s | p50 ms | p99 ms |", "|---|---|---|---|"]
    for calm, hanging in pairs:
        for name, each in (("calm", calm), ("OPPO hangs", hanging)):
            lines.append(f"| {name} | {each.sends / options.seconds:.0f} | {each.p50_ms:.1f} | {each.p99_ms:.1f} |")
    summary = {"p99_ratios": [round(ratio, 3) for ratio in ratios], "median": round(statistics.median(ratios), 3)}
    print("\n".join([*lines, "", json.dumps(summary)]))  # noqa: T201 - it is a command
    return 0 if statistics.median(ratios) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
