"""What a load generator is asked for, how it is run, and what it saw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from bench.processes import only_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run saw.

    Attributes:
        seconds: from the first call to the last answer.
        calls: that were answered with OK.
        p50_ms: of the latency of those.
        p99_ms: of the latency of those.
        refused: calls that did not end with OK, by status.
        refused_ms: latencies of those, in the order they ended.
        settled_seconds: from the last answer until `settled` returned.
    """

    seconds: float
    calls: int
    p50_ms: float
    p99_ms: float
    refused: dict[str, int]
    refused_ms: Sequence[float]
    settled_seconds: float


class Generator(Protocol):
    """Calls a method so many times.

    Args:
        address: of the server.
        method: of PushService.
        data: file with a JSON array of messages, which take turns.
        calls: how many.
        concurrency: how many at a time.
        connections: over how many connections.
        per_second: at most; 0: as fast as they are answered.
        cores: the only ones it may run on; empty: any.
        settled: awaited once the last answer is there.

    Raises:
        RuntimeError: it is missing or failed; with its words.
    """

    async def __call__(  # noqa: D102 - as above
        self,
        address: str,
        method: str,
        data: Path,
        *,
        calls: int,
        concurrency: int,
        connections: int = 1,
        per_second: int = 0,
        cores: Collection[int] = (),
        settled: Callable[[], Awaitable[None]],
    ) -> Load: ...


async def run(
    command: Sequence[str | Path], cores: Collection[int], settled: Callable[[], Awaitable[None]]
) -> tuple[bytes, float]:
    """What a command printed, and how many seconds it took from its first byte until `settled` returned.

    Args:
        command: it prints nothing before its last call is answered.
        cores: the only ones it may run on; empty: any.
        settled: awaited once the last answer is there.

    Raises:
        RuntimeError: it failed; with its words.
    """
    with only_on(cores):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    output = cast("asyncio.StreamReader", process.stdout)  # asked for above
    first = await output.read(1)
    rest = asyncio.create_task(process.communicate())
    began = time.monotonic()
    await settled()
    settled_seconds = time.monotonic() - began
    words, errors = await rest
    if process.returncode:
        raise RuntimeError(f"{command[0]}: {(errors or first + words).decode().strip()}")
    return first + words, settled_seconds
