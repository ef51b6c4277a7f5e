"""The phones: what stands on each one's notification bar, and what was swallowed on the way.

Everything is bounded. A phone's bar keeps its newest `BAR_LIMIT` notifications; all bars together keep
`max_notifications`, past which the oldest anywhere is forgotten (the totals stay); a phone too many is refused.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from vendors.sandbox.allowance import Daily
from vendors.sandbox.receipts import ReportsTo
from vendors.sandbox.words import timestamp

BAR_LIMIT = 50
Show = Callable[[bytes], Mapping[str, object]]


class InboxFull(Exception):  # noqa: N818 - it says what happened
    """There is no room for another phone."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One notification on a bar.

    Attributes:
        at: Unix time in seconds.
        message_id: the maker's id.
        content: as the maker's simulator keeps it; its `show` reads it.
        reports_to: who is told of a tap; None: nobody.
        serial: rises by one with each delivery of the inbox.
    """

    at: float
    message_id: str
    content: bytes
    reports_to: ReportsTo | None = None
    serial: int = 0


@dataclass(slots=True)
class Phone:
    """One app install.

    Attributes:
        registration_id: its address.
        is_dead: uninstalled: whatever is accepted for it reaches nobody.
        dead_answer: the code that says so at once; None: accepted as if it lived.
        received: notifications that reached the bar.
        distinct: different dedup ids among what was accepted.
        duplicates: repeats of a dedup id, swallowed.
        marketing: notifications of the day that count against the daily cap.
        bar: what stands, oldest first, by what a newer one would replace it by.
    """

    registration_id: str
    is_dead: bool = False
    dead_answer: int | None = None
    received: int = 0
    distinct: int = 0
    duplicates: int = 0
    marketing: Daily = field(default_factory=Daily)
    bar: dict[Hashable, Kept] | None = None

    def totals(self) -> dict[str, object]:
        """The phone without its bar."""
        return {
            "registration_id": self.registration_id,
            "dead": self.is_dead,
            "received": self.received,
            "distinct": self.distinct,
            "duplicates": self.duplicates,
        }

    def as_json(self, show: Show) -> dict[str, object]:
        """The form the control API shows, newest notification first."""
        standing = reversed(list((self.bar or {}).values()))
        return self.totals() | {
            "notifications": [
                {"at": timestamp(kept.at), "message_id": kept.message_id, **show(kept.content)} for kept in standing
            ]
        }


class DedupMemory:
    """Remembers the last keys it was asked about: at least half of `capacity`, never more than it.

    It keeps 64-bit hashes: two of a million keys are taken for one about once in 30 million runs.
    """

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self._young: set[int] = set()
        self._old: set[int] = set()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def is_repeat(self, key: Hashable) -> bool:
        """Says whether the key was asked about before, and remembers it."""
        digest = hash(key)
        if digest in self._young or digest in self._old:
            return True
        if len(self._young) >= self._half:
            self._old, self._young = self._young, set()
        self._young.add(digest)
        return False

    def clear(self) -> None:
        """Forgets every key."""
        self._young.clear()
        self._old.clear()


@dataclass(slots=True)
class Inbox:
    """One vendor's phones.

    Attributes:
        max_phones: how many there can be.
        max_notifications: how many all bars keep together.
        dedup: which (dedup id, target) was accepted before.
    """

    max_phones: int = 1_000_000
    max_notifications: int = 100_000
    dedup: DedupMemory = field(default_factory=lambda: DedupMemory(2_000_000))
    _phones: dict[str, Phone] = field(default_factory=dict)
    _kept: OrderedDict[int, tuple[Phone, Hashable]] = field(default_factory=OrderedDict)
    _serial: int = 0

    def __len__(self) -> int:
        return len(self._phones)

    def find(self, registration_id: str) -> Phone | None:
        """The phone, if anything ever happened to it."""
        return self._phones.get(registration_id)

    def phone(self, registration_id: str) -> Phone:
        """The phone, made on first use.

        Raises:
            InboxFull: it would be one phone too many.
        """
        phone = self._phones.get(registration_id)
        if phone is None:
            if len(self._phones) >= self.max_phones:
                raise InboxFull(f"the sandbox keeps at most {self.max_phones} phones; DELETE them to make room")
            phone = self._phones[registration_id] = Phone(registration_id)
        return phone

    def page(self, offset: int, limit: int) -> Iterator[Phone]:
        """Phones in the order they came."""
        return islice(self._phones.values(), offset, offset + limit)

    def deliver(self, phone: Phone, kept: Kept, *, replaces: str = "") -> None:
        """Puts a notification on a phone's bar.

        Args:
            phone: whose bar.
            kept: the notification.
            replaces: takes the place of the one standing under the same key; empty: of none.
        """
        self._serial += 1
        phone.received += 1
        if phone.bar is None:
            phone.bar = {}
        key: Hashable = replaces or self._serial
        self._forget(phone, key)
        if len(phone.bar) >= BAR_LIMIT:
            self._forget(phone, next(iter(phone.bar)))
        phone.bar[key] = replace(kept, serial=self._serial)
        self._kept[self._serial] = (phone, key)
        if len(self._kept) > self.max_notifications:
            self._forget(*next(iter(self._kept.values())))

    def take_off(self, phone: Phone, key: str) -> bool:
        """Takes the notification that stands under a key off a phone's bar; whether there was one."""
        is_there = phone.bar is not None and key in phone.bar
        self._forget(phone, key)
        return is_there

    def take_newest(self, phone: Phone) -> Kept | None:
        """Takes the newest notification off a phone's bar; None: there is none."""
        if not phone.bar:
            return None
        key, kept = next(reversed(phone.bar.items()))
        self._forget(phone, key)
        return kept

    def remove(self, registration_id: str) -> bool:
        """Forgets a phone; False if there was none."""
        phone = self._phones.pop(registration_id, None)
        if phone is None:
            return False
        for key in list(phone.bar or ()):
            self._forget(phone, key)
        return True

    def clear(self) -> None:
        """Forgets every phone, but not what was accepted before."""
        self._phones.clear()
        self._kept.clear()

    def reset(self) -> None:
        """Forgets everything."""
        self.clear()
        self.dedup.clear()

    def _forget(self, phone: Phone, key: Hashable) -> None:
        kept = phone.bar.pop(key, None) if phone.bar is not None else None
        if kept is not None:
            del self._kept[kept.serial]
