"""Reading what callers watch: the changes of deliveries' states, in the order of commits."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from pushsvc.domain import ChangeCount, DeliveryState, Reason
from pushsvc.store.base import ChangeCounts, Changes, ChangesRange
from pushsvc.store.sqlite.rows import DELIVERY_COLUMNS, record_from_row

# As many as were ever written; the oldest that is left, or what would be written next.
RANGE = """
SELECT newest, ifnull((SELECT min(position) FROM changes), newest + 1)
FROM (SELECT ifnull(max(position), 0) AS newest FROM changes)"""

LAST_OF_PAGE = "SELECT max(position) FROM (SELECT position FROM changes WHERE position > ? ORDER BY position LIMIT ?)"

# CROSS JOIN keeps the order of the page, whatever SQLite thinks of the sizes.
PAGE = f"""
SELECT {", ".join(f"d.{name}" for name in DELIVERY_COLUMNS)}, c.state, c.reason, c.at_ms
FROM changes AS c
  CROSS JOIN messages AS m ON m.message_id = c.message_id AND m.app_id = ?
  CROSS JOIN deliveries AS d ON d.message_id = c.message_id AND d.number = c.number
WHERE c.position > ? AND c.position <= ? ORDER BY c.position"""  # noqa: S608 - built from constants

COUNTS = """
SELECT d.vendor, d.cert_id, c.was, c.state, c.reason, count(*)
FROM changes AS c CROSS JOIN deliveries AS d ON d.message_id = c.message_id AND d.number = c.number
WHERE c.position > ? AND c.position <= ? GROUP BY 1, 2, 3, 4, 5"""


def positions(connection: sqlite3.Connection) -> ChangesRange:
    """See `Store.changes_range`."""
    ((newest, oldest),) = connection.execute(RANGE).fetchall()
    return ChangesRange(oldest=oldest, newest=newest)


def read(connection: sqlite3.Connection, app_id: str, after: int, limit: int) -> Changes:
    """See `Store.changes`."""
    ((last,),) = connection.execute(LAST_OF_PAGE, (after, limit)).fetchall()
    if last is None:
        return Changes(deliveries=[], position=after)
    rows = connection.execute(PAGE, (app_id, after, last)).fetchall()
    deliveries = [
        replace(
            record_from_row(row[:-3]),
            state=DeliveryState(row[-3]),
            reason=Reason(row[-2]),
            updated_at_ms=row[-1],
            next_attempt_at_ms=0,
        )
        for row in rows
    ]
    return Changes(deliveries=deliveries, position=last)


def count(connection: sqlite3.Connection, after: int, limit: int) -> ChangeCounts:
    """See `Store.change_counts`."""
    ((last,),) = connection.execute(LAST_OF_PAGE, (after, limit)).fetchall()
    if last is None:
        return ChangeCounts(counts=[], position=after)
    counts = [
        ChangeCount(
            vendor=vendor,
            cert_id=cert_id,
            was=DeliveryState(was),
            state=DeliveryState(state),
            reason=Reason(reason),
            count=number,
        )
        for vendor, cert_id, was, state, reason, number in connection.execute(COUNTS, (after, last)).fetchall()
    ]
    return ChangeCounts(counts=counts, position=last)
