"""Custom data as Meizu's `parameters`: a flat map of texts, which a phone adds to the intent as string extras.

Source: Meizu's server API, `clickTypeInfo.parameters`, and what its client SDK does with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder

import orjson

# The app gets ext whole and member by member, within 2000 bytes: about half of that is left for ext itself.
MAX_EXT = 1000
WHOLE = "ext"

_DECODER = JSONDecoder()
_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\n\r]+')


class UnusableExt(Exception):  # noqa: N818 - reads as what it is
    """Custom data that can't be sent, in words naming the limit."""


def parameters_of(ext: str) -> dict[str, str]:
    """Each member as a text, and the whole as compact JSON under `ext`; numbers and escapes as the caller wrote them.

    Raises:
        UnusableExt: it is too long, or no object.
    """
    if not ext:
        return {}
    whole = "".join(_JSON_TOKEN.findall(ext))
    if len(whole) > MAX_EXT:
        raise UnusableExt(f"ext has {len(whole)} characters; meizu allows {MAX_EXT}")
    try:
        is_object = isinstance(orjson.loads(ext), dict)
    except orjson.JSONDecodeError:
        is_object = False
    if not is_object:
        raise UnusableExt("ext is not a JSON object")
    return {**dict(_members(whole)), WHOLE: whole}


def _members(whole: str) -> Iterator[tuple[str, str]]:
    """Names and values of an object that is known to be one, and compact: strings as their text, the rest as JSON."""
    at = 1
    while whole[at] != "}":
        name, colon = _DECODER.raw_decode(whole, at)
        value, end = _DECODER.raw_decode(whole, colon + 1)
        yield name, value if isinstance(value, str) else whole[colon + 1 : end]
        at = end + 1 if whole[end] == "," else end
