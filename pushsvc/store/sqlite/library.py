"""Settings of the SQLite library itself, which it takes before its first use in a process only."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import sys

# https://www.sqlite.org/c3ref/c_config_covering_index_scan.html
SQLITE_CONFIG_MEMSTATUS = 9


def forgo_memory_statistics() -> None:
    """Has SQLite not count its memory, which takes a lock at each of some eighty allocations that a send costs.

    Nobody asks for the count. Python's module has no call for this setting; where its library can't be reached, or was
    used already, SQLite goes on counting.
    """
    module = importlib.util.find_spec("_sqlite3")
    # Elsewhere functions with variable arguments may be called in another way than ctypes calls them.
    if sys.platform == "linux" and module is not None and module.origin is not None:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(module.origin).sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0)
