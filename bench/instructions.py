"""`python -m bench.instructions`: what a notification costs in instructions, the same in a noisy minute as in a quiet.

Runs the service under `valgrind --tool=callgrind` and sends it batches of 500, or with --fan-out notifications to 1000
users. Counts all of a notification, from gRPC to the settled row, by library. What it does not count: the kernel, and
what a cache miss takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from google.protobuf import json_format

from bench import rig as rigs
from bench import workloads
from bench.processes import Process
from bench.rig import Rig
from pushsvc.v1 import push_service_pb2 as pb

WARM_CALLS, COUNTED_CALLS = 8, 24
# Each instruction takes some fifty times as long.
POLL_SECONDS = 0.3
TIMEOUT_SECONDS = 600
_NAME = re.compile(r"(ob|cob)=\((\d+)\)(?: (.*))?")
_COST = re.compile(r"[+\-*\d]\S* (\d+)")


async def profile(folder: Path, *, is_fan_out: bool) -> tuple[Path, int]:
    """The profile that callgrind wrote, and of how many notifications it is."""
    async with rigs.started(folder, {"oppo": workloads.DIFFERENT}) as rig:
        await rig.service.end(signal.SIGTERM)
        out = folder / "callgrind"
        under = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}")
        rig.service = Process(rig.serve, folder, {}, under=under)
        await rig.service.start()
        work = workloads.fan_out(folder) if is_fan_out else workloads.batches(folder)
        await _send(rig, work, range(WARM_CALLS))
        await _control("--zero", rig.service.process_id)
        await _send(rig, work, range(WARM_CALLS, WARM_CALLS + COUNTED_CALLS))
        await _control("--dump", rig.service.process_id)
        return Path(f"{out}.1"), COUNTED_CALLS * work.notifications


async def _send(rig: Rig, work: workloads.Workload, numbers: Sequence[int]) -> None:
    """One call after the other, so that nothing is refused however slow it is."""
    messages = json.loads(work.data.read_text(encoding="utf-8"))
    kind = pb.SendOfflineRequest if work.method == "SendOffline" else pb.SendOfflineBatchRequest
    async with rig.stub() as stub:
        for number in numbers:
            request = json_format.ParseDict(messages[number % len(messages)], kind())
            await getattr(stub, work.method)(request, timeout=TIMEOUT_SECONDS, wait_for_ready=True)
        while await rig.pending(stub):  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(POLL_SECONDS)


async def _control(what: str, process_id: int) -> None:
    control = await asyncio.create_subprocess_exec(
        "callgrind_control", what, str(process_id), stdout=asyncio.subprocess.DEVNULL
    )
    if await control.wait():
        raise RuntimeError(f"callgrind_control {what} failed")


def counted(text: str) -> Counter[str]:
    """Instructions by library, from a profile as callgrind writes it."""
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    library = ""
    is_of_callee = False
    for line in text.splitlines():
        if named := _NAME.fullmatch(line):
            kind, number, path = named.groups()
            if path:
                names[number] = Path(path).name
            if kind == "ob":
                library = names[number]
        elif line.startswith("calls="):
            is_of_callee = True  # the next line says what was spent in there, which is counted there
        elif cost := _COST.fullmatch(line):
            costs[library] += 0 if is_of_callee else int(cost[1])
            is_of_callee = False
    return costs


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.instructions", description=__doc__)
    parser.add_argument("--fan-out", action="store_true", help="of notifications to 1000 users")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        written, notifications = asyncio.run(profile(Path(folder), is_fan_out=options.fan_out))
        costs = counted(written.read_text(encoding="utf-8"))
    _print("where", "thousand instructions for a notification")
    _print("---", "---")
    for library, cost in costs.most_common(8):
        _print(library, f"{cost / notifications / 1000:.1f}")
    _print("all", f"{costs.total() / notifications / 1000:.1f}")
    return 0


def _print(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)  # noqa: T201 - it is a command


if __name__ == "__main__":
    sys.exit(main())
