"""A store whose disk fails once, at each of its writes and flushes in turn; run by test_failing_disk.

python -m tests.store.failing_disk <folder> <orders> <last>
"""

from __future__ import annotations

import asyncio
import json
import mmap
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from pushsvc.errors import StoreUnavailable
from pushsvc.sealing import Sealer
from pushsvc.store.sqlite import SqliteStore
from tests.chaos.shim import ORDERS
from tests.store.contract import NOW_MS, make_cert, make_message, make_registration

CALLS = 12


async def fail_once(folder: Path, orders: mmap.mmap, at: int) -> tuple[int, int, int]:
    """How many sends were answered, how many refused, and how many of the answered are not there afterwards."""
    database = folder / f"{at}.db"
    store = await SqliteStore.open(database, Sealer([bytes(32)]))
    cert = await store.add_cert(make_cert())
    await store.register([make_registration("alice", "CN_1", cert_id=cert.cert_id)], now_ms=NOW_MS)
    orders[:] = ORDERS.pack(0, 0, 0, at)
    answers = []
    for first in range(1, CALLS + 1, 3):
        # Some together, so that a group fails and is run again call by call.
        group = [store.accept([make_message(number)], now_ms=NOW_MS) for number in range(first, first + 3)]
        answers += await asyncio.gather(*group, return_exceptions=True)
    orders[:] = ORDERS.pack(0, 0, 0, 0)
    await store.close()
    with closing(sqlite3.connect(database)) as connection:
        there = {message_id for (message_id,) in connection.execute("SELECT message_id FROM messages")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    answered = {number for number, answer in enumerate(answers, 1) if not isinstance(answer, BaseException)}
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(each, StoreUnavailable) for each in refused), refused
    return len(answered), len(refused), len(answered - there)


async def main(folder: Path, orders_file: Path, last: int) -> None:
    """Prints one line of JSON: answered, refused and lost, over all failures."""
    with orders_file.open("r+b") as file:
        orders = mmap.mmap(file.fileno(), ORDERS.size)
    results = [await fail_once(folder, orders, at) for at in range(1, last + 1)]
    sys.stdout.write(json.dumps([sum(column) for column in zip(*results, strict=True)]) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
