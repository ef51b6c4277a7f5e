"""The sandbox's HTTP server: every installed simulator under its name, the control API under `/_control`.

This is the only I/O of the sandbox. `running` is for tests and the demo, `serve` for the command line.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

import orjson
from aiohttp import web

from vendors.sandbox.control import control_routes
from vendors.sandbox.counters import UNKNOWN_PATH, Counters, Violation
from vendors.sandbox.fault_script import Script
from vendors.sandbox.faults import NO_FAULTS, EffectKind, Faults, Garbage, spoil
from vendors.sandbox.inbox import Inbox
from vendors.sandbox.poster import posting
from vendors.sandbox.simulator import Answer, Call, Mounted, Route, SimulatorModule, World, installed

MAX_BODY_BYTES = 16 * 1024 * 1024
SHUTDOWN_SECONDS = 2.0
NO_SCRIPT = Script()
# Stands in for the answer that garbage is made of when the call was not carried out.
UNPROCESSED = Answer(b'{"code":0,"message":"Success","data":{}}')

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class SandboxServer:
    """A sandbox that is being served.

    Attributes:
        url: its root, such as http://127.0.0.1:9090.
        worlds: phones, counters and faults by vendor, for who is in the same process.
    """

    url: str
    worlds: Mapping[str, World]

    def base_url(self, vendor: str) -> str:
        """What a cert's `base_url` must be to reach one vendor's simulator."""
        return f"{self.url}/{vendor}"


def mount(
    *,
    clock: Callable[[], float] = time.time,
    nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    script: Script = NO_SCRIPT,
    simulators: Mapping[str, SimulatorModule] | None = None,
) -> dict[str, Mounted]:
    """Makes each simulator and its world.

    Args:
        clock: Unix time in seconds.
        nonce: 32 fresh hex digits on each call.
        script: fault rules from the start.
        simulators: by name; None: all that are installed.
    """
    mounted: dict[str, Mounted] = {}
    for name, module in (installed() if simulators is None else simulators).items():
        seed = f"{script.seed}/{name}"
        world = World(
            name=name,
            clock=clock,
            nonce=nonce,
            random=random.Random(seed),  # noqa: S311 - luck that can be repeated is the point
            inbox=Inbox(),
            counters=Counters(),
            faults=Faults(seed, partial(script.rules_of, name)),
        )
        mounted[name] = Mounted(module.create(world), world, module.demo)
    return mounted


def create_app(mounted: Mapping[str, Mounted]) -> web.Application:
    """The aiohttp application of simulators that are mounted."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    stopping = asyncio.Event()

    async def stop(_: web.Application) -> None:
        stopping.set()

    app.on_shutdown.append(stop)
    app.add_routes(control_routes(mounted))
    for name, one in mounted.items():
        for route in one.simulator.routes:
            app.router.add_route("*", f"/{name}{route.path}", _endpoint(one, route, stopping))
        app.router.add_route("*", f"/{name}/{{tail:.*}}", _unknown_path(one.world))
    return app


@asynccontextmanager
async def running(
    host: str = "127.0.0.1", port: int = 0, *, mounted: Mapping[str, Mounted] | None = None
) -> AsyncIterator[SandboxServer]:
    """Serves the sandbox for as long as the context lasts.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        mounted: None: what `mount()` gives.

    Raises:
        OSError: the address is not free.
    """
    simulators = mount() if mounted is None else mounted
    runner = web.AppRunner(create_app(simulators), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        shown_host = f"[{host}]" if ":" in host else host
        url = f"http://{shown_host}:{runner.addresses[0][1]}"
        async with posting(one.world.desk for one in simulators.values()):
            yield SandboxServer(url, {name: one.world for name, one in simulators.items()})
    finally:
        await runner.cleanup()


async def serve(
    host: str, port: int, *, ready: Callable[[SandboxServer], None] | None = None, script: Script = NO_SCRIPT
) -> None:
    """Serves the sandbox until cancelled.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        ready: called once connections are taken.
        script: fault rules from the start.
    """
    async with running(host, port, mounted=mount(script=script)) as server:
        if ready is not None:
            ready(server)
        await asyncio.Event().wait()


def _endpoint(mounted: Mounted, route: Route, stopping: asyncio.Event) -> Handler:
    world = mounted.world

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        world.counters.call(route.path)
        path = request.path.removeprefix(f"/{world.name}")
        call = Call(method=request.method, path=path, headers=request.headers, body=body, plan=NO_FAULTS)
        plan = world.faults.plan(route.path, route.kind, lambda: route.targets(call))
        if plan is NO_FAULTS:
            return _response(route.handle(call))
        return await _under_faults(request, mounted, route, replace(call, plan=plan), stopping)

    return handle


async def _under_faults(
    request: web.Request, mounted: Mounted, route: Route, call: Call, stopping: asyncio.Event
) -> web.StreamResponse:
    effect = call.plan.strike
    await _pause(call.plan.wait_s, stopping)
    if effect is not None and effect.kind is EffectKind.EXPIRE_TOKEN:
        mounted.simulator.expire_tokens()
    if effect is None or effect.kind in (EffectKind.EXPIRE_TOKEN, EffectKind.CODE):
        return _response(route.handle(call))
    answer = route.handle(call) if effect.processed else UNPROCESSED
    if effect.kind is EffectKind.STATUS:
        headers = {} if effect.retry_after is None else {"Retry-After": str(effect.retry_after)}
        return web.Response(status=int(effect.value), headers=headers, text="a fault of the sandbox")
    if effect.kind is EffectKind.GARBAGE:
        content_type, body = spoil(Garbage(str(effect.value)), answer.body)
        return web.Response(body=body, content_type=content_type)
    if effect.kind is EffectKind.HANG:
        await _pause(float(effect.value), stopping)
    return _cut_off(request)


async def _pause(seconds: float, stopping: asyncio.Event) -> None:
    """Waits, but not for longer than the server runs."""
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)


def _cut_off(request: web.Request) -> web.Response:
    """Closes the connection; aiohttp then finds nobody to write the response to."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _response(answer: Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, content_type="application/json")


def _unknown_path(world: World) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(f"/{world.name}")
        world.counters.call(UNKNOWN_PATH)
        violation = Violation(
            at=world.clock(),
            path=path[:100],
            code=404,
            field="path",
            expected="an endpoint of the maker",
            got="none that is simulated",
        )
        world.counters.refuse(404, violation)
        body = orjson.dumps({"error": violation.as_json()["text"]})
        return web.Response(body=body, status=404, content_type="application/json")

    return handle
