"""`/livez` and `/readyz`, for whatever restarts the service and sends it traffic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiohttp import web

from pushsvc.errors import StoreUnavailable
from pushsvc.store.base import Store

log = structlog.get_logger(__name__)

STORE_SECONDS = 2.0


class Health:
    """Says whether the process runs, and whether it can take sends.

    Args:
        store: which has to answer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._is_stopping = False

    def stopping(self) -> None:
        """From here on it is not ready: no new calls."""
        self._is_stopping = True

    def routes(self) -> Sequence[web.RouteDef]:
        """The two pages."""
        return [web.get("/livez", self._livez), web.get("/readyz", self._readyz)]

    @staticmethod
    async def _livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        fault = await self._fault()
        if fault:
            log.warning("not ready", why=fault)
            return web.Response(text=f"{fault}\n", status=503)
        return web.Response(text="ok\n")

    async def _fault(self) -> str:
        if self._is_stopping:
            return "the service is stopping"
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._store.probe()
        except StoreUnavailable as error:
            return str(error)
        except TimeoutError:
            return f"the store did not answer within {STORE_SECONDS:g} s"
        return ""
