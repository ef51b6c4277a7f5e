"""The lane of one cert: queue, batches, exchanges under way. No lane ever waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any, Protocol

import structlog

from pushsvc import retry
from pushsvc.delivery.governor import Governor, Started
from pushsvc.delivery.pushes import push_of
from pushsvc.delivery.queue import LaneQueue
from pushsvc.delivery.settling import deferral, settlement
from pushsvc.domain import Cert, CertHealth, CertState, Delivery, LaneState
from pushsvc.errors import StoreUnavailable
from pushsvc.pieces import in_pieces
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.store.base import Settlement, Store
from vendors.access_tokens import Account
from vendors.contract import AccessToken, Batching, Capabilities, Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    Outcome,
    Unavailable,
    Withdrawn,
)
from vendors.sender import Sender

log = structlog.get_logger(__name__)

# Few exchanges at a time let a batch of any content gather behind them; where each content needs a call of its own,
# waiting gathers nothing.
MAX_GATHERING_EXCHANGES = 4
MAX_EXCHANGES = 64
STORE_RETRY_MS = 1_000


class LaneEvents(Protocol):
    """Whom a lane reports to."""

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Makes results durable; returns when they are."""

    def stalled(self, keys: Sequence[tuple[int, int]]) -> None:
        """These deliveries wait because the vendor refuses the cert."""

    def handed_over(
        self, cert: Cert, outcomes: Sequence[Outcome], *, seconds: float, waited_seconds: float | None
    ) -> None:
        """An exchange took so long, and the first of its deliveries that had none before had waited so long."""

    async def cert_judged(self, cert: Cert, health: CertHealth) -> None:
        """The vendor's verdict about a cert changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCert:
    """A cert with its credential as the plug-in understands it."""

    cert: Cert
    account: Account[Any]

    @property
    def capabilities(self) -> Capabilities:
        """What the cert's vendor takes."""
        return self.account.vendor.CAPABILITIES

    @property
    def targets_per_second(self) -> int:
        """Phones a second: the cert's own limit, else what its vendor takes of the smallest account; 0: no limit."""
        return self.cert.targets_per_second or self.capabilities.targets_per_second


