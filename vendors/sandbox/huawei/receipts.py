"""Huawei's reports to the URL of the console, in the form of version 1 (§5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vendors.sandbox import huawei_statuses
from vendors.sandbox.huawei.apps import Terms
from vendors.sandbox.receipts import Event, EventKind, ReportsTo

STATUSES: Mapping[EventKind, int] = {EventKind.DELIVERED: 0, EventKind.DEAD: 2, EventKind.CAPPED: 256}


def reports_to(terms: Terms, bi_tag: object, nonce: Callable[[], str]) -> ReportsTo | None:
    """Where a push is reported on."""

    def item(event: Event) -> Mapping[str, object]:
        return {
            "biTag": event.parameter,
            "appid": terms.app_id,
            "token": event.registration_id,
            "status": STATUSES[event.kind],
            "timestamp": event.at_ms,
            "requestId": event.message_id,
        }

    def headers(event: Event) -> Mapping[str, str]:
        return huawei_statuses.signature(event, user=terms.receipt_user, secret=terms.receipt_secret, nonce=nonce())

    return huawei_statuses.reports_to(terms.receipt_url, bi_tag, item, STATUSES, headers)
