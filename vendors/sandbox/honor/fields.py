"""The fields of a send, object by object (§2.1, §2.2): their types and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

MAX_TTL_S = 1_296_000
MAX_BUTTONS = 3
MAX_DEPTH = 64
TTL = re.compile(r"([0-9]{1,9})s")
RFC_3339_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
CLASS_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a value is.
    """

    expected: str
    accepts: Callable[[object], bool]


def is_https_url(value: object) -> bool:
    """Says whether a value is an https URL with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_ttl(value: object) -> bool:
    match = TTL.fullmatch(value) if isinstance(value, str) else None
    return match is not None and 1 <= int(match[1]) <= MAX_TTL_S


def _is_json_object_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return isinstance(parsed, dict) and _is_shallow(parsed)


def _is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    """Says whether JSON is nested so little that orjson can write it again inside an answer."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return parts is None or (depth > 0 and all(_is_shallow(part, depth - 1) for part in parts))


def _range(least: int, most: int) -> Field:
    def accepts(value: object) -> bool:
        return type(value) is int and least <= value <= most

    return Field(f"a whole number from {least} to {most}", accepts)


def _short(most: int) -> Field:
    def accepts(value: object) -> bool:
        return isinstance(value, str) and 1 <= len(value) <= most

    return Field(f"a string of 1 to {most} characters", accepts)


def _like(pattern: re.Pattern[str], words: str) -> Field:
    return Field(words, lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


_TEXT = Field("a string, not blank", _is_text)
_HTTPS = Field("an https URL", is_https_url)
_DATA = Field("a string holding a JSON object", _is_json_object_text)
_OBJECT = Field("an object", lambda value: isinstance(value, dict))

MESSAGE: Mapping[str, Field] = {
    "data": _DATA,
    "notification": _OBJECT,
    "android": _OBJECT,
    # Checked before, with codes of its own.
    "token": Field("an array", lambda value: isinstance(value, list)),
}
OUTER_NOTIFICATION: Mapping[str, Field] = {"title": _TEXT, "body": _TEXT, "image": _HTTPS}
ANDROID: Mapping[str, Field] = {
    "ttl": Field(f'a string such as "86400s", from 1s to {MAX_TTL_S}s', _is_ttl),
    "biTag": _TEXT,
    "data": _DATA,
    "targetUserType": _range(0, 1),
    "receiptId": _TEXT,
    "notification": _OBJECT,
}
NOTIFICATION: Mapping[str, Field] = {
    "title": _TEXT,
    "body": _TEXT,
    "clickAction": _OBJECT,
    "importance": Field("LOW or NORMAL", lambda value: value in ("LOW", "NORMAL")),
    "image": _HTTPS,
    "style": _range(0, 1),
    "bigTitle": _TEXT,
    "bigBody": _TEXT,
    "when": _like(RFC_3339_UTC, "an RFC 3339 time in UTC"),
    "buttons": Field(
        f"an array of 1 to {MAX_BUTTONS}", lambda value: isinstance(value, list) and 1 <= len(value) <= MAX_BUTTONS
    ),
    "badge": _OBJECT,
    "notifyId": _range(-1, 2**31 - 1),
    "tag": _TEXT,
    "group": _TEXT,
}
CLICK_ACTION: Mapping[str, Field] = {"type": _range(1, 3), "intent": _TEXT, "action": _TEXT, "url": _HTTPS}
BUTTON: Mapping[str, Field] = {
    "name": _short(40),
    "actionType": _range(0, 2),
    "intentType": _range(0, 1),
    "intent": _TEXT,
    "data": _short(1024),
}
BADGE: Mapping[str, Field] = {
    "addNum": _range(1, 99),
    "setNum": _range(0, 99),
    "badgeClass": _like(CLASS_NAME, "a full class name"),
}
