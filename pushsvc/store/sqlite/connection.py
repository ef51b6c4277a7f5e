"""SQLite, most of it on the event loop: only what may wait for the disk goes to a thread.

A statement takes microseconds, and switching to another thread and back takes as long: with a visit to a thread for
each statement, as aiosqlite has it, switching cost more than the statements. What flushes the disk, and what may read
much of it, runs in aiosqlite's thread. `docs/decisions/0008-sql-on-the-event-loop.md` has the figures.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from pushsvc.pieces import pause

T = TypeVar("T")
# A generator stops where others may have the event loop, in the middle of the transaction.
Pieces = Generator[None, None, T]
Work = Callable[[sqlite3.Connection], T] | Callable[[sqlite3.Connection], Pieces[T]]
FETCHED_AT_ONCE = 64
# A millisecond or so of writing, after which others have the loop.
PIECE_ROWS = 128


class CommitFailed(Exception):  # noqa: N818 - it says what happened
    """All was done, but the disk did not take it."""


class Connection(aiosqlite.Connection):
    """A database file in autocommit mode; it is open once it was awaited.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        # Two threads use it, never at a time: whoever asks for a transaction waits for its end.
        connect = partial(sqlite3.connect, path, isolation_level=None, check_same_thread=False)
        super().__init__(connect, FETCHED_AT_ONCE)

    async def transaction(self, works: Sequence[Work[Any]], *, is_long: bool) -> Sequence[Any]:
        """Does works in one transaction; what each returned, in order. One transaction at a time.

        Args:
            works: statements without BEGIN or COMMIT.
            is_long: they may take longer than others should wait for the event loop.

        Raises:
            CommitFailed: nothing was written.
            Exception: what a work raised; nothing was written.
        """
        before = self._conn.total_changes
        results = await self._in_thread(_do, works) if is_long else await self._do_in_turns(works)
        if self._conn.total_changes == before:
            _commit(self._conn)  # which flushes nothing
        else:
            await self._in_thread(_commit)
        return results

    async def _do_in_turns(self, works: Sequence[Work[Any]]) -> Sequence[Any]:
        steps = _steps(self._conn, works)
        try:
            while True:
                next(steps)
                await pause()
        except StopIteration as done:
            results: Sequence[Any] = done.value
            return results
        finally:
            steps.close()

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        result: T = await self._execute(function, self._conn, *arguments)  # type: ignore[no-untyped-call]
        return result


def at_once(pieces: Pieces[T]) -> T:
    """The result of work in pieces, without a pause."""
    while True:
        try:
            next(pieces)
        except StopIteration as done:
            result: T = done.value
            return result


def _do(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> Sequence[Any]:
    return at_once(_steps(connection, works))


def _steps(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> Pieces[Sequence[Any]]:
    """All works, stopping where they do."""
    connection.execute("BEGIN IMMEDIATE")
    results: list[Any] = []
    try:
        for work in works:
            result = work(connection)
            results.append((yield from result) if isinstance(result, Generator) else result)
    except BaseException:
        _roll_back(connection)
        raise
    return results


def _commit(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        _roll_back(connection)
        raise CommitFailed(str(error)) from error


def _roll_back(connection: sqlite3.Connection) -> None:
    # After some faults (disk full among them) SQLite has rolled back by itself.
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
