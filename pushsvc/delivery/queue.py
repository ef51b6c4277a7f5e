"""What a lane has to hand over: a bounded part in memory, the rest left in the store and claimed page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pushsvc.delivery.turns import Turns
from pushsvc.domain import Delivery
from pushsvc.store.base import ClaimPosition, Store

MAX_HELD = 20_000
PAGE = 1_000
# The store does not keep who sent a message: what is claimed takes turns as one caller more.
CLAIMED = ""
_START = ClaimPosition()


class LaneQueue:
    """The pending deliveries of one cert, each held at most once from taking it in until it is settled.

    Args:
        cert_id: whose deliveries.
        store: where those wait that are not in memory.
    """

    def __init__(self, cert_id: int, store: Store) -> None:
        self._cert_id = cert_id
        self._store = store
        self._ready = Turns()
        self._held: dict[tuple[int, int], int] = {}  # key to registration key
        self._held_of: Counter[str] = Counter()  # by caller
        self._behind: set[str] = set()  # callers of which something is in the store that is not held
        self._withdrawn: set[int] = set()  # registration keys
        self._cancelled: set[int] = set()  # message ids
        self._released_while_claiming: set[tuple[int, int]] | None = None
        self._in_store = False
        self._more_in_store = False
        self._cursor = _START
        self._next_due_ms: int | None = None

    def __len__(self) -> int:
        """How many are ready in memory."""
        return len(self._ready)

    @property
    def next_due_ms(self) -> int | None:
        """When the earliest known delivery that is not due yet will be."""
        return self._next_due_ms

    @property
    def wants_refill(self) -> bool:
        """Whether there is something to claim and room for it."""
        return self._in_store and self._ready.waiting_of(CLAIMED) < PAGE

    def offer(self, delivery: Delivery, *, now_ms: int) -> None:
        """Takes in a freshly accepted delivery if its caller has room; if not, or if not due, it is claimed later.

        A caller may fill as much of the room as is still free then, so that there is always some for others. One that
        had none lines up in the store from then on, as long as the store has anything to claim.
        """
        caller = delivery.caller
        if delivery.due_at_ms > now_ms:
            self.note_due(delivery.due_at_ms)
        elif caller in self._behind or self._held_of[caller] >= MAX_HELD - len(self._held):
            self._behind.add(caller)
            self.claim_later()
        else:
            self._hold(delivery)

    def pop(self, limit: int, *, one_content: bool) -> list[Delivery]:
        """The deliveries whose turn it is, held until `release` or `put_back`; empty if none is ready.

        Args:
            limit: at most this many.
            one_content: no second content.
        """
        return self._ready.pop(limit, one_content=one_content)

    def put_back(self, deliveries: Sequence[Delivery]) -> None:
        """Returns deliveries that did not leave to the front, in their order."""
        self._ready.put_back(deliveries)

    def release(self, deliveries: Sequence[Delivery]) -> None:
        """Lets go of deliveries: settled, or left to be claimed again."""
        for delivery in deliveries:
            if self._held.pop(delivery.key, None) is not None:
                self._held_of[delivery.caller] -= 1
        if self._released_while_claiming is not None:
            # The page being read may still show them as pending.
            self._released_while_claiming.update(delivery.key for delivery in deliveries)
        elif not self._held:
            self._withdrawn.clear()
            self._cancelled.clear()
            self._held_of.clear()

    def withdraw(self, registration_keys: Sequence[int]) -> None:
        """Nothing more may leave for these registrations; what was moved to another one is claimed again."""
        if self._has_none:
            return  # whatever is claimed from here on is read after these registrations ended
        self._withdrawn.update(registration_keys)
        if len(self._withdrawn) > 2 * MAX_HELD and self._released_while_claiming is None:
            self._withdrawn.intersection_update(self._held.values())

    def cancel(self, message_id: int) -> None:
        """Nothing more of this message may leave."""
        if self._has_none:
            return  # as above
        self._cancelled.add(message_id)
        if len(self._cancelled) > 2 * MAX_HELD and self._released_while_claiming is None:
            self._cancelled.intersection_update(held for held, _ in self._held)

    def withdrawn_of(self, deliveries: Sequence[Delivery]) -> Collection[int]:
        """The positions of those whose registration ended, or whose message was cancelled, since they were taken in."""
        if not self._withdrawn and not self._cancelled:
            return ()
        return {
            at
            for at, delivery in enumerate(deliveries)
            if delivery.registration_key in self._withdrawn or delivery.message.message_id in self._cancelled
        }

    def claim_later(self) -> None:
        """Something pending is in the store that is not held."""
        self._in_store = True
        self._more_in_store = True

    def note_due(self, due_at_ms: int) -> None:
        """Something in the store becomes due at a time."""
        if self._next_due_ms is None or due_at_ms < self._next_due_ms:
            self._next_due_ms = due_at_ms

    def look_at_the_clock(self, now_ms: int) -> None:
        """Has what became due claimed."""
        if self._next_due_ms is not None and now_ms >= self._next_due_ms:
            self._next_due_ms = None
            self.claim_later()

    async def refill(self, *, now_ms: int) -> None:
        """Claims the next page of what stays in the store.

        A pass follows a cursor, so that it never reads the same rows twice, and ends with a page from the start, for
        what was committed behind the cursor meanwhile.

        Raises:
            StoreUnavailable: nothing was claimed; calling again is safe.
        """
        self._more_in_store = False
        self._released_while_claiming = set()
        limit = PAGE if self._cursor != _START else PAGE + len(self._held)
        try:
            page = await self._store.claim(self._cert_id, after=self._cursor, now_ms=now_ms, limit=limit)
            for delivery in page:
                if delivery.key not in self._released_while_claiming:
                    self._hold(delivery)
            await self._advance(page, limit, now_ms)
        finally:
            self._released_while_claiming = None

    async def _advance(self, page: Sequence[Delivery], limit: int, now_ms: int) -> None:
        if len(page) == limit:
            last = page[-1]
            self._cursor = ClaimPosition(last.due_at_ms, *last.key)
        elif self._cursor != _START:
            self._cursor = _START
        else:
            next_due_ms = await self._store.next_due_ms(self._cert_id, after_ms=now_ms)
            if next_due_ms is not None:
                self.note_due(next_due_ms)
            self._in_store = self._more_in_store
            if not self._in_store:
                self._behind.clear()

    @property
    def _has_none(self) -> bool:
        """Whether nothing is held, and nothing is being read that will be."""
        return not self._held and self._released_while_claiming is None

    def _hold(self, delivery: Delivery) -> None:
        key = delivery.key
        if key not in self._held:
            self._held[key] = delivery.registration_key
            self._held_of[delivery.caller] += 1
            self._ready.add(delivery)
