from __future__ import annotations

import pytest

from vendors.sandbox.inbox import DedupMemory, Inbox, InboxFull, Kept


def deliver(inbox: Inbox, registration_id: str, content: bytes, *, replaces: str = "") -> None:
    inbox.deliver(inbox.phone(registration_id), Kept(at=0, message_id="m", content=content), replaces=replaces)


def standing(inbox: Inbox, registration_id: str) -> list[bytes]:
    phone = inbox.find(registration_id)
    return [kept.content for kept in (phone.bar or {}).values()] if phone else []


def test_the_dedup_memory_keeps_a_million_in_bounds() -> None:
    memory = DedupMemory(2_000_000)

    repeats = sum(memory.is_repeat(("app", index, "phone")) for index in range(1_000_000))

    assert repeats == 0
    assert memory.is_repeat(("app", 0, "phone"))
    assert len(memory) == 1_000_000


def test_the_dedup_memory_forgets_the_oldest_half_at_most() -> None:
    memory = DedupMemory(10)

    for key in range(23):
        memory.is_repeat(key)

    assert len(memory) <= 10
    assert all(memory.is_repeat(key) for key in range(18, 23))


def test_all_bars_together_are_bounded_and_the_oldest_goes() -> None:
    inbox = Inbox(max_notifications=3)

    for index, registration_id in enumerate(["a", "b", "a", "c", "b"]):
        deliver(inbox, registration_id, str(index).encode())

    assert (standing(inbox, "a"), standing(inbox, "b"), standing(inbox, "c")) == ([b"2"], [b"4"], [b"3"])


def test_a_replaced_notification_makes_room() -> None:
    inbox = Inbox(max_notifications=2)

    deliver(inbox, "a", b"first", replaces="7")
    deliver(inbox, "a", b"second", replaces="7")
    deliver(inbox, "b", b"third")

    assert (standing(inbox, "a"), standing(inbox, "b")) == ([b"second"], [b"third"])


def test_a_removed_phone_makes_room() -> None:
    inbox = Inbox(max_phones=1)
    deliver(inbox, "a", b"first")

    with pytest.raises(InboxFull, match="at most 1 phones"):
        inbox.phone("b")
    removed = inbox.remove("a")
    deliver(inbox, "b", b"second")

    assert removed
    assert not inbox.remove("a")
    assert standing(inbox, "b") == [b"second"]
