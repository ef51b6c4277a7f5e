"""Fields of a JSON body, object by object: their types and ranges, for makers that take JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import orjson

from vendors.sandbox.refusal import Refusal
from vendors.sandbox.words import quoted

MAX_DEPTH = 64
CLASS_NAME_SHAPE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
RFC_3339_UTC_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
TTL_SHAPE = re.compile(r"([0-9]{1,9})s")

Object = Mapping[str, object]
# Makes the refusal of a field: its name, what is expected, what came.
Refuse = Callable[[str, str, str], Refusal]


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a value is.
    """

    expected: str
    accepts: Callable[[object], bool]


def check_object(where: str, given: Object, fields: Mapping[str, Field], refuse: Refuse) -> None:
    """Refuses a key that is not known, and a value that its field does not accept.

    Args:
        where: the object's place, ending in a dot; empty for the whole.
        given: the object.
        fields: those it may have.
        refuse: makes the refusal.
    """
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            raise refuse(f"{where}{name[:40]}", "only known keys", "this key")
        if not field.accepts(value):
            raise refuse(f"{where}{name}", field.expected, quoted(value))


def part_of(whole: Object, name: str, where: str, fields: Mapping[str, Field], refuse: Refuse) -> Object:
    """An object within another, checked; empty if there is none."""
    part = cast("Object", whole.get(name, {}))
    check_object(f"{where}.", part, fields, refuse)
    return part


def require(given: Object, name: str, where: str, refuse: Refuse) -> None:
    """Refuses an object without a field."""
    if name not in given:
        raise refuse(f"{where}{name}", "one", "none")


def is_https_url(value: object) -> bool:
    """Says whether a value is an https URL with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def is_json_object(value: object) -> bool:
    """Says whether JSON is an object nested so little that orjson can write it again inside an answer."""
    return isinstance(value, dict) and _is_shallow(value)


def integer(least: int, most: int) -> Field:
    """A whole number within bounds."""

    def accepts(value: object) -> bool:
        return type(value) is int and least <= value <= most

    return Field(f"a whole number from {least} to {most}", accepts)


def short(most: int) -> Field:
    """A string of so many characters."""

    def accepts(value: object) -> bool:
        return isinstance(value, str) and 1 <= len(value) <= most

    return Field(f"a string of 1 to {most} characters", accepts)


def like(pattern: re.Pattern[str], words: str) -> Field:
    """A string of a shape."""
    return Field(words, lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


def one_of(*allowed: object) -> Field:
    """One of some values, of their type too."""
    words = " or ".join(str(value) for value in allowed)
    return Field(words, lambda value: any(type(value) is type(each) and value == each for each in allowed))


def array(most: int, each: Callable[[object], bool] = lambda _: True) -> Field:
    """An array of 1 to so many."""

    def accepts(value: object) -> bool:
        return isinstance(value, list) and 1 <= len(value) <= most and all(map(each, value))

    return Field(f"an array of 1 to {most}", accepts)


def ttl_text(most_s: int) -> Field:
    """Seconds as text, such as "86400s"."""

    def accepts(value: object) -> bool:
        match = TTL_SHAPE.fullmatch(value) if isinstance(value, str) else None
        return match is not None and 1 <= int(match[1]) <= most_s

    return Field(f'a string such as "86400s", from 1s to {most_s}s', accepts)


def _is_object_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return is_json_object(orjson.loads(value))
    except orjson.JSONDecodeError:
        return False


def _is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return parts is None or (depth > 0 and all(_is_shallow(part, depth - 1) for part in parts))


TEXT = Field("a string, not blank", lambda value: isinstance(value, str) and bool(value.strip()))
TRUTH = Field("true or false", lambda value: isinstance(value, bool))
HTTPS_URL = Field("an https URL", is_https_url)
OBJECT_TEXT = Field("a string holding a JSON object", _is_object_text)
OBJECT = Field("an object", lambda value: isinstance(value, dict))
ARRAY = Field("an array", lambda value: isinstance(value, list))
CLASS_NAME = like(CLASS_NAME_SHAPE, "a full class name")
RFC_3339_UTC = like(RFC_3339_UTC_SHAPE, "an RFC 3339 time in UTC")


def texts_at(body: bytes, *path: str) -> Sequence[str]:
    """The texts of the array under some keys of a JSON object; none where there is none. Never raises."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ()
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else ()
