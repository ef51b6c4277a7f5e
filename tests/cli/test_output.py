from __future__ import annotations

import io

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.cli.output import one_line, print_answer, table
from pushsvc.cli.words import span, state_word
from pushsvc.v1 import push_service_pb2 as api


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text())
def test_one_line_is_one_line_that_steers_no_terminal(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line


def test_a_narrow_terminal_folds_a_long_id_and_loses_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "dumb")
    long_id = "0123456789" * 4

    print_answer(api.ListVendorsResponse(), lambda _: [table(["ID"], [[long_id]])], as_json=False)

    assert "".join(terminal.getvalue().split()) == f"ID{long_id}"


def test_a_state_of_a_newer_service_is_its_number() -> None:
    assert state_word(99) == "unknown (99)"


@pytest.mark.parametrize(
    ("seconds", "words"), [(864_000, "10 d"), (129_600, "36 h"), (90, "90 s"), (3_601, "3601 s"), (0, "0 s")]
)
def test_a_span_is_told_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    assert span(Duration(seconds=seconds)) == words
