"""Many concurrent calls, one call of a batch function: while one batch runs, the next gathers.

Nobody waits for company but where the service is busy and company is to be had.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from pushsvc.delivery.gathering import Gathering
from pushsvc.errors import Full

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRY_AFTER = timedelta(seconds=1)
# Where nothing comes for so long, and the loop had time to read it, all that call are waiting already.
PAUSE_SECONDS = 0.002
# What a batch costs by itself is little for so many.
ENOUGH = 48


class Batcher(Generic[Item, Result]):
    """Turns single calls into batches.

    Args:
        run: does a batch; a result for each item, in order. If it raises, every caller of the batch gets the error.
        weight: how much an item adds to a batch.
        max_batch: a batch takes no further item once it weighs this much.
        max_waiting: past this much waiting weight callers are refused; infinite where the callers bound it themselves.
        what: what is waiting, in words for the refusal.
        gathering: how long a batch that is not full waits for more; None: not at all.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        weight: Callable[[Item], int],
        max_batch: int,
        max_waiting: float = math.inf,
        what: str,
        gathering: Gathering | None = None,
    ) -> None:
        self._run = run
        self._weight = weight
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._what = what
        self._gathering = gathering
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        self._waiting_weight = 0
        self._worker: asyncio.Task[None] | None = None
        self._had_company = False  # a caller that is alone would wait for nobody

    async def submit(self, item: Item) -> Result:
        """The item's result, once its batch is done. A caller that gives up does not take the item out of its batch.

        Raises:
            Full: too much is waiting; nothing was taken.
        """
        if self._waiting_weight >= self._max_waiting:
            raise Full(f"{self._waiting_weight} {self._what} are waiting already", retry_after=RETRY_AFTER)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(item, self._weight(item), future)
        self._waiting.append(waiting)
        self._waiting_weight += waiting.weight
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    async def join(self) -> None:
        """Returns when nothing waits or runs."""
        while self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        try:
            while self._waiting:
                if self._gathering is not None and (self._had_company or len(self._waiting) > 1):
                    await self._gather(self._gathering)
                batch = self._take()
                self._had_company = len(batch) > 1
                await self._do(batch)
        finally:
            self._worker = None

    async def _gather(self, gathering: Gathering) -> None:
        """Waits while more keeps coming or is still to be read, and not for long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + gathering.seconds()
        while len(self._waiting) < ENOUGH and self._waiting_weight < self._max_batch:
            left = until - loop.time()
            if left <= 0:
                return
            seen, since = len(self._waiting), gathering.moment()
            await asyncio.sleep(min(left, PAUSE_SECONDS))
            if len(self._waiting) == seen and gathering.had_time_to_spare(since):
                return

    def _take(self) -> Sequence[_Waiting[Item, Result]]:
        batch = []
        weight = 0
        while self._waiting and weight < self._max_batch:
            waiting = self._waiting.popleft()
            weight += waiting.weight
            batch.append(waiting)
        self._waiting_weight -= weight
        return batch

    async def _do(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._run([waiting.item for waiting in batch])
            answers = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - it is each caller's to handle
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
            return
        for waiting, result in answers:
            if not waiting.future.done():
                waiting.future.set_result(result)


class _Waiting(Generic[Item, Result]):
    """An item, how much it adds, and where its result goes."""

    __slots__ = ("future", "item", "weight")

    def __init__(self, item: Item, weight: int, future: asyncio.Future[Result]) -> None:
        self.item = item
        self.weight = weight
        self.future = future
