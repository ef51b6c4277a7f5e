"""Use case: take a send. Durable first, then handed to the lanes; the caller may wait for what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from msgspec import Struct, structs

from pushsvc.admission import Admission
from pushsvc.certs import Certs
from pushsvc.contents import Contents
from pushsvc.delivery.batcher import Batcher
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.delivery.gathering import Gathering
from pushsvc.domain import (
    CertHealth,
    CertState,
    Delivery,
    DeliveryRecord,
    DeliveryState,
    LaneState,
    Message,
    MessageRecord,
    Reason,
)
from pushsvc.errors import InvalidRequest, KeyReused, NotFound, PushError
from pushsvc.metrics import Metrics
from pushsvc.pieces import AT_ONCE, in_pieces, parts
from pushsvc.store.base import Accepted, Repeated, Store
from vendors.contract import Notification, Violation
from vendors.registry import Registry, UnknownVendor

MAX_BATCH_USERS = 500
MAX_WAITING_USERS = 50_000
# Fewer are never told to come later: they leave in a fifth of a second, unless the disk stands still.
CROWD_USERS = 2_000
PATIENCE_SECONDS = 1.0
# Long batches that are read and accepted at a time; more would only push each other out of the processor's caches.
LONG_AT_A_TIME = 4
_TIME_BITS = 42
_SEQUENCE_BITS = 63 - _TIME_BITS


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """What a caller wants sent; checked but for what only plug-ins know.

    Attributes:
        user_ids: each once.
        ttl_ms: counted from when it is due.
        deliver_after_ms: epoch milliseconds; 0: now.
        idempotency_key: empty: none.
        fingerprint: digest of all of it; empty without a key.
    """

    app_id: str
    user_ids: Sequence[str]
    notification: Notification
    ttl_ms: int
    deliver_after_ms: int
    idempotency_key: str
    fingerprint: str


class _Numbered(Struct, frozen=True, gc=False):
    """An order with the id its message will have, and who gave it."""

    message_id: int
    order: Order
    caller: str


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """What a caller gets for an order.

    Attributes:
        deliveries: as they were accepted; of a repeat, or after a wait, as they stand.
    """

    message_id: int
    deliveries: Sequence[Delivery] | Sequence[DeliveryRecord]
    unreachable_user_ids: Sequence[str]
    is_repeat: bool = False


class MessageIds:
    """Ids that rise with time and never come twice, not even from another database: dedup ids are made from them.

    42 bits of epoch milliseconds, then 21 bits that start at random within each millisecond and count up.

    Args:
        random: gives a number from 0 to below 1.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._last = 0

    def next(self, now_ms: int) -> int:
        """The next id; higher than all before, also when the clock steps back."""
        if now_ms > self._last >> _SEQUENCE_BITS:
            self._last = (now_ms << _SEQUENCE_BITS) | int(self._random() * (1 << (_SEQUENCE_BITS - 1)))
        else:
            self._last += 1
        return self._last


