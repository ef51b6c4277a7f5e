"""The SQLite store: the contract, and what is its own."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from pushsvc.domain import Cert, DeliveryState
from pushsvc.errors import StoreUnavailable
from pushsvc.sealing import Sealer
from pushsvc.store.base import Accepted, RegistrationSelector, Store
from pushsvc.store.sqlite import SqliteStore, deliveries, phones, recalls, receipts, sends, transitions
from pushsvc.store.sqlite import store as store_module
from tests.store.contract import (
    NOW_MS,
    StoreContract,
    claim_all,
    make_access_token,
    make_cert,
    make_message,
    make_registration,
    read,
    register,
    send,
    sent,
)

KEY = b"made-up sealing key, 32 bytes ok"


def accepts_sqlite(store: SqliteStore) -> Store:
    """Mypy proves here that it is a Store."""
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pushsvc.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path, Sealer([KEY]))
    try:
        yield store
    finally:
        await store.close()
        check_integrity(path)


@pytest.fixture
async def cert(store: SqliteStore) -> Cert:
    return await store.add_cert(make_cert())


def check_integrity(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()


def write_no_database(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be taken for the header of one" * 20)


def files_beside(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()}


async def run_sql(store: SqliteStore, sql: str) -> None:
    """A statement outside any transaction, as a fault from below."""
    await store._writer._connection.execute_fetchall(sql)


class TestContract(StoreContract):
    """The contract on a file."""


# What survives


async def test_everything_is_there_after_reopening(path: Path) -> None:
    first = await SqliteStore.open(path, Sealer([KEY]))
    try:
        cert = await first.add_cert(make_cert())
        await register(first, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        accepted = await send(first, make_message(1))
        await first.put_access_token(cert.cert_id, make_access_token())
    finally:
        await first.close()

    second = await SqliteStore.open(path, Sealer([KEY]))
    try:
        assert await second.certs() == [cert]
        assert await claim_all(second, cert.cert_id) == accepted
        assert await second.access_token(cert.cert_id) == make_access_token()
    finally:
        await second.close()


async def test_no_secret_stands_in_the_files(store: SqliteStore, path: Path, cert: Cert) -> None:
    await store.put_access_token(cert.cert_id, make_access_token())
    await store.close()

    content = b"".join(file.read_bytes() for file in path.parent.iterdir())

    assert b"tuikit" in content
    assert b"made-up" not in content


async def test_the_database_is_its_owners_alone(store: SqliteStore, path: Path) -> None:
    await store.add_cert(make_cert())

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {
        "pushsvc.db": 0o600,
        "pushsvc.db-wal": 0o600,
        "pushsvc.db-shm": 0o600,
        "pushsvc.db.lock": 0o600,
    }


# Opening


async def test_a_second_owner_is_turned_away_whatever_it_calls_the_file(store: SqliteStore, path: Path) -> None:
    alias = path.with_name("alias.db")
    alias.symlink_to(path)

    with pytest.raises(StoreUnavailable, match=r"pushsvc\.db is in use by process \d+; one process owns a SQLite file"):
        await SqliteStore.open(alias, Sealer([KEY]))

    assert await store.certs() == []


async def test_another_sealing_key_is_refused_at_the_door(path: Path) -> None:
    first = await SqliteStore.open(path, Sealer([KEY]))
    await first.add_cert(make_cert())
    await first.close()

    with pytest.raises(StoreUnavailable, match=r"cert 1 is sealed under key .* set PUSHSVC_SEALING_KEY"):
        await SqliteStore.open(path, Sealer([b"x" * 32]))

    rotated = await SqliteStore.open(path, Sealer([b"x" * 32, KEY]))
    await rotated.close()


async def test_a_credential_copied_to_another_row_does_not_open(path: Path) -> None:
    first = await SqliteStore.open(path, Sealer([KEY]))
    await first.add_cert(make_cert())
    await first.add_cert(make_cert(app_id="shop"))
    await run_sql(first, "UPDATE certs SET credential = (SELECT credential FROM certs WHERE cert_id = 1)")
    await first.close()

    with pytest.raises(StoreUnavailable, match="cert 2 was changed, or belongs to another row"):
        await SqliteStore.open(path, Sealer([KEY]))


async def test_an_access_token_under_a_dropped_key_is_none(path: Path) -> None:
    first = await SqliteStore.open(path, Sealer([KEY]))
    cert = await first.add_cert(make_cert())
    await first.put_access_token(cert.cert_id, make_access_token())
    await first.close()

    rotated = await SqliteStore.open(path, Sealer([b"x" * 32, KEY]))
    await rotated.replace_cert(cert)
    await rotated.close()
    second = await SqliteStore.open(path, Sealer([b"x" * 32]))
    try:
        assert await second.access_token(cert.cert_id) is None
    finally:
        await second.close()


async def test_a_file_that_is_no_database_is_refused_in_words(path: Path) -> None:
    write_no_database(path)

    with pytest.raises(StoreUnavailable, match=r"pushsvc\.db can't be used: file is not a database"):
        await SqliteStore.open(path, Sealer([KEY]))


async def test_a_missing_directory_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        await SqliteStore.open(tmp_path / "missing" / "pushsvc.db", Sealer([KEY]))


async def test_an_old_sqlite_is_refused_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))

    with pytest.raises(StoreUnavailable, match=r"too old: pushsvc needs 3\.37\.0 or newer"):
        await SqliteStore.open(path, Sealer([KEY]))

    assert files_beside(path) == set()


# Group commit


async def test_calls_that_wait_share_a_transaction(store: SqliteStore, cert: Cert) -> None:
    statements: list[str] = []
    await store._writer._connection.set_trace_callback(statements.append)

    await asyncio.gather(*(send(store, make_message(n)) for n in range(1, 51)))

    assert cert.cert_id > 0
    assert statements.count("COMMIT") == 1


async def test_a_faulty_call_fails_alone(store: SqliteStore, cert: Cert) -> None:
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    await send(store, make_message(5))

    answers = await asyncio.gather(
        *(store.accept([make_message(n)], now_ms=NOW_MS) for n in range(1, 11)), return_exceptions=True
    )

    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [sqlite3.IntegrityError]
    assert isinstance(answers[4], sqlite3.IntegrityError)
    assert [d.key for d in await claim_all(store, cert.cert_id)] == [(n, 0) for n in range(1, 11)]


async def test_a_commit_that_fails_fails_the_whole_group_and_leaves_nothing(store: SqliteStore, cert: Cert) -> None:
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    # A deferred constraint is only looked at by COMMIT.
    await run_sql(store, "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    await run_sql(store, "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
    await run_sql(
        store, "CREATE TRIGGER fault AFTER INSERT ON messages BEGIN INSERT INTO child VALUES (NEW.message_id); END"
    )

    answers = await asyncio.gather(*(send(store, make_message(n)) for n in range(1, 6)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [StoreUnavailable] * 5
    assert "nothing was written" in str(answers[0])
    await run_sql(store, "DROP TRIGGER fault")
    await run_sql(store, "DROP TABLE child")
    await run_sql(store, "DROP TABLE parent")
    assert await claim_all(store, cert.cert_id) == []
    assert len(await send(store, make_message(1))) == 1


async def test_a_full_disk_is_said_in_words_and_passes(store: SqliteStore, cert: Cert) -> None:
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    (before,) = await send(store, make_message(1))
    await run_sql(store, "PRAGMA max_page_count = 1")
    messages = [make_message(n, *(f"user-{m}" for m in range(200))) for n in range(2, 200)]

    answers = await asyncio.gather(
        *(store.accept([message], now_ms=NOW_MS) for message in messages), return_exceptions=True
    )
    refused = [m for m, answer in zip(messages, answers, strict=True) if isinstance(answer, StoreUnavailable)]
    await run_sql(store, "PRAGMA max_page_count = 1073741823")

    # What still fitted into the last page is allowed to be in; what was refused must not be.
    assert len(refused) > 190
    assert all(isinstance(answer, StoreUnavailable | list) for answer in answers)
    assert all("full" in str(answer) for answer in answers if isinstance(answer, StoreUnavailable))
    assert [await store.message("im", m.message_id) for m in refused] == [None] * len(refused)
    assert all(isinstance(answer, Accepted) for answer in await store.accept(refused, now_ms=NOW_MS))
    await store.settle([sent(before.key)])
    assert (await read(store, before.key)).state is DeliveryState.SENT


async def test_a_read_only_database_is_said_in_words_and_passes(store: SqliteStore, cert: Cert) -> None:
    await run_sql(store, "PRAGMA query_only = ON")

    with pytest.raises(StoreUnavailable, match="readonly"):
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))

    await run_sql(store, "PRAGMA query_only = OFF")
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    assert await store.count_registrations(cert.cert_id) == 1


async def test_a_writer_that_is_cancelled_leaves_no_caller_waiting(store: SqliteStore) -> None:
    calls = [asyncio.create_task(send(store, make_message(n))) for n in range(1, 4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    store._writer._task.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert all(isinstance(answer, asyncio.CancelledError | StoreUnavailable) for answer in answers)
    with pytest.raises(StoreUnavailable, match="closed"):
        await send(store, make_message(9))


async def test_a_delivery_whose_registration_is_missing_is_claimed_all_the_same(store: SqliteStore, cert: Cert) -> None:
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    await send(store, make_message(1))
    await run_sql(store, "DELETE FROM registrations")

    (claimed,) = await claim_all(store, cert.cert_id)

    assert (claimed.key, claimed.registration_version) == ((1, 0), 0)


async def test_a_listing_ends_at_1000(store: SqliteStore, cert: Cert) -> None:
    await register(store, *(make_registration("alice", f"CN_{n}", cert_id=cert.cert_id) for n in range(1001)))

    found = await store.registrations(RegistrationSelector(app_id="im", user_id="alice"))

    assert len(found) == 1000
    assert found[0].registration_id == "CN_0"


# Plans: an index lost here would show only with a million rows


# What is read whole because it is what the caller gave.
GIVEN = ("json_each", "VIRTUAL TABLE", "CONSTANT ROWS", "SCAN key")


def of_both(transition: transitions.Transition, parameters: int) -> Sequence[tuple[str, int]]:
    return [(transition.note, parameters), (transition.update, parameters)]


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        (sends.LOOK_UP, 2),
        (sends.FIND_KEYS, 1),
        (sends.MESSAGES, 1),
        (sends.DELIVERIES, 1),
        (deliveries.CLAIM, 6),
        (deliveries.NEXT_DUE, 2),
        (transitions.note_sent_sql(32), 65),
        (deliveries.TAKEN, 11),
        (deliveries.OUTLIVED, 2),
        *of_both(deliveries.NOT_TAKEN, 12),
        *of_both(deliveries.END_ONE, 6),
        *of_both(deliveries.END_BY_REGISTRATION, 5),
        *of_both(deliveries.END_BY_CERT, 5),
        *of_both(deliveries.END_BY_MESSAGE, 5),
        *of_both(deliveries.FAIL_WITH_REGISTRATION, 6),
        *of_both(receipts.APPLY, 9),
        *of_both(recalls.RECALLED, 4),
        (deliveries.COUNT_BY_CERT, 1),
        (deliveries.COUNT_BY_REGISTRATION, 1),
        (deliveries.REMOVE_REGISTRATIONS, 1),
        (deliveries.VERSIONS, 1),
        (phones.SAME_PHONE, 1),
        (phones.REPOINT, 6),
    ],
)
async def test_no_statement_reads_a_whole_table(store: SqliteStore, sql: str, parameters: int) -> None:
    rows = await store._writer._connection.execute_fetchall(f"EXPLAIN QUERY PLAN {sql}", (1,) * parameters)
    plan = [row[3] for row in rows]

    assert plan
    assert [step for step in plan if step.startswith("SCAN") and not any(given in step for given in GIVEN)] == []


def test_the_store_is_named_by_its_package() -> None:
    assert store_module.SqliteStore is SqliteStore


async def test_a_result_that_nobody_waits_for_is_written_with_the_next_call_and_seen_by_it(
    store: SqliteStore, cert: Cert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SETTLE_PATIENCE_SECONDS", 60.0)
    await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
    [delivery] = await send(store, make_message(1, "alice"))
    settling = asyncio.create_task(store.settle([sent(delivery.key)], is_awaited=False))
    await asyncio.sleep(0)

    record = await store.message("im", 1)

    assert record is not None
    assert [each.state for each in record.deliveries] == [DeliveryState.SENT]
    await settling
