"""What a message has put on phones, and what of it was taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from pushsvc.domain import Delivery
from pushsvc.store.base import Recall
from pushsvc.store.sqlite.deliveries import ADD_STEP
from pushsvc.store.sqlite.rows import delivery_from_row, event_json
from pushsvc.store.sqlite.sends import read_messages

LEFT = """
SELECT message_id, number, user_id, device_id, vendor, cert_id, registration_key, 0, registration_id, attempts,
  due_at_ms
FROM deliveries WHERE message_id = ? AND state IN (2, 6) ORDER BY number"""

# Taken back (2): neither the vendor's answer to the hand-over nor a report of it, should they come later, change it.
RECALLED = f"""
UPDATE deliveries SET {ADD_STEP}, is_reported = 2, state = 5, reason = 11, updated_at_ms = ?4
WHERE message_id = ?2 AND number = ?3 AND state IN (2, 6)"""  # noqa: S608 - a constant

NOTED = f"UPDATE deliveries SET {ADD_STEP} WHERE message_id = ?2 AND number = ?3"  # noqa: S608 - a constant


def left(connection: sqlite3.Connection, message_id: int) -> Sequence[Delivery]:
    """See `Store.left`."""
    messages = read_messages(connection, [message_id])
    rows = connection.execute(LEFT, (message_id,)).fetchall()
    return [delivery_from_row(row, messages[message_id]) for row in rows]


def settle(connection: sqlite3.Connection, recalls: Sequence[Recall]) -> None:
    """See `Store.settle_recalls`."""
    recalled = [each for each in recalls if each.is_recalled]
    noted = [each for each in recalls if not each.is_recalled]
    connection.executemany(RECALLED, [(event_json(each.event), *each.key, each.event.at_ms) for each in recalled])
    connection.executemany(NOTED, [(event_json(each.event), *each.key) for each in noted])
