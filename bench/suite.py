"""The measurements of `make bench`, each a table of medians. Service and echo take turns and see the same machine."""

from __future__ import annotations

import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from bench import lean_caller, sample, workloads
from bench import rig as rigs
from bench.flood import Flood, flood_of
from bench.rig import PHONES, Rig
from bench.sample import Callers, Sample
from pushsvc.v1 import notification_pb2
from pushsvc.v1 import push_service_pb2 as pb

CONCURRENCIES = (1, 16, 64, 256)
PEAK_CONCURRENCY = 64
RUN_SECONDS = 6
USERS = {"oppo": workloads.DIFFERENT}
BACKLOG = 100_000
SIZES = (10_000, 100_000, 1_000_000)
LARGE_SIZES = (*SIZES, 5_000_000)
OVERLOAD = 5
FLOOD_SECONDS = 20.0
Tell = Callable[[str], None]
Row = Sequence[str]


@dataclass(slots=True)
class Results:
    """Tables to print, and ratios to compare with `budget.toml`.

    Attributes:
        tables: by title, rows of cells; the first row is the head.
        ratios: by the budget's name.
        samples: every run, for the file of results.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    samples: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def note(self, name: str, runs: Sequence[Sample]) -> Sample:
        """Keeps runs, and gives their median."""
        self.samples.setdefault(name, []).extend(map(_rounded, runs))
        return Sample(
            **{each.name: statistics.median(getattr(run, each.name) for run in runs) for each in fields(Sample)}
        )


class Suite:
    """All measurements.

    Args:
        rounds: runs of each kind, of which the median counts.
        tell: says what is being done.
    """

    def __init__(self, rounds: int, tell: Tell) -> None:
        self._rounds = rounds
        self._tell = tell
        self.results = Results()

    async def unary(self) -> None:
        """SendOffline of one phone each: at several concurrencies, at half the echo's peak, each at half of its own."""
        rows: list[Row] = [
            ("callers", "echo/s", "service/s", "ratio", "echo p50, p99 ms", "service p50, p99 ms", "CPU ms per 1000")
        ]
        async with _rig(USERS) as rig:
            chat = workloads.unary(rig.folder, USERS)
            peak, own_peak = 0.0, 0.0
            for concurrency in CONCURRENCIES:
                echo, service = await self._pairs(f"unary {concurrency}", rig, chat, concurrency)
                ratio = service.per_second / echo.per_second
                rows.append(_unary_row(str(concurrency), echo, service))
                self.results.ratios[f"unary_{concurrency}"] = ratio
                if concurrency == PEAK_CONCURRENCY:
                    peak, own_peak = echo.per_second, service.per_second
            half, own_half = int(peak / 2), int(own_peak / 2)
            for name, budget, rate in (
                ("unary at half", "p99_at_half", half),
                ("unary at its own half", "p99_at_own_half", own_half),
            ):
                echo, service = await self._pairs(
                    name, rig, chat, PEAK_CONCURRENCY, echo_per_second=half, per_second=rate
                )
                rows.append(_unary_row(f"at {half}/s, {rate}/s", echo, service))
                self.results.ratios[budget] = service.p99_ms / echo.p99_ms
        self.results.tables["One notification a call"] = rows

    async def many(self) -> None:
        """SendOfflineBatch of 500, and one notification to 1000 users."""
        rows: list[Row] = [(*_MANY_HEAD, "for each call of the echo")]
        async with _rig(USERS) as rig:
            chat = workloads.unary(rig.folder, USERS)
            for name, budget, work, calls in (
                ("SendOfflineBatch of 500", "batch", workloads.batches(rig.folder), 200),
                ("SendOffline to 1000 users", "fan_out", workloads.fan_out(rig.folder), 150),
            ):
                echo, service = [], []
                for number in range(self._rounds):
                    echo.append(await sample.of_echo(rig, chat, Callers(calls=8_000, concurrency=PEAK_CONCURRENCY)))
                    service.append(await sample.of_service(rig, work, Callers(calls=calls, concurrency=4)))
                    self._tell(f"{name}, {number + 1}: {echo[-1].per_second:.0f} and {service[-1].per_second:.0f}/s")
                median = self.results.note(name, service)
                ratio = median.per_second / self.results.note(f"{name}: echo", echo).per_second
                self.results.ratios[budget] = ratio
                rows.append((*_many_row(name, median), f"{ratio:.1f}"))
        self.results.tables["Many notifications a call"] = rows

    async def mixed(self) -> None:
        """All seven vendors in turn, against the strict simulators."""
        phones = dict.fromkeys(PHONES, workloads.DIFFERENT // len(PHONES))
        async with _rig(phones, is_strict=True) as rig:
            chat = workloads.unary(rig.folder, phones)
            runs = await self._runs("all vendors", rig, chat, calls=6_000, concurrency=PEAK_CONCURRENCY)
        self.results.tables["All seven vendors in turn, strict simulators"] = [
            _MANY_HEAD,
            _many_row("SendOffline, 64 callers", runs),
        ]

    async def registrations(self, sizes: Sequence[int]) -> None:
        """What registered phones cost in memory, and in the look-up of each send."""
        rows: list[Row] = [
            ("registered", "resident MiB at start", "peak MiB under load", "service/s", "beside the fewest")
        ]
        first = 0.0
        for size in sizes:
            self._tell(f"registering {size} phones")
            async with _rig({"oppo": size}) as rig:
                at_start = rig.service.resident_mib
                chat = workloads.unary(rig.folder, {"oppo": size})
                median = await self._runs(f"{size} registered", rig, chat, calls=12_000, concurrency=PEAK_CONCURRENCY)
                first = first or median.per_second
                ratio = median.per_second / first
                rows.append(
                    (
                        str(size),
                        f"{at_start:.0f}",
                        f"{median.peak_mib:.0f}",
                        f"{median.per_second:.0f}",
                        f"{ratio:.2f}",
                    )
                )
                self.results.ratios[f"registered_{size}"] = ratio
        self.results.tables["Registered phones"] = rows

    async def backlog(self) -> None:
        """100 000 pending while the vendor is down, a kill, a restart with the vendor back."""
        rows: list[Row] = [("what", "notifications/s")]
        async with _rig(USERS) as rig:
            batch = workloads.batches(rig.folder)
            fresh = await self._runs("fresh", rig, batch, calls=BACKLOG // workloads.BATCH, concurrency=4)
            drains = [await self._drain(rig) for _ in range(self._rounds)]
        drain = statistics.median(drains)
        rows += [("fresh, SendOfflineBatch of 500", f"{fresh.per_second:.0f}"), ("draining", f"{drain:.0f}")]
        self.results.ratios["drain"] = drain / fresh.per_second
        self.results.tables[f"{BACKLOG} pending after a kill -9"] = rows

    async def overload(self) -> None:
        """SendOfflineBatch of 500 as fast as it is answered, and five times as often as that, in turn.

        What goes on under overload is compared with what went just before and just after it.
        """
        floods, peaks = [], []
        async with _rig(USERS) as rig:
            batch = workloads.batches(rig.folder)
            callers = Callers(calls=200, concurrency=4)
            samples = [await sample.of_service(rig, batch, callers, load=lean_caller.load)]
            for number in range(self._rounds):
                often = int(OVERLOAD * samples[-1].per_second / workloads.BATCH)
                floods.append(await flood_of(rig, batch, calls_per_second=often, seconds=FLOOD_SECONDS))
                samples.append(await sample.of_service(rig, batch, callers, load=lean_caller.load))
                peaks.append((samples[-2].per_second + samples[-1].per_second) / 2)
                self._tell(f"overload, {number + 1}: {peaks[-1]:.0f} and {floods[-1].per_second:.0f}/s")
        self.results.note("peak", samples)
        self.results.samples["overload"] = [_rounded(each) for each in floods]
        self.results.tables["Overload"] = [_OVERLOAD_HEAD, *map(_overload_row, peaks, floods)]
        self.results.ratios |= {
            "overload": statistics.median(flood.per_second / peak for peak, flood in zip(peaks, floods, strict=True)),
            "refused_p50_ms": statistics.median(flood.refused_p50_ms for flood in floods),
        }

    async def soak(self, minutes: int) -> None:
        """Memory, open files and latency over a long run at about 70 % of the peak."""
        rows: list[Row] = [("minute", "resident MiB", "open files", "p99 ms")]
        async with _rig(USERS) as rig:
            chat = workloads.unary(rig.folder, USERS)
            peak = await self._runs("peak", rig, chat, calls=12_000, concurrency=PEAK_CONCURRENCY)
            rate = int(0.7 * peak.per_second)
            callers = Callers(calls=60 * rate, concurrency=PEAK_CONCURRENCY, per_second=rate)
            runs, resident, files = [], [], []
            for minute in range(1, minutes + 1):
                runs.append(await sample.of_service(rig, chat, callers))
                resident.append(rig.service.resident_mib)
                files.append(rig.service.open_files)
                self._tell(f"minute {minute}: {resident[-1]:.0f} MiB, {files[-1]} files, p99 {runs[-1].p99_ms:.0f} ms")
                if minute % max(1, minutes // 10) == 0:
                    rows.append((str(minute), f"{resident[-1]:.0f}", str(files[-1]), f"{runs[-1].p99_ms:.0f}"))
        self.results.note("soak", runs)
        half = minutes // 2
        first, second = (statistics.median(run.p99_ms for run in part) for part in (runs[:half], runs[half:]))
        self.results.ratios |= {
            "soak_growth": resident[-1] / resident[minutes // 5],
            "soak_files": max(files) / min(files),
            "soak_p99_drift": second / first,
        }
        self.results.tables[f"Soak at {rate}/s"] = rows

    async def _pairs(
        self,
        name: str,
        rig: Rig,
        work: workloads.Workload,
        concurrency: int,
        *,
        echo_per_second: int = 0,
        per_second: int = 0,
    ) -> tuple[Sample, Sample]:
        echoes, services = [], []
        echo_callers, callers = _callers(concurrency, echo_per_second), _callers(concurrency, per_second)
        for number in range(self._rounds):
            echoes.append(await sample.of_echo(rig, work, echo_callers))
            services.append(await sample.of_service(rig, work, callers))
            self._tell(f"{name}, {number + 1}: {echoes[-1].per_second:.0f} and {services[-1].per_second:.0f}/s")
        return self.results.note(f"{name}: echo", echoes), self.results.note(f"{name}: service", services)

    async def _runs(self, name: str, rig: Rig, work: workloads.Workload, *, calls: int, concurrency: int) -> Sample:
        runs = []
        for number in range(self._rounds):
            runs.append(await sample.of_service(rig, work, Callers(calls=calls, concurrency=concurrency)))
            self._tell(f"{name}, {number + 1}: {runs[-1].per_second:.0f}/s")
        return self.results.note(name, runs)

    async def _drain(self, rig: Rig) -> float:
        await rig.makers.end(signal.SIGKILL)
        async with rig.stub() as stub:
            for first in range(0, BACKLOG, workloads.BATCH):
                await stub.SendOfflineBatch(_later(first), timeout=60)
            pending = await rig.pending(stub)
        await rig.service.end(signal.SIGKILL)
        await rig.makers.start()
        began = time.monotonic()
        await rig.service.start()
        await rig.drained()
        seconds = time.monotonic() - began
        self._tell(f"{pending} drained in {seconds:.1f} s, with the start")
        return pending / seconds


def _callers(concurrency: int, per_second: int) -> Callers:
    """For a run of about RUN_SECONDS; of 0 a second: as fast as calls are answered."""
    rate = per_second or (500 if concurrency == 1 else 2_500)
    return Callers(calls=rate * RUN_SECONDS, concurrency=concurrency, per_second=per_second)


def _rounded(run: Sample | Flood) -> dict[str, float]:
    """For the file of results."""
    return {name: round(value, 2) for name, value in asdict(run).items()}


def _later(first: int) -> pb.SendOfflineBatchRequest:
    notification = notification_pb2.Notification(title="小明", body="今晚一起吃饭吗？")
    numbers = range(first, first + workloads.BATCH)
    users = (rigs.user_id("oppo", number % workloads.DIFFERENT) for number in numbers)
    return pb.SendOfflineBatchRequest(
        requests=[pb.SendOfflineRequest(app_id=rigs.APP, user_ids=[user], notification=notification) for user in users]
    )


_MANY_HEAD = ("what", "notifications/s", "call p50 ms", "call p99 ms", "CPU ms per 1000", "of the makers", "peak MiB")


_OVERLOAD_HEAD = (
    "peak/s",
    "under overload/s",
    "ratio",
    "taken p50, p99 ms",
    "refused",
    "refused p50, p99 ms",
    "settled after s",
)


def _overload_row(peak: float, flood: Flood) -> Row:
    return (
        f"{peak:.0f}",
        f"{flood.per_second:.0f}",
        f"{flood.per_second / peak:.2f}",
        f"{flood.taken_p50_ms:.0f}, {flood.taken_p99_ms:.0f}",
        f"{flood.refused} of {flood.refused + flood.taken}",
        f"{flood.refused_p50_ms:.0f}, {flood.refused_p99_ms:.0f}",
        f"{flood.settled_seconds:.1f}",
    )


def _unary_row(name: str, echo: Sample, service: Sample) -> Row:
    return (
        name,
        f"{echo.per_second:.0f}",
        f"{service.per_second:.0f}",
        f"{service.per_second / echo.per_second:.2f}",
        f"{echo.p50_ms:.1f}, {echo.p99_ms:.1f}",
        f"{service.p50_ms:.1f}, {service.p99_ms:.1f}",
        f"{service.cpu_ms:.0f}",
    )


def _many_row(name: str, median: Sample) -> Row:
    return (
        name,
        f"{median.per_second:.0f}",
        f"{median.p50_ms:.0f}",
        f"{median.p99_ms:.0f}",
        f"{median.cpu_ms:.0f}",
        f"{median.makers_cpu_ms:.0f}",
        f"{median.peak_mib:.0f}",
    )


@asynccontextmanager
async def _rig(phones: Mapping[str, int], *, is_strict: bool = False) -> AsyncIterator[Rig]:
    with tempfile.TemporaryDirectory() as folder:
        async with rigs.started(Path(folder), phones, is_strict=is_strict) as rig:
            yield rig
