"""Which calls share a transaction, and which thread they run in."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pushsvc.errors import StoreUnavailable
from pushsvc.store.sqlite.connection import Connection, Pieces, Work
from pushsvc.store.sqlite.writer import Writer

MINUTE = 60.0


class Commits:
    """Writes down how many calls shared each transaction."""

    def __init__(self) -> None:
        self.jobs: list[int] = []

    def __call__(self, jobs: int, _: float) -> None:
        self.jobs.append(jobs)


@pytest.fixture
def commits() -> Commits:
    return Commits()


@pytest.fixture
async def writer(tmp_path: Path, commits: Commits) -> AsyncIterator[Writer]:
    connection = Connection(tmp_path / "test.db")
    await connection
    await connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    writer = Writer(connection, commits)
    try:
        yield writer
    finally:
        await writer.close()


def add(connection: sqlite3.Connection) -> str:
    connection.execute("INSERT INTO numbers DEFAULT VALUES")
    return threading.current_thread().name


def count(connection: sqlite3.Connection) -> int:
    ((number,),) = connection.execute("SELECT count(*) FROM numbers").fetchall()
    return int(number)


async def test_calls_that_wait_share_a_transaction(writer: Writer, commits: Commits) -> None:
    await asyncio.gather(*(writer.run(add) for _ in range(5)))

    assert commits.jobs == [5]


async def test_a_patient_call_shares_the_transaction_of_the_next(writer: Writer, commits: Commits) -> None:
    patient = asyncio.create_task(writer.run(add, patience_seconds=MINUTE))
    await asyncio.sleep(0)
    assert commits.jobs == []

    await writer.run(add)
    await patient

    assert commits.jobs == [2]


async def test_patience_ends_and_is_not_asked_for_again(writer: Writer, commits: Commits) -> None:
    await writer.run(add, patience_seconds=0.001)
    await writer.run(add)
    await writer.run(add, patience_seconds=0.001)

    assert commits.jobs == [1, 1, 1]


async def test_a_patient_call_is_not_forgotten_at_the_end(writer: Writer, commits: Commits) -> None:
    patient = asyncio.create_task(writer.run(add, patience_seconds=MINUTE))
    await asyncio.sleep(0)

    await writer.close()

    await patient
    assert commits.jobs == [1]


async def test_a_long_call_leaves_the_event_loop_to_others(writer: Writer) -> None:
    here = threading.current_thread().name

    assert await writer.run(add) == here
    assert await writer.run(add, is_long=True) != here
    assert await writer.run(count) == 2


async def test_a_call_in_pieces_leaves_the_event_loop_to_others_between_them(writer: Writer) -> None:
    pauses: list[int] = []

    def add_two(connection: sqlite3.Connection) -> Pieces[int]:
        add(connection)
        asyncio.get_running_loop().call_soon(pauses.append, count(connection))
        yield
        assert pauses == [1]
        add(connection)
        return count(connection)

    work: Work[int] = add_two
    assert await writer.run(work) == 2


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_call_that_fails_in_a_later_piece_leaves_nothing(writer: Writer, is_long: bool) -> None:
    def fail(connection: sqlite3.Connection) -> Pieces[None]:
        add(connection)
        yield
        raise ZeroDivisionError

    work: Work[None] = fail
    with pytest.raises(ZeroDivisionError):
        await writer.run(work, is_long=is_long)

    assert await writer.run(count) == 0


async def test_a_writer_that_is_cancelled_between_two_pieces_leaves_nothing(writer: Writer, tmp_path: Path) -> None:
    def cancel(connection: sqlite3.Connection) -> Pieces[None]:
        add(connection)
        writer._task.cancel()
        yield
        add(connection)

    work: Work[None] = cancel
    with pytest.raises(asyncio.CancelledError):
        await writer.run(work)
    await writer.close()

    with contextlib.closing(sqlite3.connect(tmp_path / "test.db")) as connection:
        assert count(connection) == 0


async def test_what_fails_takes_nobody_with_it(writer: Writer) -> None:
    def fail(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    answers = await asyncio.gather(writer.run(add), writer.run(fail), writer.run(add), return_exceptions=True)

    assert [type(answer) for answer in answers] == [str, ZeroDivisionError, str]
    assert await writer.run(count) == 2


async def test_text_that_nobody_can_decode_fails_its_own_call_and_the_store_goes_on(writer: Writer) -> None:
    def read(connection: sqlite3.Connection) -> object:
        return connection.execute("SELECT CAST(x'ff' AS TEXT)").fetchall()

    async with asyncio.timeout(10):
        with pytest.raises(StoreUnavailable, match="Could not decode to UTF-8"):
            await writer.run(read)

        assert await writer.run(count) == 0
