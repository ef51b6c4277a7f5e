"""vivo's own options: what `vendor_options.vivo` takes.

Source: vivo developer centre, docs 362 (push API), 681 (receipts), 743 (online push), 788 (badge).
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vendors.contract import Violation
from vendors.option_rules import Rule, described, object_of, one_of, text_up_to, truth, violations

NOTIFY_TYPE = "notifyType"
PUSH_MODE = "pushMode"
PROFILE_ID = "profileId"
EXTRA = "extra"
CALLBACK = "callback"
CALLBACK_PARAMETER = "callback.param"
MAX_PROFILE_ID = 64
MAX_RECEIPT_ID = 64
# The parameter's older limit, which every version of vivo's service takes.
EXTRA_LIMITS = {CALLBACK: 128, CALLBACK_PARAMETER: 64, "callback.id": MAX_RECEIPT_ID}


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(violations(options, _RULES, "vivo"))


def is_single_only(options: Mapping[str, object]) -> bool:
    """Whether legal options ask for what vivo does for a single push only: a profile, or receipts to a URL."""
    extra = options.get(EXTRA)
    return PROFILE_ID in options or (isinstance(extra, Mapping) and CALLBACK in extra)


_extra_keys = object_of({name: text_up_to(limit, "vivo") for name, limit in EXTRA_LIMITS.items()})


def _extra(value: object) -> str:
    return _extra_keys(value) if value else "must be an object, not empty"


_RULES: Mapping[str, Rule] = {
    NOTIFY_TYPE: Rule("integer", "1 silent, 2 rings, 3 vibrates, 4 both. Default: 4", one_of(1, 2, 3, 4)),
    "networkType": Rule("integer", "-1 any network, 1 only Wi-Fi. Default: -1", one_of(-1, 1)),
    "foregroundShow": Rule("boolean", "false: not shown while the app is in front. Default: true", truth),
    "sendOnline": Rule("boolean", "true: dropped unless the phone is online now. Default: false", truth),
    PROFILE_ID: Rule(
        "string",
        "the user this is for, as the app told vivo's SDK, at most 64 characters",
        text_up_to(MAX_PROFILE_ID, "vivo"),
    ),
    PUSH_MODE: Rule("integer", "0 formal, 1 only to the app's test phones. Default: 0", one_of(0, 1)),
    EXTRA: Rule(
        "object",
        "receipts asked of vivo, as texts: callback (URL, up to 128), callback.param and callback.id (up to 64 each)",
        _extra,
    ),
}

OPTIONS = described(_RULES)
