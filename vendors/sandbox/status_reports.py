"""Reports as Huawei and Honor post them: a list of statuses, to the URL in an app's console."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence

import orjson

from vendors.sandbox.receipts import Event, EventKind, Letter, ReportsTo

Item = Callable[[Event], Mapping[str, object]]
Headers = Callable[[Event], Mapping[str, str]]


def reports_to(
    url: str,
    parameter: object,
    item: Item,
    kinds: Mapping[EventKind, int],
    headers: Headers = lambda _: {},
) -> ReportsTo | None:
    """Where an app's console has its pushes reported on; None: nowhere.

    Args:
        url: of the console; empty: none.
        parameter: the push's tag; None: it has none.
        item: writes one status.
        kinds: what is reported.
        headers: beyond the content type, such as a signature.
    """
    if not url:
        return None

    def letters(events: Sequence[Event]) -> Iterator[Letter]:
        body = orjson.dumps({"statuses": [item(event) for event in events]})
        yield Letter(body, {"Content-Type": "application/json", **headers(events[-1])})

    return ReportsTo(url, "" if parameter is None else str(parameter), letters, frozenset(kinds))


def item_of(app_id: str, statuses: Mapping[EventKind, int]) -> Item:
    """Writes a status as version 1 of Huawei's has it, and Honor's."""

    def item(event: Event) -> Mapping[str, object]:
        return {
            "biTag": event.parameter,
            "appid": app_id,
            "token": event.registration_id,
            "status": statuses[event.kind],
            "timestamp": event.at_ms,
            "requestId": event.message_id,
        }

    return item


def signature(event: Event, *, user: str, secret: str, nonce: str) -> Mapping[str, str]:
    """Huawei's header of a letter, where the console has a user name and a secret; else none."""
    if not user:
        return {}
    try:
        key = base64.b64decode(secret, validate=True)
    except ValueError:
        key = secret.encode()
    signed = f"{event.at_ms}{nonce}{user}".encode()
    value = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {"X-HUAWEI-CALLBACK-ID": f"timestamp={event.at_ms}; nonce={nonce}; value={value}"}
