"""Deliveries for tests, as plain as they can be."""

from __future__ import annotations

from pushsvc.domain import Delivery, Message
from vendors.contract import Notification

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
CERT_ID = 7


def message(message_id: int, *, expires_at_ms: int = NOW + 3_600_000, title: str = "Hi") -> Message:
    return Message(
        message_id=message_id,
        app_id="im",
        user_ids=["alice"],
        notification=Notification(title=title, body="text"),
        created_at_ms=NOW,
        due_at_ms=NOW,
        expires_at_ms=expires_at_ms,
    )


def delivery(of: Message, number: int = 0, *, due_at_ms: int = NOW, registration_key: int = 1) -> Delivery:
    return Delivery(
        message=of,
        number=number,
        user_id="alice",
        device_id="",
        vendor="stub",
        cert_id=CERT_ID,
        registration_key=registration_key,
        registration_version=3,
        registration_id=f"phone-{of.message_id}-{number}",
        due_at_ms=due_at_ms,
    )
