"""Accepted is durable: a real process is killed in the middle of its writing, again and again, on one database.

A kill leaves the operating system's cache alone, so it proves the order of commit and acknowledgement, not the flush;
that one is SQLite's `synchronous = FULL`.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from random import Random

import pytest

from pushsvc.domain import DeliveryState, MessageRecord
from pushsvc.sealing import Sealer
from pushsvc.store.sqlite import SqliteStore
from tests.store.acknowledging import KEY
from tests.store.test_sqlite import check_integrity

ROUNDS = 10
IDS_PER_ROUND = 1_000_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "pushsvc.db"


def write_and_kill(database: Path, round_number: int, *arguments: str, lines: int) -> Sequence[tuple[str, int]]:
    """What a process acknowledged until it was killed, some time after its `lines`-th word."""
    module = [sys.executable, "-m", "tests.store.acknowledging"]
    command = [*module, str(database), str(round_number * IDS_PER_ROUND + 1), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this interpreter
        assert process.stdout is not None
        said = list(itertools.islice(process.stdout, lines))
        process.kill()
        said += process.stdout
    assert process.returncode == -9
    assert len(said) >= lines
    return [(word, int(message_id)) for word, message_id in (line.split() for line in said)]


def read_all(database: Path, message_ids: Collection[int]) -> dict[int, MessageRecord | None]:
    async def read() -> dict[int, MessageRecord | None]:
        store = await SqliteStore.open(database, Sealer([KEY]))
        try:
            return {message_id: await store.message("im", message_id) for message_id in message_ids}
        finally:
            await store.close()

    return asyncio.run(read())


def lost(database: Path, acknowledged: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """What was acknowledged and is not there."""
    records = read_all(database, {message_id for _, message_id in acknowledged})
    return [(word, message_id) for word, message_id in acknowledged if not is_there(word, records[message_id])]


def is_there(word: str, record: MessageRecord | None) -> bool:
    if record is None or len(record.deliveries) != 1:
        return False
    return word == "accepted" or record.deliveries[0].state is DeliveryState.SENT


def test_nothing_acknowledged_is_lost(database: Path) -> None:
    luck = Random(9)
    acknowledged: list[tuple[str, int]] = []

    for number in range(ROUNDS):
        acknowledged += write_and_kill(database, number, lines=luck.randint(1, 300))
        check_integrity(database)

    assert {word for word, _ in acknowledged} == {"accepted", "sent"}
    assert lost(database, acknowledged) == []


def test_an_acknowledgement_before_the_commit_would_be_seen_as_a_loss(database: Path) -> None:
    """The control: a kill hits what was said too early, in one of the rounds at the latest."""
    losses = (lost(database, write_and_kill(database, number, "early", lines=1)) for number in range(ROUNDS))

    assert any(losses)
