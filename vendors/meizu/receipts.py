"""Meizu's reports to the `extra.callback` of a push, an address that must be registered in its console.

Source: Meizu's server API, "receipts". Quirks: a form with `cb`, a JSON object whose keys are message id and type, and
`access_token`, which the console has beside the address; only delivered and clicked are told.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs

from vendors.meizu.credential import MeizuCredential
from vendors.receipt_bodies import CLICKED, DELIVERED, Told, ids_of, json_of, object_of, text_of
from vendors.receipts import Callback, InvalidCallback, Receipt

EVENTS: Mapping[str, Told] = {"1": DELIVERED, "2": CLICKED}


def parse_receipts(callback: Callback, credential: MeizuCredential, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of the contract
    """What Meizu reports.

    Raises:
        InvalidCallback: the cert has no receipt token, the call has another, or the form is none of Meizu's.
    """
    try:
        fields = parse_qs(callback.body.decode(), max_num_fields=100)
    except ValueError as error:
        raise InvalidCallback("the body is not a form") from error
    token = fields.get("access_token", [""])[0].encode(errors="replace")
    if not credential.receipt_token or not hmac.compare_digest(token, credential.receipt_token.encode()):
        raise InvalidCallback("access_token is not the certificate's receipt_token")
    if "cb" not in fields:
        raise InvalidCallback("there is no cb")
    return list(_receipts(object_of(json_of(fields["cb"][0].encode(errors="replace")), "cb")))


def _receipts(items: Mapping[str, object]) -> Iterator[Receipt]:
    for item in items.values():
        if not isinstance(item, dict):
            continue
        event = text_of(item.get("type"))
        told = EVENTS.get(event)
        if told is None:
            continue
        for registration_id in ids_of(item.get("targets")):
            yield told.receipt(registration_id, text_of(item.get("param")), None, event)
