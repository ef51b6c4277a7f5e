"""The form bodies OPPO takes, encoded piece by piece so that a batch encodes what it shares once."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import orjson

HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED = [quote_plus(bytes([byte])) for byte in range(256)]


def quoted(text: bytes) -> str:
    """A piece of a form field's value: pieces quoted apart and joined are the whole quoted.

    What the standard library does, in half the time: this is the hot path.
    """
    return "".join(map(_QUOTED.__getitem__, text))


def quoted_json(value: object) -> str:
    """A value as JSON, quoted.

    Raises:
        TypeError: JSON can't carry it.
    """
    if isinstance(value, str) and is_plain(value):
        return f"%22{value}%22"
    return quoted(orjson.dumps(value, default=dict))


def is_plain(text: str) -> bool:
    """Whether a text is its own encoding, as ids and codes nearly always are."""
    return _PLAIN.fullmatch(text) is not None
