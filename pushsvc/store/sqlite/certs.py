"""Certs and their access tokens, sealed; a blob is bound to its row by its associated data."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson

from pushsvc.domain import Cert, CertHealth, Reason
from pushsvc.errors import NotFound, StoreUnavailable
from pushsvc.sealing import Sealer, SealingError
from pushsvc.store.base import StoredAccessToken, Unregistered
from pushsvc.store.notification_json import dump_defaults, load_defaults
from pushsvc.store.sqlite import deliveries, phones
from pushsvc.store.sqlite.rows import Row, dump_health, load_health
from vendors.contract import AccessToken

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

INSERT = """
INSERT INTO certs (app_id, vendor, display_name, credential, credential_version, defaults, base_url, health,
  created_at_ms, updated_at_ms, targets_per_second)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

REPLACE = """
UPDATE certs SET app_id = ?, vendor = ?, display_name = ?, credential = ?, credential_version = ?, defaults = ?,
  base_url = ?, health = ?, created_at_ms = ?, updated_at_ms = ?, targets_per_second = ?
WHERE cert_id = ?"""

SELECT = """
SELECT cert_id, app_id, vendor, display_name, credential, credential_version, defaults, base_url, health, created_at_ms,
  updated_at_ms, targets_per_second
FROM certs ORDER BY cert_id"""

# A cert that was deleted meanwhile gets none.
PUT_ACCESS_TOKEN = """
INSERT OR REPLACE INTO access_tokens (cert_id, credential_version, value, refresh_at_ms, expires_at_ms)
SELECT cert_id, ?, ?, ?, ? FROM certs WHERE cert_id = ?"""  # noqa: S105 - a statement, no secret

ACCESS_TOKEN = """
SELECT credential_version, value, refresh_at_ms, expires_at_ms FROM access_tokens
WHERE cert_id = ?"""  # noqa: S105 - as above


def add(connection: sqlite3.Connection, sealer: Sealer, cert: Cert) -> Cert:
    """See `Store.add_cert`."""
    # The credential is bound to the id, which is known only now.
    cursor = connection.execute(INSERT, _row(cert, b""))
    stored = replace(cert, cert_id=cursor.lastrowid or 0)
    connection.execute("UPDATE certs SET credential = ? WHERE cert_id = ?", (_seal(sealer, stored), stored.cert_id))
    return stored


def put(connection: sqlite3.Connection, sealer: Sealer, cert: Cert) -> None:
    """See `Store.replace_cert`.

    Raises:
        NotFound: it was deleted meanwhile.
    """
    cursor = connection.execute(REPLACE, (*_row(cert, _seal(sealer, cert)), cert.cert_id))
    if cursor.rowcount == 0:
        raise NotFound(f"cert {cert.cert_id} does not exist")


def set_health(connection: sqlite3.Connection, cert_id: int, health: CertHealth, credential_version: int) -> None:
    """See `Store.set_cert_health`."""
    connection.execute(
        "UPDATE certs SET health = ? WHERE cert_id = ? AND credential_version = ?",
        (dump_health(health), cert_id, credential_version),
    )


def read_all(connection: sqlite3.Connection, sealer: Sealer) -> Sequence[Cert]:
    """See `Store.certs`.

    Raises:
        StoreUnavailable: a credential does not open.
    """
    return [_from_row(sealer, row) for row in connection.execute(SELECT).fetchall()]


def delete(connection: sqlite3.Connection, cert_id: int, now_ms: int) -> Unregistered:
    """See `Store.delete_cert`."""
    withdrawn = phones.remove_by_cert(connection, cert_id)
    cancelled = deliveries.cancel_by_cert(
        connection, cert_id, now_ms, Reason.CERT_DELETED, "the certificate was deleted"
    )
    connection.execute("DELETE FROM certs WHERE cert_id = ?", (cert_id,))
    return Unregistered(withdrawn_keys=withdrawn, cancelled_deliveries=cancelled)


def read_access_token(connection: sqlite3.Connection, sealer: Sealer, cert_id: int) -> StoredAccessToken | None:
    """See `Store.access_token`. One that does not open is none: the next sign-in brings another."""
    for version, sealed, refresh_at_ms, expires_at_ms in connection.execute(ACCESS_TOKEN, (cert_id,)).fetchall():
        try:
            value = sealer.open(sealed, _access_token_data(cert_id)).decode()
        except SealingError:
            return None
        token = AccessToken(value=value, refresh_at=_time(refresh_at_ms), expires_at=_time(expires_at_ms))
        return StoredAccessToken(credential_version=version, token=token)
    return None


def put_access_token(connection: sqlite3.Connection, sealer: Sealer, cert_id: int, stored: StoredAccessToken) -> None:
    """See `Store.put_access_token`."""
    token = stored.token
    sealed = sealer.seal(token.value.encode(), _access_token_data(cert_id))
    times = (_time_ms(token.refresh_at), _time_ms(token.expires_at))
    connection.execute(PUT_ACCESS_TOKEN, (stored.credential_version, sealed, *times, cert_id))


def delete_access_token(connection: sqlite3.Connection, cert_id: int) -> None:
    """See `Store.delete_access_token`."""
    connection.execute("DELETE FROM access_tokens WHERE cert_id = ?", (cert_id,))


def _row(cert: Cert, credential: bytes) -> Row:
    """In the order of INSERT and REPLACE."""
    return (
        cert.app_id,
        cert.vendor,
        cert.display_name,
        credential,
        cert.credential_version,
        dump_defaults(cert.defaults),
        cert.base_url,
        dump_health(cert.health),
        cert.created_at_ms,
        cert.updated_at_ms,
        cert.targets_per_second,
    )


def _from_row(sealer: Sealer, row: Row) -> Cert:
    """From the order of SELECT."""
    cert_id, app_id, vendor, display_name, credential, version, defaults, base_url, health, created, updated = row[:11]
    return Cert(
        cert_id=cert_id,
        app_id=app_id,
        vendor=vendor,
        display_name=display_name,
        credential=_open(sealer, app_id, cert_id, credential),
        credential_version=version,
        defaults=load_defaults(defaults),
        base_url=base_url,
        health=load_health(health),
        created_at_ms=created,
        updated_at_ms=updated,
        targets_per_second=row[11],
    )


def _seal(sealer: Sealer, cert: Cert) -> bytes:
    return sealer.seal(orjson.dumps(dict(cert.credential)), _cert_data(cert.app_id, cert.cert_id))


def _open(sealer: Sealer, app_id: str, cert_id: int, sealed: bytes) -> dict[str, str]:
    try:
        credential: dict[str, str] = orjson.loads(sealer.open(sealed, _cert_data(app_id, cert_id)))
    except SealingError as error:
        raise StoreUnavailable(
            f"the credential of cert {cert_id} {error}; set PUSHSVC_SEALING_KEY or PUSHSVC_SEALING_KEY_FILE to the key "
            "this database was written with"
        ) from error
    return credential


def _cert_data(app_id: str, cert_id: int) -> bytes:
    return f"pushsvc:cert:{app_id}:{cert_id}".encode()


def _access_token_data(cert_id: int) -> bytes:
    return f"pushsvc:access-token:{cert_id}".encode()


def _time(time_ms: int) -> datetime:
    return EPOCH + time_ms * MILLISECOND


def _time_ms(time: datetime) -> int:
    return (time - EPOCH) // MILLISECOND
