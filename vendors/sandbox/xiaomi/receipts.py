"""Xiaomi's reports to a message's `extra.callback` (§6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

import orjson

from vendors.sandbox.receipts import Event, EventKind, Letter, ReportsTo

EVENTS: Mapping[EventKind, int] = {
    EventKind.DELIVERED: 1,
    EventKind.CLICKED: 2,
    EventKind.DEAD: 16,
    EventKind.CAPPED: 128,
}
DEFAULT_KINDS = "3"
FORM = "application/x-www-form-urlencoded"


def reports_to(extra: Mapping[str, str]) -> ReportsTo | None:
    """Where a message asks to be reported on, and on what."""
    if "callback" not in extra:
        return None
    asked = int(extra.get("callback.type", DEFAULT_KINDS))
    kinds = frozenset(kind for kind, bit in EVENTS.items() if asked & bit)
    return ReportsTo(extra["callback"], extra.get("callback.param", ""), _letters, kinds)


def _letters(events: Sequence[Event]) -> Iterator[Letter]:
    """One item for a message id in each letter: what else there is of it goes into the next."""
    waiting = list(_items(events))
    while waiting:
        letter: dict[str, object] = {}
        left = []
        for message_id, item in waiting:
            if letter.setdefault(message_id, item) is not item:
                left.append((message_id, item))
        waiting = left
        yield Letter(urlencode({"data": orjson.dumps(letter).decode()}).encode(), {"Content-Type": FORM})


def _items(events: Sequence[Event]) -> Iterator[tuple[str, dict[str, object]]]:
    """Phones with the same news of one message share an item."""
    phones: dict[tuple[str, str, EventKind], list[Event]] = {}
    for event in events:
        phones.setdefault((event.message_id, event.parameter, event.kind), []).append(event)
    for (message_id, parameter, kind), same in phones.items():
        item: dict[str, object] = {
            "param": parameter,
            "type": EVENTS[kind],
            "targets": ",".join(event.registration_id for event in same),
            "jobkey": "",
            "barStatus": "Enable",
            "timestamp": same[-1].at_ms,
        }
        yield message_id, item | ({"extra": {"ack": "1", "quota": "1"}} if kind is EventKind.CAPPED else {})
