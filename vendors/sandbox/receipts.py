"""What a maker reports of the pushes it took: gathered, written in the maker's way, posted, and posted again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MAX_WAITING = 100_000
MAX_BUNDLE = 100


class EventKind(StrEnum):
    """What became of a push."""

    DELIVERED = "delivered"
    CLICKED = "clicked"
    DEAD = "dead"
    CAPPED = "capped"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to report.

    Attributes:
        kind: what happened.
        registration_id: at which phone.
        message_id: the maker's id.
        parameter: what the push asked to be told.
        at: Unix time in seconds.
    """

    kind: EventKind
    registration_id: str
    message_id: str
    parameter: str
    at: float

    @property
    def at_ms(self) -> int:
        """Epoch milliseconds."""
        return int(self.at * 1000)


@dataclass(frozen=True, slots=True)
class Letter:
    """The body of one POST, and its headers."""

    body: bytes
    headers: Mapping[str, str]


Write = Callable[[Sequence[Event]], Iterable[Letter]]


@dataclass(frozen=True, slots=True)
class ReportsTo:
    """Where a push is reported on.

    Attributes:
        url: whole.
        parameter: what the push asked to be told.
        write: puts events of one URL into letters, as the maker does.
        kinds: what is reported.
    """

    url: str
    parameter: str
    write: Write
    kinds: frozenset[EventKind]


@dataclass(slots=True)
class Desk:
    """What one maker has to report.

    Attributes:
        sent: letters that were answered with 2xx.
        failed: letters that nobody took.
        lost: events that there was no room for.
    """

    sent: int = 0
    failed: int = 0
    lost: int = 0
    _waiting: deque[tuple[ReportsTo, Event]] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    def report(
        self, to: ReportsTo | None, kind: EventKind, registration_id: str, message_id: str, *, at: float
    ) -> None:
        """Notes an event, if the push wants to hear of it."""
        if to is None or kind not in to.kinds:
            return
        if len(self._waiting) >= MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append((to, Event(kind, registration_id, message_id, to.parameter, at)))
        self._filled.set()

    async def letters(self) -> Sequence[tuple[str, Letter]]:
        """Waits for events; the letters of all that there are, each with its URL."""
        await self._filled.wait()
        self._filled.clear()
        by_url: dict[str, list[Event]] = {}
        writers: dict[str, Write] = {}
        while self._waiting:
            to, event = self._waiting.popleft()
            by_url.setdefault(to.url, []).append(event)
            writers[to.url] = to.write
        return [
            (url, letter)
            for url, events in by_url.items()
            for start in range(0, len(events), MAX_BUNDLE)
            for letter in writers[url](events[start : start + MAX_BUNDLE])
        ]
