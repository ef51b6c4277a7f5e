"""What is counted with every batch reads as if the metrics library had counted it."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pushsvc.metrics import SHORT_SECONDS, Metrics

Series = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
CALLS = st.lists(
    st.tuples(
        st.sampled_from(["SendOffline", "GetCert"]),
        st.sampled_from(["OK", "INTERNAL"]),
        st.floats(0, 10) | st.sampled_from(SHORT_SECONDS),
    )
)


@given(CALLS)
def test_calls_are_counted_as_the_library_would(calls: list[tuple[str, str, float]]) -> None:
    metrics, registry = Metrics(), CollectorRegistry()
    counter = Counter("pushsvc_calls", "", ["method", "code"], registry=registry)
    histogram = Histogram("pushsvc_call_seconds", "", ["method"], buckets=SHORT_SECONDS, registry=registry)
    for method, code, seconds in calls:
        metrics.called(method, code, seconds)
        counter.labels(method, code).inc()
        histogram.labels(method).observe(seconds)

    assert series(metrics.text(), "pushsvc_call") == series(generate_latest(registry), "pushsvc_call")


@given(st.lists(st.floats(0, 10) | st.sampled_from(SHORT_SECONDS)))
def test_without_labels_there_is_a_series_from_the_start(batches: list[float]) -> None:
    metrics, registry = Metrics(), CollectorRegistry()
    histogram = Histogram("pushsvc_accept_seconds", "", buckets=SHORT_SECONDS, registry=registry)
    for seconds in batches:
        metrics.accepted(1, 2, seconds)
        histogram.observe(seconds)

    assert series(metrics.text(), "pushsvc_accept_seconds") == series(generate_latest(registry), "pushsvc_accept")
    assert series(metrics.text(), "pushsvc_deliveries_accepted") == {
        ("pushsvc_deliveries_accepted_total", frozenset()): 2 * len(batches)
    }


def series(text: bytes, prefix: str) -> Series:
    """Values by name and labels, of metrics whose names begin so."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name.startswith(prefix)
    }
