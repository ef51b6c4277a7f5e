"""A process that writes to a store until it is killed, and says of each write when it was acknowledged.

Run as `python -m tests.store.acknowledging DATABASE FIRST_MESSAGE_ID [early]`. A line on its output is `accepted ID` or
`sent ID`. `early` says "accepted" before the store does: the fault that `test_kill9` has to be able to see.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pushsvc.sealing import Sealer
from pushsvc.store.base import Store
from pushsvc.store.sqlite import SqliteStore
from tests.store.contract import make_cert, make_message, make_registration, register, send, sent

KEY = b"made-up sealing key, 32 bytes ok"
CALLERS = 32


async def write(database: Path, first_message_id: int, *, early: bool) -> None:
    """Many callers, each sending and settling without a pause; returns only if one of them fails."""
    store = await SqliteStore.open(database, Sealer([KEY]))
    try:
        certs = await store.certs() or [await store.add_cert(make_cert())]
        await register(store, make_registration("alice", "CN_1", cert_id=certs[0].cert_id))
        message_ids = itertools.count(first_message_id)
        await asyncio.gather(*(_call(store, message_ids, early=early) for _ in range(CALLERS)))
    finally:
        await store.close()


async def _call(store: Store, message_ids: Iterator[int], *, early: bool) -> None:
    for message_id in message_ids:
        if early:
            _say(f"accepted {message_id}")
        (delivery,) = await send(store, make_message(message_id))
        if not early:
            _say(f"accepted {message_id}")
        await store.settle([sent(delivery.key)])
        _say(f"sent {message_id}")


def _say(line: str) -> None:
    """Straight into the pipe, where a kill can't take it back."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]), early=sys.argv[3:] == ["early"]))
