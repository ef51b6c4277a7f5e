"""Registrations: binding phones to users, and letting go of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from pushsvc.domain import Reason, Registration
from pushsvc.errors import NotFound
from pushsvc.store.base import Registered, RegistrationSelector, Unregistered
from pushsvc.store.sqlite import deliveries
from pushsvc.store.sqlite.binding import Bindings, Changes
from pushsvc.store.sqlite.rows import REGISTRATION_COLUMNS, Row, json_array, registration_from_row, registration_row

LIST_LIMIT = 1000

# Two indexes, two look-ups.
SAME_PHONE = f"""
SELECT {REGISTRATION_COLUMNS} FROM json_each(?1) AS j CROSS JOIN registrations
WHERE app_id = json_extract(j.value, '$[0]') AND vendor = json_extract(j.value, '$[1]')
  AND registration_id = json_extract(j.value, '$[2]')
UNION
SELECT {REGISTRATION_COLUMNS} FROM json_each(?1) AS j CROSS JOIN registrations
WHERE app_id = json_extract(j.value, '$[0]') AND user_id = json_extract(j.value, '$[3]')
  AND device_id = json_extract(j.value, '$[4]') AND device_id <> ''"""  # noqa: S608 - built from constants

MISSING_CERTS = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT cert_id FROM certs)"

LAST_KEY = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'registrations'"

PUT = f"""
INSERT INTO registrations ({REGISTRATION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (registration_key) DO UPDATE SET version = excluded.version, registered_at_ms = excluded.registered_at_ms
"""  # noqa: S608 - built from constants

REPOINT = """
UPDATE deliveries SET registration_key = ?, registration_id = ?, cert_id = ?, vendor = ?, device_id = ?
WHERE state = 1 AND registration_key = ?"""


def register(
    connection: sqlite3.Connection, registrations: Sequence[Registration], now_ms: int
) -> Sequence[Registered]:
    """See `Store.register`.

    Raises:
        NotFound: a cert does not exist any more.
    """
    _check_certs(connection, {registration.cert_id for registration in registrations})
    bindings = _bindings(connection, registrations)
    registered = [bindings.register(registration, now_ms=now_ms) for registration in registrations]
    _write(connection, bindings.changes, now_ms)
    return registered


def unregister(
    connection: sqlite3.Connection, selectors: Sequence[RegistrationSelector], now_ms: int
) -> Sequence[Unregistered]:
    """See `Store.unregister`."""
    gone: set[int] = set()
    keys_of_each: list[list[int]] = []
    for selector in selectors:
        rows = _select(connection, "registration_key", selector)
        keys = [key for (key,) in rows if key not in gone]
        gone.update(keys)
        keys_of_each.append(keys)
    pending = deliveries.count_by_registration(connection, gone)
    connection.execute(deliveries.REMOVE_REGISTRATIONS, (json_array(gone),))
    deliveries.cancel_by_registration(connection, pending, now_ms, Reason.LOGGED_OUT, "the user logged out")
    return [
        Unregistered(withdrawn_keys=keys, cancelled_deliveries=sum(pending.get(key, 0) for key in keys))
        for keys in keys_of_each
    ]


def find(connection: sqlite3.Connection, selector: RegistrationSelector) -> Sequence[Registration]:
    """See `Store.registrations`."""
    rows = _select(connection, REGISTRATION_COLUMNS, selector, limit=LIST_LIMIT)
    return [registration_from_row(row) for row in rows]


def count(connection: sqlite3.Connection, cert_id: int) -> int:
    """See `Store.count_registrations`."""
    ((number,),) = connection.execute("SELECT count(*) FROM registrations WHERE cert_id = ?", (cert_id,)).fetchall()
    return int(number)


def remove_by_cert(connection: sqlite3.Connection, cert_id: int) -> Sequence[int]:
    """Removes the registrations under a cert; their keys."""
    rows = connection.execute(
        "DELETE FROM registrations WHERE cert_id = ? RETURNING registration_key", (cert_id,)
    ).fetchall()
    return [key for (key,) in rows]


def _check_certs(connection: sqlite3.Connection, cert_ids: set[int]) -> None:
    for (cert_id,) in connection.execute(MISSING_CERTS, (json_array(cert_ids),)).fetchall():
        raise NotFound(f"cert {cert_id} does not exist")


def _bindings(connection: sqlite3.Connection, registrations: Sequence[Registration]) -> Bindings:
    phones = json_array((r.app_id, r.vendor, r.registration_id, r.user_id, r.device_id) for r in registrations)
    rows = connection.execute(SAME_PHONE, (phones,)).fetchall()
    touched = [registration_from_row(row) for row in rows]
    pending = deliveries.count_by_registration(connection, [r.registration_key for r in touched])
    ((last_key,),) = connection.execute(LAST_KEY).fetchall()
    return Bindings(touched, pending, last_key=last_key)


def _write(connection: sqlite3.Connection, changes: Changes, now_ms: int) -> None:
    connection.execute(deliveries.REMOVE_REGISTRATIONS, (json_array(changes.removed),))
    connection.executemany(PUT, [registration_row(registration) for registration in changes.stored.values()])
    if changes.moved:
        connection.executemany(REPOINT, [_repoint_row(key, target) for key, target in changes.moved])
    if changes.cancelled:
        deliveries.cancel_by_registration(
            connection, changes.cancelled, now_ms, Reason.CHANGED_HANDS, "the phone was registered for another user"
        )


def _repoint_row(key: int, target: Registration) -> tuple[object, ...]:
    return (
        target.registration_key,
        target.registration_id,
        target.cert_id,
        target.vendor,
        target.device_id,
        key,
    )


def _select(
    connection: sqlite3.Connection, columns: str, selector: RegistrationSelector, limit: int = -1
) -> Sequence[Row]:
    """Only the conditions that count are written, so that SQLite picks the index that fits them."""
    conditions = {
        "app_id": selector.app_id,
        "user_id": selector.user_id,
        "device_id": selector.device_id,
        "registration_id": selector.registration_id,
        "cert_id": selector.cert_id,
    }
    given = {column: value for column, value in conditions.items() if value or column == "app_id"}
    where = " AND ".join(f"{column} = ?" for column in given)
    sql = f"SELECT {columns} FROM registrations WHERE {where} ORDER BY registration_key LIMIT ?"  # noqa: S608 - columns are ours
    return list(connection.execute(sql, (*given.values(), limit)).fetchall())
