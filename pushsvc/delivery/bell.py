"""Tells whoever waits that deliveries changed, not which: what changed stands in the store."""

from __future__ import annotations

import asyncio


class Bell:
    """Rings for all who wait; for nobody, it costs nothing."""

    def __init__(self) -> None:
        self._next: asyncio.Event | None = None

    def next_ring(self) -> asyncio.Event:
        """Set at the next ring. To be asked for before looking at the store, so that no change falls between."""
        if self._next is None:
            self._next = asyncio.Event()
        return self._next

    def ring(self) -> None:
        """Something changed."""
        if self._next is not None:
            self._next.set()
            self._next = None
