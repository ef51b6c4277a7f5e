"""The default store: one SQLite file, one connection, transactions shared by all calls that wait."""

# ruff: noqa: D102 - `Store` says what each method does

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pushsvc.domain import Cert, CertHealth, Delivery, Message, MessageRecord, Registration
from pushsvc.errors import StoreUnavailable
from pushsvc.sealing import Sealer
from pushsvc.store.base import (
    Accepted,
    ChangeCounts,
    Changes,
    ChangesRange,
    ClaimPosition,
    Forgotten,
    Recall,
    ReceiptsApplied,
    Registered,
    RegistrationSelector,
    Repeated,
    Report,
    Settlement,
    StoredAccessToken,
    Unregistered,
)
from pushsvc.store.lock import DatabaseLock
from pushsvc.store.migrations import load_migrations, migrate
from pushsvc.store.sqlite import certs, changes, deliveries, forgetting, phones, recalls, receipts, sends
from pushsvc.store.sqlite.connection import Connection
from pushsvc.store.sqlite.writer import Committed, Writer, nobody_asked

FILE_MODE = 0o600
# Results share the transaction of the next sends, of which a busy service has one sooner than this.
SETTLE_PATIENCE_SECONDS = 0.010
# Deliveries that are read in a few milliseconds.
SHORT_CLAIM = 1_000
# STRICT tables.
OLDEST_SQLITE = (3, 37, 0)

# FULL flushes at every commit: what was acknowledged survives a power cut, not only a kill.
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",  # KiB
    "PRAGMA journal_size_limit = 67108864",
)


