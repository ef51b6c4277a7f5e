"""Statements for many rows at a time: what a statement costs by itself is as much as a short row."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pushsvc.store.sqlite.rows import Row

ROWS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Insert:
    """Writes rows of a table, sixteen in a statement, and the rest one in each.

    Attributes:
        one: the statement for one row.
        many: the statement for sixteen.
    """

    one: str
    many: str

    def run(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Writes rows, each with a value for each column."""
        together = len(rows) - len(rows) % ROWS_AT_ONCE
        connection.executemany(
            self.many, [flat(rows[first : first + ROWS_AT_ONCE]) for first in range(0, together, ROWS_AT_ONCE)]
        )
        connection.executemany(self.one, rows[together:])


def insert(table: str, columns: Sequence[str]) -> Insert:
    """An INSERT of so many columns of a table."""
    head = f"INSERT INTO {table} ({', '.join(columns)}) "
    return Insert(one=head + values(1, len(columns)), many=head + values(ROWS_AT_ONCE, len(columns)))


def values(rows: int, columns: int) -> str:
    """SQL for so many rows of parameters."""
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def flat(rows: Sequence[Row]) -> Row:
    """The parameters of `values`."""
    return tuple(chain.from_iterable(rows))