class Lane:
    """Hands over the deliveries of one cert.

    Args:
        lane_cert: the cert.
        sender: the way to the vendor.
        store: where pending deliveries wait.
        addresses: where the vendor reports.
        events: told of results.
        clock: the time, with its zone.
        random: gives a number from 0 to below 1.
    """

    def __init__(
        self,
        lane_cert: LaneCert,
        *,
        sender: Sender,
        store: Store,
        addresses: ReceiptAddresses,
        events: LaneEvents,
        clock: Callable[[], datetime],
        random: Callable[[], float],
    ) -> None:
        self._lane_cert = lane_cert
        self._sender = sender
        self._addresses = addresses
        self._events = events
        self._clock = clock
        self._random = random
        self._queue = LaneQueue(lane_cert.cert.cert_id, store)
        self._governor = Governor(
            most_exchanges=_most_exchanges(lane_cert), targets_per_second=lane_cert.targets_per_second, random=random
        )
        self._health = lane_cert.cert.health
        self._exchanges: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._closing = False
        self._worker = asyncio.create_task(self._work())

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """Takes freshly accepted deliveries."""
        now_ms = self._now_ms()
        for delivery in deliveries:
            self._queue.offer(delivery, now_ms=now_ms)
        if self._health.state is CertState.REJECTED:
            self._events.stalled([delivery.key for delivery in deliveries])
        self._wake.set()

    def recover(self) -> None:
        """Claims everything pending, as after a start or when deliveries were moved to this cert."""
        self._queue.claim_later()
        self._wake.set()

    def withdraw(self, registration_keys: Sequence[int]) -> None:
        """Sends nothing more for these registrations."""
        self._queue.withdraw(registration_keys)

    def cancel(self, message_id: int) -> None:
        """Sends nothing more of this message."""
        self._queue.cancel(message_id)

    def replace_cert(self, lane_cert: LaneCert) -> None:
        """The cert was edited or verified: the next exchange uses it, and what waited for it to be mended goes out."""
        is_vindicated = self._health.state is CertState.REJECTED and lane_cert.cert.health.state is CertState.ACCEPTED
        if is_vindicated or lane_cert.account.key != self._lane_cert.account.key:
            self._health = lane_cert.cert.health
        if self._health.state is not CertState.REJECTED:
            # Whoever edits it may also have had a quota raised: what rests is tried at once.
            self._governor.resume()
        self._governor.edited(lane_cert.targets_per_second)
        self._lane_cert = lane_cert
        self._wake.set()

    @property
    def state(self) -> LaneState:
        """How it hands over at present."""
        governor = self._governor
        # While a probe is under way, its time is now.
        next_probe_ms = governor.next_probe_ms or self._now_ms() if governor.is_resting else 0
        return LaneState(
            next_probe_ms=next_probe_ms,
            per_second=governor.per_second,
            ready=len(self._queue),
            exchanges=len(self._exchanges),
            max_exchanges=governor.max_exchanges,
            stopped=governor.stopped(self._now_ms()),
        )

    async def close(self, *, grace_seconds: float) -> None:
        """Starts nothing more and lets what is in flight finish, as long as the grace lasts."""
        self._closing = True
        self._wake.set()
        await self._worker
        if self._exchanges:
            _, unfinished = await asyncio.wait(self._exchanges, timeout=grace_seconds)
            for exchange in unfinished:
                exchange.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            self._queue.look_at_the_clock(self._now_ms())
            if self._wants_refill and not await self._refilled():
                await self._sleep_until(self._now_ms() + STORE_RETRY_MS)
                continue
            # One moment for both: what was not allowed yet and is allowed a millisecond later would wake nobody.
            now_ms = self._now_ms()
            if self._may_start(now_ms):
                self._start(self._take_batch(now_ms))
            elif not self._wants_refill:
                await self._sleep_until(self._next_wake_ms(now_ms))

    @property
    def _wants_refill(self) -> bool:
        """Whether to claim now: a lane that rests needs no more than its probe."""
        return self._queue.wants_refill and not (self._governor.is_resting and self._queue)

    async def _refilled(self) -> bool:
        try:
            await self._queue.refill(now_ms=self._now_ms())
        except StoreUnavailable as error:
            self._queue.claim_later()
            log.warning("claim failed, will be tried again", cert_id=self._cert_id, error=str(error))
            return False
        except Exception:
            # A row that nobody can read must not end the lane: what is in memory and what comes still goes out.
            self._queue.claim_later()
            log.exception("claim failed, will be tried again", cert_id=self._cert_id)
            return False
        return True

    def _may_start(self, now_ms: int) -> bool:
        return bool(self._queue) and self._governor.admits(len(self._exchanges), now_ms)

    def _next_wake_ms(self, now_ms: int) -> int | None:
        times = [self._queue.next_due_ms]
        if self._queue:
            times.append(self._governor.next_ms(len(self._exchanges), now_ms))
        return min((time_ms for time_ms in times if time_ms is not None), default=None)

    async def _sleep_until(self, time_ms: int | None) -> None:
        if time_ms is None:
            await self._wake.wait()
            return
        delay_seconds = max(0.0, (time_ms - self._now_ms()) / 1000)
        timer = asyncio.get_running_loop().call_later(delay_seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    def _take_batch(self, now_ms: int) -> Sequence[Delivery]:
        """The next deliveries that may share an exchange."""
        capabilities = self._lane_cert.capabilities
        most = min(capabilities.max_targets, self._governor.room(now_ms))
        return self._queue.pop(most, one_content=capabilities.batching is Batching.SAME_CONTENT)

    def _start(self, batch: Sequence[Delivery]) -> None:
        exchange = asyncio.create_task(self._hand_over(batch, self._governor.begin(len(batch))))
        self._exchanges.add(exchange)
        exchange.add_done_callback(lambda _: self._done(exchange))

    def _done(self, exchange: asyncio.Task[None]) -> None:
        self._exchanges.discard(exchange)
        self._wake.set()

    async def _hand_over(self, batch: Sequence[Delivery], started: Started) -> None:
        try:
            await self._exchange(batch, started)
        except Exception as error:
            # Nobody expected this; the deliveries are still pending in the store, so a pause and a claim mend it.
            log.exception("hand-over failed", cert_id=self._cert_id)
            self._governor.rest(Unavailable(vendor_reason=str(error), ambiguous=True), started, self._now_ms())
            self._queue.release(batch)
            self._queue.claim_later()

    async def _exchange(self, batch: Sequence[Delivery], started: Started) -> None:
        lane_cert = self._lane_cert
        access_token = await self._sender.access_token(lane_cert.account)
        if isinstance(access_token, Outcome):
            await self._judge(lane_cert, access_token, batch, started)
            self._queue.put_back(batch)
            return
        now_ms = self._now_ms()
        # What ended while it waited is left to the dispatcher's sweep.
        live = [delivery for delivery in batch if delivery.message.expires_at_ms > now_ms]
        pushes = await in_pieces(
            push_of(delivery, lane_cert.cert, lane_cert.capabilities, self._addresses) for delivery in live
        )
        deferred: list[Settlement] = []
        if stops := self._governor.stops_of(pushes, now_ms):
            stopped = zip(live, stops, strict=True)
            deferred = [deferral(each, stop, now_ms=now_ms) for each, stop in stopped if stop is not None]
            goes = [stop is None for stop in stops]
            live, pushes = list(compress(live, goes)), list(compress(pushes, goes))
        outcomes = await self._send(lane_cert, live, pushes, access_token, started) if live else []
        if all(isinstance(outcome, Withdrawn) for outcome in outcomes):
            self._governor.pass_on(started)
        else:
            await self._judge(lane_cert, self._governor.verdict(outcomes), live, started)
        await self._settle(batch, [*deferred, *self._plan(lane_cert, live, outcomes)])

    async def _send(
        self,
        lane_cert: LaneCert,
        deliveries: Sequence[Delivery],
        pushes: Sequence[Push],
        access_token: AccessToken | None,
        started: Started,
    ) -> Sequence[Outcome]:
        first = next((delivery for delivery in deliveries if not delivery.attempts), None)
        waited_seconds = None if first is None else max(0, self._now_ms() - first.due_at_ms) / 1000
        began = time.perf_counter()
        outcomes = await self._sender.send(
            lane_cert.account,
            pushes,
            access_token,
            withdrawn=lambda: self._queue.withdrawn_of(deliveries),
        )
        seconds = time.perf_counter() - began
        handed_over = [outcome for outcome in outcomes if not isinstance(outcome, Withdrawn)]
        if handed_over:
            self._events.handed_over(lane_cert.cert, handed_over, seconds=seconds, waited_seconds=waited_seconds)
        self._governor.learn(started, pushes, outcomes, seconds=seconds, now_ms=self._now_ms())
        return outcomes

    def _plan(
        self, lane_cert: LaneCert, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]
    ) -> list[Settlement]:
        now_ms = self._now_ms()
        settlements = []
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            if isinstance(outcome, Withdrawn):
                continue
            plan = retry.plan(
                outcome,
                attempts=delivery.attempts + 1,
                now_ms=now_ms,
                expires_at_ms=delivery.message.expires_at_ms,
                jitter=self._random(),
            )
            settlements.append(settlement(delivery, outcome, plan, lane_cert.capabilities, now_ms=now_ms))
        return settlements

    async def _settle(self, batch: Sequence[Delivery], settlements: Sequence[Settlement]) -> None:
        if settlements:
            await self._events.settle(settlements)
        if self._queue.withdrawn_of(batch):
            # In the store they are cancelled, or moved to another registration and still to be sent.
            self._queue.claim_later()
        self._queue.release(batch)
        # Not before: a claim made meanwhile would pass over what is still held, and nobody would come back for it.
        for each in settlements:
            if each.due_at_ms:
                self._queue.note_due(each.due_at_ms)

    async def _judge(
        self, lane_cert: LaneCert, verdict: Outcome | None, batch: Sequence[Delivery], started: Started
    ) -> None:
        """Rests or resumes by what the vendor made of the cert, and reports a changed verdict."""
        if lane_cert.account.key != self._lane_cert.account.key:
            return  # about a credential that was replaced meanwhile
        if verdict is None or isinstance(verdict, Accepted):
            self._governor.resume()
            if verdict is not None and self._health.state is not CertState.ACCEPTED:
                await self._report(CertHealth(state=CertState.ACCEPTED, since_ms=self._now_ms()))
            return
        self._governor.rest(verdict, started, self._now_ms())
        if isinstance(verdict, CredentialRejected) and self._governor.is_resting:
            await self._report(self._refusal(verdict))
            self._events.stalled([delivery.key for delivery in batch])

    def _refusal(self, outcome: CredentialRejected) -> CertHealth:
        was_refused = self._health.state is CertState.REJECTED
        return CertHealth(
            state=CertState.REJECTED,
            since_ms=self._health.since_ms if was_refused else self._now_ms(),
            vendor_code=outcome.vendor_code,
            vendor_reason=outcome.vendor_reason,
            advice=outcome.advice,
            next_probe_ms=self._governor.next_probe_ms or 0,
        )

    async def _report(self, health: CertHealth) -> None:
        self._health = health
        await self._events.cert_judged(self._lane_cert.cert, health)

    @property
    def _cert_id(self) -> int:
        return self._lane_cert.cert.cert_id

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _most_exchanges(lane_cert: LaneCert) -> int:
    gathers = lane_cert.capabilities.batching is Batching.ANY_CONTENT
    return MAX_GATHERING_EXCHANGES if gathers else MAX_EXCHANGES
