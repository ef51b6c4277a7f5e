"""`python -m bench`: how fast the service is, beside a bare echo on the same machine in the same minutes.

Needs `make bench-tools`. Prints Markdown tables, and writes every run to a JSON file if asked. With --check it fails if
a ratio is worse than `bench/budget.toml` allows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.suite import LARGE_SIZES, SIZES, Results, Suite

BUDGET = Path(__file__).with_name("budget.toml")
PARTS = ("unary", "many", "mixed", "registrations", "backlog", "overload")


async def measure(parts: Sequence[str], rounds: int, *, is_large: bool, soak_minutes: int) -> Results:
    """Runs what was asked for."""
    suite = Suite(rounds, lambda words: print(words, file=sys.stderr, flush=True))  # noqa: T201 - it is a command
    if "unary" in parts:
        await suite.unary()
    if "many" in parts:
        await suite.many()
    if "mixed" in parts:
        await suite.mixed()
    if "registrations" in parts:
        await suite.registrations(LARGE_SIZES if is_large else SIZES)
    if "backlog" in parts:
        await suite.backlog()
    if "overload" in parts:
        await suite.overload()
    if soak_minutes:
        await suite.soak(soak_minutes)
    return suite.results


def broken(ratios: Mapping[str, float]) -> Sequence[str]:
    """What is worse than the budget allows, in words."""
    budget = tomllib.loads(BUDGET.read_text(encoding="utf-8"))
    least = [
        f"{name} is {ratios[name]:.2f}, at least {floor} is asked for"
        for name, floor in budget["at_least"].items()
        if name in ratios and ratios[name] < floor
    ]
    most = [
        f"{name} is {ratios[name]:.2f}, at most {ceiling} is allowed"
        for name, ceiling in budget["at_most"].items()
        if name in ratios and ratios[name] > ceiling
    ]
    return [*least, *most]


def main() -> int:
    """Measures, prints, and says whether the budget holds."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all of them if none is named")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind; the median counts")
    parser.add_argument("--large", action="store_true", help="also with five million registrations")
    parser.add_argument("--soak", type=int, default=0, metavar="MINUTES", help="and a long run, of 2 minutes or more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where every run is written")
    parser.add_argument("--check", action="store_true", help="fail if the budget is broken")
    options = parser.parse_args()
    results = asyncio.run(measure(options.parts, options.rounds, is_large=options.large, soak_minutes=options.soak))
    lines = [f"Python {platform.python_version()}, {platform.machine()}"]
    for title, (head, *rows) in results.tables.items():
        lines += ["", f"### {title}", "", _row(head), _row(["---"] * len(head)), *map(_row, rows)]
    print("\n".join(lines))  # noqa: T201 - as above
    if options.json is not None:
        report = {"ratios": results.ratios, "samples": results.samples}
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    faults = broken(results.ratios)
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 - as above
    return 1 if options.check and faults else 0


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
