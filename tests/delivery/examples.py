"""Deliveries as plain as they can be, and a store in memory to claim them from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import structs

from pushsvc.domain import Delivery, Message
from pushsvc.errors import StoreUnavailable
from pushsvc.store.base import ClaimPosition
from vendors.contract import Notification

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
CERT_ID = 7

Key = tuple[int, int]


def message(
    message_id: int, *, expires_at_ms: int = NOW + 3_600_000, title: str = "Hi", content_id: int = 0
) -> Message:
    return Message(
        message_id=message_id,
        app_id="im",
        user_ids=["alice"],
        notification=Notification(title=title, body="text"),
        created_at_ms=NOW,
        due_at_ms=NOW,
        expires_at_ms=expires_at_ms,
        content_id=content_id or message_id,
    )


def delivery(
    of: Message, number: int = 0, *, due_at_ms: int = NOW, registration_key: int = 1, caller: str = "im-server"
) -> Delivery:
    return Delivery(
        message=of,
        key=(of.message_id, number),
        user_id="alice",
        device_id="",
        vendor="stub",
        cert_id=CERT_ID,
        registration_key=registration_key,
        registration_version=3,
        registration_id=f"phone-{of.message_id}-{number}",
        due_at_ms=due_at_ms,
        caller=caller,
    )


def position(of: Delivery) -> ClaimPosition:
    return ClaimPosition(of.due_at_ms, *of.key)


class MemoryStore:
    """The part of a store that a queue asks: what is pending. A test may stop it before and after it reads."""

    def __init__(self) -> None:
        self.pending: dict[Key, Delivery] = {}
        self.limits: list[int] = []
        self.fails = False
        self.may_read = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.go_on()

    def stop(self) -> None:
        self.may_read.clear()
        self.may_answer.clear()

    def go_on(self) -> None:
        self.may_read.set()
        self.may_answer.set()

    def add(self, *deliveries: Delivery) -> None:
        self.pending.update({each.key: each for each in deliveries})

    async def claim(self, cert_id: int, *, after: ClaimPosition, now_ms: int, limit: int) -> Sequence[Delivery]:
        assert cert_id == CERT_ID
        await self.may_read.wait()
        self.limits.append(limit)
        due = [each for each in self.pending.values() if each.due_at_ms <= now_ms and position(each) > after]
        # Each claim reads rows anew, and who sent it is in none.
        page = [structs.replace(each, caller="") for each in sorted(due, key=position)[:limit]]
        await self._answer()
        return page

    async def next_due_ms(self, cert_id: int, *, after_ms: int) -> int | None:
        assert cert_id == CERT_ID
        later = [each.due_at_ms for each in self.pending.values() if each.due_at_ms > after_ms]
        await self._answer()
        return min(later, default=None)

    async def _answer(self) -> None:
        await self.may_answer.wait()
        if self.fails:
            raise StoreUnavailable("no disk")
