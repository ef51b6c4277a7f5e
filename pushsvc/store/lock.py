"""A lock file beside the database: one process owns a SQLite file.

SQLite before 3.51.3 can corrupt a WAL database that two connections write, so a second process is turned away. The
kernel drops the lock with its process, so a kill leaves none behind.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from pushsvc.errors import StoreUnavailable

MODE = 0o600


class DatabaseLock:
    """The lock of one database, held until `release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, database: Path) -> Self:
        """Takes `<database>.lock`, and writes this process's id into it.

        Raises:
            StoreUnavailable: another process has it, or the file can't be made.
        """
        path = database.with_name(database.name + ".lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        except OSError as error:
            raise StoreUnavailable(f"{path} can't be opened: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreUnavailable(
                f"{database.name} is in use by process {owner}; one process owns a SQLite file, everything else asks "
                "that process's server"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        """Lets another process in. The file stays: removing it could part two processes that wait for it."""
        os.close(self._descriptor)
