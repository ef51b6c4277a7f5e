"""Writing what vendors report of pushes they had taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pushsvc.domain import DeliveryEvent, DeliveryState, Reason
from pushsvc.store.base import ReceiptsApplied, Report
from pushsvc.store.sqlite.deliveries import FAIL_WITH_REGISTRATION
from pushsvc.store.sqlite.rows import event_json, json_array, storable
from pushsvc.store.sqlite.transitions import transition

# Of a content: its own message's deliveries, and those of the messages that share it. What was taken back (2) is over.
DELIVERIES = """
SELECT m.content_id, d.registration_id, d.cert_id, d.message_id, d.number, d.state, d.registration_key, d.updated_at_ms
FROM json_each(?1) AS j CROSS JOIN messages AS m ON m.message_id = j.value
  CROSS JOIN deliveries AS d ON d.message_id = m.message_id
WHERE m.content_id = j.value AND d.is_reported < 2
UNION ALL
SELECT m.content_id, d.registration_id, d.cert_id, d.message_id, d.number, d.state, d.registration_key, d.updated_at_ms
FROM json_each(?1) AS j CROSS JOIN messages AS m ON m.content_id = j.value AND m.content_id <> m.message_id
  CROSS JOIN deliveries AS d ON d.message_id = m.message_id
WHERE d.is_reported < 2"""

APPLY = transition(
    state="?2",
    reason="?3",
    at_ms="?4",
    also=("is_reported = 1", "vendor_code = ?5", "vendor_reason = ?6", "advice = ?7"),
    where="message_id = ?8 AND number = ?9",
)

# Not if it was registered again after the push had left.
REMOVE = "DELETE FROM registrations WHERE registration_key = ? AND registered_at_ms <= ? RETURNING registration_key"

# Where a state can be reached from by a report; never back.
OPEN = frozenset({DeliveryState.PENDING, DeliveryState.SENT})
ENDED = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.CANCELLED})
FROM: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.DELIVERED: OPEN | ENDED,
    DeliveryState.CLICKED: OPEN | ENDED | {DeliveryState.DELIVERED},
    DeliveryState.FAILED: OPEN,
    DeliveryState.EXPIRED: OPEN,
}


class _Delivery(NamedTuple):
    message_id: int
    number: int
    state: int
    registration_key: int
    updated_at_ms: int


def apply(connection: sqlite3.Connection, reports: Sequence[Report], now_ms: int) -> ReceiptsApplied:
    """See `Store.apply_receipts`."""
    found: dict[tuple[int, str, int], list[_Delivery]] = {}
    content_ids = json_array({report.content_id for report in reports})
    for content_id, registration_id, cert_id, *rest in connection.execute(DELIVERIES, (content_ids,)).fetchall():
        found.setdefault((content_id, registration_id, cert_id), []).append(_Delivery(*rest))
    changed: list[tuple[int, int]] = []
    removed: list[int] = []
    matched = 0
    for report in reports:
        key = (report.content_id, report.registration_id, report.cert_id)
        deliveries = found.get(key, [])
        matched += bool(deliveries)
        for at, delivery in enumerate(deliveries):
            was_open = delivery.state in OPEN
            if delivery.state in FROM[report.state]:
                APPLY.run(connection, _apply_row(report, delivery, now_ms))
                deliveries[at] = delivery._replace(state=report.state)
                changed.append((delivery.message_id, delivery.number))
            if was_open and report.reason is Reason.REGISTRATION_INVALID:
                removed += _remove(connection, report, delivery, now_ms)
    return ReceiptsApplied(matched=matched, changed=changed, removed_keys=removed)


def _remove(connection: sqlite3.Connection, report: Report, delivery: _Delivery, now_ms: int) -> Sequence[int]:
    """Removes the registration of a dead phone, and fails what else waits for it."""
    rows = connection.execute(REMOVE, (delivery.registration_key, delivery.updated_at_ms)).fetchall()
    keys = [key for (key,) in rows]
    if keys:
        words = "the vendor reported of another delivery that the registration id is dead"
        FAIL_WITH_REGISTRATION.run(connection, (*_fail_row(report, words, now_ms), keys[0]))
    return keys


def _apply_row(report: Report, delivery: _Delivery, now_ms: int) -> tuple[object, ...]:
    event = DeliveryEvent(
        at_ms=report.at_ms or now_ms,
        state=report.state,
        reason=report.reason,
        vendor_code=report.vendor_code,
        detail=report.detail,
    )
    return (
        event_json(event),
        report.state,
        report.reason,
        now_ms,
        storable(report.vendor_code),
        storable(report.vendor_reason),
        storable(report.advice),
        delivery.message_id,
        delivery.number,
    )


def _fail_row(report: Report, detail: str, now_ms: int) -> tuple[object, ...]:
    event = DeliveryEvent(
        at_ms=now_ms,
        state=DeliveryState.FAILED,
        reason=Reason.REGISTRATION_INVALID,
        vendor_code=report.vendor_code,
        detail=detail,
    )
    words = (storable(report.vendor_code), storable(report.vendor_reason), storable(report.advice))
    return (event_json(event), now_ms, *words)
