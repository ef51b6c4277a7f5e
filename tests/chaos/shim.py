"""What a process can be made to believe of its disk and its clock, through a preloaded library (`shim.c`)."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
ORDERS = struct.Struct("qqqq")


class Shim:
    """The disk and the clock of the processes started with `environment`.

    Args:
        folder: for the library and what it reads.
        name: one for each set of processes.
    """

    def __init__(self, folder: Path, name: str) -> None:
        library = folder / "shim.so"
        if not library.exists():
            _build(library)
        orders = folder / f"{name}.orders"
        orders.write_bytes(bytes(ORDERS.size))
        with orders.open("r+b") as file:
            self._orders = mmap.mmap(file.fileno(), ORDERS.size)
        self._values = [0, 0, 0, 0]
        self.environment: Mapping[str, str] = {"LD_PRELOAD": str(library), "CHAOS_SHIM": str(orders)}

    def slow_disk(self, seconds: float) -> None:
        """Each flush takes so much longer."""
        self._set(0, int(seconds * 1e6))

    def step_clock(self, seconds: float) -> None:
        """The wall clock is so far ahead of the machine's."""
        self._set(1, int(seconds * 1e9))

    def fill_disk(self, *, is_full: bool) -> None:
        """Whether writes to the database find no room."""
        self._set(2, int(is_full))

    def fail_at(self, count: int) -> None:
        """That write or flush from now on fails, counted from 1; 0: none does."""
        self._set(3, count)

    def _set(self, at: int, value: int) -> None:
        self._values[at] = value
        self._orders[:] = ORDERS.pack(*self._values)


def journalling(folder: Path, journal: Path) -> Mapping[str, str]:
    """The environment of a process all of whose writes and flushes are noted, with their data, in a journal."""
    library = folder / "shim.so"
    if not library.exists():
        _build(library)
    return {"LD_PRELOAD": str(library), "CHAOS_JOURNAL": str(journal)}


def can_build() -> bool:
    """Whether there is a C compiler."""
    return shutil.which("cc") is not None


def _build(library: Path) -> None:
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl", "-pthread"], check=True)  # noqa: S603, S607 - our own words
