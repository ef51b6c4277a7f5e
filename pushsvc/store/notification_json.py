"""Notification and cert defaults as JSON and back; what is empty is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from pushsvc.domain import CertDefaults
from vendors.contract import OPEN_APP, Badge, BadgeKind, Category, ClickAction, ClickKind, Notification


def dump_notification(notification: Notification) -> bytes:
    """The notification as a JSON object."""
    fields: dict[str, object] = {"title": notification.title, "body": notification.body}
    if notification.ext:
        fields["ext"] = notification.ext
    if (click_action := notification.click_action) is not None:
        fields["click_action"] = [click_action.kind, click_action.value]
    if notification.channel_id:
        fields["channel_id"] = notification.channel_id
    if notification.category is not None:
        fields["category"] = notification.category
    if notification.collapse_id:
        fields["collapse_id"] = notification.collapse_id
    if (badge := notification.badge) is not None:
        fields["badge"] = [badge.kind, badge.count]
    if notification.sound:
        fields["sound"] = notification.sound
    if notification.vendor_options:
        fields["vendor_options"] = notification.vendor_options
    return orjson.dumps(fields)


def load_notification(text: bytes) -> Notification:
    """The notification of a JSON object."""
    fields = orjson.loads(text)
    return Notification(
        title=fields.get("title", ""),
        body=fields.get("body", ""),
        ext=fields.get("ext", ""),
        click_action=_click_action(fields),
        channel_id=fields.get("channel_id", ""),
        category=Category(fields["category"]) if "category" in fields else None,
        collapse_id=fields.get("collapse_id", ""),
        badge=Badge(BadgeKind(fields["badge"][0]), fields["badge"][1]) if "badge" in fields else None,
        sound=fields.get("sound", ""),
        vendor_options=fields.get("vendor_options", {}),
    )


def dump_defaults(defaults: CertDefaults) -> str:
    """The defaults as a JSON object."""
    fields = {
        "channel_id": defaults.channel_id,
        "click_action": [defaults.click_action.kind, defaults.click_action.value],
        "category": defaults.category,
        "vendor_options": defaults.vendor_options,
    }
    return orjson.dumps({name: value for name, value in fields.items() if value}).decode()


def load_defaults(text: str) -> CertDefaults:
    """The defaults of a JSON object."""
    fields = orjson.loads(text)
    return CertDefaults(
        channel_id=fields.get("channel_id", ""),
        click_action=_click_action(fields) or OPEN_APP,
        category=Category(fields["category"]),
        vendor_options=fields.get("vendor_options", {}),
    )


def _click_action(fields: Mapping[str, Any]) -> ClickAction | None:
    if "click_action" not in fields:
        return None
    kind, value = fields["click_action"]
    return ClickAction(ClickKind(kind), value)
