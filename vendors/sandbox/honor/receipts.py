"""Honor's reports to the URL of the console (§4)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox import status_reports
from vendors.sandbox.honor.apps import Terms
from vendors.sandbox.receipts import EventKind, ReportsTo

STATUSES: Mapping[EventKind, int] = {
    EventKind.DELIVERED: 40000002,
    EventKind.DEAD: 40000003,
    EventKind.CAPPED: 40000009,
}


def reports_to(terms: Terms, bi_tag: object) -> ReportsTo | None:
    """Where a push is reported on."""
    item = status_reports.item_of(terms.app_id, STATUSES)
    return status_reports.reports_to(terms.receipt_url, bi_tag, item, STATUSES)
