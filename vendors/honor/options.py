"""Honor's own options: what `vendor_options.honor` takes, under the maker's names.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "send", fields of `android` and `android.notification`.
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vendors.contract import VendorOption, Violation

BADGE_CLASS = "badgeClass"
MAX_BUTTONS = 3
MAX_BUTTON_NAME = 40
MAX_BUTTON_DATA = 1024
BUTTON_OPENS_PAGE = 1
BUTTON_OPENS_WEB = 2

HTTPS_URL = re.compile(r"https://[^\s/?#]\S*", re.IGNORECASE)
_RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_CLASS_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")

Check = Callable[[object], str]


def whole(value: object) -> object:
    """The value with each whole number in it as an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: whole(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [whole(part) for part in value]
    return value


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(_violations(options))


def _violations(options: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of honor; the options are {', '.join(_RULES)}")
        elif problem := rule.check(whole(value)):
            yield Violation(name, problem)


def _between(least: int, most: int) -> Check:
    words = f"must be a whole number from {least} to {most}"
    return lambda value: "" if type(value) is int and least <= value <= most else words


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value else "must be a text, not empty"


def _up_to(most: int) -> Check:
    def check(value: object) -> str:
        if isinstance(value, str) and len(value) > most:
            return f"has {len(value)} characters; honor allows {most}"
        return _text(value)

    return check


def _like(pattern: re.Pattern[str], words: str) -> Check:
    return lambda value: "" if isinstance(value, str) and pattern.fullmatch(value) else words


_https = _like(HTTPS_URL, "must be an https URL")


def _object(checks: Mapping[str, Check], required: Sequence[str] = ()) -> Check:
    """A check of an object with these keys and no others."""

    def problems(value: Mapping[object, object]) -> Iterator[str]:
        yield from (f"{name} is required" for name in required if name not in value)
        for name, part in value.items():
            check = checks.get(name) if isinstance(name, str) else None
            if check is None:
                yield f"has no key {name}; the keys are {', '.join(checks)}"
            elif problem := check(part):
                yield f"{name} {problem}"

    return lambda value: "; ".join(problems(value)) if isinstance(value, Mapping) else "must be an object"


_BUTTON: Mapping[str, Check] = {
    "name": _up_to(MAX_BUTTON_NAME),
    "actionType": _between(0, BUTTON_OPENS_WEB),
    "intentType": _between(0, 1),
    "intent": _text,
    "data": _up_to(MAX_BUTTON_DATA),
}
_button_keys = _object(_BUTTON, ("name", "actionType"))


def _button(value: object) -> str:
    problem = _button_keys(value)
    if problem or not isinstance(value, Mapping):
        return problem
    if value["actionType"] == BUTTON_OPENS_PAGE and not {"intent", "intentType"} <= value.keys():
        return f"intent and intentType are required with actionType {BUTTON_OPENS_PAGE}"
    if value["actionType"] == BUTTON_OPENS_WEB and (wrong := _https(value.get("intent"))):
        return f"intent {wrong} with actionType {BUTTON_OPENS_WEB}"
    return ""


def _buttons(value: object) -> str:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_BUTTONS:
        return f"must be a list of 1 to {MAX_BUTTONS} buttons"
    return "; ".join(f"[{at}] {problem}" for at, one in enumerate(value) if (problem := _button(one)))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One option: how it reads in ListVendors, and what is wrong with a value."""

    type: str
    help: str
    check: Check


_RULES: Mapping[str, _Rule] = {
    "image": _Rule("string", "https URL of a picture; not for marketing categories", _https),
    "style": _Rule(
        "integer", "0 standard, 1 big text, which shows the whole body unfolded. Default: 0", _between(0, 1)
    ),
    "when": _Rule(
        "string",
        "time shown on the notification and sorted by, RFC 3339 in UTC, such as 2026-01-01T08:00:00Z",
        _like(_RFC_3339_UTC, "must be a time in UTC such as 2026-01-01T08:00:00Z"),
    ),
    "buttons": _Rule(
        "array",
        "1 to 3 buttons, each an object: name (up to 40 characters), actionType (0 home page, 1 page, 2 https page), "
        "and where it opens one intent, intentType (0 intent, 1 action), data (up to 1024 characters)",
        _buttons,
    ),
    BADGE_CLASS: _Rule(
        "string",
        "full name of the launcher activity, which a badge is drawn for; set it in the cert's defaults",
        _like(_CLASS_NAME, "must be a full class name"),
    ),
    "group": _Rule("string", "notifications of one group fold into one", _text),
    "biTag": _Rule("string", "comes back in receipts", _text),
    "receiptId": _Rule(
        "string", "which receipt address of the app's is told; the name is by analogy (80200020)", _text
    ),
    "targetUserType": _Rule(
        "integer",
        "0 formal, 1 test: 1000 a day for the app, not counted against a phone's day. Default: 0",
        _between(0, 1),
    ),
}

OPTIONS = tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in _RULES.items())
