"""The fields of OPPO's notification object, in the page's order (§2.5): type, range and where each may be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from vendors.sandbox.oppo.codes import ACCESS_DENIED, INVALID_ARGUMENTS
from vendors.sandbox.oppo.form import Form

INTEGER = re.compile(r"-?[0-9]{1,18}")
MAX_INT32 = 2_147_483_647
MAX_DEPTH = 64
MILLISECONDS = range(10**12, 10**13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a value is; None: no value is ever.
        reads: turns the text of a form post into the value, or leaves it as it is.
        unicast_code: what its presence in a unicast is refused with; 0: it belongs there.
    """

    expected: str
    accepts: Callable[[object], bool] | None
    reads: Callable[[str], object] = str
    unicast_code: int = 0


def is_http_url(value: str) -> bool:
    """Says whether a text is an http or https URL with a host."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def from_form(form: Form) -> dict[str, object]:
    """The notification that save_message_content spreads over the form (§2.3), numbers and booleans as text."""
    return {name: FIELDS[name].reads(text) for name, text in form.items() if name in FIELDS}


def _text(most: int, *, least: int = 1, unicast_code: int = 0) -> Field:
    def accepts(value: object) -> bool:
        return isinstance(value, str) and least <= len(value) <= most

    return Field(expected=f"a string of {least} to {most} characters", accepts=accepts, unicast_code=unicast_code)


def _integer(*allowed: int, unicast_code: int = 0) -> Field:
    def accepts(value: object) -> bool:
        return type(value) is int and value in allowed

    return Field(
        expected=f"one of the numbers {', '.join(map(str, allowed))}",
        accepts=accepts,
        reads=_read_integer,
        unicast_code=unicast_code,
    )


def _range(least: int, most: int | None, *, unicast_code: int = 0) -> Field:
    def accepts(value: object) -> bool:
        return type(value) is int and value >= least and (most is None or value <= most)

    limits = f"{least} or more" if most is None else f"{least} to {most}"
    return Field(expected=f"a whole number, {limits}", accepts=accepts, reads=_read_integer, unicast_code=unicast_code)


def _boolean(*, unicast_code: int = 0) -> Field:
    return Field(
        expected="true or false",
        accepts=lambda value: isinstance(value, bool),
        reads=lambda text: {"true": True, "false": False}.get(text, text),
        unicast_code=unicast_code,
    )


def _read_integer(text: str) -> object:
    return int(text) if INTEGER.fullmatch(text) else text


def _is_json_object_text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 4000:  # noqa: PLR2004 - the page's limit, said in `expected`
        return False
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return isinstance(parsed, dict) and _is_shallow(parsed)


def _is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    """Says whether JSON is nested so little that orjson can write it again inside an answer."""
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(part, depth - 1) for part in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(part, depth - 1) for part in value)
    return True


def _is_parameters(value: object) -> bool:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return False
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_callback_url(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200 and is_http_url(value)  # noqa: PLR2004 - as above


# The page's own table has no limit for ids; 64 is ours.
_ID = _text(64)
_PARAMETERS = Field(expected="an object of strings, or its JSON text", accepts=_is_parameters)
_PAID = Field(expected="nothing: it is a paid add-on", accepts=None, unicast_code=ACCESS_DENIED)
_BROADCAST_ONLY = INVALID_ARGUMENTS

FIELDS: Mapping[str, Field] = {
    "app_message_id": _ID,
    "style": _integer(1, 2, 3, 4),
    "title": _text(50),
    "sub_title": _text(10, least=0),
    # Its limit hangs on the style.
    "content": _text(128),
    "big_picture_id": _text(200, unicast_code=ACCESS_DENIED),
    "small_picture_id": _text(200, unicast_code=ACCESS_DENIED),
    "click_action_type": _integer(0, 1, 2, 4, 5),
    "click_action_activity": _text(500),
    "click_action_url": _text(2000),
    "action_parameters": Field(
        expected="a string of at most 4000 characters holding a JSON object", accepts=_is_json_object_text
    ),
    "show_time_type": _integer(0, 1),
    "show_start_time": _range(MILLISECONDS.start, MILLISECONDS.stop - 1),
    "show_end_time": _range(MILLISECONDS.start, MILLISECONDS.stop - 1),
    "off_line": _boolean(),
    # Past ten days it is cut, not refused.
    "off_line_ttl": _range(0, None),
    "push_time_type": _integer(0, 1, unicast_code=_BROADCAST_ONLY),
    "push_start_time": _range(MILLISECONDS.start, MILLISECONDS.stop - 1, unicast_code=_BROADCAST_ONLY),
    "time_zone": _text(100),
    "fix_speed": _boolean(unicast_code=_BROADCAST_ONLY),
    "fix_speed_rate": _range(1000, 10_000, unicast_code=_BROADCAST_ONLY),
    "network_type": _integer(0, 1),
    "call_back_url": Field(expected="an http or https URL of at most 200 characters", accepts=_is_callback_url),
    "call_back_parameter": _text(100, least=0),
    "channel_id": _ID,
    # Which ones exist is a check of its own, with a code of its own.
    "category": Field(expected="a string", accepts=lambda value: isinstance(value, str)),
    "notify_level": Field(expected="a whole number", accepts=lambda value: type(value) is int, reads=_read_integer),
    "show_ttl": _range(0, 24 * 3600),
    "notify_id": _range(0, MAX_INT32),
    "badge_operation_type": _integer(0, 1),
    "badge_message_count": _range(0, MAX_INT32),
    "auditResponse": Field(expected=f"JSON at most {MAX_DEPTH} levels deep", accepts=_is_shallow),
    "private_msg_template_id": _ID,
    "private_title_parameters": _PARAMETERS,
    "private_content_parameters": _PARAMETERS,
    "small_picture_url": _PAID,
    "medium_picture_url": _PAID,
    "big_picture_url": _PAID,
    "buttons": _PAID,
    "option": _PAID,
}

# What the checks of every single push go through.
BROADCAST_ACCEPTS = {name: field.accepts for name, field in FIELDS.items() if field.accepts is not None}
UNICAST_ACCEPTS = {name: accepts for name, accepts in BROADCAST_ACCEPTS.items() if not FIELDS[name].unicast_code}
