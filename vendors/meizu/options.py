"""Meizu's own options: what `vendor_options.meizu` takes.

Source: Meizu's server API, `messageJson`. Values come from a JSON-like structure whose numbers are all floating point,
so a whole one counts as an integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vendors.contract import VendorOption, Violation

BAR_TYPE = "noticeBarType"
LONG_TEXT = "noticeExpandContent"
BIG_PICTURE = "noticeExpandImgUrl"
OFF_LINE = "offLine"
SHOW_FROM = "fixStartDisplayTime"
SHOW_UNTIL = "fixEndDisplayTime"
SWITCHES = ("suspend", "clearNoticeBar")
SIGNALS = ("vibrate", "lights", "sound")
BAR_TYPES = (0, 2)

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_HTTP_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)

Check = Callable[[object], str]


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(_violations(options))


def _violations(options: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of meizu; the options are {', '.join(_RULES)}")
        elif problem := rule.check(value):
            yield Violation(name, problem)
    if (SHOW_FROM in options) != (SHOW_UNTIL in options):
        missing = SHOW_UNTIL if SHOW_FROM in options else SHOW_FROM
        yield Violation(missing, f"is required: {SHOW_FROM} and {SHOW_UNTIL} go together")
    elif not _is_in_order(options.get(SHOW_FROM), options.get(SHOW_UNTIL)):
        yield Violation(SHOW_UNTIL, f"must be later than {SHOW_FROM}")


def _is_in_order(first: object, second: object) -> bool:
    # Written from the year down to the second, times sort as texts do.
    return not (isinstance(first, str) and isinstance(second, str)) or first < second


def _bar_type(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if is_number and value in BAR_TYPES else "must be one of 0, 2"


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value else "must be a text, not empty"


def _url(value: object) -> str:
    fits = isinstance(value, str) and _HTTP_URL.fullmatch(value)
    return "" if fits else "must be an http or https address"


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _time(value: object) -> str:
    words = "must be a time such as 2026-01-31 08:00:00, in China's time"
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return words
    try:
        datetime.strptime(value, TIME_FORMAT)  # noqa: DTZ007 - only whether there is such a day and hour
    except ValueError:
        return words
    return ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """One option: how it reads in ListVendors, and what is wrong with a value."""

    type: str
    help: str
    check: Check


_RULES: Mapping[str, _Rule] = {
    BAR_TYPE: _Rule("integer", "0 Meizu's own look, 2 Android's. Default: 0", _bar_type),
    LONG_TEXT: _Rule("string", "long text, shown when the notification is pulled open", _text),
    BIG_PICTURE: _Rule(
        "string",
        "picture shown when the notification is pulled open, in place of noticeExpandContent; for VIP apps: an address "
        "that Meizu's uploadImg gave",
        _url,
    ),
    OFF_LINE: _Rule("boolean", "false: dropped if the phone is offline. Default: true", _truth),
    "suspend": _Rule("boolean", "pops up on top of the screen. Default: true", _truth),
    "clearNoticeBar": _Rule("boolean", "may be swiped away. Default: true", _truth),
    SHOW_FROM: _Rule("string", "shown only from this time, in China's time: 2026-01-31 08:00:00", _time),
    SHOW_UNTIL: _Rule("string", "shown only until this time; goes with fixStartDisplayTime", _time),
    "vibrate": _Rule("boolean", "vibrates. Default: true", _truth),
    "lights": _Rule("boolean", "blinks. Default: true", _truth),
    "sound": _Rule("boolean", "sounds. Default: true", _truth),
}

OPTIONS = tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in _RULES.items())