class Sending:
    """Takes sends and tells what became of them.

    Args:
        store: where they are kept.
        certs: whose health explains why a delivery waits.
        registry: the vendors' plug-ins, for their options.
        dispatcher: brings deliveries to their lanes.
        metrics: told of what was accepted.
        message_ids: gives each message its id.
        gathering: how long sends wait for others to share a transaction with.
        clock: the time, with its zone.
    """

    def __init__(
        self,
        store: Store,
        certs: Certs,
        registry: Registry,
        dispatcher: Dispatcher,
        *,
        metrics: Metrics,
        message_ids: MessageIds,
        gathering: Gathering,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._certs = certs
        self._registry = registry
        self._dispatcher = dispatcher
        self._metrics = metrics
        self._message_ids = message_ids
        self._clock = clock
        self._accepting: Batcher[Sequence[_Numbered], Sequence[Accepted | Repeated]] = Batcher(
            self._accept_batch,
            weight=lambda numbered: sum(len(each.order.user_ids) for each in numbered),
            max_batch=MAX_BATCH_USERS,
            what="sends",
            gathering=gathering,
        )
        self._admission = Admission(
            most=MAX_WAITING_USERS,
            crowd=CROWD_USERS,
            patience_seconds=PATIENCE_SECONDS,
            what="sends",
            clock=asyncio.get_running_loop().time,
        )
        self._reading = asyncio.Semaphore(LONG_AT_A_TIME)

    def check_room(self, caller: str) -> None:
        """Raises Full where a send of a caller would be refused for it: asked first, so that refusing costs little."""
        self._admission.check(caller)

    async def send(self, order: Order, *, caller: str = "", wait_seconds: float = 0) -> Receipt:
        """Takes a send; when this returns, it is on disk.

        Args:
            order: what to send.
            caller: who sends it; callers take turns in a lane.
            wait_seconds: how long to wait for the first outcome of each delivery; 0: not at all.

        Raises:
            InvalidRequest: options a plug-in does not take.
            KeyReused: the idempotency key was used with other content.
            Full: too many sends are waiting.
            StoreUnavailable: it could not be written; nothing was taken.
        """
        if violations := self._option_violations(order.notification.vendor_options):
            raise InvalidRequest(violations)
        numbered = self._numbered(order, caller, self._now_ms())
        if not wait_seconds:
            return await self._accept(numbered)
        watcher = self._dispatcher.watchers.watch(numbered.message_id)
        try:
            receipt = await self._accept(numbered)
            if receipt.is_repeat:
                return receipt
            await watcher.wait(len(receipt.deliveries), timeout_seconds=wait_seconds)
        finally:
            watcher.close()
        record = await self.message(order.app_id, numbered.message_id)
        return structs.replace(receipt, deliveries=[replace(each, timeline=()) for each in record.deliveries])

    async def send_all(
        self, orders: Iterable[Order | PushError], *, users: int, caller: str = ""
    ) -> Sequence[Receipt | PushError]:
        """Takes many sends; a receipt for each, or why it was not taken, in order. What is refused already stays so.

        Returns when all are on disk or refused.

        Args:
            orders: what to send; made as they are asked for, with pauses in which others are served.
            users: of all of them.
            caller: who sends them.

        Raises:
            Full: too many sends are waiting; none was taken.
        """
        with self._admission.enter(caller, users):
            async with self._reading if users > AT_ONCE else nullcontext():
                return await self._send_all(await in_pieces(orders), caller)

    async def _send_all(self, orders: Sequence[Order | PushError], caller: str) -> Sequence[Receipt | PushError]:
        refused: dict[int, PushError] = {}
        numbered: list[_Numbered] = []
        now_ms = self._now_ms()
        for at, order in enumerate(orders):
            if isinstance(order, PushError):
                refused[at] = order
            elif violations := self._option_violations(order.notification.vendor_options):
                refused[at] = InvalidRequest(violations)
            else:
                numbered.append(self._numbered(order, caller, now_ms))
        # As much as a transaction holds, so that a large batch does not keep others from theirs.
        each_part = parts(numbered, lambda each: len(each.order.user_ids), MAX_BATCH_USERS)
        others = chain.from_iterable(await asyncio.gather(*map(self._accept_part, each_part)))
        return [refused[at] if at in refused else next(others) for at in range(len(orders))]

    async def message(self, app_id: str, message_id: int) -> MessageRecord:
        """A message with its deliveries and their timelines.

        Raises:
            NotFound: this app has none with that id.
        """
        record = await self._store.message(app_id, message_id)
        if record is None:
            raise NotFound(f"app {app_id} has no message {message_id}")
        return replace(record, deliveries=[self._explained(each, record.message) for each in record.deliveries])

    async def cancel(self, app_id: str, message_id: int) -> int:
        """Stops what has not left of a message; how many deliveries. When this returns, nothing more of it leaves.

        Raises:
            NotFound: this app has none with that id.
        """
        keys = await self._store.cancel(app_id, message_id, now_ms=self._now_ms())
        if keys is None:
            raise NotFound(f"app {app_id} has no message {message_id}")
        self._dispatcher.cancel(keys)
        return len(keys)

    def _numbered(self, order: Order, caller: str, now_ms: int) -> _Numbered:
        return _Numbered(self._message_ids.next(now_ms), order, caller)

    async def _accept(self, numbered: _Numbered) -> Receipt:
        with self._admission.enter(numbered.caller, len(numbered.order.user_ids)):
            [answer] = await self._accepting.submit([numbered])
        return self._receipt(numbered, answer)

    async def _accept_part(self, part: Sequence[_Numbered]) -> Sequence[Receipt | PushError]:
        try:
            answers = await self._accepting.submit(part)
        except PushError as error:
            return [error] * len(part)
        results: list[Receipt | PushError] = []
        for numbered, answer in zip(part, answers, strict=True):
            try:
                results.append(self._receipt(numbered, answer))
            except KeyReused as error:
                results.append(error)
        return results

    async def _accept_batch(self, batch: Sequence[Sequence[_Numbered]]) -> Sequence[Sequence[Accepted | Repeated]]:
        """Makes a batch durable and brings it to the lanes: not in `send`, so that no caller's end loses it."""
        now_ms = self._now_ms()
        contents = Contents()
        numbered = list(chain.from_iterable(batch))
        messages = await in_pieces(_message(each, contents, now_ms) for each in numbered)
        began = time.perf_counter()
        answers = await self._store.accept(messages, now_ms=now_ms)
        seconds = time.perf_counter() - began
        accepted = 0
        deliveries: list[Delivery] = []
        for each, answer in zip(numbered, answers, strict=True):
            if isinstance(answer, Accepted):
                accepted += 1
                for delivery in answer.deliveries:
                    delivery.caller = each.caller
                deliveries += answer.deliveries
        self._metrics.accepted(accepted, len(deliveries), seconds)
        self._dispatcher.offer(deliveries)
        each_answer = iter(answers)
        return [list(islice(each_answer, len(part))) for part in batch]

    def _receipt(self, numbered: _Numbered, answer: Accepted | Repeated) -> Receipt:
        if isinstance(answer, Accepted):
            return Receipt(
                message_id=numbered.message_id,
                deliveries=answer.deliveries,
                unreachable_user_ids=answer.unreachable_user_ids,
            )
        if answer.record is None:
            raise KeyReused(f"idempotency_key {numbered.order.idempotency_key} was used with other content")
        return Receipt(
            message_id=answer.record.message.message_id,
            deliveries=[
                self._explained(replace(each, timeline=()), answer.record.message) for each in answer.record.deliveries
            ],
            unreachable_user_ids=answer.record.unreachable_user_ids,
            is_repeat=True,
        )

    def _option_violations(self, vendor_options: Mapping[str, Mapping[str, object]]) -> Sequence[Violation]:
        if not vendor_options:
            return ()
        violations = []
        for name, options in vendor_options.items():
            field = f"notification.vendor_options.{name}"
            try:
                vendor = self._registry.get(name)
            except UnknownVendor as error:
                violations.append(Violation(field, str(error)))
            else:
                violations += [Violation(f"{field}.{each.field}", each.text) for each in vendor.check_options(options)]
        return violations

    def _explained(self, delivery: DeliveryRecord, message: Message) -> DeliveryRecord:
        """With the reason why it waits, where that is its cert or its vendor and not itself."""
        if delivery.state is not DeliveryState.PENDING:
            return delivery
        health = self._certs.health(delivery.cert_id)
        if health.state is CertState.REJECTED:
            return _waiting_for_cert(delivery, health)
        if delivery.attempts or message.due_at_ms > self._now_ms():
            return delivery
        return _waiting_in_lane(delivery, self._dispatcher.lane_state(delivery.cert_id))

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _message(numbered: _Numbered, contents: Contents, now_ms: int) -> Message:
    message_id, order = numbered.message_id, numbered.order
    due_at_ms = max(now_ms, order.deliver_after_ms)
    expires_at_ms = due_at_ms + order.ttl_ms
    content_id, notification = contents.share(
        message_id, order.app_id, order.user_ids, order.notification, due_at_ms, expires_at_ms
    )
    return Message(
        message_id=message_id,
        app_id=order.app_id,
        user_ids=order.user_ids,
        notification=notification,
        created_at_ms=now_ms,
        due_at_ms=due_at_ms,
        expires_at_ms=expires_at_ms,
        content_id=content_id,
        idempotency_key=order.idempotency_key,
        fingerprint=order.fingerprint,
    )


def _waiting_in_lane(delivery: DeliveryRecord, lane: LaneState) -> DeliveryRecord:
    if lane.next_probe_ms:
        advice = "the vendor gives no usable answer to others of this certificate; goes out by itself once it does"
        return replace(delivery, reason=Reason.UNAVAILABLE, advice=advice, next_attempt_at_ms=lane.next_probe_ms)
    if lane.per_second:
        advice = f"the vendor asked to slow down; it waits its turn at {lane.per_second:.0f} phones a second"
        return replace(delivery, reason=Reason.THROTTLED, advice=advice)
    return delivery


def _waiting_for_cert(delivery: DeliveryRecord, health: CertHealth) -> DeliveryRecord:
    return replace(
        delivery,
        reason=Reason.CREDENTIAL_REJECTED,
        vendor_code=health.vendor_code,
        vendor_reason=health.vendor_reason,
        advice=health.advice,
        next_attempt_at_ms=health.next_probe_ms,
    )
