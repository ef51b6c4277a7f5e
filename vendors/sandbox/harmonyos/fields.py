"""The fields of a send, object by object (§3): their types and ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_TTL_S = 1_296_000
MAX_LINES = 3
MAX_LINE = 1024
MAX_BI_TAG_BYTES = 64
MAX_PROFILE_ID = 64
MAX_DEPTH = 64
APP_MESSAGE_ID = re.compile(r"[A-Za-z0-9+/=\-_ ]{1,64}")
CATEGORIES = frozenset(
    [
        *("IM", "VOIP", "MISS_CALL", "SUBSCRIPTION", "TRAVEL", "HEALTH", "WORK", "ACCOUNT", "EXPRESS", "FINANCE"),
        *("DEVICE_REMINDER", "MAIL", "MARKETING"),
    ]
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a value is.
    """

    expected: str
    accepts: Callable[[object], bool]


def _is_https_url(value: object) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    """Says whether JSON is nested so little that orjson can write it again inside an answer."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return parts is None or (depth > 0 and all(_is_shallow(part, depth - 1) for part in parts))


def _are_lines(value: object) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LINES:
        return False
    return all(_is_text(line) and len(line) <= MAX_LINE for line in value)


def _range(least: int, most: int) -> Field:
    def accepts(value: object) -> bool:
        return type(value) is int and least <= value <= most

    return Field(f"a whole number from {least} to {most}", accepts)


def _is_bi_tag(value: object) -> bool:
    return _is_text(value) and len(str(value).encode()) <= MAX_BI_TAG_BYTES


_TEXT = Field("a string, not blank", _is_text)
_OBJECT = Field("an object", lambda value: isinstance(value, dict))
_BOOLEAN = Field("true or false", lambda value: isinstance(value, bool))

MESSAGE: Mapping[str, Field] = {
    "payload": _OBJECT,
    "target": _OBJECT,
    "pushOptions": _OBJECT,
}
# Checked before, with codes of its own.
TARGET: Mapping[str, Field] = {"token": Field("an array", lambda value: isinstance(value, list))}
# With push-type 0; extraData and proxyData are for others.
PAYLOAD: Mapping[str, Field] = {"notification": _OBJECT}
TTL = _range(1, MAX_TTL_S)
# backgroundMode is for push-type 6.
PUSH_OPTIONS: Mapping[str, Field] = {
    "testMessage": _BOOLEAN,
    "ttl": TTL,
    "biTag": Field(f"a string of 1 to {MAX_BI_TAG_BYTES} bytes", _is_bi_tag),
    "receiptId": _TEXT,
    "collapseKey": _range(-1, 100),
}
NOTIFICATION: Mapping[str, Field] = {
    "category": Field(
        f"one of {', '.join(sorted(CATEGORIES))}", lambda value: isinstance(value, str) and value in CATEGORIES
    ),
    "title": _TEXT,
    "body": _TEXT,
    "clickAction": _OBJECT,
    "image": Field("an https URL", _is_https_url),
    "style": Field("0, 1 or 3", lambda value: type(value) is int and value in (0, 1, 3)),
    "bigTitle": _TEXT,
    "bigBody": _TEXT,
    "inboxContent": Field(f"an array of 1 to {MAX_LINES} strings of 1 to {MAX_LINE} characters", _are_lines),
    "notifyId": _range(-1, 2**31 - 1),
    "appMessageId": Field(
        "1 to 64 letters, digits, + / = - _ and spaces",
        lambda value: isinstance(value, str) and APP_MESSAGE_ID.fullmatch(value) is not None,
    ),
    "profileId": Field(
        f"a string of 1 to {MAX_PROFILE_ID} characters",
        lambda value: isinstance(value, str) and 1 <= len(value) <= MAX_PROFILE_ID,
    ),
    "badge": _OBJECT,
    "sound": _TEXT,
    "soundDuration": _range(1, 60),
    "foregroundShow": _BOOLEAN,
}
# 3 and 5 are for live views.
CLICK_ACTION: Mapping[str, Field] = {
    "actionType": _range(0, 1),
    "action": _TEXT,
    "uri": _TEXT,
    "data": Field("an object", lambda value: isinstance(value, dict) and _is_shallow(value)),
}
BADGE: Mapping[str, Field] = {"addNum": _range(1, 99), "setNum": _range(0, 99)}
