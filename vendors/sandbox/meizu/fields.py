"""The keys of `messageJson`, in the page's order (§4): type, range and what each is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
CLASS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)+")
# The client views an address; it reads no intent: URI, and a script is nobody's wish.
ADDRESS = re.compile(r"(?!(?:intent|javascript|file|content|data):)[A-Za-z][A-Za-z0-9+.-]*:\S+", re.IGNORECASE)
NOTIFY_KEY = re.compile(r"[0-9A-Za-z_-]{1,8}")
VALID_HOURS = range(1, 73)


@dataclass(frozen=True, slots=True)
class Field:
    """One key.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a value is.
    """

    expected: str
    accepts: Callable[[object], bool]


Fields = Mapping[str, Field]


def _characters(most: int) -> Field:
    return Field(
        f"a string of 1 to {most} characters", lambda value: isinstance(value, str) and 1 <= len(value) <= most
    )


def _bytes(most: int, pattern: re.Pattern[str] | None = None, what: str = "a string") -> Field:
    def accepts(value: object) -> bool:
        fits = isinstance(value, str) and len(value.encode()) <= most
        return fits and (pattern is None or pattern.fullmatch(str(value)) is not None)

    return Field(f"{what} of at most {most} bytes", accepts)


def _one_of(*allowed: int) -> Field:
    words = f"one of the numbers {', '.join(map(str, allowed))}"
    return Field(words, lambda value: type(value) is int and value in allowed)


def _switch() -> Field:
    """Meizu's own SDKs write a truth as a number or as true and false."""
    return Field("0 or 1", lambda value: isinstance(value, bool) or (type(value) is int and value in (0, 1)))


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - only whether there is such a time
    except ValueError:
        return False
    return True


def _is_parameters(value: object) -> bool:
    fits = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    return fits and len(orjson.dumps(value)) <= MAX_PARAMETERS_BYTES


def _is_receipt_kind(value: object) -> bool:
    return not isinstance(value, bool) and str(value) in ("1", "2", "3") and isinstance(value, int | str)


_TEXT = Field("a string", lambda value: isinstance(value, str))
_TIME = Field("a time such as 2026-01-31 08:00:00", _is_time)
_FOR_TASKS = Field("nothing: it is for tasks", lambda value: type(value) is int and value == 0)
_OBJECT = Field("an object", lambda value: isinstance(value, dict))

# Ours: the page has no figure.
MAX_PARAMETERS_BYTES = 2000

NOTICE_BAR: Fields = {
    "noticeMsgType": _one_of(0, 1),
    "noticeBarType": _one_of(0, 2),
    "title": _characters(32),
    "content": _characters(100),
    "noticeBarImgUrl": _TEXT,
}
EXPAND: Fields = {
    "noticeExpandType": _one_of(0, 1, 2),
    "noticeExpandContent": _TEXT,
    "noticeExpandImgUrl": _TEXT,
}
CLICK: Fields = {
    # 3 leaves the tap to the app and is broken since Android 12.
    "clickType": _one_of(0, 1, 2),
    "url": _bytes(1000, ADDRESS, "an address with a scheme other than intent, javascript, file, content and data"),
    "activity": _bytes(1000, CLASS_NAME, "a full class name"),
    "parameters": Field(f"an object of strings, at most {MAX_PARAMETERS_BYTES} bytes of JSON", _is_parameters),
    "customAttribute": _bytes(1000),
}
TIMES: Fields = {
    "offLine": _switch(),
    "validTime": Field("1 to 72 hours", lambda value: type(value) is int and value in VALID_HOURS),
    "pushTimeType": _FOR_TASKS,
    "startTime": Field("nothing: it is for tasks", lambda _: False),
}
ADVANCE: Fields = {
    "suspend": _switch(),
    "clearNoticeBar": _switch(),
    "fixDisplay": _switch(),
    "fixStartDisplayTime": _TIME,
    "fixEndDisplayTime": _TIME,
    "notificationType": _OBJECT,
    "notifyKey": Field(
        "1 to 8 letters, digits, _ and -", lambda value: isinstance(value, str) and bool(NOTIFY_KEY.fullmatch(value))
    ),
    "fixSpeed": _FOR_TASKS,
    "fixSpeedRate": _FOR_TASKS,
}
SIGNALS: Fields = {"vibrate": _switch(), "lights": _switch(), "sound": _switch()}
RECEIPTS: Fields = {
    "callback": _bytes(128),
    "callback.param": _bytes(64),
    "callback.type": Field("1, 2 or 3", _is_receipt_kind),
}

PARTS: Mapping[str, Fields] = {
    "noticeBarInfo": NOTICE_BAR,
    "noticeExpandInfo": EXPAND,
    "clickTypeInfo": CLICK,
    "pushTimeInfo": TIMES,
    "advanceInfo": ADVANCE,
    "extra": RECEIPTS,
}
