"""The one connection and the one task that uses it: calls that wait share the next transaction.

A commit costs a flush of the disk however much it carries, so whatever was asked for while one was under way goes into
the next together. An idle writer starts at once; only a job that said so waits for company.
`docs/decisions/0001-sqlite-group-commit.md` has the figures.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from pushsvc.errors import StoreFull, StoreUnavailable
from pushsvc.store.sqlite.connection import CommitFailed, Connection, Work

T = TypeVar("T")
# Room is made by people; a caller need not ask more often.
ROOM_RETRY_AFTER = timedelta(seconds=5)
Committed = Callable[[int, float], None]


def nobody_asked(_jobs: int, _seconds: float) -> None:
    """Where nobody counts transactions."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What one call wants done, and where its answer goes; a caller that gave up has a finished future."""

    work: Work[Any]
    is_long: bool
    answer: asyncio.Future[Any]

    def succeed(self, result: object) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(_in_words(error))


class Writer:
    """Runs jobs in the order they came, as many in a transaction as wait.

    Args:
        connection: in autocommit mode, used by nobody else; the writer closes it.
        committed: told of each transaction that is on disk: how many jobs it had, and seconds.
    """

    def __init__(self, connection: Connection, committed: Committed = nobody_asked) -> None:
        self._connection = connection
        self._committed = committed
        self._jobs: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None
        self._closing = False
        self._task = asyncio.create_task(self._work())

    async def run(self, work: Work[T], *, is_long: bool = False, patience_seconds: float = 0.0) -> T:
        """The result of a job, after its changes are durable; sees everything asked for before.

        Args:
            work: statements without BEGIN or COMMIT. It may run twice, the first time rolled back, when another job of
                its group fails; so it must not change anything but the database.
            is_long: it may look at so many rows that nobody should wait for it but those who need the store.
            patience_seconds: how long it may wait for another job, to share the transaction of that one.

        Raises:
            StoreUnavailable: the database can't be written or read, or the writer is closed.
        """
        if self._closing or self._task.done():
            raise StoreUnavailable("the store is closed")
        job = _Job(work, is_long, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        if not patience_seconds:
            self._wake.set()
        elif self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(patience_seconds, self._wake.set)
        result: T = await job.answer
        return result

    async def close(self) -> None:
        """Runs what waits and closes the connection, whose thread would keep the process alive."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        try:
            await asyncio.wait([self._task])
        finally:
            await self._connection.close()

    async def _work(self) -> None:
        try:
            while self._jobs or not self._closing:
                await self._wake.wait()
                self._wake.clear()
                if self._patience is not None:
                    self._patience.cancel()
                    self._patience = None
                group = [job for job in self._jobs if not job.answer.done()]
                self._jobs.clear()
                if group:
                    await self._run_group(group)
                if self._closing:
                    self._wake.set()
        finally:
            for job in self._jobs:
                job.fail(StoreUnavailable("the store is closed"))

    async def _run_group(self, group: Sequence[_Job]) -> None:
        try:
            results = await self._transaction(group)
        except asyncio.CancelledError:
            for job in group:
                job.answer.cancel()
            raise
        except CommitFailed as failure:
            for job in group:
                job.fail(_unavailable(failure.__cause__, f"nothing was written: {failure}"))
        except Exception as error:  # noqa: BLE001 - whatever it is, its own caller is told and nobody else
            if len(group) == 1:
                group[0].fail(error)
            else:
                for job in group:
                    await self._run_group([job])
        else:
            for job, result in zip(group, results, strict=True):
                job.succeed(result)

    async def _transaction(self, group: Sequence[_Job]) -> Sequence[object]:
        began = time.perf_counter()
        is_long = any(job.is_long for job in group)
        results = await self._connection.transaction([job.work for job in group], is_long=is_long)
        self._committed(len(group), time.perf_counter() - began)
        return results


def _in_words(error: Exception) -> Exception:
    """StoreUnavailable for a fault of disk or database; a fault of ours, such as a broken constraint, as it is."""
    if type(error) not in {sqlite3.OperationalError, sqlite3.DatabaseError, sqlite3.InternalError}:
        return error
    unavailable = _unavailable(error, f"the database can't be written or read: {error}")
    unavailable.__cause__ = error
    return unavailable


def _unavailable(error: BaseException | None, words: str) -> StoreUnavailable:
    # What Python's own module raises, as for text that is no UTF-8, has no code.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return StoreFull(words, retry_after=ROOM_RETRY_AFTER)
    return StoreUnavailable(words)
