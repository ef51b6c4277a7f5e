"""The SQLite store; `store.py` first, then `writer.py`."""

from pushsvc.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
