"""Removing messages that are over, a little at a time."""

from __future__ import annotations

import sqlite3

from pushsvc.store.base import Forgotten
from pushsvc.store.sqlite.rows import json_array

OLDEST = """
SELECT m.message_id, count(d.number), total(d.state = 1)
FROM (SELECT message_id, created_at_ms FROM messages WHERE message_id > ? ORDER BY message_id LIMIT ?) AS m
LEFT JOIN deliveries AS d ON d.message_id = m.message_id
WHERE m.created_at_ms < ? GROUP BY m.message_id ORDER BY m.message_id"""

REMOVE = "DELETE FROM messages WHERE message_id IN (SELECT value FROM json_each(?))"

# A delivery is sent, delivered and clicked at most. By position, so that no step looks at what is not to be removed.
# The newest stays, to count on from: a position is never used again, so that a cursor kept over years skips nothing.
CHANGES_OF_A_DELIVERY = 3
REMOVE_CHANGES = """
DELETE FROM changes
WHERE position < (SELECT min(position) FROM changes) + ? AND position < (SELECT max(position) FROM changes)
  AND at_ms < ?"""


def forget(connection: sqlite3.Connection, after_id: int, before_ms: int, limit: int) -> Forgotten:
    """See `Store.forget`."""
    over: list[int] = []
    last_id: int | None = None
    rows_left = limit
    for message_id, deliveries, pending in connection.execute(OLDEST, (after_id, limit, before_ms)).fetchall():
        last_id = message_id
        if not pending:
            over.append(message_id)
            rows_left -= deliveries
        if rows_left <= 0:
            break
    # Their deliveries go with them, by the foreign key.
    connection.execute(REMOVE, (json_array(over),))
    connection.execute(REMOVE_CHANGES, (limit * CHANGES_OF_A_DELIVERY, before_ms))
    return Forgotten(messages=len(over), last_id=last_id)
