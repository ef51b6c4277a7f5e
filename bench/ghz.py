"""Load: `ghz`, which `make bench-tools` puts into .tools, with its messages prepared before it starts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from bench.load import Load, run

ROOT = Path(__file__).resolve().parent.parent
GHZ = ROOT / ".tools" / "ghz"
NANOSECONDS = 1e9


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
    """A `Generator`."""
    if not GHZ.exists():
        raise RuntimeError("there is no .tools/ghz: run `make bench-tools`, which needs Go")
    arguments = [
        *("--insecure", "--format=json", "--disable-template-functions", "--disable-template-data"),
        *(f"--proto={ROOT / 'protos/pushsvc/v1/push_service.proto'}", f"--import-paths={ROOT / 'protos'}"),
        *(f"--call=pushsvc.v1.PushService/{method}", f"--data-file={data}", f"--total={calls}"),
        *(f"--concurrency={concurrency}", f"--connections={connections}", f"--rps={per_second}", "--timeout=60s"),
        address,
    ]
    words, settled_seconds = await run([GHZ, *arguments], cores, settled)
    report = json.loads(words)
    statuses: dict[str, int] = report["statusCodeDistribution"]
    latency = {each["percentage"]: each["latency"] / 1e6 for each in report["latencyDistribution"] or ()}
    return Load(
        calls=statuses.get("OK", 0),
        seconds=report["total"] / NANOSECONDS,
        p50_ms=latency.get(50, 0.0),
        p99_ms=latency.get(99, 0.0),
        refused={code: count for code, count in statuses.items() if code != "OK"},
        refused_ms=[each["latency"] / 1e6 for each in report["details"] if each["status"] != "OK"],
        settled_seconds=settled_seconds,
    )


def write_messages(file: Path, messages: Sequence[object]) -> Path:
    """A data file for `load`."""
    file.write_text(json.dumps(messages, ensure_ascii=False), encoding="utf-8")
    return file
