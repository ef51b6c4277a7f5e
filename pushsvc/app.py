"""Composition root: the one file that knows all others. Read it first.

A send goes servicer → Batcher → Store.accept → Lane → vendor.exchange → retry.plan → Store.settle.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from pushsvc import sealing, telemetry
from pushsvc.certs import Certs
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.metrics import Metrics
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
    registry = registry or Registry.installed()
    sealer = sealing.Sealer([_sealing_key(settings)])
    metrics = Metrics()
    store = await SqliteStore.open(settings.database_path, sealer, committed=metrics.committed)
    try:
        async with open_session() as session:
            sender = Sender(session, StoredTokens(store), clock, signed_in=_counted(metrics))
            certs = Certs(store, registry, allowed_base_urls=settings.allowed_base_urls, clock=clock)
            addresses = ReceiptAddresses(settings.receipt_base_url, sealer)
            dispatcher = Dispatcher(
                store,
                sender,
                addresses=addresses,
                metrics=metrics,
                cert_judged=certs.judged,
                clock=clock,
                random=randomness,
            )
            sending = Sending(
                store, certs, registry, dispatcher, metrics=metrics, message_ids=MessageIds(randomness), clock=clock
            )
            registrations = Registrations(store, certs, dispatcher, clock=clock)
            receipts = Receipts(store, dispatcher, addresses, metrics=metrics, clock=clock)
            recalling = Recalling(
                store=store, certs=certs, sender=sender, dispatcher=dispatcher, addresses=addresses, clock=clock
            )
            watching = Watching(store, dispatcher.changed)
            servicer = PushServicer(
                certs=certs,
                registrations=registrations,
                sending=sending,
                recalling=recalling,
                watching=watching,
                registry=registry,
                store=store,
                fingerprint=sealer.fingerprint,
                receipt_url=addresses.url,
                clock=clock,
            )
            server = PushServer(servicer, settings.listen, metrics)
            health = Health(store)
            page = MetricsPage(metrics, store, certs, watching)
            receipt_pages = ReceiptPages(receipts, addresses, certs, metrics)
            web = WebServer([*health.routes(), *page.routes(), *receipt_pages.routes()], settings.http_listen)
            retention = Retention(store, keep=timedelta(days=settings.retention_days), clock=clock)
            await certs.start(sender, dispatcher)
            try:
                retention.start()
                await page.start()
                await web.start()
                await server.start()
                yield RunningApp(address=server.address, http_address=web.address)
            finally:
                loop = asyncio.get_running_loop()
                deadline = loop.time() + settings.drain_seconds
                health.stopping()
                watching.close()
                await server.stop(grace_seconds=settings.drain_seconds)
                await retention.close()
                await dispatcher.close(deadline=deadline)
                await web.stop()
    finally:
        await store.close()


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
