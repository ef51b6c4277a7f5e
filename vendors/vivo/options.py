"""vivo's own options: what `vendor_options.vivo` takes.

Source: vivo developer centre, docs 362 (push API), 681 (receipts), 743 (online push), 788 (badge).
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vendors.contract import VendorOption, Violation
from vendors.custom_data import whole

NOTIFY_TYPE = "notifyType"
PUSH_MODE = "pushMode"
PROFILE_ID = "profileId"
EXTRA = "extra"
CALLBACK = "callback"
MAX_PROFILE_ID = 64
MAX_RECEIPT_ID = 64
# The parameter's older limit, which every version of vivo's service takes.
EXTRA_LIMITS = {CALLBACK: 128, "callback.param": 64, "callback.id": MAX_RECEIPT_ID}

Check = Callable[[object], str]


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(_violations(options))


def is_single_only(options: Mapping[str, object]) -> bool:
    """Whether legal options ask for what vivo does for a single push only: a profile, or receipts to a URL."""
    extra = options.get(EXTRA)
    return PROFILE_ID in options or (isinstance(extra, Mapping) and CALLBACK in extra)


def _violations(options: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of vivo; the options are {', '.join(_RULES)}")
        elif problem := rule.check(value):
            yield Violation(name, problem)


def _one_of(*allowed: int) -> Check:
    words = f"must be one of {', '.join(map(str, allowed))}"

    def check(value: object) -> str:
        number = whole(value)
        return "" if isinstance(number, int) and not isinstance(number, bool) and number in allowed else words

    return check


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _text(limit: int) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or not value:
            return "must be a text, not empty"
        return f"has {len(value)} characters; vivo allows {limit}" if len(value) > limit else ""

    return check


def _extra(value: object) -> str:
    if not isinstance(value, Mapping) or not value:
        return "must be an object, not empty"
    problems = [f"has no key {name}" for name in value if name not in EXTRA_LIMITS]
    problems += [
        f"{name} {problem}"
        for name, text in value.items()
        if name in EXTRA_LIMITS and (problem := _text(EXTRA_LIMITS[name])(text))
    ]
    return "; ".join(problems)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One option: how it reads in ListVendors, and what is wrong with a value."""

    type: str
    help: str
    check: Check


_RULES: Mapping[str, _Rule] = {
    NOTIFY_TYPE: _Rule("integer", "1 silent, 2 rings, 3 vibrates, 4 both. Default: 4", _one_of(1, 2, 3, 4)),
    "networkType": _Rule("integer", "-1 any network, 1 only Wi-Fi. Default: -1", _one_of(-1, 1)),
    "foregroundShow": _Rule("boolean", "false: not shown while the app is in front. Default: true", _truth),
    "sendOnline": _Rule("boolean", "true: dropped unless the phone is online now. Default: false", _truth),
    PROFILE_ID: _Rule(
        "string", "the user this is for, as the app told vivo's SDK, at most 64 characters", _text(MAX_PROFILE_ID)
    ),
    PUSH_MODE: _Rule("integer", "0 formal, 1 only to the app's test phones. Default: 0", _one_of(0, 1)),
    EXTRA: _Rule(
        "object",
        "receipts asked of vivo, as texts: callback (URL, up to 128), callback.param and callback.id (up to 64 each)",
        _extra,
    ),
}

OPTIONS = tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in _RULES.items())
