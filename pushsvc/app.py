"""Composition root: the one file that knows all others. Read it first.

A send goes servicer → Batcher → Store.accept → Lane → vendor.exchange → retry.plan → Store.settle.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import structlog

from pushsvc import sealing, telemetry
from pushsvc.certs import Certs
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.delivery.gathering import Gathering
from pushsvc.metrics import Metrics
from pushsvc.pieces import pause
from pushsvc.recalling import Recalling
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.receipts import Receipts
from pushsvc.registrations import Registrations
from pushsvc.retention import Retention
from pushsvc.sending import MessageIds, Sending
from pushsvc.server import PushServer
from pushsvc.servicer import PushServicer
from pushsvc.settings import Settings
from pushsvc.store.access_tokens import StoredTokens
from pushsvc.store.sqlite import SqliteStore
from pushsvc.watching import Watching
from pushsvc.web.health import Health
from pushsvc.web.metrics_page import MetricsPage
from pushsvc.web.receipts import ReceiptPages
from pushsvc.web.server import WebServer
from vendors.access_tokens import AnyAccount
from vendors.contract import AccessToken
from vendors.outcomes import Outcome
from vendors.registry import Registry
from vendors.sender import Sender, SignedIn, open_session

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningApp:
    """A service that takes calls.

    Attributes:
        address: `host:port` of its gRPC server.
        http_address: the same of its HTTP server.
    """

    address: str
    http_address: str


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    registry: Registry | None = None,
    clock: Callable[[], datetime] = utc_now,
    randomness: Callable[[], float] = random.random,
) -> AsyncIterator[RunningApp]:
    """The service, taking calls inside the block and drained at its end.

    Args:
        settings: what it was told.
        registry: the vendor plug-ins; None: the installed ones.
        clock: the time, with its zone.
        randomness: gives a number from 0 to below 1.

    Raises:
        StoreUnavailable: the database is another process's, newer than the code, or can't be opened.
        SealingError: the sealing key is missing, unreadable, or not the one the database was sealed with.
    """
    sealer = sealing.Sealer([_sealing_key(settings)])
    metrics = Metrics()
    store = await SqliteStore.open(settings.database_path, sealer, committed=metrics.committed)
    try:
        async with open_session() as session:
            parts = _wired(
                settings,
                store,
                session,
                registry=registry or Registry.installed(),
                sealer=sealer,
                metrics=metrics,
                clock=clock,
                randomness=randomness,
            )
            await parts.certs.start(parts.sender, parts.dispatcher)
            try:
                await parts.start()
                yield RunningApp(address=parts.server.address, http_address=parts.web.address)
            finally:
                await parts.drain(settings.drain_seconds)
    finally:
        await store.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What has a life of its own: it is started before the first call and stopped after the last."""

    certs: Certs
    sender: Sender
    dispatcher: Dispatcher
    watching: Watching
    retention: Retention
    health: Health
    page: MetricsPage
    web: WebServer
    server: PushServer

    async def start(self) -> None:
        self.retention.start()
        await self.page.start()
        await self.web.start()
        await self.server.start()

    async def drain(self, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        self.health.stopping()
        self.watching.close()
        await self.server.stop(grace_seconds=seconds)
        await self.retention.close()
        await self.dispatcher.close(deadline=deadline)
        await self.web.stop()


def _wired(
    settings: Settings,
    store: SqliteStore,
    session: aiohttp.ClientSession,
    *,
    registry: Registry,
    sealer: sealing.Sealer,
    metrics: Metrics,
    clock: Callable[[], datetime],
    randomness: Callable[[], float],
) -> _Parts:
    """Gives each part the others that it calls, and starts none."""
    sender = Sender(session, StoredTokens(store), clock, signed_in=_counted(metrics), pause=pause)
    certs = Certs(store, registry, allowed_base_urls=settings.allowed_base_urls, clock=clock)
    addresses = ReceiptAddresses(settings.receipt_base_url, sealer)
    gathering = Gathering(time.monotonic, time.thread_time)
    dispatcher = Dispatcher(
        store, sender, addresses=addresses, metrics=metrics, cert_judged=certs.judged, clock=clock, random=randomness
    )
    watching = Watching(store, dispatcher.changed)
    sending = Sending(
        store,
        certs,
        registry,
        dispatcher,
        metrics=metrics,
        message_ids=MessageIds(randomness),
        gathering=gathering,
        clock=clock,
    )
    servicer = PushServicer(
        certs=certs,
        registrations=Registrations(store, certs, dispatcher, clock=clock),
        sending=sending,
        recalling=Recalling(
            store=store, certs=certs, sender=sender, dispatcher=dispatcher, addresses=addresses, clock=clock
        ),
        watching=watching,
        registry=registry,
        store=store,
        fingerprint=sealer.fingerprint,
        receipt_url=addresses.url,
        clock=clock,
    )
    receipts = Receipts(store, dispatcher, addresses, metrics=metrics, clock=clock)
    health = Health(store)
    page = MetricsPage(metrics, store, certs, watching)
    receipt_pages = ReceiptPages(receipts, addresses, certs, metrics)
    return _Parts(
        certs=certs,
        sender=sender,
        dispatcher=dispatcher,
        watching=watching,
        retention=Retention(store, keep=timedelta(days=settings.retention_days), clock=clock),
        health=health,
        page=page,
        web=WebServer([*health.routes(), *page.routes(), *receipt_pages.routes()], settings.http_listen),
        server=PushServer(servicer, settings.listen, metrics, check_room=sending.check_room),
    )


async def serve(settings: Settings, *, on_ready: Callable[[RunningApp], None] | None = None) -> None:
    """Runs the service until SIGTERM or SIGINT, then drains it.

    Args:
        settings: what it was told.
        on_ready: called once calls are taken.
    """
    telemetry.configure_logging(settings.log_level, settings.log_format)
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with running(settings) as app:
        log.info("serving", address=app.address, http_address=app.http_address, database=settings.database)
        if on_ready is not None:
            on_ready(app)
        await stop.wait()
        log.info("draining", seconds=settings.drain_seconds)
    log.info("stopped")


def _counted(metrics: Metrics) -> SignedIn:
    def signed_in(account: AnyAccount, answer: AccessToken | Outcome) -> None:
        metrics.signed_in(account.vendor.NAME, account.key[0], type(answer).__name__)

    return signed_in


def _sealing_key(settings: Settings) -> bytes:
    if settings.sealing_key is not None:
        return sealing.parse_key(settings.sealing_key.get_secret_value())
    default = Path(f"{settings.database_path}.key")
    return sealing.load_or_create_key_file(settings.sealing_key_file or default)
