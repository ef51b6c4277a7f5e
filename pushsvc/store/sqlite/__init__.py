"""The SQLite store; `store.py` first, then `writer.py`."""

from pushsvc.store.sqlite.library import forgo_memory_statistics

forgo_memory_statistics()

from pushsvc.store.sqlite.store import SqliteStore  # noqa: E402 - the import uses SQLite

__all__ = ["SqliteStore"]
