"""Many concurrent calls, one call of a batch function: while one batch runs, the next gathers. No artificial wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from pushsvc.errors import Full

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRY_AFTER = timedelta(seconds=1)


class Batcher(Generic[Item, Result]):
    """Turns single calls into batches.

    Args:
        run: does a batch; a result for each item, in order. If it raises, every caller of the batch gets the error.
        weight: how much an item adds to a batch.
        max_batch: a batch takes no further item once it weighs this much.
        max_waiting: past this much waiting weight callers are refused.
        what: what is waiting, in words for the refusal.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        weight: Callable[[Item], int],
        max_batch: int,
        max_waiting: int,
        what: str,
    ) -> None:
        self._run = run
        self._weight = weight
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._what = what
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._waiting_weight = 0
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """The item's result, once its batch is done. A caller that gives up does not take the item out of its batch.

        Raises:
            Full: too much is waiting; nothing was taken.
        """
        if self._waiting_weight >= self._max_waiting:
            raise Full(f"{self._waiting_weight} {self._what} are waiting already", retry_after=RETRY_AFTER)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._waiting_weight += self._weight(item)
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
                await self._do(self._take())
        finally:
            self._worker = None

    def _take(self) -> Sequence[tuple[Item, asyncio.Future[Result]]]:
        batch = []
        weight = 0
        while self._waiting and weight < self._max_batch:
            item, future = self._waiting.popleft()
            weight += self._weight(item)
            batch.append((item, future))
        self._waiting_weight -= weight
        return batch

    async def _do(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([item for item, _ in batch])
            answers = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - it is each caller's to handle
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in answers:
            if not future.done():
                future.set_result(result)
