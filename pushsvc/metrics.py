"""Every metric, its name and what it counts. `docs/operations.md` lists them, and the dashboard uses no other name.

Recording is for batches, not for single deliveries: what became of each is counted in the store, when someone looks.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from pushsvc.domain import ChangeCount
from vendors.receipts import ReceiptKind

# When each series began says nothing that the series themselves don't, and doubles their number.
disable_created_metrics()  # type: ignore[no-untyped-call] # theirs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHORT_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
LONG_SECONDS = (0.001, 0.01, 0.1, 1, 5, 30, 60, 300, 1_800, 7_200, 86_400)
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
CERT_LABELS = ("vendor", "cert_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneGauges:
    """How a lane stands.

    Attributes:
        pending: deliveries that wait, in the store and in memory.
        ready: those of them in memory.
        exchanges: under way.
        is_resting: the vendor refuses the cert or is down.
        per_second: phones a second, since the vendor asked to slow down; 0: no limit.
        is_rejected: the vendor refuses the cert.
        max_exchanges: most at a time at present.
        stopped: classes that the vendor takes no more of for a while.
    """

    pending: int
    ready: int
    exchanges: int
    is_resting: bool
    per_second: float
    is_rejected: bool
    max_exchanges: int
    stopped: int


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._families: dict[str, tuple[str, ...]] = {}
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._calls = self._total("calls", "Finished RPCs.", "method", "code")
        self._call_seconds = self._histogram("call_seconds", "How long RPCs took.", SHORT_SECONDS, "method")
        self._messages = self._total("messages_accepted", "Messages that were made durable.")
        self._deliveries = self._total("deliveries_accepted", "Their deliveries, all pending at first.")
        self._accept_seconds = self._histogram(
            "accept_seconds", "How long it took to make a batch of sends durable.", SHORT_SECONDS
        )
        self._changes = self._total(
            "delivery_changes", "Changes of deliveries' states.", *CERT_LABELS, "was", "state", "reason"
        )
        self._attempts = self._total("attempts", "Hand-overs by what the vendor made of them.", *CERT_LABELS, "outcome")
        self._exchange_seconds = self._histogram(
            "exchange_seconds", "How long a hand-over took.", SHORT_SECONDS, "vendor"
        )
        self._exchange_targets = self._histogram("exchange_targets", "Phones of a hand-over.", COUNTS, "vendor")
        self._wait_seconds = self._histogram(
            "queue_wait_seconds",
            "How long the one of a hand-over that waited longest was due; first attempts only.",
            LONG_SECONDS,
            "vendor",
        )
        self._sign_ins = self._total("sign_ins", "Sign-ins at vendors.", *CERT_LABELS, "outcome")
        self._receipts = self._total("receipts", "Reports of vendors.", *CERT_LABELS, "kind")
        self._refused_receipts = self._total("receipts_refused", "Reports that were not taken.", "vendor", "why")
        self._commit_seconds = self._histogram("store_commit_seconds", "How long a transaction took.", SHORT_SECONDS)
        self._commit_jobs = self._histogram("store_commit_jobs", "Calls that shared a transaction.", COUNTS)
        self._store_bytes = self._gauge("store_bytes", "Size of the database with its log.")
        self._watchers = self._gauge("watchers", "Callers that follow deliveries.")
        self._pending = self._gauge("deliveries_pending", "Deliveries that wait.", *CERT_LABELS)
        self._ready = self._gauge("lane_ready", "Of those that wait, the ones in memory.", *CERT_LABELS)
        self._exchanges = self._gauge("lane_exchanges", "Hand-overs under way.", *CERT_LABELS)
        self._resting = self._gauge(
            "lane_resting", "1 while only probes leave: the vendor refuses the cert, or is down.", *CERT_LABELS
        )
        self._pace = self._gauge(
            "lane_targets_per_second", "Pace since the vendor asked to slow down; 0: no limit.", *CERT_LABELS
        )
        self._max_exchanges = self._gauge("lane_max_exchanges", "Hand-overs there may be at a time.", *CERT_LABELS)
        self._stopped = self._gauge(
            "lane_stopped_classes", "Classes the vendor takes no more of for a while.", *CERT_LABELS
        )
        self._rejected = self._gauge("cert_rejected", "1 while the vendor refuses the cert.", *CERT_LABELS)

    def families(self) -> Mapping[str, tuple[str, ...]]:
        """Each metric's name with its labels."""
        return self._families

    def called(self, method: str, code: str, seconds: float) -> None:
        """An RPC ended with a status."""
        self._calls.add(1, method, code)
        self._call_seconds.add(seconds, method)

    def accepted(self, messages: int, deliveries: int, seconds: float) -> None:
        """A batch of sends is durable."""
        self._messages.add(messages)
        self._deliveries.add(deliveries)
        self._accept_seconds.add(seconds)

    def handed_over(
        self, vendor: str, cert_id: int, outcomes: Sequence[object], *, seconds: float, waited_seconds: float | None
    ) -> None:
        """An exchange ended; `waited_seconds` is None where no first attempt was among it."""
        for kind, count in Counter(map(type, outcomes)).items():
            self._attempts.add(count, vendor, str(cert_id), kind.__name__)
        self._exchange_seconds.add(seconds, vendor)
        self._exchange_targets.add(len(outcomes), vendor)
        if waited_seconds is not None:
            self._wait_seconds.add(waited_seconds, vendor)

    def signed_in(self, vendor: str, cert_id: int, outcome: str) -> None:
        """A vendor was asked for an access token."""
        self._sign_ins.add(1, vendor, str(cert_id), outcome)

    def reported(self, vendor: str, cert_id: int, kinds: Mapping[ReceiptKind, int]) -> None:
        """A vendor reported."""
        for kind, count in kinds.items():
            self._receipts.add(count, vendor, str(cert_id), kind)

    def refused_receipts(self, vendor: str, why: str, count: int) -> None:
        """Reports of an unknown path, in a callback that is not the vendor's, or of a push that is not ours."""
        self._refused_receipts.add(count, vendor, why)

    def committed(self, jobs: int, seconds: float) -> None:
        """A transaction is on disk."""
        self._commit_jobs.add(jobs)
        self._commit_seconds.add(seconds)

    def changed(self, change: ChangeCount) -> None:
        """Deliveries changed their state."""
        words = (change.was.name.lower(), change.state.name.lower(), change.reason.name.lower())
        self._changes.add(change.count, change.vendor, str(change.cert_id), *words)

    def look(self, *, store_bytes: int, watchers: int, lanes: Mapping[tuple[str, int], LaneGauges]) -> None:
        """How things stand at this moment; lanes that are not named are gone."""
        self._store_bytes.set(store_bytes)
        self._watchers.set(watchers)
        gauges = (self._pending, self._ready, self._exchanges, self._max_exchanges)
        for gauge in (*gauges, self._resting, self._pace, self._stopped, self._rejected):
            gauge.clear()
        for (vendor, cert_id), lane in lanes.items():
            labels = (vendor, str(cert_id))
            self._pending.labels(*labels).set(lane.pending)
            self._ready.labels(*labels).set(lane.ready)
            self._exchanges.labels(*labels).set(lane.exchanges)
            self._resting.labels(*labels).set(lane.is_resting)
            self._pace.labels(*labels).set(lane.per_second)
            self._rejected.labels(*labels).set(lane.is_rejected)
            self._max_exchanges.labels(*labels).set(lane.max_exchanges)
            self._stopped.labels(*labels).set(lane.stopped)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(self._named(name, labels), words, labels, registry=self._registry)

    def _total(self, name: str, words: str, *labels: str) -> _Total:
        total = _Total(self._named(name, labels), words, labels)
        self._registry.register(total)
        return total

    def _histogram(self, name: str, words: str, bounds: Sequence[float], *labels: str) -> _Histogram:
        histogram = _Histogram(self._named(name, labels), words, labels, bounds)
        self._registry.register(histogram)
        return histogram

    def _named(self, name: str, labels: tuple[str, ...]) -> str:
        full_name = f"pushsvc_{name}"
        self._families[full_name] = labels
        return full_name


