"""vivo's reports to the `extra.callback` of a single push.

Source: vivo developer centre, doc 681 "receipts"; the further `ackType` values by an aggregator's list. Quirks: a JSON
object whose keys are task ids; the call is not signed, and older forms say neither time nor kind: those mean arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vendors.receipt_bodies import (
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
from vendors.receipts import Callback, Receipt, ReceiptKind
from vendors.vivo.credential import VivoCredential

ARRIVED = "0"
ACKS: Mapping[str, Told] = {
    ARRIVED: DELIVERED,
    "101": dropped("refused in the audit", "change the message"),
    "103": Told(ReceiptKind.DROPPED, "overwritten by a newer one", "nothing"),
    "104": dropped("not shown"),
    "1000": dropped("controlled by the vendor"),
    "1017": dropped("not shown at night"),
    "1020": dropped("a mismatch"),
    "1040": dropped("not shown", SWITCHED_OFF),
    "2124": dropped("a repeated operation message"),
    "2144": Told(ReceiptKind.EXPIRED, "its time to live ran out"),
    "10012": Told(ReceiptKind.EXPIRED, "its time to live ran out"),
    "2158": dropped("the click target is wrong", "mend the click action"),
    "2161": dropped("the click target is not exported", "mend the click action"),
    "2162": dropped("the click target was not found", "mend the click action"),
    "2183": dead("the registration id is invalid"),
    "11001": dropped("the app's volume quota is spent", OVER_THE_DAY),
    "12000": dropped("the user has had enough of this class", OVER_THE_DAY),
    "20001": dead("the app is not subscribed"),
    "20002": dead("the user does not exist"),
    "20006": dropped("the phone was offline for 14 days"),
}


def parse_receipts(callback: Callback, credential: VivoCredential, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of the contract
    """What vivo reports.

    Raises:
        InvalidCallback: the body is no object.
    """
    return list(_receipts(object_of(json_of(callback.body), "the body")))


def _receipts(items: Mapping[str, object]) -> Iterator[Receipt]:
    for item in items.values():
        if not isinstance(item, dict):
            continue
        ack = text_of(item.get("ackType")) or ARRIVED
        told = ACKS.get(ack) or dropped("an ackType that is not known")
        for registration_id in ids_of(item.get("targets")):
            yield told.receipt(registration_id, text_of(item.get("param")), moment_of(item.get("ackTime")), ack)
