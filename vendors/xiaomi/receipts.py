"""Xiaomi's reports to the `extra.callback` of a push.

Source: Xiaomi open platform, page 1656 "receipts". Quirks: a form with one field `data`, whose JSON object has a
message id for each key; the call is not signed; `barStatus` Disable means that what was delivered was not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs

from vendors.receipt_bodies import (
    CLICKED,
    DELIVERED,
    OVER_THE_DAY,
    SWITCHED_OFF,
    Told,
    dead,
    dropped,
    ids_of,
    json_of,
    moment_of,
    object_of,
    text_of,
)
from vendors.receipts import Callback, InvalidCallback, Receipt, ReceiptKind
from vendors.xiaomi.credential import XiaomiCredential

JSON = "application/json"
FIELD = "data"
DISABLED = "Disable"
NOT_SHOWN = dropped("delivered, but the app's notifications are switched off (barStatus Disable)", SWITCHED_OFF)

EVENTS: Mapping[str, Told] = {
    "1": DELIVERED,
    "2": CLICKED,
    "16": dead("invalid: wrong id, app uninstalled, phone long offline, or another region"),
    "32": dropped("push was switched off in the app (disablePush)", SWITCHED_OFF),
    "64": dropped("filtered: network, place, version, model or locale"),
    "128": dropped("the daily quota of the app or channel is spent", OVER_THE_DAY),
    "1024": Told(ReceiptKind.EXPIRED, "its time to live ran out"),
}
# The sum of all: what `extra.callback.type` asks for.
ALL_EVENTS = str(sum(map(int, EVENTS)))


def parse_receipts(callback: Callback, credential: XiaomiCredential, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of the contract
    """What Xiaomi reports; events that its page does not have are left out.

    Raises:
        InvalidCallback: there is no `data`, or it is no JSON object.
    """
    return list(_receipts(callback))


def _receipts(callback: Callback) -> Iterator[Receipt]:
    for item in object_of(_data(callback), FIELD).values():
        if not isinstance(item, dict):
            continue
        event = text_of(item.get("type"))
        told = EVENTS.get(event)
        if told is DELIVERED and item.get("barStatus") == DISABLED:
            told = NOT_SHOWN
        if told is None:
            continue
        for registration_id in ids_of(item.get("targets")):
            yield told.receipt(registration_id, text_of(item.get("param")), moment_of(item.get("timestamp")), event)


def _data(callback: Callback) -> object:
    """The form field; some were seen to get the same as a JSON body."""
    if callback.headers.get("content-type", "").startswith(JSON):
        body = json_of(callback.body)
        inner = body.get(FIELD) if isinstance(body, dict) else None
        return body if inner is None else json_of(inner) if isinstance(inner, str) else inner
    try:
        fields = parse_qs(callback.body.decode(), max_num_fields=100)
    except ValueError as error:
        raise InvalidCallback("the body is not a form") from error
    if FIELD not in fields:
        raise InvalidCallback(f"there is no {FIELD}")
    return json_of(fields[FIELD][0].encode(errors="replace"))
