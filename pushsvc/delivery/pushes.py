"""A delivery as its vendor gets it: what the cert adds filled in, what the vendor can't do left out and named. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from pushsvc.domain import Cert, Delivery, Message
from pushsvc.receipt_addresses import ReceiptAddresses
from vendors.contract import OPEN_APP, Capabilities, ClickAction, Notification, Push

MILLISECOND = timedelta(milliseconds=1)


def push_of(delivery: Delivery, cert: Cert, capabilities: Capabilities, addresses: ReceiptAddresses) -> Push:
    """The delivery with what the cert adds where the notification says nothing, and where to report on it."""
    message = delivery.message
    notification = message.notification
    defaults = cert.defaults
    options = defaults.vendor_options
    own_options = notification.vendor_options.get(cert.vendor)
    if own_options:
        options = {**options, **own_options}
    receipt_url = addresses.url(cert) if capabilities.receipts else ""
    return Push(
        registration_id=delivery.registration_id,
        notification=notification,
        click_action=_possible(notification.click_action or defaults.click_action, capabilities),
        channel_id=notification.channel_id or defaults.channel_id,
        category=notification.category or defaults.category,
        options=options,
        dedup_id=delivery.dedup_id,
        content_id=str(message.content_id),
        expires_at=_time(message.expires_at_ms),
        receipt_url=receipt_url,
        receipt_parameter=addresses.parameter(cert, message.content_id) if receipt_url else "",
    )


def ignored(notification: Notification, capabilities: Capabilities) -> Iterator[str]:
    """Fields that a notification asks for and the vendor can't do."""
    if notification.click_action is not None and notification.click_action.kind not in capabilities.click_actions:
        yield "click_action"
    if notification.channel_id and not capabilities.channels:
        yield "channel_id"
    if notification.category is not None and notification.category not in capabilities.categories:
        yield "category"
    if notification.collapse_id and not capabilities.collapse:
        yield "collapse_id"
    if notification.badge is not None and notification.badge.kind not in capabilities.badges:
        yield "badge"
    if notification.sound and not capabilities.sound:
        yield "sound"


def is_kept_shorter(message: Message, capabilities: Capabilities) -> bool:
    """Whether the vendor keeps a message for less time than it was given."""
    return message.expires_at_ms - message.due_at_ms > _milliseconds(capabilities.max_ttl)


@cache
def _milliseconds(duration: timedelta) -> int:
    return duration // MILLISECOND


@lru_cache(maxsize=256)
def _time(time_ms: int) -> datetime:
    """What was sent at one moment mostly ends at one."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _possible(action: ClickAction, capabilities: Capabilities) -> ClickAction:
    return action if action.kind in capabilities.click_actions else OPEN_APP
