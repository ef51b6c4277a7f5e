"""`python -m bench.lean_caller`: load whose messages are bytes before it starts, lest it be what is measured.

`ghz` makes each message anew, which for a batch of 500 takes 6 ms. Under overload that is half of a core, and where
cores share their hardware the service has so much less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import TypeAlias

import grpc.aio
import uvloop
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from bench.load import Load, run
from pushsvc.server import SERVICE
from pushsvc.v1.push_service_pb2 import DESCRIPTOR

TIMEOUT_SECONDS = 60
Method: TypeAlias = "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]"


async def load(
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
) -> Load:
    """A `Generator`, in a process of its own."""
    numbers = (f"--calls={calls}", f"--concurrency={concurrency}", f"--connections={connections}")
    command = (sys.executable, "-m", "bench.lean_caller", address, method, data, *numbers, f"--rps={per_second}")
    words, settled_seconds = await run(command, cores, settled)
    return Load(**json.loads(words), settled_seconds=settled_seconds)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calls of a run saw.

    Attributes:
        taken_ms: latencies of those that ended with OK.
        refused_ms: of the others, in the order they ended.
        refused: how many of those, by status.
    """

    taken_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


async def call(
    address: str, method: str, messages: Sequence[bytes], *, calls: int, concurrency: int, connections: int, rps: int
) -> Load:
    """Calls a method with messages in turn; the arguments are those of `load`."""
    # Channels with equal options would share one connection.
    options = [(("bench.connection", number),) for number in range(connections)]
    channels = [grpc.aio.insecure_channel(address, options=option) for option in options]
    methods: Iterator[Method] = cycle([channel.unary_unary(f"/{SERVICE}/{method}") for channel in channels])
    message = cycle(messages)
    numbers = count()
    seen = Seen()
    await asyncio.gather(*(channel.channel_ready() for channel in channels))
    began = time.perf_counter()

    async def caller() -> None:
        while (number := next(numbers)) < calls:
            if rps:
                await asyncio.sleep(max(0.0, began + number / rps - time.perf_counter()))
            await _one(next(methods), next(message), seen)

    await asyncio.gather(*(caller() for _ in range(concurrency)))
    seconds = time.perf_counter() - began
    await asyncio.gather(*(channel.close() for channel in channels))
    latencies = sorted(seen.taken_ms)
    return Load(
        calls=len(seen.taken_ms),
        seconds=seconds,
        p50_ms=_of(latencies, 0.50),
        p99_ms=_of(latencies, 0.99),
        refused=dict(seen.refused),
        refused_ms=seen.refused_ms,
        settled_seconds=0.0,
    )


def _of(latencies: Sequence[float], share: float) -> float:
    return latencies[int(share * (len(latencies) - 1))] if latencies else 0.0


async def _one(method: Method, message: bytes, seen: Seen) -> None:
    began = time.perf_counter()
    try:
        await method(message, timeout=TIMEOUT_SECONDS)
    except grpc.aio.AioRpcError as error:
        seen.refused_ms.append(1000 * (time.perf_counter() - began))
        seen.refused[error.code().name] += 1
    else:
        seen.taken_ms.append(1000 * (time.perf_counter() - began))


def messages_of(method: str, data: Path) -> Sequence[bytes]:
    """The messages of a file, as they are sent."""
    message = GetMessageClass(DESCRIPTOR.services_by_name["PushService"].methods_by_name[method].input_type)
    return [
        json_format.ParseDict(each, message()).SerializeToString()
        for each in json.loads(data.read_text(encoding="utf-8"))
    ]


def main() -> int:
    """Calls, and prints what it saw as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.lean_caller", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("method")
    parser.add_argument("data", type=Path, help="a JSON array of messages")
    for name in ("calls", "concurrency", "connections", "rps"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = vars(parser.parse_args())
    messages = messages_of(options["method"], options.pop("data"))
    seen = asdict(uvloop.run(call(messages=messages, **options)))
    del seen["settled_seconds"]
    sys.stdout.write(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
