"""Meizu's reports to a message's `extra.callback`, with the token that its console has beside the address (§6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

import orjson

from vendors.sandbox.meizu.message import Message
from vendors.sandbox.receipts import Event, EventKind, Letter, ReportsTo

EVENTS: Mapping[EventKind, int] = {EventKind.DELIVERED: 1, EventKind.CLICKED: 2}
BOTH = 3
FORM = "application/x-www-form-urlencoded"


def reports_to(message: Message, token: str) -> ReportsTo | None:
    """Where a message asks to be reported on, and on what."""
    extra = message.get("extra")
    if not extra:
        return None
    asked = int(str(extra.get("callback.type", BOTH)))
    kinds = frozenset(kind for kind, bit in EVENTS.items() if asked & bit)
    parameter = str(extra.get("callback.param", ""))
    return ReportsTo(str(extra["callback"]), parameter, lambda events: _letters(events, token), kinds)


def _letters(events: Sequence[Event], token: str) -> Iterator[Letter]:
    items: dict[str, dict[str, object]] = {}
    for event in events:
        kind = EVENTS[event.kind]
        fresh: dict[str, object] = {"param": event.parameter, "type": kind, "targets": []}
        item = items.setdefault(f"{event.message_id}-{kind}", fresh)
        cast("list[str]", item["targets"]).append(event.registration_id)
    form = {"cb": orjson.dumps(items).decode(), "access_token": token}
    yield Letter(urlencode(form).encode(), {"Content-Type": FORM})
