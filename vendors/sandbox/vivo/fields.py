"""The fields of a message to vivo, in the page's order (§2.1): type, range and the code of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vendors.sandbox.vivo.codes import (
    BAD_REQUEST,
    CALLBACK_LONG,
    CALLBACK_PARAM_LONG,
    TOO_MANY_PAIRS,
    UNKNOWN_EXTRA_KEY,
    WRONG_ALIAS,
    WRONG_CLASSIFICATION,
    WRONG_CUSTOM_MAP,
    WRONG_NETWORK_TYPE,
    WRONG_NOTIFY_ID,
    WRONG_NOTIFY_TYPE,
    WRONG_REG_ID,
    WRONG_SKIP_TYPE,
    WRONG_TTL,
    Refused,
)
from vendors.sandbox.words import quoted

MAX_INT32 = 2_147_483_647
MIN_TTL, MAX_TTL = 60, 86_400
# The older rule, and the stricter one.
MIN_LIST_TTL = 900
MAX_ALIAS = 70
MAX_PROFILE_ID = 64
MAX_CUSTOM_MAP = 1024
MAX_CUSTOM_PAIRS = 10
# Of the parameter the newer limit.
EXTRA: Mapping[str, tuple[int, int]] = {
    "callback": (128, CALLBACK_LONG),
    "callback.param": (192, CALLBACK_PARAM_LONG),
    "callback.id": (64, BAD_REQUEST),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        code: what a value that is not accepted is refused with.
        expected: what is accepted, in words.
        accepts: says whether a value is.
        is_required: it can't be left out.
    """

    code: int
    expected: str
    accepts: Callable[[object], bool]
    is_required: bool = False


def check_field(name: str, field: Field, body: Mapping[str, object]) -> None:
    """Checks one field of a body.

    Raises:
        Refused: the field's code.
    """
    if name not in body:
        if field.is_required:
            raise Refused(field.code, name, field.expected, "nothing")
    elif not field.accepts(body[name]):
        raise Refused(field.code, name, field.expected, quoted(body[name]))


def check_custom_map(value: object) -> None:
    """Checks the app's own data.

    Raises:
        Refused: 10066 or 10067.
    """
    name = "clientCustomMap"
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise Refused(WRONG_CUSTOM_MAP, name, "an object of strings", type(value).__name__)
    if len(value) > MAX_CUSTOM_PAIRS:
        raise Refused(TOO_MANY_PAIRS, name, f"at most {MAX_CUSTOM_PAIRS} pairs", str(len(value)))
    length = sum(len(key) + len(text) for key, text in value.items())
    if length > MAX_CUSTOM_MAP:
        raise Refused(WRONG_CUSTOM_MAP, name, f"at most {MAX_CUSTOM_MAP} characters in all", str(length))


def check_extra(value: object) -> None:
    """Checks what is asked of receipts.

    Raises:
        Refused: 10304, 10305, 10306 or 400.
    """
    if not isinstance(value, dict):
        raise Refused(BAD_REQUEST, "extra", "an object", quoted(value))
    for key, text in value.items():
        if key not in EXTRA:
            raise Refused(UNKNOWN_EXTRA_KEY, f"extra.{key[:40]}", f"one of {', '.join(EXTRA)}", "this key")
        limit, code = EXTRA[key]
        if not isinstance(text, str) or len(text) > limit:
            raise Refused(code, f"extra.{key}", f"a string of at most {limit} characters", quoted(text))


def is_http_url(value: str) -> bool:
    """Says whether a text is an http or https URL with a host."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _integer(code: int, *allowed: int, is_required: bool = False) -> Field:
    return Field(
        code=code,
        expected=f"one of the numbers {', '.join(map(str, allowed))}",
        accepts=lambda value: type(value) is int and value in allowed,
        is_required=is_required,
    )


def _range(code: int, least: int, most: int) -> Field:
    return Field(
        code=code,
        expected=f"a whole number, {least} to {most}",
        accepts=lambda value: type(value) is int and least <= value <= most,
    )


def _text(code: int, most: int) -> Field:
    return Field(
        code=code,
        expected=f"a string of 1 to {most} characters",
        accepts=lambda value: isinstance(value, str) and 1 <= len(value) <= most,
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value


_BOOLEAN = Field(code=BAD_REQUEST, expected="true or false", accepts=lambda value: isinstance(value, bool))

TARGETS: Mapping[str, Field] = {
    "regId": Field(code=WRONG_REG_ID, expected="ASCII without white space", accepts=_is_id),
    "alias": _text(WRONG_ALIAS, MAX_ALIAS),
}
NOTIFY_TYPE = _integer(WRONG_NOTIFY_TYPE, 1, 2, 3, 4, is_required=True)
TIME_TO_LIVE = _range(WRONG_TTL, MIN_TTL, MAX_TTL)
LIST_TIME_TO_LIVE = _range(WRONG_TTL, MIN_LIST_TTL, MAX_TTL)
SKIP_TYPE = _integer(WRONG_SKIP_TYPE, 1, 2, 3, 4, is_required=True)
NETWORK_TYPE = _integer(WRONG_NETWORK_TYPE, -1, 1)
NOTIFY_ID = _range(WRONG_NOTIFY_ID, 1, MAX_INT32)
CLASSIFICATION = _integer(WRONG_CLASSIFICATION, 0, 1)
PUSH_MODE = _integer(BAD_REQUEST, 0, 1)
# What the page has no code for.
OTHERS: Mapping[str, Field] = {
    "pushMode": PUSH_MODE,
    "profileId": _text(BAD_REQUEST, MAX_PROFILE_ID),
    "sendOnline": _BOOLEAN,
    "foregroundShow": _BOOLEAN,
    "addBadge": _BOOLEAN,
}
