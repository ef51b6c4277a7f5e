"""Huawei's reports of pushes to HarmonyOS, in the form of version 2 (§5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vendors.sandbox import status_reports
from vendors.sandbox.harmonyos.apps import Terms
from vendors.sandbox.receipts import Event, EventKind, ReportsTo

RESULTS: Mapping[EventKind, int] = {EventKind.DELIVERED: 0, EventKind.DEAD: 2, EventKind.CAPPED: 256}


def reports_to(terms: Terms, bi_tag: object, nonce: Callable[[], str]) -> ReportsTo | None:
    """Where a push is reported on."""

    def item(event: Event) -> Mapping[str, object]:
        return {
            "token": event.registration_id,
            "pushType": 0,
            "appPackageName": "com.example.app",
            "biTag": event.parameter,
            "requestId": event.message_id,
            "deliveryStatus": {"result": RESULTS[event.kind], "timestamp": event.at_ms},
        }

    def headers(event: Event) -> Mapping[str, str]:
        return status_reports.signature(event, user=terms.receipt_user, secret=terms.receipt_secret, nonce=nonce())

    return status_reports.reports_to(terms.receipt_url, bi_tag, item, RESULTS, headers)
