"""Migrations: what is applied once, what is refused, and what a fault leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiosqlite
import pytest

from pushsvc.errors import StoreUnavailable
from pushsvc.store.migrations import Migration, load_migrations, migrate, split_statements

NOW_MS = 1_790_000_000_000
HISTORY = "CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT, sha256 TEXT, applied_at_ms INTEGER);"
FIRST = Migration(1, "initial", HISTORY)
SECOND = Migration(2, "phones", "CREATE TABLE phones (id TEXT); INSERT INTO phones VALUES ('CN_1');")


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(tmp_path / "pushsvc.db", isolation_level=None) as connection:
        yield connection


async def query(connection: aiosqlite.Connection, sql: str) -> Sequence[tuple[object, ...]]:
    return [tuple(row) for row in await connection.execute_fetchall(sql)]


async def tables(connection: aiosqlite.Connection) -> set[object]:
    return {name for (name,) in await query(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")}


# Applying


async def test_a_fresh_database_gets_the_whole_schema(connection: aiosqlite.Connection) -> None:
    migrations = load_migrations()

    await migrate(connection, migrations, now_ms=NOW_MS)

    assert await tables(connection) >= {"migrations", "certs", "registrations", "messages", "deliveries"}
    assert await query(connection, "SELECT version, name, applied_at_ms FROM migrations") == [
        (migration.version, migration.name, NOW_MS) for migration in migrations
    ]
    assert await query(connection, "PRAGMA user_version") == [(len(migrations),)]


async def test_only_what_is_missing_is_applied(connection: aiosqlite.Connection) -> None:
    await migrate(connection, [FIRST], now_ms=NOW_MS)

    await migrate(connection, [FIRST, SECOND], now_ms=NOW_MS + 1)
    await migrate(connection, [FIRST, SECOND], now_ms=NOW_MS + 2)

    assert await query(connection, "SELECT version, applied_at_ms FROM migrations") == [(1, NOW_MS), (2, NOW_MS + 1)]
    assert await query(connection, "SELECT id FROM phones") == [("CN_1",)]


# Refusing


async def test_an_edited_old_migration_is_refused(connection: aiosqlite.Connection) -> None:
    await migrate(connection, [FIRST, SECOND], now_ms=NOW_MS)
    edited = Migration(1, "initial", HISTORY + " -- edited later")

    with pytest.raises(
        StoreUnavailable, match=r"migration 0001 \(initial\) is not the one this database was made with"
    ):
        await migrate(connection, [edited, SECOND], now_ms=NOW_MS)


async def test_a_newer_database_is_refused(connection: aiosqlite.Connection) -> None:
    await migrate(connection, [FIRST, SECOND], now_ms=NOW_MS)

    with pytest.raises(StoreUnavailable, match="has schema 2, this pushsvc knows schemas up to 1; run the newer"):
        await migrate(connection, [FIRST], now_ms=NOW_MS)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE phones (id TEXT); INSERT INTO nowhere VALUES (1);",
        "CREATE TABLE phones (id TEXT); CREATE TABLE unfinished (id TEXT)",
        "CREATE TABLE phones (id TEXT); DROP TABLE migrations;",
    ],
    ids=["a faulty statement", "an unfinished statement", "no history to write to"],
)
async def test_a_failing_migration_leaves_nothing_half_applied(connection: aiosqlite.Connection, sql: str) -> None:
    await migrate(connection, [FIRST], now_ms=NOW_MS)

    with pytest.raises(StoreUnavailable, match=r"migration 0002 \(phones\) failed"):
        await migrate(connection, [FIRST, Migration(2, "phones", sql)], now_ms=NOW_MS)

    assert await tables(connection) == {"migrations"}
    assert await query(connection, "PRAGMA user_version") == [(1,)]
    await migrate(connection, [FIRST, SECOND], now_ms=NOW_MS)
    assert await query(connection, "SELECT id FROM phones") == [("CN_1",)]


# Files


def test_statements_are_parted_where_sqlite_parts_them() -> None:
    sql = """-- a comment; with a semicolon
    CREATE TABLE a (b TEXT DEFAULT ';');
    CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; SELECT 1; END;
    -- the end
    """

    create_table, create_trigger = split_statements(sql)

    assert create_table.endswith("CREATE TABLE a (b TEXT DEFAULT ';');")
    assert create_trigger == "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; SELECT 1; END;"


def test_files_are_read_by_number(tmp_path: Path) -> None:
    (tmp_path / "0002_phones.sql").write_text(SECOND.sql)
    (tmp_path / "0001_initial.sql").write_text(FIRST.sql)

    assert load_migrations(tmp_path) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["0001_initial.sql", "notes.txt"], "notes.txt is not named like 0001_initial.sql"),
        (["0001_initial.sql", "0003_phones.sql"], r"these are \[1, 3\]"),
        (["0001_initial.sql", "0001_phones.sql"], r"these are \[1, 1\]"),
    ],
)
def test_files_that_can_not_be_put_in_order_are_refused(tmp_path: Path, names: Sequence[str], words: str) -> None:
    for name in names:
        (tmp_path / name).write_text("")

    with pytest.raises(ValueError, match=words):
        load_migrations(tmp_path)


# What a migration keeps


async def a_database_of_schema_5(connection: aiosqlite.Connection, *changes: int) -> None:
    """With changes at these positions, and five that were removed."""
    await migrate(connection, load_migrations()[:5], now_ms=NOW_MS)
    for position in (*range(1, 6), *changes):
        await connection.execute("INSERT INTO changes VALUES (?, 7, 0, 1, 2, 0, 9)", (position,))
    await connection.execute("DELETE FROM changes WHERE position <= 5")


@pytest.mark.parametrize(("kept", "next_position"), [((6, 7), 8), ((), 6)])
async def test_changes_keep_their_positions_and_none_comes_again(
    connection: aiosqlite.Connection, kept: tuple[int, ...], next_position: int
) -> None:
    await a_database_of_schema_5(connection, *kept)

    await migrate(connection, load_migrations(), now_ms=NOW_MS)

    assert await query(connection, "SELECT position FROM changes WHERE message_id = 7") == [(each,) for each in kept]
    await connection.execute("INSERT INTO changes VALUES (NULL, 8, 0, 1, 2, 0, 9)")
    assert await query(connection, "SELECT position FROM changes WHERE message_id = 8") == [(next_position,)]


async def test_a_database_that_told_nothing_yet_begins_at_1(connection: aiosqlite.Connection) -> None:
    await migrate(connection, load_migrations()[:5], now_ms=NOW_MS)

    await migrate(connection, load_migrations(), now_ms=NOW_MS)

    assert await query(connection, "SELECT * FROM changes") == []
