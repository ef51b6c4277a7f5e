"""Huawei's reports to the URL of the console, in the form of version 1 (§5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vendors.sandbox import status_reports
from vendors.sandbox.huawei.apps import Terms
from vendors.sandbox.receipts import Event, EventKind, ReportsTo

STATUSES: Mapping[EventKind, int] = {EventKind.DELIVERED: 0, EventKind.DEAD: 2, EventKind.CAPPED: 256}


def reports_to(terms: Terms, bi_tag: object, nonce: Callable[[], str]) -> ReportsTo | None:
    """Where a push is reported on."""

    def headers(event: Event) -> Mapping[str, str]:
        return status_reports.signature(event, user=terms.receipt_user, secret=terms.receipt_secret, nonce=nonce())

    item = status_reports.item_of(terms.app_id, STATUSES)
    return status_reports.reports_to(terms.receipt_url, bi_tag, item, STATUSES, headers)
