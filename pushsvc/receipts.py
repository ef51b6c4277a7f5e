"""Use case: take what vendors report of pushes they had taken, each once, in whatever order it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain

from pushsvc.delivery.batcher import Batcher
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.domain import Cert, DeliveryState, Reason
from pushsvc.metrics import Metrics
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.store.base import Report, Store
from vendors.access_tokens import AnyAccount
from vendors.receipts import Callback, InvalidCallback, Receipt, ReceiptKind

MAX_BATCH = 2_000
MAX_WAITING = 20_000
MAX_RECEIPTS = 10_000

_ENDS: Mapping[ReceiptKind, tuple[DeliveryState, Reason, str]] = {
    ReceiptKind.DELIVERED: (DeliveryState.DELIVERED, Reason.NONE, "the vendor reports that it reached the phone"),
    ReceiptKind.CLICKED: (DeliveryState.CLICKED, Reason.NONE, "the vendor reports that the user tapped it"),
    ReceiptKind.REGISTRATION_INVALID: (
        DeliveryState.FAILED,
        Reason.REGISTRATION_INVALID,
        "the vendor reports that the registration id is dead",
    ),
    ReceiptKind.EXPIRED: (DeliveryState.EXPIRED, Reason.TTL_ENDED, "the vendor reports that its TTL ended"),
    ReceiptKind.DROPPED: (DeliveryState.FAILED, Reason.NOT_SHOWN, "the vendor reports that it was not shown"),
}


class Receipts:
    """Makes reports durable and tells the lanes and watchers.

    Args:
        store: where deliveries stand.
        dispatcher: the lanes, which send nothing more to what is dead, and the watchers.
        addresses: which parameters are ours.
        metrics: told of what came.
        clock: the time, with its zone.
    """

    def __init__(
        self,
        store: Store,
        dispatcher: Dispatcher,
        addresses: ReceiptAddresses,
        *,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._addresses = addresses
        self._metrics = metrics
        self._clock = clock
        self._applying: Batcher[Sequence[Report], None] = Batcher(
            self._apply, weight=len, max_batch=MAX_BATCH, max_waiting=MAX_WAITING, what="receipts"
        )

    async def take(self, cert: Cert, account: AnyAccount, callback: Callback) -> int:
        """Takes a callback that came to a cert's address; how many reports in it were of pushes of ours.

        When this returns they are on disk. A report that names no push of this cert is left out.

        Raises:
            InvalidCallback: it is not the vendor's.
            Full: too many are waiting.
            StoreUnavailable: nothing was written; the vendor may send it again.
        """
        receipts = account.vendor.parse_receipts(callback, account.credential, now=self._clock())
        if len(receipts) > MAX_RECEIPTS:
            raise InvalidCallback(f"has {len(receipts)} receipts; at most {MAX_RECEIPTS} are allowed")
        reports = [report for receipt in receipts if (report := self._report(cert, receipt)) is not None]
        self._metrics.reported(cert.vendor, cert.cert_id, Counter(receipt.kind for receipt in receipts))
        if len(reports) < len(receipts):
            self._metrics.refused_receipts(cert.vendor, "parameter", len(receipts) - len(reports))
        if reports:
            await self._applying.submit(reports)
        return len(reports)

    def _report(self, cert: Cert, receipt: Receipt) -> Report | None:
        content_id = self._addresses.content_id(cert.cert_id, receipt.parameter)
        if content_id is None:
            return None
        state, reason, words = _ENDS[receipt.kind]
        return Report(
            cert_id=cert.cert_id,
            content_id=content_id,
            registration_id=receipt.registration_id,
            state=state,
            reason=reason,
            at_ms=0 if receipt.at is None else int(receipt.at.timestamp() * 1000),
            vendor_code=receipt.vendor_code,
            vendor_reason=receipt.vendor_reason,
            advice=receipt.advice,
            detail=f"{words}: {receipt.vendor_reason}" if receipt.vendor_reason else words,
        )

    async def _apply(self, batches: Sequence[Sequence[Report]]) -> Sequence[None]:
        reports = list(chain.from_iterable(batches))
        applied = await self._store.apply_receipts(reports, now_ms=int(self._clock().timestamp() * 1000))
        self._dispatcher.reported(applied.changed, applied.removed_keys)
        return [None] * len(batches)
