"""Pushes as every vendor's tests make them: whatever a test says, and the least a push has for the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from vendors.contract import OPEN_APP, Category, Notification, Push

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOTIFICATION_FIELDS = {field.name for field in structs.fields(Notification)} - {
    field.name for field in structs.fields(Push)
}


def make_push(phone: str, *, ttl: timedelta = timedelta(hours=1), **fields: Any) -> Push:
    """One push.

    Args:
        phone: its registration id.
        ttl: how long from now it may be kept.
        fields: of Push and of Notification, mixed; those that both have are Push's.
    """
    content = {name: fields.pop(name) for name in NOTIFICATION_FIELDS & fields.keys()}
    values = {
        "notification": Notification(**{"title": "Hi", "body": "你好", **content}),
        "click_action": OPEN_APP,
        "channel_id": "",
        "category": Category.IM,
        "options": {},
        "dedup_id": "m-1",
        "expires_at": NOW + ttl,
    }
    return Push(registration_id=phone, **{**values, **fields})
