"""A `pushsvc serve` of one's own, in a process of its own, that is gone afterwards."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pushsvc.cli.errors import CommandError
from pushsvc.cli.serve import READY
from pushsvc.settings import ENV_PREFIX

START_SECONDS = 15.0
STOP_SECONDS = 5.0


@asynccontextmanager
async def serving(folder: Path, *, allowed_base_urls: str) -> AsyncIterator[str]:
    """Runs the service on a free port for as long as the context lasts, and gives its address.

    Args:
        folder: where it keeps its data and its log.
        allowed_base_urls: as the setting.

    Raises:
        CommandError: it did not start, with the last line of its log.
    """
    log = folder / "serve.log"
    command = (
        *(sys.executable, "-m", "pushsvc", "serve"),
        *("--listen", "127.0.0.1:0"),
        *("--http-listen", "127.0.0.1:0"),
        *("--database", f"sqlite:///{folder / 'pushsvc.db'}"),
        *("--allowed-base-urls", allowed_base_urls),
        *("--drain-seconds", "1"),
    )
    # The settings of whoever runs the demo are for another service.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    with log.open("wb") as log_file:
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=log_file, env=environment)
    try:
        yield await _address(process, log)
    finally:
        await _stop(process)


async def _address(process: Process, log: Path) -> str:
    line = b""
    if process.stdout is not None:
        with suppress(TimeoutError):
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
    text = line.decode().strip()
    if not text.startswith(READY):
        raise CommandError(f"the service did not start: {_last_words(log)}")
    return text.removeprefix(READY)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


async def _stop(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
