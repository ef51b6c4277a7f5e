"""Whose turn it is in a lane: callers take turns, and for each caller its contents. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain

from pushsvc.domain import Delivery


class Turns:
    """Deliveries that wait to leave.

    Each caller has an equal part of what may leave, so that one that sends without pause does not hold up one that
    sends now and then; each of a caller's contents has an equal part of that, so that a message to ten thousand phones
    does not hold up one to a single phone.
    """

    def __init__(self) -> None:
        self._callers: OrderedDict[str, _Contents] = OrderedDict()  # the next in turn first
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def waiting_of(self, caller: str) -> int:
        """How many of a caller's wait."""
        contents = self._callers.get(caller)
        return contents.count if contents is not None else 0

    def add(self, delivery: Delivery) -> None:
        """Has a delivery wait behind those of its content."""
        self._of(delivery.caller).add(delivery)
        self._count += 1

    def pop(self, limit: int, *, one_content: bool) -> list[Delivery]:
        """The deliveries whose turn it is; empty if none waits.

        Args:
            limit: at most this many.
            one_content: no second content.
        """
        popped: list[Delivery] = []
        while self._callers and len(popped) < limit and not (popped and one_content):
            left = limit - len(popped)
            share = left if one_content else max(1, left // len(self._callers))
            caller, contents = next(iter(self._callers.items()))
            popped += contents.pop(share, one_content=one_content)
            if contents.count:
                self._callers.move_to_end(caller)
            else:
                del self._callers[caller]
        self._count -= len(popped)
        return popped

    def put_back(self, deliveries: Sequence[Delivery]) -> None:
        """Returns deliveries that did not leave to the front, in their order."""
        for delivery in reversed(deliveries):
            self._of(delivery.caller).put_back(delivery)
            self._callers.move_to_end(delivery.caller, last=False)
        self._count += len(deliveries)

    def _of(self, caller: str) -> _Contents:
        contents = self._callers.get(caller)
        if contents is None:
            contents = self._callers[caller] = _Contents()
        return contents


class _Contents:
    """What waits of one caller, by content, the next in turn first."""

    __slots__ = ("_waiting", "count")

    def __init__(self) -> None:
        # A list for each content, and no deque: most hold one delivery.
        self._waiting: OrderedDict[int, list[Delivery]] = OrderedDict()
        self.count = 0

    def add(self, delivery: Delivery) -> None:
        content_id = delivery.message.content_id
        waiting = self._waiting.get(content_id)
        if waiting is None:
            self._waiting[content_id] = [delivery]
        else:
            waiting.append(delivery)
        self.count += 1

    def pop(self, limit: int, *, one_content: bool) -> list[Delivery]:
        if self.count <= limit and not one_content:
            return self._pop_all()
        popped: list[Delivery] = []
        while self._waiting and len(popped) < limit and not (popped and one_content):
            left = limit - len(popped)
            share = left if one_content else max(1, left // len(self._waiting))
            content_id, waiting = self._waiting.popitem(last=False)
            popped += waiting[:share]
            if len(waiting) > share:
                self._waiting[content_id] = waiting[share:]
        self.count -= len(popped)
        return popped

    def _pop_all(self) -> list[Delivery]:
        popped = list(chain.from_iterable(self._waiting.values()))
        self._waiting.clear()
        self.count = 0
        return popped

    def put_back(self, delivery: Delivery) -> None:
        content_id = delivery.message.content_id
        self._waiting.setdefault(content_id, []).insert(0, delivery)
        self._waiting.move_to_end(content_id, last=False)
        self.count += 1
