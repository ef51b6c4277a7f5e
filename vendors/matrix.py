"""What each vendor can do, as one Markdown table made from the plug-ins' capabilities; run it as a module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from vendors.contract import BadgeKind, Batching, Capabilities, Category, ClickKind, Vendor
from vendors.receipts import ReceiptKind
from vendors.registry import Registry

INTRODUCTION = """# What each vendor can do

Made from the plug-ins by `make generate`; `ListVendors` and `pushsvc vendors` say the same of the vendors that are
installed. A longer title or body is shortened, and a longer TTL cut, which the delivery notes in `truncated`; a longer
ext is refused. What a notification asks for and a vendor can't do is left out, and the delivery names it in `ignored`;
a tap that it can't do opens the app. Limits count characters, that is, code points.
"""

NO = "–"
YES = "yes"
BATCHES = {
    Batching.SINGLE: "one push",
    Batching.SAME_CONTENT: "{} phones, one content",
    Batching.ANY_CONTENT: "{} phones, any contents",
}
TAPS = {
    ClickKind.OPEN_APP: "tap: open the app",
    ClickKind.URL: "tap: web page",
    ClickKind.ACTIVITY: "tap: page by class name",
    ClickKind.INTENT_ACTION: "tap: page by action",
    ClickKind.INTENT_URI: "tap: deep link",
}

Row = tuple[str, Callable[[Vendor[Any]], str]]


def matrix(vendors: Sequence[Vendor[Any]]) -> str:
    """The page."""
    heads = ["", *(_head(vendor) for vendor in vendors)]
    rows = [[label, *(cell(vendor) for vendor in vendors)] for label, cell in ROWS]
    lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    return "\n".join([INTRODUCTION, *lines, ""])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _head(vendor: Vendor[Any]) -> str:
    return f"[{vendor.LABEL}]({vendor.NAME}.md)"


def _of(cell: Callable[[Capabilities], str]) -> Callable[[Vendor[Any]], str]:
    return lambda vendor: cell(vendor.CAPABILITIES)


def _has(can: Callable[[Capabilities], bool]) -> Callable[[Vendor[Any]], str]:
    return lambda vendor: YES if can(vendor.CAPABILITIES) else NO


def _tap(kind: ClickKind) -> Row:
    return TAPS[kind], _has(lambda can: kind in can.click_actions)


def _one_call(can: Capabilities) -> str:
    return BATCHES[can.batching].format(can.max_targets)


def _channel(can: Capabilities) -> str:
    return "needed" if can.channel_required else YES if can.channels else NO


def _categories(can: Capabilities) -> str:
    return "all" if can.categories == frozenset(Category) else ", ".join(sorted(can.categories))


def _receipts(can: Capabilities) -> str:
    return ", ".join(kind.replace("_", " ") for kind in ReceiptKind if kind in can.receipts) or NO


def _span(span: timedelta) -> str:
    return f"{span.days} days" if span > timedelta(days=1) else f"{span // timedelta(hours=1)} hours"


def _credential(vendor: Vendor[Any]) -> str:
    names = (f"`{field.name}`{'' if field.required else ' (optional)'}" for field in vendor.CREDENTIAL_FIELDS)
    return ", ".join(names) or "none"


ROWS: Sequence[Row] = (
    ("name in certs", lambda vendor: f"`{vendor.NAME}`"),
    ("credential", _credential),
    ("one call takes", _of(_one_call)),
    ("title", _of(lambda can: str(can.title_limit))),
    ("body", _of(lambda can: str(can.body_limit))),
    ("ext", _of(lambda can: str(can.ext_limit))),
    ("longest TTL", _of(lambda can: _span(can.max_ttl))),
    *(_tap(kind) for kind in ClickKind),
    ("channel id", _of(_channel)),
    ("categories told apart", _of(_categories)),
    ("collapse id", _has(lambda can: can.collapse)),
    ("badge: a count", _has(lambda can: BadgeKind.COUNT in can.badges)),
    ("badge: one more", _has(lambda can: BadgeKind.INCREMENT in can.badges)),
    ("sound of the app's", _has(lambda can: can.sound)),
    ("drops a repeat itself", _has(lambda can: can.dedup)),
    ("phones a second, smallest account", _of(lambda can: str(can.targets_per_second or NO))),
    ("reports", _of(_receipts)),
    ("takes back what it showed", _has(lambda can: can.recall)),
    ("options of its own", lambda vendor: str(len(vendor.OPTIONS) or NO)),
)


def main() -> None:
    """Prints the page for the vendors that are installed."""
    registry = Registry.installed()
    sys.stdout.write(matrix([registry.get(name) for name in registry.names()]))


if __name__ == "__main__":
    main()
