"""The database's lock, between real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pushsvc.errors import StoreUnavailable
from pushsvc.store.lock import DatabaseLock

HOLDER = """
import sys
from pathlib import Path
from pushsvc.store.lock import DatabaseLock
lock = DatabaseLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "pushsvc.db"


@contextmanager
def holder(database: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock until its input ends."""
    arguments = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this interpreter
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_second_process_is_refused_in_words(database: Path) -> None:
    with holder(database) as process:
        words = f"pushsvc.db is in use by process {process.pid}; one process owns a SQLite file"
        with pytest.raises(StoreUnavailable, match=words):
            DatabaseLock.acquire(database)


def test_a_killed_process_leaves_no_lock_behind(database: Path) -> None:
    with holder(database) as process:
        process.kill()
        process.wait()

    lock = DatabaseLock.acquire(database)

    assert database.with_name(f"{database.name}.lock").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_released_lock_is_free(database: Path) -> None:
    DatabaseLock.acquire(database).release()

    with holder(database) as process:
        assert process.poll() is None


def test_one_process_does_not_get_it_twice(database: Path) -> None:
    lock = DatabaseLock.acquire(database)

    with pytest.raises(StoreUnavailable, match="in use by process"):
        DatabaseLock.acquire(database)

    lock.release()


def test_a_missing_directory_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"pushsvc\.db\.lock can't be opened: No such file or directory"):
        DatabaseLock.acquire(tmp_path / "missing" / "pushsvc.db")
