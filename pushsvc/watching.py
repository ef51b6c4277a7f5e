"""Use case: follow the outcomes of an app's deliveries, missing none across reconnects and restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import timedelta

from pushsvc.delivery.bell import Bell
from pushsvc.errors import Full, NotPossible, Stopping
from pushsvc.store.base import Changes, Store

MAX_WATCHERS = 64
RETRY_AFTER = timedelta(seconds=5)
PAGE = 500
# So often a watcher gets a fresh cursor though nothing of its app changed: it learns that the line is alive, and its
# cursor does not grow older than what is kept.
QUIET_SECONDS = 15.0
# A busy service settles hundreds of times a second; a watcher looks less often and finds more at a time.
LOOK_SECONDS = 0.02


class Watching:
    """Streams of changes, each from a position on.

    Args:
        store: where changes stand.
        changed: rings when there are new ones.
    """

    def __init__(self, store: Store, changed: Bell) -> None:
        self._store = store
        self._changed = changed
        self._watchers = 0
        self._is_closed = False

    async def changes(self, app_id: str, after: int | None) -> AsyncGenerator[Changes]:
        """The changes of an app's deliveries as they are committed; before them, at once, an empty page.

        Args:
            app_id: whose deliveries.
            after: position behind which to begin, 0 for everything that is kept; None: from now on.

        Raises:
            NotPossible: what came after that position is forgotten already, or it is not of this database.
            Full: too many watch already.
            Stopping: the service ends; watching again from the last position misses nothing.
            StoreUnavailable: the store can't be read.
        """
        if self._watchers >= MAX_WATCHERS:
            raise Full(f"{MAX_WATCHERS} callers watch already", retry_after=RETRY_AFTER)
        self._watchers += 1
        try:
            position = await self._start(after)
            yield Changes(deliveries=(), position=position)
            now = asyncio.get_running_loop().time
            last = now()
            while True:
                rung = self._changed.next_ring()
                if self._is_closed:
                    raise Stopping("the service stops; watch again with the last cursor")
                page = await self._store.changes(app_id, after=position, limit=PAGE)
                if page.deliveries or now() >= last + QUIET_SECONDS:
                    yield page
                    last = now()
                if page.position < position + PAGE:
                    await _rung(rung)
                position = page.position
        finally:
            self._watchers -= 1

    @property
    def count(self) -> int:
        """How many watch."""
        return self._watchers

    def close(self) -> None:
        """Ends all streams; what they have not read yet stays in the store."""
        self._is_closed = True
        self._changed.ring()

    async def _start(self, after: int | None) -> int:
        kept = await self._store.changes_range()
        if after is None:
            return kept.newest
        if after > kept.newest:
            raise NotPossible("cursor is not of this database; watch without one and count anew")
        if 0 < after < kept.oldest - 1:
            raise NotPossible("cursor is older than what is kept; watch without one and count anew")
        return after


async def _rung(rung: asyncio.Event) -> None:
    """Returns a moment after the ring, or when it has been quiet for long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(QUIET_SECONDS):
            await rung.wait()
            await asyncio.sleep(LOOK_SECONDS)
