"""Long work in pieces, one in each turn of the event loop, so that everybody else is served in between.

gRPC hands the service one new call in every second turn. Where turns are long, callers wait in gRPC's own queue, and a
call that nobody has read can't even be refused. So whoever pauses queues up: with a piece of everybody in each turn,
turns would be as long as there is much to do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
# About a millisecond of the dearest work there is for each.
AT_ONCE = 100


async def in_pieces(items: Iterable[T]) -> Sequence[T]:
    """What an iterator makes, with a pause after each piece."""
    each = iter(items)
    made: list[T] = []
    while piece := list(islice(each, AT_ONCE)):
        made += piece
        if len(piece) == AT_ONCE:
            await pause()
    return made


def parts(items: Iterable[T], weight: Callable[[T], int], most: int) -> Iterator[Sequence[T]]:
    """Items in their order, in parts that weigh at most so much; one that alone weighs more is a part by itself."""
    part: list[T] = []
    total = 0
    for item in items:
        own = weight(item)
        if part and total + own > most:
            yield part
            part, total = [], 0
        part.append(item)
        total += own
    if part:
        yield part


async def pause() -> None:
    """Returns when all who paused before have done a piece, each in a turn of its own."""
    loop = asyncio.get_running_loop()
    line = _lines.get(loop)
    if line is None:
        line = _lines[loop] = _Line(loop)
    await line.join()


class _Line:
    """Those who paused on one event loop, in their order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._moves = False

    def join(self) -> asyncio.Future[None]:
        """Done when it is one's turn."""
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        if not self._moves:
            self._moves = True
            self._loop.call_soon(self._move)
        return turn

    def _move(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                break
        self._moves = bool(self._waiting)
        if self._moves:
            self._loop.call_soon(self._move)


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()
