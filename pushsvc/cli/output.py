"""What commands print: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

# A pipe has no width: nothing is wrapped or cut there, so that a program finds one row on one line.
UNBOUNDED_WIDTH = 10_000

M = TypeVar("M", bound=Message)


def one_line(text: str) -> str:
    """The text on one line and without control characters, so that it can't move the cursor or forge a line."""
    return " ".join("".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split())


def print_answer(answer: M, view: Callable[[M], Iterable[RenderableType]], *, as_json: bool) -> None:
    """Prints an answer of the service.

    Args:
        answer: what was answered.
        view: its lines and tables for people.
        as_json: print the answer itself, with every field that has a default, under the names of the proto.
    """
    if as_json:
        sys.stdout.write(json.dumps(_fields(answer), ensure_ascii=False, indent=2) + "\n")
        return
    is_terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout, width=None if is_terminal else UNBOUNDED_WIDTH, markup=False, highlight=False, emoji=False
    )
    for part in view(answer):
        console.print(part)


def print_line(answer: Message) -> None:
    """Prints an answer as `print_answer` does as JSON, on one line, and at once: someone may read along."""
    sys.stdout.write(json.dumps(_fields(answer), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Rows under headers; a cell that is too long for the terminal is folded, never cut."""
    columns = (Column(header, overflow="fold") for header in headers)
    return _filled(Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0)), rows)


def facts(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> Table:
    """Labels and values, one pair a line; a pair without a value is left out."""
    columns = (Column(no_wrap=True), Column(overflow="fold"))
    grid = Table(*columns, box=None, pad_edge=True, show_header=False, padding=(0, 2, 0, 0))
    return _filled(grid, ((" " * indent + label, value) for label, value in rows if value))


def _fields(answer: Message) -> dict[str, object]:
    return json_format.MessageToDict(
        answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def _filled(grid: Table, rows: Iterable[Sequence[str]]) -> Table:
    for row in rows:
        # Text, because a vendor's words or a title in brackets are no markup.
        grid.add_row(*(Text(_printable(cell)) for cell in row))
    return grid


def _printable(text: str) -> str:
    return "".join("�" if unicodedata.category(char) == "Cc" else char for char in text)
