"""Honor's reports to the URL of the console (§4)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox import huawei_statuses
from vendors.sandbox.honor.apps import Terms
from vendors.sandbox.receipts import Event, EventKind, ReportsTo

STATUSES: Mapping[EventKind, int] = {
    EventKind.DELIVERED: 40000002,
    EventKind.DEAD: 40000003,
    EventKind.CAPPED: 40000009,
}


def reports_to(terms: Terms, bi_tag: object) -> ReportsTo | None:
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

    return huawei_statuses.reports_to(terms.receipt_url, bi_tag, item, STATUSES)
