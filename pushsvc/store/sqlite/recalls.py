"""What a message has put on phones, and what of it was taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from pushsvc.domain import Delivery
from pushsvc.store.base import Recall
from pushsvc.store.sqlite.rows import delivery_from_row, event_json
from pushsvc.store.sqlite.sends import read_messages
from pushsvc.store.sqlite.transitions import ADD_STEP, transition

LEFT = """
SELECT message_id, number, user_id, device_id, vendor, cert_id, registration_key, 0, registration_id, attempts,
  due_at_ms
FROM deliveries WHERE message_id = ? AND state IN (2, 6) ORDER BY number"""

# Taken back (2): neither the vendor's answer to the hand-over nor a report of it, should they come later, change it.
RECALLED = transition(
    state="5",
    reason="11",
    at_ms="?2",
    also=("is_reported = 2",),
    where="state IN (2, 6) AND message_id = ?3 AND number = ?4",
)

ADD_TO_TIMELINE = f"UPDATE deliveries SET {ADD_STEP} WHERE message_id = ?2 AND number = ?3"  # noqa: S608 - a constant


def left(connection: sqlite3.Connection, message_id: int) -> Sequence[Delivery]:
    """See `Store.left`."""
    messages = read_messages(connection, [message_id])
    rows = connection.execute(LEFT, (message_id,)).fetchall()
    return [delivery_from_row(row, messages[message_id]) for row in rows]


def settle(connection: sqlite3.Connection, recalls: Sequence[Recall]) -> None:
    """See `Store.settle_recalls`."""
    for each in recalls:
        step = event_json(each.event)
        if each.is_recalled:
            RECALLED.run(connection, (step, each.event.at_ms, *each.key))
        else:
            connection.execute(ADD_TO_TIMELINE, (step, *each.key))
