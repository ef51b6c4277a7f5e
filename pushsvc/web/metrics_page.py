"""`/metrics`: what was recorded, together with how things stand when someone looks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from aiohttp import web

from pushsvc.certs import Certs
from pushsvc.domain import CertState
from pushsvc.errors import StoreUnavailable
from pushsvc.metrics import CONTENT_TYPE, LaneGauges, Metrics
from pushsvc.store.base import Store
from pushsvc.watching import Watching

log = structlog.get_logger(__name__)

# Looked at in a transaction: few enough that sends beside it don't notice.
PAGE = 2_000


class MetricsPage:
    """Answers Prometheus.

    Args:
        metrics: what was recorded.
        store: counts deliveries and their changes.
        certs: with the state of their lanes.
        watching: how many watch.
    """

    def __init__(self, metrics: Metrics, store: Store, certs: Certs, watching: Watching) -> None:
        self._metrics = metrics
        self._store = store
        self._certs = certs
        self._watching = watching
        self._position = 0
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> Sequence[web.RouteDef]:
        """The page."""
        return [web.get("/metrics", self._page)]

    async def start(self) -> None:
        """Counts changes from here on."""
        self._position = (await self._store.changes_range()).newest

    async def _page(self, _: web.Request) -> web.Response:
        async with self._one_at_a_time:
            try:
                await self._look()
            except StoreUnavailable as error:
                # What does not come from the store is worth the more.
                log.warning("metrics without what is in the store", error=str(error))
            return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _look(self) -> None:
        await self._count_changes()
        self._metrics.look(
            store_bytes=await self._store.size_bytes(), watchers=self._watching.count, lanes=await self._lanes()
        )

    async def _count_changes(self) -> None:
        while True:
            counts = await self._store.change_counts(after=self._position, limit=PAGE)
            if counts.position == self._position:
                return
            for each in counts.counts:
                self._metrics.changed(each)
            self._position = counts.position

    async def _lanes(self) -> Mapping[tuple[str, int], LaneGauges]:
        certs = self._certs.all()
        pending = await self._store.count_pending([cert.cert_id for cert in certs])
        lanes = {}
        for cert, count in zip(certs, pending, strict=True):
            state = self._certs.lane_state(cert.cert_id)
            lanes[cert.vendor, cert.cert_id] = LaneGauges(
                pending=count,
                ready=state.ready,
                exchanges=state.exchanges,
                is_resting=bool(state.next_probe_ms),
                per_second=state.per_second,
                is_rejected=cert.health.state is CertState.REJECTED,
                max_exchanges=state.max_exchanges,
                stopped=len(state.stopped),
            )
        return lanes
