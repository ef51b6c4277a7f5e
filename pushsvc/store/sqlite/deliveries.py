"""Claiming deliveries and writing what became of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from pushsvc.domain import Delivery, DeliveryEvent, DeliveryState, Reason
from pushsvc.store.base import ClaimPosition, Settlement
from pushsvc.store.sqlite.connection import PIECE_ROWS, Pieces
from pushsvc.store.sqlite.rows import delivery_from_row, event_json, json_array, storable
from pushsvc.store.sqlite.sends import read_messages
from pushsvc.store.sqlite.transitions import ADD_STEP, note_sent, transition

# The registration is gone only if something is wrong; its delivery goes out all the same.
CLAIM = """
SELECT d.message_id, d.number, d.user_id, d.device_id, d.vendor, d.cert_id, d.registration_key,
  coalesce(r.version, 0), d.registration_id, d.attempts, d.due_at_ms
FROM deliveries AS d LEFT JOIN registrations AS r ON r.registration_key = d.registration_key
WHERE d.state = 1 AND d.cert_id = ? AND d.due_at_ms <= ? AND (d.due_at_ms, d.message_id, d.number) > (?, ?, ?)
ORDER BY d.due_at_ms, d.message_id, d.number LIMIT ?"""

NEXT_DUE = "SELECT min(due_at_ms) FROM deliveries WHERE state = 1 AND cert_id = ? AND due_at_ms > ?"

# One probe of the index for each cert, however much is pending.
CERTS_WITH_PENDING = """
SELECT cert_id FROM certs
WHERE EXISTS (SELECT 1 FROM deliveries AS d WHERE d.state = 1 AND d.cert_id = certs.cert_id) ORDER BY cert_id"""

COUNT_BY_CERT = """
SELECT cert_id, count(*) FROM deliveries
WHERE state = 1 AND cert_id IN (SELECT value FROM json_each(?)) GROUP BY cert_id"""

COUNT_BY_REGISTRATION = """
SELECT registration_key, count(*) FROM deliveries
WHERE state = 1 AND registration_key IN (SELECT value FROM json_each(?)) GROUP BY registration_key"""

# SENT (2) is the truth whatever was decided meanwhile. What the vendor reported already is later news than its answer,
# and stays.
TAKEN = f"""
UPDATE deliveries SET {ADD_STEP}, attempts = ?4, due_at_ms = 0, updated_at_ms = ?5, vendor_message_id = ?6,
  truncated = ?7, ignored = ?8, state = iif(is_reported, state, 2), reason = iif(is_reported, reason, 0),
  vendor_code = iif(is_reported, vendor_code, ?9), vendor_reason = iif(is_reported, vendor_reason, ?10),
  advice = iif(is_reported, advice, ?11)
