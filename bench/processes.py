"""Real `pushsvc` processes that are killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

START_SECONDS = 30


class Process:
    """A `pushsvc` command that keeps running.

    Args:
        words: after `pushsvc`.
        folder: where it runs and logs.
        environment: beyond the usual.
    """

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._words = words
        self._folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith("PUSHSVC_")}
        self._environment = {**own, **environment}
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    async def start(self) -> str:
        """Starts it; the last word of the first line it prints, which is its address."""
        self.starts += 1
        log_file = self._folder / f"{self._words[0]}.log"
        with log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pushsvc",
                *self._words,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
            )
        output = cast("asyncio.StreamReader", self._process.stdout)  # asked for above
        async with asyncio.timeout(START_SECONDS):
            line = (await output.readline()).decode()
        if not line:
            last_words = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"{self._words[0]} did not start: {' '.join(last_words)}")
        return line.split()[-1]

    @property
    def process_id(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise RuntimeError("it does not run")
        return self._process.pid

    def kill(self) -> None:
        """Kills it, if it runs; `end` tells when it is gone."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def end(self, sign: signal.Signals) -> None:
        """Ends it by a signal, and returns when it is gone."""
        if self._process is not None:
            process = self._process
            if process.returncode is None:
                process.send_signal(sign)
            await process.wait()
            self._process = None


def free_address() -> str:
    """A loopback address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
