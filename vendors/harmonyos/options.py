"""HarmonyOS's own options: what `vendor_options.harmonyos` takes, under the maker's names.

Source: Huawei developers, HarmonyOS reference push-scenariozed-api-request-param, `pushOptions` and `notification`.
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vendors.contract import VendorOption, Violation
from vendors.custom_data import whole

TEST_MESSAGE = "testMessage"
STYLE = "style"
INBOX_CONTENT = "inboxContent"
SOUND_DURATION = "soundDuration"
MAX_LINES = 3
MAX_LINE = 1024

_HTTPS_URL = re.compile(r"https://[^\s/?#]\S*", re.IGNORECASE)

Check = Callable[[object], str]


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(_violations(options))


def _violations(options: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of harmonyos; the options are {', '.join(_RULES)}")
        elif problem := rule.check(whole(value)):
            yield Violation(name, problem)


def _between(least: int, most: int) -> Check:
    words = f"must be a whole number from {least} to {most}"
    return lambda value: "" if type(value) is int and least <= value <= most else words


def _boolean(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be a text, not blank"


def _up_to(most: int) -> Check:
    def check(value: object) -> str:
        if isinstance(value, str) and len(value) > most:
            return f"has {len(value)} characters; harmonyos allows {most}"
        return _text(value)

    return check


def _bytes_up_to(most: int) -> Check:
    def check(value: object) -> str:
        size = len(value.encode(errors="surrogatepass")) if isinstance(value, str) else 0
        return f"has {size} bytes; harmonyos allows {most}" if size > most else _text(value)

    return check


def _https(value: object) -> str:
    return "" if isinstance(value, str) and _HTTPS_URL.fullmatch(value) else "must be an https URL"


def _lines(value: object) -> str:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LINES:
        return f"must be a list of 1 to {MAX_LINES} texts"
    line = _up_to(MAX_LINE)
    return "; ".join(f"[{at}] {problem}" for at, one in enumerate(value) if (problem := line(one)))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One option: how it reads in ListVendors, and what is wrong with a value."""

    type: str
    help: str
    check: Check


_RULES: Mapping[str, _Rule] = {
    "image": _Rule("string", "https URL of a PNG, JPEG or BMP of at most 49152 pixels, else it is not shown", _https),
    STYLE: _Rule(
        "integer",
        "0 standard, 1 big text, which shows the whole body unfolded and which Huawei is dropping. Default: 0",
        _between(0, 1),
    ),
    INBOX_CONTENT: _Rule(
        "array", "1 to 3 lines of up to 1024 characters, shown unfolded instead of the body; makes style 3", _lines
    ),
    "profileId": _Rule("string", "user of the app's it is for, up to 64 characters", _up_to(64)),
    SOUND_DURATION: _Rule(
        "integer", "seconds the sound plays, 1 to 60; left out of a notification without a sound", _between(1, 60)
    ),
    "foregroundShow": _Rule(
        "boolean",
        "false: while the app is in front it gets the notification and nothing is shown. Default: true",
        _boolean,
    ),
    TEST_MESSAGE: _Rule(
        "boolean",
        "true: a test message, of which a project has 1000 a day, 10 phones to a call. Default: false",
        _boolean,
    ),
    "biTag": _Rule("string", "comes back in receipts, up to 64 bytes", _bytes_up_to(64)),
    "receiptId": _Rule("string", "which receipt configuration of the console is told", _text),
    "collapseKey": _Rule(
        "integer",
        "group of which a phone that is offline is kept the newest only: 0 to 100; -1 keeps all. Default: -1",
        _between(-1, 100),
    ),
}

OPTIONS = tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in _RULES.items())
