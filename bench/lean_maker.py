"""`python -m bench.lean_maker PORT`: OPPO with as little work as an honest answer takes, lest it be what is measured.

It signs in, reads the phone and the dedup id of each message, and answers with an id for each; a repeat of a dedup id
is answered like the first and not counted. `pushsvc sandbox` is the strict one, and takes eight times as long.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from itertools import count

import orjson
import uvloop
from aiohttp import web

TOKEN = "bench-access-token"  # noqa: S105 - made up
CREDENTIAL = {"app_key": "bench-app-key", "master_secret": "bench-master-secret"}
TARGET = re.compile(rb"%22target_value%22%3A%22([^%]+)%22")
DEDUP_ID = re.compile(rb"%22app_message_id%22%3A%22([^%]+)%22")
MAX_BODY_BYTES = 4 * 1024 * 1024


class LeanMaker:
    """Counts what it takes."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._seen: set[bytes] = set()
        self._delivered = 0

    def routes(self) -> list[web.RouteDef]:
        """Those of OPPO that the service calls, and the counters."""
        message = "/oppo/server/v1/message/notification"
        return [
            web.post("/oppo/server/v1/auth", self._auth),
            web.post(f"{message}/unicast", self._unicast),
            web.post(f"{message}/unicast_batch", self._unicast_batch),
            web.get("/_control/counters", self._counters),
            web.get("/_control/oppo/demo", self._demo),
        ]

    async def _auth(self, _: web.Request) -> web.Response:
        data = {"auth_token": TOKEN, "create_time": 1_767_225_600_000}
        return _answer({"code": 0, "message": "Success", "data": data})

    async def _unicast(self, request: web.Request) -> web.Response:
        [item] = await self._take(request)
        return _answer({"code": 0, "message": "Success", "data": item})

    async def _unicast_batch(self, request: web.Request) -> web.Response:
        return _answer({"code": 0, "message": "", "data": await self._take(request)})

    async def _take(self, request: web.Request) -> list[dict[str, str]]:
        body = await request.read()
        if not body.startswith(b"auth_token=" + TOKEN.encode()):
            raise web.HTTPBadRequest(text="the access token is another")
        targets, dedup_ids = TARGET.findall(body), DEDUP_ID.findall(body)
        if len(targets) != len(dedup_ids):
            raise web.HTTPBadRequest(text=f"{len(targets)} phones and {len(dedup_ids)} dedup ids")
        before = len(self._seen)
        self._seen.update(dedup_ids)
        self._delivered += len(self._seen) - before
        return [
            {"messageId": f"bench-{number:026}", "registrationId": target.decode()}
            for number, target in zip(self._numbers, targets, strict=False)
        ]

    async def _demo(self, _: web.Request) -> web.Response:
        return _answer({"credential": CREDENTIAL, "channel_id": "chat"})

    async def _counters(self, _: web.Request) -> web.Response:
        return _answer({"oppo": {"delivered": self._delivered}})


def _answer(body: object) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


async def serve(port: int, announce: Callable[[str], None]) -> None:
    """Serves on a port, 0 for a free one, until killed."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes(LeanMaker().routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    announce(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await asyncio.Event().wait()


def _announce(url: str) -> None:
    sys.stdout.write(f"maker is listening on {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), _announce))
