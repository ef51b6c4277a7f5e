"""What goes wrong meanwhile: makers fail in every way, the service is killed, its disk and clock misbehave."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from bench.processes import Process
from tests.chaos.shim import Shim
from tests.chaos.traffic import Traffic
from tests.conftest import Sandbox

# Fault rules of the makers' simulators, and how often each strikes.
MAKER_FAULTS: Sequence[tuple[dict[str, object], int]] = (
    ({"effect": {"status": 503}}, 20),
    ({"effect": {"status": 500, "retry_after": 1}}, 5),
    ({"effect": {"drop": "before"}}, 5),
    ({"effect": {"drop": "after"}}, 5),
    ({"effect": {"hang": 2}}, 3),
    ({"effect": {"latency_ms": 300}}, 20),
    ({"effect": {"garbage": "html"}}, 3),
    ({"effect": {"garbage": "truncated"}}, 3),
    ({"effect": {"garbage": "types"}}, 3),
    ({"match": {"kind": "auth"}, "effect": {"status": 503}}, 2),
    ({"effect": {"missing_item": True}}, 3),
)
LONGEST_PAUSE_SECONDS = 0.4
SLOW_DISK_SECONDS = 0.05
CLOCK_STEP_SECONDS = 60.0


class Faults:
    """One fault after the other, until the service was killed so often.

    Args:
        service: is killed and started again.
        sandbox: the makers.
        traffic: whose phones die.
        shim: the service's disk and clock; None: they are left alone.
        vendors: whose simulators fail.
        luck: every choice.
    """

    def __init__(
        self,
        *,
        service: Process,
        sandbox: Sandbox,
        traffic: Traffic,
        shim: Shim | None,
        vendors: Sequence[str],
        luck: random.Random,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._service = service
        self._sandbox = sandbox
        self._traffic = traffic
        self._shim = shim
        self._vendors = vendors
        self._luck = luck

    async def run(self, kills: int) -> None:
        """Causes trouble; returns after the last kill, with the service running again and disk and clock mended."""
        others: list[Callable[[], Awaitable[None]]] = [
            self._tokens_expire,
            self._phone_dies,
            self._stop,
        ]
        if self._shim is not None:
            others += [self._disk_is_slow, self._disk_is_full, self._clock_steps]
        while self.counts["kill -9"] < kills:
            for fault in (self._maker_fails, self._luck.choice(others), self._kill):
                await asyncio.sleep(self._luck.uniform(0, LONGEST_PAUSE_SECONDS))
                await fault()

    async def _kill(self) -> None:
        self.counts["kill -9"] += 1
        await self._service.end(signal.SIGKILL)
        if self._luck.random() < 0.1:
            # Once more, while it starts.
            self.counts["kill -9 while starting"] += 1
            start = asyncio.create_task(self._service.start())
            await asyncio.sleep(self._luck.uniform(0, 0.5))
            await self._service.end(signal.SIGKILL)
            await asyncio.gather(start, return_exceptions=True)
            # It may not have been there yet to be killed, and then it runs now.
            await self._service.end(signal.SIGKILL)
        await self._service.start()

    async def _stop(self) -> None:
        self.counts["graceful restart"] += 1
        await self._service.end(signal.SIGTERM)
        await self._service.start()

    async def _maker_fails(self) -> None:
        rule, times = self._luck.choice(MAKER_FAULTS)
        vendor = self._luck.choice(self._vendors)
        self.counts["maker fails"] += 1
        await self._sandbox.fault(vendor, **{"match": {"kind": "send"}, "times": times, **rule})

    async def _tokens_expire(self) -> None:
        self.counts["access tokens expire"] += 1
        await self._sandbox.expire_tokens()

    async def _phone_dies(self) -> None:
        self.counts["phone dies"] += 1
        await self._traffic.kill_a_phone()

    async def _disk_is_slow(self) -> None:
        assert self._shim is not None
        self.counts["disk is slow"] += 1
        self._shim.slow_disk(SLOW_DISK_SECONDS)
        await asyncio.sleep(self._luck.uniform(0, LONGEST_PAUSE_SECONDS))
        self._shim.slow_disk(0)

    async def _disk_is_full(self) -> None:
        assert self._shim is not None
        self.counts["disk is full"] += 1
        self._shim.fill_disk(is_full=True)
        await asyncio.sleep(self._luck.uniform(0, LONGEST_PAUSE_SECONDS))
        self._shim.fill_disk(is_full=False)

    async def _clock_steps(self) -> None:
        assert self._shim is not None
        self.counts["clock steps"] += 1
        self._shim.step_clock(self._luck.uniform(-CLOCK_STEP_SECONDS, CLOCK_STEP_SECONDS))
