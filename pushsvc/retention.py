"""Forgets messages that are long over, so slowly that sends don't notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from pushsvc.errors import StoreUnavailable
from pushsvc.store.base import Store

log = structlog.get_logger(__name__)

STEP_ROWS = 200
# Between steps the store is the sends': it is busy with forgetting for a small part of the time only.
STEP_PAUSE_SECONDS = 0.05
PASS_SECONDS = 60.0


class Retention:
    """Passes over the store now and then, as long as the service runs.

    Args:
        store: what to go through.
        keep: for how long a message is kept after it was accepted.
        clock: the time, with its zone.
    """

    def __init__(self, store: Store, *, keep: timedelta, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins the first pass."""
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stops where it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def forget(self) -> int:
        """One pass; how many messages were removed.

        Raises:
            StoreUnavailable: the store can't be written; what was removed stays removed.
        """
        before_ms = int((self._clock() - self._keep).timestamp() * 1000)
        removed = 0
        after_id: int | None = 0
        while after_id is not None:
            step = await self._store.forget(after_id=after_id, before_ms=before_ms, limit=STEP_ROWS)
            removed += step.messages
            after_id = step.last_id
            await asyncio.sleep(STEP_PAUSE_SECONDS if step.messages else 0)
        return removed

    async def _work(self) -> None:
        while True:
            try:
                removed = await self.forget()
                if removed:
                    log.info("forgot old messages", count=removed)
            except StoreUnavailable as error:
                log.warning("old messages not forgotten, will be tried again", error=str(error))
            except Exception:
                log.exception("old messages not forgotten, will be tried again")
            await asyncio.sleep(PASS_SECONDS)
