"""OPPO's reports to the `call_back_url` of a push.

Source: OPPO PUSH platform, doc 11239 "receipts". Quirks: the call is not signed, so what it says is bound by the
parameter that the push carried; there is no report of a click; several ids stand in one text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vendors.oppo.credential import OppoCredential
from vendors.receipt_bodies import (
    DELIVERED,
    OVER_THE_DAY,
    Told,
    dead,
    dropped,
    ids_of,
    json_of,
    moment_of,
    objects_of,
    text_of,
)
from vendors.receipts import Callback, InvalidCallback, Receipt

EVENTS: Mapping[str, Told] = {
    "push_arrive": DELIVERED,
    "regid_invalid": dead("uninstalled, deregistered, flashed, or offline for 30 days"),
    "user_daily_limit": dropped("the phone has had this app's allowance for the day", OVER_THE_DAY),
}


def parse_receipts(callback: Callback, credential: OppoCredential, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of the contract
    """What OPPO reports; events that its page does not have are left out.

    Raises:
        InvalidCallback: the body is no list, or of another app than the cert's.
    """
    return list(_receipts(callback, credential))


def _receipts(callback: Callback, credential: OppoCredential) -> Iterator[Receipt]:
    for item in objects_of(json_of(callback.body), "the body"):
        app_id = text_of(item.get("appId"))
        if credential.app_id and app_id and app_id != credential.app_id:
            raise InvalidCallback("it is of another app than the certificate's app_id")
        event = text_of(item.get("eventType"))
        told = EVENTS.get(event)
        if told is None:
            continue
        for registration_id in ids_of(item.get("registrationIds")):
            yield told.receipt(registration_id, text_of(item.get("param")), moment_of(item.get("eventTime")), event)
