"""Power loss: what was not flushed is gone, and at each flush boundary everything acknowledged must still be there."""

from __future__ import annotations

import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.chaos.shim import can_build, journalling

pytestmark = pytest.mark.skipif(not can_build(), reason="the journal of writes needs a C compiler")

RECORD = struct.Struct("<cIIQ")
MESSAGES = 250


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the process did to a file: `w` wrote, `s` flushed, `t` truncated."""

    what: str
    path: str
    at: int
    data: bytes


@dataclass(slots=True)
class File:
    """A file as the disk has it, and what it was told but need not have yet."""

    on_disk: bytearray = field(default_factory=bytearray)
    unflushed: list[Step] = field(default_factory=list)

    def flush(self) -> None:
        for step in self.unflushed:
            if step.what == "t":
                del self.on_disk[step.at :]
                self.on_disk.extend(bytes(step.at - len(self.on_disk)))
            else:
                self.on_disk.extend(bytes(max(0, step.at - len(self.on_disk))))
                self.on_disk[step.at : step.at + len(step.data)] = step.data
        self.unflushed.clear()


def journal_of(tmp_path: Path, synchronous: str, count: int) -> tuple[list[Step], Path, Path]:
    """What a store did while it acknowledged so many messages; its database, and its acknowledgements."""
    journal, database, acknowledgements = tmp_path / "journal", tmp_path / "db" / "p.db", tmp_path / "acknowledged"
    database.parent.mkdir()
    subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "tests.store.power_cut", database, acknowledgements, synchronous, str(count)],
        env={**os.environ, **journalling(tmp_path, journal)},
        cwd=Path(__file__).parents[2],
        check=True,
        timeout=60,
    )
    return list(steps_of(journal.read_bytes())), database, acknowledgements


def steps_of(journal: bytes) -> Iterator[Step]:
    at = 0
    while at < len(journal):
        what, path_length, data_length, position = RECORD.unpack_from(journal, at)
        at += RECORD.size
        path = journal[at : at + path_length].decode()
        at += path_length
        yield Step(what.decode(), path, position, journal[at : at + data_length])
        at += data_length


def losses(steps: list[Step], database: Path, acknowledgements: Path, scratch: Path) -> tuple[int, int]:
    """At how many flush boundaries power was cut, and how many acknowledged messages were lost in all."""
    files: dict[str, File] = {}
    acknowledged: set[int] = set()
    cuts = lost = 0
    for step in steps:
        if step.path == str(acknowledgements):
            acknowledged.add(int.from_bytes(step.data, "little"))
            continue
        # The index of the log is made anew, and the rollback journal is of the time before there was a log.
        if not step.path.startswith(str(database)) or step.path.endswith(("-shm", "-journal")):
            continue
        file = files.setdefault(step.path, File())
        if step.what != "s":
            file.unflushed.append(step)
            continue
        # Power goes just before this flush is over: none of what it was to flush is on the disk.
        if acknowledged:
            cuts += 1
            lost += len(acknowledged - survivors(files, database, scratch))
        file.flush()
    return cuts, lost


def survivors(files: dict[str, File], database: Path, scratch: Path) -> set[int]:
    """The messages that a start after the power cut finds."""
    for path in scratch.iterdir():
        path.unlink()
    for name, file in files.items():
        (scratch / Path(name).name).write_bytes(file.on_disk)
    with closing(sqlite3.connect(scratch / database.name)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        try:
            return {message_id for (message_id,) in connection.execute("SELECT message_id FROM messages")}
        except sqlite3.OperationalError:
            return set()  # there is not even a table


def test_a_power_cut_at_any_flush_boundary_loses_nothing_acknowledged(tmp_path: Path) -> None:
    scratch = tmp_path / "after"
    scratch.mkdir()

    cuts, lost = losses(*journal_of(tmp_path, "FULL", MESSAGES), scratch)

    assert lost == 0
    assert cuts >= MESSAGES


def test_without_a_flush_at_every_commit_the_same_check_finds_losses(tmp_path: Path) -> None:
    scratch = tmp_path / "after"
    scratch.mkdir()

    _, lost = losses(*journal_of(tmp_path, "NORMAL", MESSAGES), scratch)

    assert lost > 0
