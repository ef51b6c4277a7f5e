"""Honor's own options: what `vendor_options.honor` takes, under the maker's names.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "send", fields of `android` and `android.notification`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vendors.contract import Violation
from vendors.option_rules import (
    Check,
    Rule,
    between,
    class_name,
    described,
    https_url,
    like,
    list_of,
    object_of,
    text,
    text_up_to,
    violations,
)

BADGE_CLASS = "badgeClass"
MAX_BUTTONS = 3
MAX_BUTTON_NAME = 40
MAX_BUTTON_DATA = 1024
BUTTON_OPENS_PAGE = 1
BUTTON_OPENS_WEB = 2

_RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(violations(options, _RULES, "honor"))


_BUTTON: Mapping[str, Check] = {
    "name": text_up_to(MAX_BUTTON_NAME, "honor"),
    "actionType": between(0, BUTTON_OPENS_WEB),
    "intentType": between(0, 1),
    "intent": text,
    "data": text_up_to(MAX_BUTTON_DATA, "honor"),
}
_button_keys = object_of(_BUTTON, ("name", "actionType"))


def _button(value: object) -> str:
    problem = _button_keys(value)
    if problem or not isinstance(value, Mapping):
        return problem
    if value["actionType"] == BUTTON_OPENS_PAGE and not {"intent", "intentType"} <= value.keys():
        return f"intent and intentType are required with actionType {BUTTON_OPENS_PAGE}"
    if value["actionType"] == BUTTON_OPENS_WEB and (wrong := https_url(value.get("intent"))):
        return f"intent {wrong} with actionType {BUTTON_OPENS_WEB}"
    return ""


_RULES: Mapping[str, Rule] = {
    "image": Rule("string", "https URL of a picture; not for marketing categories", https_url),
    "style": Rule("integer", "0 standard, 1 big text, which shows the whole body unfolded. Default: 0", between(0, 1)),
    "when": Rule(
        "string",
        "time shown on the notification and sorted by, RFC 3339 in UTC, such as 2026-01-01T08:00:00Z",
        like(_RFC_3339_UTC, "must be a time in UTC such as 2026-01-01T08:00:00Z"),
    ),
    "buttons": Rule(
        "array",
        "1 to 3 buttons, each an object: name (up to 40 characters), actionType (0 home page, 1 page, 2 https page), "
        "and where it opens one intent, intentType (0 intent, 1 action), data (up to 1024 characters)",
        list_of(_button, MAX_BUTTONS, "buttons"),
    ),
    BADGE_CLASS: Rule(
        "string",
        "full name of the launcher activity, which a badge is drawn for; set it in the cert's defaults",
        class_name,
    ),
    "group": Rule("string", "notifications of one group fold into one", text),
    "biTag": Rule("string", "comes back in receipts", text),
    "receiptId": Rule("string", "which receipt address of the app's is told; the name is by analogy (80200020)", text),
    "targetUserType": Rule(
        "integer",
        "0 formal, 1 test: 1000 a day for the app, not counted against a phone's day. Default: 0",
        between(0, 1),
    ),
}

OPTIONS = described(_RULES)
