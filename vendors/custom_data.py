"""A caller's custom data on its way into a maker's JSON, kept as written."""

from __future__ import annotations

import re

import orjson

_WHITE_SPACE = re.compile(r"[ \t\n\r]")
_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\n\r]+')


def compact_object(text: str) -> str | None:
    """The text of a JSON object without white space, each number and escape as the caller wrote it.

    Serialising it anew would turn integers past 64 bits into fractions. Empty stays empty; None if it is no object.
    """
    if not text:
        return ""
    try:
        if not isinstance(orjson.loads(text), dict):
            return None
    except orjson.JSONDecodeError:
        return None
    return "".join(_JSON_TOKEN.findall(text)) if _WHITE_SPACE.search(text) else text
