"""Brings a database to this code's schema: numbered SQL files, one transaction each, checked by checksum.

A released file is never edited: the database remembers the digest of what it ran.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import aiosqlite

from pushsvc.errors import StoreUnavailable

FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema.

    Attributes:
        version: the schema's number after it; 1, 2, 3 …
        name: in words.
        sql: its statements.
    """

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What the database remembers it by."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations(directory: Traversable | None = None) -> Sequence[Migration]:
    """The migrations in a directory, by number; those of this package if none is named.

    Raises:
        ValueError: a file has another kind of name, or a number is missing or given twice.
    """
    migrations = []
    for file in (directory or resources.files("pushsvc.store") / "schema").iterdir():
        match = FILE_NAME.fullmatch(file.name)
        if match is None:
            raise ValueError(f"{file.name} is not named like 0001_initial.sql")
        migrations.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    migrations.sort(key=lambda migration: migration.version)
    versions = [migration.version for migration in migrations]
    if versions != list(range(1, len(versions) + 1)):
        raise ValueError(f"migrations must be numbered 1, 2, 3 …; these are {versions}")
    return migrations


def split_statements(sql: str) -> Iterator[str]:
    """The statements of a file, one by one, since `executescript` would commit before the first.

    Raises:
        ValueError: the last statement has no semicolon.
    """
    statement = ""
    for part in re.split(r"(?<=;)", sql):
        statement += part
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if _without_comments(statement):
        raise ValueError(f"not a complete statement: {statement.strip()[:60]!r}")


async def migrate(connection: aiosqlite.Connection, migrations: Sequence[Migration], *, now_ms: int) -> None:
    """Applies what the database lacks, each migration in a transaction of its own.

    Args:
        connection: in autocommit mode, and the only one.
        migrations: all of them, by number.
        now_ms: the time, epoch milliseconds.

    Raises:
        StoreUnavailable: the database is newer than this code, its history differs, or a migration fails.
    """
    version = await _schema_version(connection)
    if version > len(migrations):
        raise StoreUnavailable(
            f"the database has schema {version}, this pushsvc knows schemas up to {len(migrations)}; "
            "run the newer pushsvc that wrote it"
        )
    if version:
        await _check_history(connection, migrations[:version])
    for migration in migrations[version:]:
        await _apply(connection, migration, now_ms)


async def _schema_version(connection: aiosqlite.Connection) -> int:
    ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
    return int(version)


async def _check_history(connection: aiosqlite.Connection, migrations: Sequence[Migration]) -> None:
    rows = await connection.execute_fetchall("SELECT version, sha256 FROM migrations ORDER BY version")
    applied = {row[0]: row[1] for row in rows}
    for migration in migrations:
        if applied.get(migration.version) != migration.sha256:
            raise StoreUnavailable(
                f"migration {migration.version:04} ({migration.name}) is not the one this database was made with; "
                "a released migration is never edited"
            )


async def _apply(connection: aiosqlite.Connection, migration: Migration, now_ms: int) -> None:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in split_statements(migration.sql):
            await connection.execute(statement)
        await connection.execute(
            "INSERT INTO migrations (version, name, sha256, applied_at_ms) VALUES (?, ?, ?, ?)",
            (migration.version, migration.name, migration.sha256, now_ms),
        )
        await connection.execute(f"PRAGMA user_version = {migration.version:d}")
        await connection.execute("COMMIT")
    except (sqlite3.Error, ValueError) as error:
        if connection.in_transaction:
            await connection.execute("ROLLBACK")
        raise StoreUnavailable(f"migration {migration.version:04} ({migration.name}) failed: {error}") from error


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip()