class _Total(Collector):
    """A counter. The library's own takes several times as long, and many are told of every call or batch.

    Args:
        name: of the metric.
        words: what it counts.
        labels: their names.
    """

    def __init__(self, name: str, words: str, labels: Sequence[str]) -> None:
        self._name = name
        self._words = words
        self._labels = labels
        # Without labels there is one series from the start, as the library has it.
        self._counts: dict[tuple[str, ...], int] = {} if labels else {(): 0}

    def add(self, count: int, *labels: str) -> None:
        self._counts[labels] = self._counts.get(labels, 0) + count

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._words, labels=self._labels)
        for labels, count in self._counts.items():
            family.add_metric(labels, count)
        yield family


class _Histogram(Collector):
    """A histogram, for the same reason.

    Args:
        name: of the metric.
        words: what it measures.
        labels: their names.
        bounds: of its buckets.
    """

    def __init__(self, name: str, words: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name = name
        self._words = words
        self._labels = labels
        self._bounds = [*bounds, math.inf]
        self._series: dict[tuple[str, ...], _Series] = {} if labels else {(): _Series(len(self._bounds))}

    def add(self, amount: float, *labels: str) -> None:
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = _Series(len(self._bounds))
        series.buckets[bisect_left(self._bounds, amount)] += 1
        series.sum += amount

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(self._name, self._words, labels=self._labels)
        for labels, series in self._series.items():
            cumulative = zip(map(floatToGoString, self._bounds), accumulate(series.buckets), strict=True)
            family.add_metric(labels, [*cumulative], series.sum)
        yield family


class _Series:
    """How many fell into each bucket, and the sum of all."""

    __slots__ = ("buckets", "sum")

    def __init__(self, buckets: int) -> None:
        self.buckets = [0] * buckets
        self.sum = 0.0
