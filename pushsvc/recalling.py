"""Use case: take back what a message has put on phones already, where the vendor can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from pushsvc.certs import Certs
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.delivery.pushes import push_of
from pushsvc.domain import Cert, Delivery, DeliveryEvent, DeliveryState, Reason
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.store.base import Recall, Store
from vendors.access_tokens import AnyAccount
from vendors.outcomes import Accepted, Outcome
from vendors.sender import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What was taken back of a message.

    Attributes:
        recalled: deliveries whose vendor takes them off the phone.
        remaining: deliveries that had left and stay: the vendor can't, or refused.
    """

    recalled: int
    remaining: int


class Recalling:
    """Asks the vendors.

    Args:
        store: where deliveries stand.
        certs: whose vendors are asked.
        sender: the way to them.
        dispatcher: the watchers, told of what changed.
        addresses: part of how a push was made.
        clock: the time, with its zone.
    """

    def __init__(
        self,
        *,
        store: Store,
        certs: Certs,
        sender: Sender,
        dispatcher: Dispatcher,
        addresses: ReceiptAddresses,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._certs = certs
        self._sender = sender
        self._dispatcher = dispatcher
        self._addresses = addresses
        self._clock = clock

    async def recall(self, message_id: int) -> Recalled:
        """Takes back what left of a message and is not over yet; returns when the vendors have answered.

        Raises:
            StoreUnavailable: the store can't be read or written.
        """
        left = await self._store.left(message_id)
        by_cert: dict[int, list[Delivery]] = {}
        for delivery in left:
            by_cert.setdefault(delivery.cert_id, []).append(delivery)
        parts = await asyncio.gather(*(self._of_cert(cert_id, own) for cert_id, own in by_cert.items()))
        recalls = list(chain.from_iterable(parts))
        if recalls:
            await self._store.settle_recalls(recalls)
            self._dispatcher.reported([each.key for each in recalls if each.is_recalled], [])
        recalled = sum(each.is_recalled for each in recalls)
        return Recalled(recalled=recalled, remaining=len(left) - recalled)

    async def _of_cert(self, cert_id: int, deliveries: Sequence[Delivery]) -> Sequence[Recall]:
        found = self._certs.account(cert_id)
        if found is None or not found[1].vendor.CAPABILITIES.recall:
            return []
        outcomes = await self._ask(*found, deliveries)
        now_ms = int(self._clock().timestamp() * 1000)
        return [_recall(each, outcome, now_ms) for each, outcome in zip(deliveries, outcomes, strict=True)]

    async def _ask(self, cert: Cert, account: AnyAccount, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        can = account.vendor.CAPABILITIES
        return await self._sender.recall(
            account, [push_of(delivery, cert, can, self._addresses) for delivery in deliveries]
        )


def _recall(delivery: Delivery, outcome: Outcome, now_ms: int) -> Recall:
    is_recalled = isinstance(outcome, Accepted)
    words = "taken back; the vendor takes it off the phone" if is_recalled else "the vendor did not take it back"
    said = outcome.vendor_reason or outcome.advice
    return Recall(
        key=delivery.key,
        is_recalled=is_recalled,
        event=DeliveryEvent(
            at_ms=now_ms,
            state=DeliveryState.CANCELLED if is_recalled else DeliveryState.SENT,
            reason=Reason.MESSAGE_CANCELLED if is_recalled else Reason.NONE,
            vendor_code=outcome.vendor_code,
            detail=words if is_recalled or not said else f"{words}: {said}",
        ),
    )
