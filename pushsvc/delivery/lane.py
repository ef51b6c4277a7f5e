"""The lane of one cert: queue, batches, exchanges in flight, breaker. No lane ever waits for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog

from pushsvc import retry
from pushsvc.delivery.breaker import Breaker
from pushsvc.delivery.in_flight import InFlight
from pushsvc.delivery.pace import Pace
from pushsvc.delivery.pushes import push_of
from pushsvc.delivery.queue import LaneQueue
from pushsvc.delivery.settling import deferral, settlement
from pushsvc.delivery.stops import Stops
from pushsvc.domain import Cert, CertHealth, CertState, Delivery, LaneState
from pushsvc.errors import StoreUnavailable
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.store.base import Settlement, Store
from vendors.access_tokens import Account
from vendors.contract import AccessToken, Batching, Capabilities, Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    Outcome,
    Throttled,
    ThrottleScope,
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
# So many exchanges in a row without a usable answer, and the vendor is down: only a probe leaves now and then.
DOWN_AFTER = 5


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
        self._breaker = Breaker()
        self._pace = Pace(lane_cert.targets_per_second)
        self._stops = Stops()
        self._in_flight = InFlight(_most_exchanges(lane_cert))
        self._unanswered = 0
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
            self._breaker.close()
            self._health = lane_cert.cert.health
        elif self._health.state is not CertState.REJECTED:
            # Whoever edits it may have had a quota raised: what rests is tried at once.
            self._breaker.close()
        self._stops.clear()
        self._pace.allow(lane_cert.targets_per_second)
        self._lane_cert = lane_cert
        self._wake.set()

    @property
    def state(self) -> LaneState:
        """How it hands over at present."""
        # While a probe is under way, its time is now.
        next_probe_ms = 0 if self._breaker.is_closed else self._breaker.next_probe_ms or self._now_ms()
        return LaneState(
            next_probe_ms=next_probe_ms,
            per_second=self._pace.per_second or 0.0,
            ready=len(self._queue),
            exchanges=len(self._exchanges),
            max_exchanges=self._in_flight.cap,
            stopped=self._stops.classes(self._now_ms()),
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
            elif self._may_start():
                self._start(self._take_batch())
            elif not self._wants_refill:
                await self._sleep_until(self._next_wake_ms())

    @property
    def _wants_refill(self) -> bool:
        """Whether to claim now: a lane that rests needs no more than its probe."""
        return self._queue.wants_refill and (self._breaker.is_closed or not self._queue)

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

    def _may_start(self) -> bool:
        now_ms = self._now_ms()
        is_free = bool(self._queue) and len(self._exchanges) < self._in_flight.cap
        return is_free and self._breaker.admits(now_ms) and self._pace.room(now_ms) > 0

    def _next_wake_ms(self) -> int | None:
        times = [self._queue.next_due_ms]
        # Where it is not for want of these that nothing leaves, the end of an exchange wakes the lane.
        if self._queue and len(self._exchanges) < self._in_flight.cap:
            times.append(self._breaker.next_probe_ms)
            if not self._pace.room(self._now_ms()):
                times.append(self._pace.next_ms)
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

    def _take_batch(self) -> Sequence[Delivery]:
        """The next deliveries that may share an exchange; a single one while the breaker only admits a probe."""
        capabilities = self._lane_cert.capabilities
        most = min(capabilities.max_targets, self._pace.room(self._now_ms())) if self._breaker.is_closed else 1
        batch = self._queue.pop(most, one_content=capabilities.batching is Batching.SAME_CONTENT)
        self._pace.spend(len(batch))
        return batch

    def _start(self, batch: Sequence[Delivery]) -> None:
        exchange = asyncio.create_task(self._hand_over(batch, self._breaker.begin()))
        self._exchanges.add(exchange)
        exchange.add_done_callback(lambda _: self._done(exchange))

    def _done(self, exchange: asyncio.Task[None]) -> None:
        self._exchanges.discard(exchange)
        self._wake.set()

    async def _hand_over(self, batch: Sequence[Delivery], begun: int) -> None:
        try:
            await self._exchange(batch, begun)
        except Exception as error:
            # Nobody expected this; the deliveries are still pending in the store, so a pause and a claim mend it.
            log.exception("hand-over failed", cert_id=self._cert_id)
            self._rest(Unavailable(vendor_reason=str(error), ambiguous=True), begun)
            self._queue.release(batch)
            self._queue.claim_later()

    async def _exchange(self, batch: Sequence[Delivery], begun: int) -> None:
        lane_cert = self._lane_cert
        access_token = await self._sender.access_token(lane_cert.account)
        if isinstance(access_token, Outcome):
            await self._judge(lane_cert, access_token, batch, begun)
            self._queue.put_back(batch)
            return
        now_ms = self._now_ms()
        # What ended while it waited is left to the dispatcher's sweep.
        live = [delivery for delivery in batch if delivery.message.expires_at_ms > now_ms]
        pushes = [push_of(delivery, lane_cert.cert, lane_cert.capabilities, self._addresses) for delivery in live]
        deferred = self._deferred(live, pushes, now_ms)
        if deferred:
            waiting = {each.key for each in deferred}
            pushes = [push for delivery, push in zip(live, pushes, strict=True) if delivery.key not in waiting]
            live = [delivery for delivery in live if delivery.key not in waiting]
        outcomes = await self._send(lane_cert, live, pushes, access_token)
        if all(isinstance(outcome, Withdrawn) for outcome in outcomes):
            self._breaker.pass_on(begun=begun)
        else:
            self._follow(pushes, outcomes)
            await self._judge(lane_cert, self._patient(_verdict(outcomes)), live, begun)
        await self._settle(batch, [*deferred, *self._plan(lane_cert, live, outcomes)])

    def _deferred(self, deliveries: Sequence[Delivery], pushes: Sequence[Push], now_ms: int) -> Sequence[Settlement]:
        """What becomes of those whose class the vendor takes no more of for a while."""
        stopped = zip(deliveries, (self._stops.of(push, now_ms) for push in pushes), strict=True)
        return [deferral(delivery, stop, now_ms=now_ms) for delivery, stop in stopped if stop is not None]

    async def _send(
        self,
        lane_cert: LaneCert,
        deliveries: Sequence[Delivery],
        pushes: Sequence[Push],
        access_token: AccessToken | None,
    ) -> Sequence[Outcome]:
        if not deliveries:
            return []
        first = next((delivery for delivery in deliveries if not delivery.attempts), None)
        waited_ms = None if first is None else max(0, self._now_ms() - first.due_at_ms)
        round_begun = self._in_flight.begin()
        began = time.perf_counter()
        outcomes = await self._sender.send(
            lane_cert.account,
            pushes,
            access_token,
            is_withdrawn=lambda at: self._queue.is_withdrawn(deliveries[at]),
        )
        seconds = time.perf_counter() - began
        waited_seconds = None if waited_ms is None else waited_ms / 1000
        self._events.handed_over(lane_cert.cert, outcomes, seconds=seconds, waited_seconds=waited_seconds)
        if _keeps_up(outcomes):
            self._in_flight.answered(seconds, round_begun=round_begun)
        else:
            self._in_flight.failed(round_begun=round_begun)
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
        if any(self._queue.is_withdrawn(delivery) for delivery in batch):
            # In the store they are cancelled, or moved to another registration and still to be sent.
            self._queue.claim_later()
        self._queue.release(batch)
        # Not before: a claim made meanwhile would pass over what is still held, and nobody would come back for it.
        for each in settlements:
            if each.due_at_ms:
                self._queue.note_due(each.due_at_ms)

    def _follow(self, pushes: Sequence[Push], outcomes: Sequence[Outcome]) -> None:
        """Keeps the pace the vendor asks for, and notes what it takes no more of.

        One that says how long to wait speaks of a quota, not of the pace.
        """
        for push, outcome in zip(pushes, outcomes, strict=True):
            if isinstance(outcome, Throttled) and outcome.scope is ThrottleScope.CLASS:
                self._stops.stop(push, outcome, self._now_ms() + retry.asked_ms(outcome))
        taken = sum(isinstance(outcome, Accepted) for outcome in outcomes)
        too_fast = sum(isinstance(outcome, Throttled) and outcome.retry_after is None for outcome in outcomes)
        if taken:
            self._pace.taken(taken, self._now_ms())
        if too_fast:
            self._pace.too_fast(too_fast, self._now_ms())

    def _patient(self, verdict: Outcome | None) -> Outcome | None:
        """The verdict, but none yet after only a few exchanges in a row without an answer."""
        if not isinstance(verdict, Unavailable) or verdict.retry_after is not None:
            self._unanswered = 0
            return verdict
        self._unanswered += 1
        return None if self._breaker.is_closed and self._unanswered < DOWN_AFTER else verdict

    async def _judge(self, lane_cert: LaneCert, verdict: Outcome | None, batch: Sequence[Delivery], begun: int) -> None:
        """Trips or closes the breaker by what the vendor made of the cert, and reports a changed verdict."""
        if lane_cert.account.key != self._lane_cert.account.key:
            return  # about a credential that was replaced meanwhile
        if verdict is None or isinstance(verdict, Accepted):
            self._breaker.close()
            if verdict is not None and self._health.state is not CertState.ACCEPTED:
                await self._report(CertHealth(state=CertState.ACCEPTED, since_ms=self._now_ms()))
            return
        self._rest(verdict, begun)
        if isinstance(verdict, CredentialRejected) and not self._breaker.is_closed:
            await self._report(self._refusal(verdict))
            self._events.stalled([delivery.key for delivery in batch])

    def _rest(self, outcome: Outcome, begun: int) -> None:
        pause_ms = retry.pause_ms(outcome, failures=self._breaker.failures + 1, jitter=self._random())
        self._breaker.trip(self._now_ms() + pause_ms, begun=begun)

    def _refusal(self, outcome: CredentialRejected) -> CertHealth:
        was_refused = self._health.state is CertState.REJECTED
        return CertHealth(
            state=CertState.REJECTED,
            since_ms=self._health.since_ms if was_refused else self._now_ms(),
            vendor_code=outcome.vendor_code,
            vendor_reason=outcome.vendor_reason,
            advice=outcome.advice,
            next_probe_ms=self._breaker.next_probe_ms or 0,
        )

    async def _report(self, health: CertHealth) -> None:
        self._health = health
        await self._events.cert_judged(self._lane_cert.cert, health)

    @property
    def _cert_id(self) -> int:
        return self._lane_cert.cert.cert_id

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _verdict(outcomes: Sequence[Outcome]) -> Outcome | None:
    """What a batch's outcomes say about the cert or the vendor: refused, to wait, taken, down, or nothing."""
    refused = next((outcome for outcome in outcomes if isinstance(outcome, CredentialRejected)), None)
    waits = next((outcome for outcome in outcomes if _is_of_cert(outcome)), None)
    taken = next((outcome for outcome in outcomes if isinstance(outcome, Accepted)), None)
    answered = next((outcome for outcome in outcomes if not isinstance(outcome, Unavailable | Withdrawn)), None)
    down = next((outcome for outcome in outcomes if isinstance(outcome, Unavailable)), None)
    return refused or waits or taken or (down if answered is None else None)


def _is_of_cert(outcome: Outcome) -> bool:
    return isinstance(outcome, Throttled) and outcome.scope is ThrottleScope.CERT


def _keeps_up(outcomes: Sequence[Outcome]) -> bool:
    """Whether a vendor answered and did not ask to slow down; a quota says nothing of that."""
    too_fast = any(isinstance(outcome, Throttled) and outcome.retry_after is None for outcome in outcomes)
    return not too_fast and not all(isinstance(outcome, Unavailable) for outcome in outcomes)


def _most_exchanges(lane_cert: LaneCert) -> int:
    gathers = lane_cert.capabilities.batching is Batching.ANY_CONTENT
    return MAX_GATHERING_EXCHANGES if gathers else MAX_EXCHANGES
