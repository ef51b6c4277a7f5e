"""Changes of deliveries' states, each noted for those who watch by the statement before the one that makes it.

Whatever changes a state goes by a `Transition` or by `note_sent`, or nobody hears of it. A trigger would note it by
itself, but each UPDATE of a table that has one costs half as much again (docs/performance.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pushsvc.store.sqlite.inserts import flat, values
from pushsvc.store.sqlite.rows import TIMELINE_STEPS

# Parameter 1 is the step as JSON. The first step, all there is of most deliveries, is written without parsing any.
ADD_STEP = f"""timeline = CASE WHEN timeline IS NULL THEN '[' || ?1 || ']' ELSE json_insert(
    CASE WHEN json_array_length(timeline) < {TIMELINE_STEPS} THEN timeline ELSE json_remove(timeline, '$[0]') END,
    '$[#]', json(?1)) END"""

_NOTE = "INSERT INTO changes (message_id, number, was, state, reason, at_ms) "

KEYS_AT_ONCE = 32
_NO_KEY = (None, None)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state in two statements with the same parameters, of which the first is the step as JSON.

    Attributes:
        note: notes what the other is about to change.
        update: changes it.
    """

    note: str
    update: str

    def run(self, connection: sqlite3.Connection, parameters: Sequence[object]) -> sqlite3.Cursor:
        """Changes the states; the cursor of the UPDATE."""
        connection.execute(self.note, parameters)
        return connection.execute(self.update, parameters)


def transition(
    *, state: str, reason: str, at_ms: str, where: str, also: Sequence[str] = (), returning: str = ""
) -> Transition:
    """A change of state, of whatever a condition holds for.

    Args:
        state: the new state as SQL, a literal or a parameter, as are the next two.
        reason: why.
        at_ms: when.
        where: the condition; it holds the last parameter.
        also: further assignments.
        returning: a column to give back.
    """
    assignments = ", ".join((ADD_STEP, f"state = {state}", f"reason = {reason}", f"updated_at_ms = {at_ms}", *also))
    tail = f" RETURNING {returning}" if returning else ""
    return Transition(
        note=f"{_NOTE}SELECT message_id, number, state, {state}, {reason}, {at_ms} FROM deliveries "  # noqa: S608 - built from constants
        f"WHERE {where} AND state <> {state}",
        update=f"UPDATE deliveries SET {assignments} WHERE {where}{tail}",  # noqa: S608 - as above
    )


@cache
def note_sent_sql(keys: int) -> str:
    """Notes what of so many keys `deliveries.TAKEN` is about to make SENT (2): not what was reported on already."""
    return f"""{_NOTE}SELECT d.message_id, d.number, d.state, 2, 0, ?
FROM ({values(keys, 2)}) AS key CROSS JOIN deliveries AS d
WHERE d.message_id = key.column1 AND d.number = key.column2 AND d.state <> 2 AND NOT d.is_reported"""  # noqa: S608 - built from constants


def note_sent(connection: sqlite3.Connection, keys: Sequence[tuple[int, int]], at_ms: int) -> None:
    """Notes what is about to become SENT: many at a time, since this is what nearly all deliveries do."""
    for first in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[first : first + KEYS_AT_ONCE]
        # A power of two, so that there are few statements to keep.
        count = 1 << (len(some) - 1).bit_length()
        padding = [_NO_KEY] * (count - len(some))
        connection.execute(note_sent_sql(count), (at_ms, *flat([*some, *padding])))
