from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import example, given
from hypothesis import strategies as st

from pushsvc.store.sqlite.inserts import ROWS_AT_ONCE, insert

Pairs = list[tuple[int, str]]


@given(st.lists(st.tuples(st.integers(min_value=-(2**63), max_value=2**63 - 1), st.text(max_size=3)), max_size=50))
@example([(1, "a")] * ROWS_AT_ONCE)
@example([(1, "a")] * (2 * ROWS_AT_ONCE + 1))
def test_every_row_is_written_once_and_in_its_order_however_many_there_are(rows: Pairs) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE pairs (number INTEGER NOT NULL, word TEXT NOT NULL) STRICT")

        insert("pairs", ("number", "word")).run(connection, rows)

        assert connection.execute("SELECT number, word FROM pairs ORDER BY rowid").fetchall() == rows
