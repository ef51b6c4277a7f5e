"""`python -m tests.chaos`: the long form of the harness; its table goes into docs/reliability.md."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import run, table


def main() -> int:
    """Runs once and prints the table and every broken promise; 1 if there is any."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the service is killed")
    parser.add_argument("--seed", type=int, default=1, help="repeats the choices of a run")
    parser.add_argument("--folder", type=Path, help="keeps database and logs; not given: a temporary one")
    options = parser.parse_args()
    if options.folder is not None:
        options.folder.mkdir(parents=True)
        outcome = asyncio.run(run(kills=options.kills, seed=options.seed, folder=options.folder))
    else:
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(run(kills=options.kills, seed=options.seed, folder=Path(folder)))
    print("\n".join(table(outcome)))  # noqa: T201 - it is a command
    for fault in outcome.audit.faults:
        print(fault, file=sys.stderr)  # noqa: T201 - as above
    return 1 if outcome.audit.faults else 0


if __name__ == "__main__":
    sys.exit(main())
