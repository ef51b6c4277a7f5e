"""Callers that wait for the first outcome of each delivery of a message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Watchers:
    """Who waits for which message."""

    def __init__(self) -> None:
        self._watchers: dict[int, Watcher] = {}

    def watch(self, message_id: int) -> Watcher:
        """A watcher that sees every outcome of the message from now on; to be closed by whoever asked for it."""
        watcher = Watcher(self, message_id)
        self._watchers[message_id] = watcher
        return watcher

    @property
    def are_waiting(self) -> bool:
        """Whether anybody waits for anything."""
        return bool(self._watchers)

    def settled(self, keys: Iterable[tuple[int, int]]) -> None:
        """Deliveries got an outcome, or will have none until someone mends their cert."""
        if not self._watchers:
            return
        for message_id, number in keys:
            watcher = self._watchers.get(message_id)
            if watcher is not None:
                watcher.settled(number)

    def forget(self, message_id: int) -> None:
        """Nobody waits for the message any more."""
        self._watchers.pop(message_id, None)


class Watcher:
    """Waits for one message."""

    def __init__(self, watchers: Watchers, message_id: int) -> None:
        self._watchers = watchers
        self._message_id = message_id
        self._settled: set[int] = set()
        self._changed = asyncio.Event()

    def settled(self, number: int) -> None:
        """A delivery got an outcome."""
        self._settled.add(number)
        self._changed.set()

    async def wait(self, count: int, *, timeout_seconds: float) -> None:
        """Returns when that many deliveries have an outcome, or when the time is over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while len(self._settled) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Stops watching."""
        self._watchers.forget(self._message_id)
