"""Meizu's own options: what `vendor_options.meizu` takes.

Source: Meizu's server API, `messageJson`. Values come from a JSON-like structure whose numbers are all floating point,
so a whole one counts as an integer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from vendors.contract import Violation
from vendors.option_rules import Rule, described, http_url, one_of, text, truth, violations

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


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return [*violations(options, _RULES, "meizu"), *_display_time(options)]


def _display_time(options: Mapping[str, object]) -> Iterator[Violation]:
    if (SHOW_FROM in options) != (SHOW_UNTIL in options):
        missing = SHOW_UNTIL if SHOW_FROM in options else SHOW_FROM
        yield Violation(missing, f"is required: {SHOW_FROM} and {SHOW_UNTIL} go together")
    elif not _is_in_order(options.get(SHOW_FROM), options.get(SHOW_UNTIL)):
        yield Violation(SHOW_UNTIL, f"must be later than {SHOW_FROM}")


def _is_in_order(first: object, second: object) -> bool:
    # Written from the year down to the second, times sort as texts do.
    return not (isinstance(first, str) and isinstance(second, str)) or first < second


def _time(value: object) -> str:
    words = "must be a time such as 2026-01-31 08:00:00, in China's time"
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return words
    try:
        datetime.strptime(value, TIME_FORMAT)  # noqa: DTZ007 - only whether there is such a day and hour
    except ValueError:
        return words
    return ""


_RULES: Mapping[str, Rule] = {
    BAR_TYPE: Rule("integer", "0 Meizu's own look, 2 Android's. Default: 0", one_of(*BAR_TYPES)),
    LONG_TEXT: Rule("string", "long text, shown when the notification is pulled open", text),
    BIG_PICTURE: Rule(
        "string",
        "picture shown when the notification is pulled open, in place of noticeExpandContent; for VIP apps: an address "
        "that Meizu's uploadImg gave",
        http_url,
    ),
    OFF_LINE: Rule("boolean", "false: dropped if the phone is offline. Default: true", truth),
    "suspend": Rule("boolean", "pops up on top of the screen. Default: true", truth),
    "clearNoticeBar": Rule("boolean", "may be swiped away. Default: true", truth),
    SHOW_FROM: Rule("string", "shown only from this time, in China's time: 2026-01-31 08:00:00", _time),
    SHOW_UNTIL: Rule("string", "shown only until this time; goes with fixStartDisplayTime", _time),
    "vibrate": Rule("boolean", "vibrates. Default: true", truth),
    "lights": Rule("boolean", "blinks. Default: true", truth),
    "sound": Rule("boolean", "sounds. Default: true", truth),
}

OPTIONS = described(_RULES)
