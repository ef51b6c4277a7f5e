"""Real processes: started, measured, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

START_SECONDS = 120
MIB = 1024 * 1024
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Process:
    """A Python module that keeps running and says where it listens.

    Args:
        words: the command's, after `python -m` and the module.
        folder: where it runs and logs.
        environment: beyond the usual.
        module: what is run.
        under: words before the command, as of a tool that watches it.
        cores: the only ones it may run on; empty: any.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        module: str = "pushsvc",
        under: Sequence[str] = (),
        cores: Collection[int] = (),
    ) -> None:
        self._command = [*under, sys.executable, "-m", module, *words]
        self._name = words[0] if words else module
        self._folder = folder
        self._cores = cores
        own = {name: value for name, value in os.environ.items() if not name.startswith("PUSHSVC_")}
        self._environment = {**own, **environment}
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    async def start(self) -> str:
        """Starts it; the last word of the first line it prints, which is its address."""
        self.starts += 1
        log_file = self._folder / f"{self._name}.log"
        with log_file.open("ab") as log, only_on(self._cores):
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
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
            raise RuntimeError(f"{self._name} did not start: {' '.join(last_words)}")
        return line.split()[-1]

    @property
    def process_id(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise RuntimeError("it does not run")
        return self._process.pid

    @property
    def cpu_seconds(self) -> float:
        """What it has used so far."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    @property
    def resident_mib(self) -> float:
        """What it has in memory."""
        return int(self._proc("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB

    @property
    def open_files(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process_id}/fd").iterdir()))

    @property
    def peak_mib(self) -> float:
        """The most it ever had in memory."""
        [line] = [line for line in self._proc("status").splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.process_id}/{name}").read_text(encoding="utf-8")

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


@contextmanager
def only_on(cores: Collection[int]) -> Iterator[None]:
    """What is started inside the block runs on these cores only; empty: on any."""
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_address() -> str:
    """A loopback address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
