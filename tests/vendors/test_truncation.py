from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.truncation import shorten


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 1, ""),
        ("Hello", 5, "Hello"),
        ("Hello!", 5, "Hell…"),
        ("你好世界", 3, "你好…"),
        ("👋👋👋", 2, "👋…"),
        ("ab", 1, "…"),
    ],
)
def test_a_text_is_cut_to_the_limit_and_says_so(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(text=st.text(), limit=st.integers(min_value=1, max_value=60))
def test_a_shortened_text_fits_and_keeps_its_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert short[: limit - 1] == text[: limit - 1]


@given(text=st.text(), limit=st.integers(min_value=1, max_value=60))
def test_a_text_changes_only_if_it_is_too_long(text: str, limit: int) -> None:
    assert (shorten(text, limit) != text) == (len(text) > limit)


@given(text=st.text(), limit=st.integers(min_value=1, max_value=60))
def test_shortening_twice_is_shortening_once(text: str, limit: int) -> None:
    assert shorten(shorten(text, limit), limit) == shorten(text, limit)
