"""Settings of the SQLite library, which only a process of its own can show: it takes them once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MEMORY_USED = """
import ctypes, _sqlite3, sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE t (c)")
memory_used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
memory_used.restype = ctypes.c_int64
print(memory_used())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="set on Linux only")


def memory_counted(first: str) -> int:
    """What SQLite thinks it uses, in a process that begins like this."""
    command = [sys.executable, "-c", f"{first}{MEMORY_USED}"]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - ours


def test_sqlite_does_not_count_its_memory_where_the_service_runs() -> None:
    assert memory_counted("import pushsvc.cli.serve, pushsvc.cli.service") == 0


def test_where_sqlite_was_used_before_it_goes_on_counting() -> None:
    assert memory_counted("import sqlite3; sqlite3.connect(':memory:').close(); import pushsvc.app") > 0


def test_a_python_without_a_module_of_its_own_for_sqlite_is_left_alone() -> None:
    built_in = (
        "import importlib.util; importlib.util.find_spec = lambda name: None\nimport pushsvc.store.sqlite.library"
    )

    assert memory_counted(built_in) > 0
