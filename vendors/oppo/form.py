"""The form bodies OPPO takes, encoded piece by piece so that a batch encodes what it shares once."""

from __future__ import annotations

import re

import orjson

HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

# Byte for byte what the standard library does; run by run it costs a third of the time, and this is the hot path.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_UNSAFE = re.compile(rb"[^A-Za-z0-9_.~ -]+")


def quoted(text: bytes) -> str:
    """A piece of a form field's value: pieces quoted apart and joined are the whole quoted."""
    return _UNSAFE.sub(_escaped, text).decode().replace(" ", "+")


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


def _escaped(run: re.Match[bytes]) -> bytes:
    return b"%" + run[0].hex("%").upper().encode()
