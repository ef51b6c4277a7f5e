"""The short form of the harness; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos import lifecycle
from tests.chaos.run import run

KILLS = 4


async def test_under_kills_and_every_other_fault_nothing_is_lost_doubled_or_left_waiting(tmp_path: Path) -> None:
    outcome = await run(kills=KILLS, seed=20, folder=tmp_path)

    assert outcome.audit.faults == []
    assert outcome.faults["kill -9"] == KILLS
    assert len(outcome.ledger.sent) > 100
    assert outcome.audit.states["delivered"] > 100


async def test_killed_while_it_starts_stops_or_migrates_it_loses_nothing_and_leaves_nothing_half_done(
    tmp_path: Path,
) -> None:
    outcome = await lifecycle.run(rounds=3, seed=1, folder=tmp_path)

    assert (outcome.lost, outcome.half_migrated) == (0, 0)
    assert outcome.accepted > 100