class SqliteStore:
    """`Store` in a SQLite file; see there what each method does. Made by `open`, and closed in a `finally`."""

    def __init__(self, path: Path, writer: Writer, sealer: Sealer, lock: DatabaseLock) -> None:
        self._path = path
        self._writer = writer
        self._sealer = sealer
        self._lock = lock
        self._is_closed = False

    @classmethod
    async def open(cls, path: Path, sealer: Sealer, *, committed: Committed = nobody_asked) -> Self:
        """Opens a database, makes it where there is none, and brings it to this code's schema.

        Args:
            path: the file; `<path>.lock` is made beside it.
            sealer: for credentials and access tokens.
            committed: told of each transaction that is on disk: how many calls shared it, and seconds.

        Raises:
            StoreUnavailable: another process has it, the file can't be used, it is newer than this code, or its certs
                were sealed under another key. The words say which, and what to do.
        """
        _check_sqlite()
        path = _real_path(path)
        lock = DatabaseLock.acquire(path)
        try:
            writer = Writer(await _connect(path), committed)
        except BaseException:
            lock.release()
            raise
        store = cls(path, writer, sealer, lock)
        try:
            # Under another key no cert opens: better said now than at the first send.
            await store.certs()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finishes what is being written and lets go of the file."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._writer.close()
        finally:
            self._lock.release()

    async def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in _files(self._path) if path.exists())

    async def probe(self) -> None:
        await self._writer.run(changes.positions)

    # Messages and deliveries

    async def accept(self, messages: Sequence[Message], *, now_ms: int) -> Sequence[Accepted | Repeated]:
        return await self._writer.run(lambda connection: sends.accept(connection, messages, now_ms))

    async def claim(self, cert_id: int, *, after: ClaimPosition, now_ms: int, limit: int) -> Sequence[Delivery]:
        return await self._writer.run(
            lambda connection: deliveries.claim(connection, cert_id, after, now_ms, limit), is_long=limit > SHORT_CLAIM
        )

    async def next_due_ms(self, cert_id: int, *, after_ms: int) -> int | None:
        return await self._writer.run(lambda connection: deliveries.next_due_ms(connection, cert_id, after_ms))

    async def certs_with_pending(self) -> Sequence[int]:
        return await self._writer.run(deliveries.certs_with_pending, is_long=True)

    async def settle(self, settlements: Sequence[Settlement], *, is_awaited: bool = True) -> Sequence[int]:
        return await self._writer.run(
            lambda connection: deliveries.settle(connection, settlements),
            patience_seconds=0.0 if is_awaited else SETTLE_PATIENCE_SECONDS,
        )

    async def left(self, message_id: int) -> Sequence[Delivery]:
        return await self._writer.run(lambda connection: recalls.left(connection, message_id))

    async def settle_recalls(self, settled: Sequence[Recall]) -> None:
        await self._writer.run(lambda connection: recalls.settle(connection, settled))

    async def apply_receipts(self, reports: Sequence[Report], *, now_ms: int) -> ReceiptsApplied:
        return await self._writer.run(lambda connection: receipts.apply(connection, reports, now_ms))

    async def expire(self, *, now_ms: int, limit: int) -> Sequence[tuple[int, int]]:
        return await self._writer.run(lambda connection: deliveries.expire(connection, now_ms, limit))

    async def count_pending(self, cert_ids: Sequence[int]) -> Sequence[int]:
        return await self._writer.run(lambda connection: deliveries.count_by_cert(connection, cert_ids), is_long=True)

    async def message(self, app_id: str, message_id: int) -> MessageRecord | None:
        records = await self._writer.run(lambda connection: sends.read(connection, [message_id], with_timeline=True))
        record = records.get(message_id)
        return record if record is not None and record.message.app_id == app_id else None

    async def cancel(self, app_id: str, message_id: int, *, now_ms: int) -> Sequence[tuple[int, int]] | None:
        return await self._writer.run(
            lambda connection: deliveries.cancel_message(connection, app_id, message_id, now_ms)
        )

    async def forget(self, *, after_id: int, before_ms: int, limit: int) -> Forgotten:
        return await self._writer.run(
            lambda connection: forgetting.forget(connection, after_id, before_ms, limit), is_long=True
        )

    async def changes(self, app_id: str, *, after: int, limit: int) -> Changes:
        return await self._writer.run(lambda connection: changes.read(connection, app_id, after, limit), is_long=True)

    async def change_counts(self, *, after: int, limit: int) -> ChangeCounts:
        return await self._writer.run(lambda connection: changes.count(connection, after, limit), is_long=True)

    async def changes_range(self) -> ChangesRange:
        return await self._writer.run(changes.positions)

    # Registrations

    async def register(self, registrations: Sequence[Registration], *, now_ms: int) -> Sequence[Registered]:
        return await self._writer.run(lambda connection: phones.register(connection, registrations, now_ms))

    async def unregister(self, selectors: Sequence[RegistrationSelector], *, now_ms: int) -> Sequence[Unregistered]:
        return await self._writer.run(lambda connection: phones.unregister(connection, selectors, now_ms))

    async def registrations(self, selector: RegistrationSelector) -> Sequence[Registration]:
        return await self._writer.run(lambda connection: phones.find(connection, selector))

    async def count_registrations(self, cert_id: int) -> int:
        return await self._writer.run(lambda connection: phones.count(connection, cert_id), is_long=True)

    # Certs

    async def add_cert(self, cert: Cert) -> Cert:
        return await self._writer.run(lambda connection: certs.add(connection, self._sealer, cert))

    async def replace_cert(self, cert: Cert) -> None:
        await self._writer.run(lambda connection: certs.put(connection, self._sealer, cert))

    async def set_cert_health(self, cert_id: int, health: CertHealth, *, credential_version: int) -> None:
        await self._writer.run(lambda connection: certs.set_health(connection, cert_id, health, credential_version))

    async def certs(self) -> Sequence[Cert]:
        return await self._writer.run(lambda connection: certs.read_all(connection, self._sealer))

    async def delete_cert(self, cert_id: int, *, now_ms: int) -> Unregistered:
        return await self._writer.run(lambda connection: certs.delete(connection, cert_id, now_ms), is_long=True)

    async def access_token(self, cert_id: int) -> StoredAccessToken | None:
        return await self._writer.run(lambda connection: certs.read_access_token(connection, self._sealer, cert_id))

    async def put_access_token(self, cert_id: int, token: StoredAccessToken) -> None:
        await self._writer.run(lambda connection: certs.put_access_token(connection, self._sealer, cert_id, token))

    async def delete_access_token(self, cert_id: int) -> None:
        await self._writer.run(lambda connection: certs.delete_access_token(connection, cert_id))


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreUnavailable(f"SQLite {sqlite3.sqlite_version} is too old: pushsvc needs {oldest} or newer")


def _real_path(path: Path) -> Path:
    """One file has one lock, whichever way it is named."""
    return path.resolve()


def _files(path: Path) -> Sequence[Path]:
    """The database with its log and the log's index."""
    return [path, Path(f"{path}-wal"), Path(f"{path}-shm")]


def _create(path: Path) -> None:
    """Makes the file, readable by its owner alone, if there is none; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreUnavailable(f"database {path} can't be made: {error.strerror}") from error


async def _connect(path: Path) -> Connection:
    _create(path)
    try:
        connection = Connection(path)
        await connection
        try:
            await _prepare(connection)
        except BaseException:
            await connection.close()
            raise
    except sqlite3.Error as error:
        raise StoreUnavailable(f"database {path} can't be used: {error}") from error
    return connection


async def _prepare(connection: Connection) -> None:
    ((journal_mode,),) = await connection.execute_fetchall("PRAGMA journal_mode = WAL")
    if journal_mode != "wal":
        raise StoreUnavailable(f"the database's file system does not allow a WAL (journal mode is {journal_mode})")
    for pragma in PRAGMAS:
        await connection.execute(pragma)
    await migrate(connection, load_migrations(), now_ms=time.time_ns() // 1_000_000)
