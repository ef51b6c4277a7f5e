"""Keeps the lanes: opens them, brings them what was accepted, makes their results durable, ends what expired."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import chain

import structlog

from pushsvc.delivery.batcher import Batcher
from pushsvc.delivery.bell import Bell
from pushsvc.delivery.lane import Lane, LaneCert
from pushsvc.delivery.watchers import Watchers
from pushsvc.domain import Cert, CertHealth, Delivery, LaneState
from pushsvc.errors import StoreUnavailable
from pushsvc.metrics import Metrics
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.store.base import Settlement, Store
from vendors.outcomes import Outcome
from vendors.sender import Sender

log = structlog.get_logger(__name__)

MAX_SETTLE_BATCH = 4_096
SWEEP_SECONDS = 1.0
SWEEP_PAGE = 1_000
STORE_RETRY_SECONDS = 1.0
RESULTS_SECONDS = 1.0


class Dispatcher:
    """The lanes of all certs, with those who wait for what they achieve: `watchers` for a message, `changed` for any.

    Args:
        store: where everything pending waits.
        sender: the way to the vendors.
        addresses: where vendors report.
        metrics: told of each exchange.
        cert_judged: told when a vendor's verdict about a cert changes.
        clock: the time, with its zone.
        random: gives a number from 0 to below 1.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        *,
        addresses: ReceiptAddresses,
        metrics: Metrics,
        cert_judged: Callable[[Cert, CertHealth], Awaitable[None]],
        clock: Callable[[], datetime],
        random: Callable[[], float],
    ) -> None:
        self.watchers = Watchers()
        self.changed = Bell()
        self._store = store
        self._sender = sender
        self._addresses = addresses
        self._metrics = metrics
        self._cert_judged = cert_judged
        self._clock = clock
        self._random = random
        self._lanes: dict[int, Lane] = {}
        self._settling: Batcher[Sequence[Settlement], None] = Batcher(
            self._settle_batch, weight=len, max_batch=MAX_SETTLE_BATCH, what="results"
        )
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, certs: Sequence[LaneCert]) -> None:
        """Opens a lane for each cert and takes up everything that was pending when the service last stopped."""
        for lane_cert in certs:
            self.put_cert(lane_cert)
        for cert_id in await self._store.certs_with_pending():
            self.recover(cert_id)
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self, *, deadline: float) -> None:
        """Lets what is in flight finish and makes its results durable; what is pending stays in the store.

        Args:
            deadline: when to give up, by the event loop's clock; results still get a second to be written.
        """
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        loop = asyncio.get_running_loop()
        grace_seconds = max(0.0, deadline - loop.time())
        await asyncio.gather(*(lane.close(grace_seconds=grace_seconds) for lane in self._lanes.values()))
        try:
            async with asyncio.timeout_at(max(deadline, loop.time() + RESULTS_SECONDS)):
                await self._settling.join()
        except TimeoutError:
            log.warning("results not written; after the start they are sent again under the same dedup ids")

    def put_cert(self, lane_cert: LaneCert) -> None:
        """A cert is new or was edited."""
        lane = self._lanes.get(lane_cert.cert.cert_id)
        if lane is not None:
            lane.replace_cert(lane_cert)
            return
        self._lanes[lane_cert.cert.cert_id] = Lane(
            lane_cert,
            sender=self._sender,
            store=self._store,
            addresses=self._addresses,
            events=self,
            clock=self._clock,
            random=self._random,
        )

    async def drop_cert(self, cert_id: int) -> None:
        """A cert was deleted; its deliveries are cancelled already."""
        self.changed.ring()
        lane = self._lanes.pop(cert_id, None)
        if lane is not None:
            await lane.close(grace_seconds=0)

    def lane_state(self, cert_id: int) -> LaneState:
        """How the deliveries of a cert are handed over at present."""
        lane = self._lanes.get(cert_id)
        return lane.state if lane is not None else LaneState()

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """Brings freshly accepted deliveries to their lanes."""
        by_cert: dict[int, list[Delivery]] = {}
        for delivery in deliveries:
            by_cert.setdefault(delivery.cert_id, []).append(delivery)
        for cert_id, own in by_cert.items():
            lane = self._lanes.get(cert_id)
            if lane is not None:
                lane.offer(own)

    def recover(self, cert_id: int) -> None:
        """Has a lane claim from the store; without a plug-in for the cert there is no lane, and its messages wait."""
        lane = self._lanes.get(cert_id)
        if lane is not None:
            lane.recover()

    def withdraw(self, registration_keys: Sequence[int]) -> None:
        """Nothing more may leave for these registrations."""
        if registration_keys:
            for lane in self._lanes.values():
                lane.withdraw(registration_keys)
            self.changed.ring()

    def cancel(self, keys: Sequence[tuple[int, int]]) -> None:
        """These deliveries were cancelled with their messages, of which nothing more may leave."""
        for message_id in {message_id for message_id, _ in keys}:
            for lane in self._lanes.values():
                lane.cancel(message_id)
        self.watchers.settled(keys)
        self.changed.ring()

    def reported(self, keys: Sequence[tuple[int, int]], dead_registration_keys: Sequence[int]) -> None:
        """A vendor's reports changed deliveries, and ended registrations."""
        self.withdraw(dead_registration_keys)
        if keys:
            self.watchers.settled(keys)
            self.changed.ring()

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Makes results durable, together with those of other lanes and, in the store, with what is being accepted."""
        await self._settling.submit(settlements)

    def stalled(self, keys: Sequence[tuple[int, int]]) -> None:
        """These deliveries wait because the vendor refuses their cert."""
        self.watchers.settled(keys)

    def handed_over(
        self, cert: Cert, outcomes: Sequence[Outcome], *, seconds: float, waited_seconds: float | None
    ) -> None:
        """An exchange ended."""
        self._metrics.handed_over(cert.vendor, cert.cert_id, outcomes, seconds=seconds, waited_seconds=waited_seconds)

    async def cert_judged(self, cert: Cert, health: CertHealth) -> None:
        """The vendor's verdict about a cert changed."""
        await self._cert_judged(cert, health)

    async def _settle_batch(self, batches: Sequence[Sequence[Settlement]]) -> Sequence[None]:
        settlements = list(chain.from_iterable(batches))
        self.withdraw(await self._write(settlements))
        self.watchers.settled(settlement.key for settlement in settlements)
        self.changed.ring()
        return [None] * len(batches)

    async def _write(self, settlements: Sequence[Settlement]) -> Sequence[int]:
        while True:
            try:
                return await self._store.settle(settlements, is_awaited=self.watchers.are_waiting)
            except StoreUnavailable as error:
                # The vendor has them already: forgetting the results would send them once more after a restart.
                log.warning("results not written, will be tried again", count=len(settlements), error=str(error))
                await asyncio.sleep(STORE_RETRY_SECONDS)

    async def _sweep(self) -> None:
        """Ends what waits past its TTL, also in lanes that rest."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._expire()
            except StoreUnavailable as error:
                log.warning("expired messages not ended, will be tried again", error=str(error))
            except Exception:
                # Nobody expected this, and nobody else ends what waits in a lane that rests.
                log.exception("expired messages not ended, will be tried again")

    async def _expire(self) -> None:
        while True:
            keys = await self._store.expire(now_ms=int(self._clock().timestamp() * 1000), limit=SWEEP_PAGE)
            if keys:
                self.watchers.settled(keys)
                self.changed.ring()
            if len(keys) < SWEEP_PAGE:
                return
