"""vivo's reports to a single push's `extra.callback` (§4.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import orjson

from vendors.sandbox.receipts import Event, EventKind, Letter, ReportsTo

EVENTS: Mapping[EventKind, str] = {
    EventKind.DELIVERED: "0",
    EventKind.DEAD: "2183",
    EventKind.CAPPED: "12000",
}


def reports_to(body: Mapping[str, object]) -> ReportsTo | None:
    """Where a push asks to be reported on."""
    extra = cast("Mapping[str, str]", body.get("extra", {}))
    if "callback" not in extra:
        return None
    return ReportsTo(extra["callback"], extra.get("callback.param", ""), _letters, frozenset(EVENTS))


def _letters(events: Sequence[Event]) -> Iterator[Letter]:
    items = {
        event.message_id: {
            "param": event.parameter,
            "targets": event.registration_id,
            "ackTime": event.at_ms,
            "ackType": EVENTS[event.kind],
        }
        for event in events
    }
    yield Letter(orjson.dumps(items), {"Content-Type": "application/json"})
