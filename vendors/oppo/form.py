"""The form bodies OPPO takes, encoded piece by piece so that a batch encodes what it shares once."""

from __future__ import annotations

from operator import itemgetter
from urllib.parse import quote_plus

HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

_QUOTED = [quote_plus(bytes([byte])) for byte in range(256)]


def quoted(text: bytes) -> str:
    """A piece of a form field's value, not empty: pieces quoted apart and joined are the whole quoted.

    What the standard library does, in less than half the time: this is the hot path.
    """
    return "".join(itemgetter(*text)(_QUOTED))


def is_plain(text: str) -> bool:
    """Whether a text is its own encoding, as ids nearly always are."""
    return text.isascii() and text.replace("_", "").isalnum()
