"""Posts what makers report, each letter up to three times, a second apart (ours: no maker's page says how often)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager

import aiohttp

from vendors.sandbox.receipts import Desk, Letter

ATTEMPTS = 3
PAUSE_SECONDS = 1.0
# What happens at once is reported together.
GATHER_SECONDS = 0.01
TIMEOUT = aiohttp.ClientTimeout(total=5)
FIRST_FAILURE = 300

Start = Callable[[Coroutine[None, None, None]], None]


@asynccontextmanager
async def posting(desks: Iterable[Desk]) -> AsyncIterator[None]:
    """Reports for as long as the context lasts; what waits at its end is not reported any more."""
    tasks: set[asyncio.Task[None]] = set()

    def start(work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False) as http:
        for desk in desks:
            start(_work(desk, http, start))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _work(desk: Desk, http: aiohttp.ClientSession, start: Start) -> None:
    while True:
        for url, letter in await desk.letters():
            start(_post(desk, http, url, letter))
        await asyncio.sleep(GATHER_SECONDS)


async def _post(desk: Desk, http: aiohttp.ClientSession, url: str, letter: Letter) -> None:
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(PAUSE_SECONDS)
        try:
            async with http.post(url, data=letter.body, headers=letter.headers, allow_redirects=False) as response:
                if response.status < FIRST_FAILURE:
                    desk.sent += 1
                    return
        except (aiohttp.ClientError, TimeoutError, ValueError):
            # Nobody there, or no address at all: tried again like any other failure.
            continue
    desk.failed += 1