WHERE message_id = ?2 AND number = ?3 AND state <> 2"""  # noqa: S608 - built from constants

# Anything else changes only what is PENDING (1). A dead registration (12) says nothing about a delivery that was moved
# to another one meanwhile.
NOT_TAKEN = transition(
    state="?2",
    reason="?3",
    at_ms="?4",
    also=("attempts = ?5", "due_at_ms = ?6", "vendor_code = ?7", "vendor_reason = ?8", "advice = ?9"),
    where="state = 1 AND message_id = ?10 AND number = ?11 AND registration_key = ifnull(?12, registration_key)",
)

_end = partial(transition, state="?3", reason="?4", at_ms="?2")
END_ONE = _end(where="state = 1 AND message_id = ?5 AND number = ?6")
END_BY_REGISTRATION = _end(where="state = 1 AND registration_key IN (SELECT value FROM json_each(?5))")
END_BY_CERT = _end(where="state = 1 AND cert_id = ?5")
END_BY_MESSAGE = _end(where="state = 1 AND message_id = ?5", returning="number")

IS_OF_APP = "SELECT count(*) FROM messages WHERE message_id = ? AND app_id = ?"

FAIL_WITH_REGISTRATION = transition(
    state="3",
    reason="1",
    at_ms="?2",
    also=("vendor_code = ?3", "vendor_reason = ?4", "advice = ?5"),
    where="state = 1 AND registration_key = ?6",
)

OUTLIVED = """
SELECT message_id, number FROM deliveries WHERE state = 1 AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?"""

VERSIONS = """
SELECT registration_key, version FROM registrations WHERE registration_key IN (SELECT value FROM json_each(?))"""

REMOVE_REGISTRATIONS = "DELETE FROM registrations WHERE registration_key IN (SELECT value FROM json_each(?))"


def claim(
    connection: sqlite3.Connection, cert_id: int, after: ClaimPosition, now_ms: int, limit: int
) -> Sequence[Delivery]:
    """See `Store.claim`."""
    position = (after.due_at_ms, after.message_id, after.number)
    rows = list(connection.execute(CLAIM, (cert_id, now_ms, *position, limit)).fetchall())
    if not rows:
        return []
    messages = read_messages(connection, list({row[0] for row in rows}))
    return [delivery_from_row(row, messages[row[0]]) for row in rows]


def next_due_ms(connection: sqlite3.Connection, cert_id: int, after_ms: int) -> int | None:
    """See `Store.next_due_ms`."""
    ((due_at_ms,),) = connection.execute(NEXT_DUE, (cert_id, after_ms)).fetchall()
    return None if due_at_ms is None else int(due_at_ms)


def certs_with_pending(connection: sqlite3.Connection) -> Sequence[int]:
    """See `Store.certs_with_pending`."""
    return [cert_id for (cert_id,) in connection.execute(CERTS_WITH_PENDING).fetchall()]


def count_by_cert(connection: sqlite3.Connection, cert_ids: Sequence[int]) -> Sequence[int]:
    """See `Store.count_pending`."""
    rows = connection.execute(COUNT_BY_CERT, (json_array(cert_ids),)).fetchall()
    counts = {row[0]: row[1] for row in rows}
    return [counts.get(cert_id, 0) for cert_id in cert_ids]


def count_by_registration(connection: sqlite3.Connection, keys: Iterable[int]) -> Mapping[int, int]:
    """How many deliveries are pending for each of the registrations that have any."""
    rows = connection.execute(COUNT_BY_REGISTRATION, (json_array(keys),)).fetchall()
    return {row[0]: row[1] for row in rows}


def settle(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> Pieces[Sequence[int]]:
    """See `Store.settle`."""
    taken = [settlement for settlement in settlements if settlement.state is DeliveryState.SENT]
    for first in range(0, len(taken), PIECE_ROWS):
        if first:
            yield
        _settle_taken(connection, taken[first : first + PIECE_ROWS])
    for settlement in settlements:
        if settlement.state is not DeliveryState.SENT:
            NOT_TAKEN.run(connection, _not_taken_row(settlement))
    dead = {s.dead_registration[0]: s for s in settlements if s.dead_registration is not None}
    if not dead:
        return []
    reported = {s.dead_registration for s in settlements}
    rows = connection.execute(VERSIONS, (json_array(dead),)).fetchall()
    removed = [key for key, version in rows if (key, version) in reported]
    connection.execute(REMOVE_REGISTRATIONS, (json_array(removed),))
    for key in removed:
        FAIL_WITH_REGISTRATION.run(connection, _fail_row(key, dead[key]))
    return removed


def expire(connection: sqlite3.Connection, now_ms: int, limit: int) -> Sequence[tuple[int, int]]:
    """See `Store.expire`."""
    rows = connection.execute(OUTLIVED, (now_ms, limit)).fetchall()
    keys = [(message_id, number) for message_id, number in rows]
    end = _end_row(now_ms, DeliveryState.EXPIRED, Reason.TTL_ENDED, "its TTL ended")
    for key in keys:
        END_ONE.run(connection, (*end, *key))
    return keys


def cancel_message(
    connection: sqlite3.Connection, app_id: str, message_id: int, now_ms: int
) -> Sequence[tuple[int, int]] | None:
    """See `Store.cancel`."""
    ((found,),) = connection.execute(IS_OF_APP, (message_id, app_id)).fetchall()
    if not found:
        return None
    end = _end_row(now_ms, DeliveryState.CANCELLED, Reason.MESSAGE_CANCELLED, "the message was cancelled")
    rows = END_BY_MESSAGE.run(connection, (*end, message_id)).fetchall()
    return sorted((message_id, number) for (number,) in rows)


def cancel_by_registration(
    connection: sqlite3.Connection, keys: Iterable[int], now_ms: int, reason: Reason, detail: str
) -> None:
    """Cancels what is pending for registrations."""
    end = _end_row(now_ms, DeliveryState.CANCELLED, reason, detail)
    END_BY_REGISTRATION.run(connection, (*end, json_array(keys)))


def cancel_by_cert(connection: sqlite3.Connection, cert_id: int, now_ms: int, reason: Reason, detail: str) -> int:
    """Cancels what is pending under a cert; how many that was."""
    end = _end_row(now_ms, DeliveryState.CANCELLED, reason, detail)
    return END_BY_CERT.run(connection, (*end, cert_id)).rowcount


def _end_row(now_ms: int, state: DeliveryState, reason: Reason, detail: str) -> tuple[object, ...]:
    """Parameters 1 to 4 of what ends by our own decision."""
    return (event_json(DeliveryEvent(at_ms=now_ms, state=state, reason=reason, detail=detail)), now_ms, state, reason)


def _settle_taken(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> None:
    # What went in one call shares its step, and mostly what was said of it.
    steps: dict[int, str] = {}
    words: dict[tuple[object, ...], Sequence[str]] = {}
    keys: dict[int, list[tuple[int, int]]] = {}
    rows = []
    for taken in settlements:
        event = taken.event
        step = steps.get(id(event))
        if step is None:
            step = steps[id(event)] = event_json(event)
        said = (taken.truncated, taken.ignored, taken.vendor_code, taken.vendor_reason, taken.advice)
        own_words = words.get(said)
        if own_words is None:
            own_words = words[said] = _words(taken)
        message_id, number = taken.key
        vendor_message_id = storable(taken.vendor_message_id)
        rows.append((step, message_id, number, taken.attempts, event.at_ms, vendor_message_id, *own_words))
        keys.setdefault(event.at_ms, []).append(taken.key)
    for at_ms, of_a_moment in keys.items():
        note_sent(connection, of_a_moment, at_ms)
    connection.executemany(TAKEN, rows)


def _words(taken: Settlement) -> Sequence[str]:
    return (
        " ".join(taken.truncated),
        " ".join(taken.ignored),
        storable(taken.vendor_code),
        storable(taken.vendor_reason),
        storable(taken.advice),
    )


def _not_taken_row(settlement: Settlement) -> tuple[object, ...]:
    # SQLite's module takes an enum only after a search for who could adapt it.
    return (
        event_json(settlement.event),
        int(settlement.state),
        int(settlement.reason),
        settlement.event.at_ms,
        settlement.attempts,
        settlement.due_at_ms,
        storable(settlement.vendor_code),
        storable(settlement.vendor_reason),
        storable(settlement.advice),
        *settlement.key,
        None if settlement.dead_registration is None else settlement.dead_registration[0],
    )


def _fail_row(registration_key: int, settlement: Settlement) -> tuple[object, ...]:
    event = DeliveryEvent(
        at_ms=settlement.event.at_ms,
        state=DeliveryState.FAILED,
        reason=Reason.REGISTRATION_INVALID,
        vendor_code=settlement.vendor_code,
        detail="the vendor said of another delivery that the registration id is dead",
    )
    return (
        event_json(event),
        event.at_ms,
        storable(settlement.vendor_code),
        storable(settlement.vendor_reason),
        storable(settlement.advice),
        registration_key,
    )
