"""OPPO's reports to a push's `call_back_url` (§4.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson

from vendors.sandbox.oppo.notification import Notification
from vendors.sandbox.receipts import Event, EventKind, Letter, ReportsTo

EVENTS: Mapping[EventKind, str] = {
    EventKind.DELIVERED: "push_arrive",
    EventKind.DEAD: "regid_invalid",
    EventKind.CAPPED: "user_daily_limit",
}


def reports_to(notification: Notification, app_id: str) -> ReportsTo | None:
    """Where a push asks to be reported on."""
    url = notification.get("call_back_url")
    if url is None:
        return None
    parameter = str(notification.get("call_back_parameter", ""))
    return ReportsTo(str(url), parameter, lambda events: _letters(events, app_id), frozenset(EVENTS))


def _letters(events: Sequence[Event], app_id: str) -> Iterator[Letter]:
    items = [
        {
            "messageId": event.message_id,
            "appId": app_id,
            "taskId": event.message_id,
            "registrationIds": event.registration_id,
            "eventTime": str(event.at_ms),
            "param": event.parameter,
            "eventType": EVENTS[event.kind],
        }
        for event in events
    ]
    yield Letter(orjson.dumps(items), {"Content-Type": "application/json"})
