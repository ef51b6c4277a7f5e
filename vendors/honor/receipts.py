"""Honor's reports to the callback URL of its console.

Source: Honor developer services, push, "message receipts"; the statuses but 40000002 by their likeness to an
aggregator's list. Quirk: no signature is documented, so what a report says is bound by the `biTag` that the push had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vendors.honor.credential import HonorCredential
from vendors.receipt_bodies import (
    DELIVERED,
    OVER_THE_DAY,
    SWITCHED_OFF,
    Told,
    dead,
    dropped,
    json_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from vendors.receipts import Callback, Receipt

STATUSES: Mapping[str, Told] = {
    "40000001": DELIVERED,
    "40000002": DELIVERED,
    "40000003": dead("the app is not installed"),
    "40000004": dead("the token is not of this user or phone"),
    "40000005": dropped("notifications are switched off", SWITCHED_OFF),
    "40000006": dropped("the app is disabled", SWITCHED_OFF),
    "40000008": dropped("the phone does not take this kind of message"),
    "40000009": dropped("a repeat, or over the quota", OVER_THE_DAY),
    "40000011": dropped("the page to open failed", "mend the click action"),
    "40000014": dropped("of another user of the phone"),
    "40000015": dropped("could not be shown"),
}
# Kept by the phone, and told of once more when it is shown.
NOT_OVER = frozenset({"40000000", "40000013"})


def parse_receipts(callback: Callback, credential: HonorCredential, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of the contract
    """What Honor reports; states that are not the end are left out.

    Raises:
        InvalidCallback: the body holds no statuses.
    """
    body = object_of(json_of(callback.body), "the body")
    return [receipt for item in objects_of(body.get("statuses"), "statuses") for receipt in _receipt(item)]


def _receipt(item: Mapping[str, object]) -> Iterator[Receipt]:
    code, token = text_of(item.get("status")), text_of(item.get("token"))
    if not token or not code or code in NOT_OVER:
        return
    told = STATUSES.get(code) or dropped("a status that is not known")
    yield told.receipt(token, text_of(item.get("biTag")), moment_of(item.get("timestamp")), code)
