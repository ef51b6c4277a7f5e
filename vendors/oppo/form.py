"""The form bodies OPPO takes, encoded piece by piece so that a batch encodes what it shares once."""

from __future__ import annotations

from urllib.parse import quote_plus

HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

# Byte for byte what the standard library does; as a table it costs half the time, and this is the hot path.
_ESCAPES = {byte: quote_plus(bytes((byte,))) for byte in range(256)}


def quoted(text: bytes) -> str:
    """A piece of a form field's value: pieces quoted apart and joined are the whole quoted."""
    return text.decode("latin-1").translate(_ESCAPES)
