from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Free ports for a `pushsvc serve`.
LISTEN = ("--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a shell that says nothing about pushsvc."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PUSHSVC_")}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs `pushsvc` to its end in a folder of its own."""

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", "pushsvc", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env=environment | variables,
        )

    return run


@contextmanager
def started(
    words: tuple[str, ...],
    environment: dict[str, str],
    folder: Path,
    *,
    python: str | Path = sys.executable,
) -> Iterator[tuple[str, int]]:
    """A `pushsvc` that keeps running: the last word of its first line, and its process id.

    It is stopped by SIGTERM at the end and must have drained by then.
    """
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [python, "-m", "pushsvc", *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env=environment,
        )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], process.pid
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        finally:
            process.kill()
