"""A store that acknowledges sends while every write and flush of its process is journalled; run by test_power_cut.

python -m tests.store.power_cut <database> <acknowledgements> <synchronous> <count>
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from pushsvc.sealing import Sealer
from pushsvc.store.sqlite import SqliteStore
from tests.store.contract import NOW_MS, make_cert, make_message, make_registration


async def acknowledge(database: Path, acknowledgements: Path, synchronous: str, count: int) -> None:
    """Accepts so many messages, one transaction each, and notes each id once its send would be answered."""
    store = await SqliteStore.open(database, Sealer([bytes(32)]))
    told = os.open(acknowledgements, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        # The control: a store that does not flush at every commit, as this one must not be.
        await store._writer._connection.execute(f"PRAGMA synchronous = {synchronous}")
        cert = await store.add_cert(make_cert())
        await store.register([make_registration("alice", "CN_1", cert_id=cert.cert_id)], now_ms=NOW_MS)
        for message_id in range(1, count + 1):
            await store.accept([make_message(message_id)], now_ms=NOW_MS)
            os.pwrite(told, message_id.to_bytes(8, "little"), 8 * (message_id - 1))
    finally:
        os.close(told)
        await store.close()


if __name__ == "__main__":
    asyncio.run(acknowledge(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
