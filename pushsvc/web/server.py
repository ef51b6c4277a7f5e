"""The HTTP server: one aiohttp application on a port of its own."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

# No page and no callback is longer.
MAX_REQUEST_BYTES = 1 << 20
# Whoever reads slowly must not keep the service from ending.
END_SECONDS = 1.0


class WebServer:
    """Serves routes at an address.

    Args:
        routes: of all parts.
        listen: `host:port`; port 0 takes a free one.
    """

    def __init__(self, routes: Iterable[web.RouteDef], listen: str) -> None:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=END_SECONDS)
        self._listen = listen
        self.address = ""

    async def start(self) -> None:
        """Takes requests from here on; `address` is `host:port`.

        Raises:
            OSError: the address can't be had.
        """
        host, _, port = self._listen.rpartition(":")
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            words = f"can't listen for HTTP on {self._listen}: is something else listening there? See http_listen"
            raise OSError(words) from error
        bound = self._runner.addresses[0]
        self.address = f"{host}:{bound[1]}"

    async def stop(self) -> None:
        """Takes no further request, and lets those that run end."""
        await self._runner.cleanup()
