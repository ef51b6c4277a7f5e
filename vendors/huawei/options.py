"""Huawei's own options: what `vendor_options.huawei` takes, under the maker's names.

Source: Huawei developers, `HMSCore-References/https-send-api-0000001050986197`, `android` and `android.notification`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

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
    truth,
    violations,
    whole,
)

BADGE_CLASS = "badge_class"
STYLE, INBOX_CONTENT = "style", "inbox_content"
STYLE_BIG_TEXT, STYLE_INBOX = 1, 3
MAX_BUTTONS = 3
MAX_BUTTON_NAME = 40
MAX_TEXT = 1024
MAX_INBOX_LINES = 5
MAX_PROFILE_ID = 64
BUTTON_OPENS_PAGE, BUTTON_OPENS_WEB, BUTTON_SHARES = 1, 2, 4

_RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_RAW = re.compile(r"/raw/[a-z0-9_]+", re.ASCII)
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return [*violations(options, _RULES, "huawei"), *_missing(options)]


def _missing(options: Mapping[str, object]) -> Iterator[Violation]:
    if whole(options.get(STYLE)) == STYLE_INBOX and INBOX_CONTENT not in options:
        yield Violation(INBOX_CONTENT, f"is required with {STYLE} {STYLE_INBOX}")


_BUTTON: Mapping[str, Check] = {
    "name": text_up_to(MAX_BUTTON_NAME, "huawei"),
    "action_type": between(0, BUTTON_SHARES),
    "intent_type": between(0, 1),
    "intent": text,
    "data": text_up_to(MAX_TEXT, "huawei"),
}
_button_keys = object_of(_BUTTON, ("name", "action_type"))


def _button(value: object) -> str:
    problem = _button_keys(value)
    if problem or not isinstance(value, Mapping):
        return problem
    kind = value["action_type"]
    if kind == BUTTON_OPENS_PAGE and not {"intent", "intent_type"} <= value.keys():
        return f"intent and intent_type are required with action_type {kind}"
    if kind == BUTTON_OPENS_WEB and (wrong := https_url(value.get("intent"))):
        return f"intent {wrong} with action_type {kind}"
    if kind == BUTTON_SHARES and "data" not in value:
        return f"data is required with action_type {kind}"
    return ""


ANDROID_RULES: Mapping[str, Rule] = {
    "collapse_key": Rule(
        "integer",
        "what Huawei keeps for a phone that is offline: -1 all, 0 the newest, 1 to 100 the newest of each number. "
        "Default: -1",
        between(-1, 100),
    ),
    "bi_tag": Rule("string", "comes back in receipts", text),
    "receipt_id": Rule("string", "which receipt address of the console's is told", text),
    "target_user_type": Rule(
        "integer",
        "0 formal, 1 test: 500 a day for the app, not counted against a phone's day. Default: 0",
        between(0, 1),
    ),
}
NOTIFICATION_RULES: Mapping[str, Rule] = {
    "image": Rule("string", "https URL of a picture of less than 512 KB", https_url),
    "icon": Rule("string", "small icon, /raw/<name>", like(_RAW, "must look like /raw/<name>")),
    "color": Rule("string", "of the small icon, #RRGGBB", like(_COLOR, "must look like #RRGGBB")),
    STYLE: Rule(
        "integer",
        "0 standard, 1 big text, which shows the whole body unfolded, 3 lines of inbox_content. Default: 0",
        lambda value: "" if value in (0, STYLE_BIG_TEXT, STYLE_INBOX) and type(value) is int else "must be 0, 1 or 3",
    ),
    INBOX_CONTENT: Rule(
        "array",
        "1 to 5 lines of up to 1024 characters each",
        list_of(text_up_to(MAX_TEXT, "huawei"), MAX_INBOX_LINES, "lines"),
    ),
    "group": Rule("string", "notifications of one group fold into one", text),
    "ticker": Rule("string", "text in the status bar as it arrives", text),
    "when": Rule(
        "string",
        "time shown on the notification and sorted by, RFC 3339 in UTC, such as 2026-01-01T08:00:00Z",
        like(_RFC_3339_UTC, "must be a time in UTC such as 2026-01-01T08:00:00Z"),
    ),
    "auto_cancel": Rule("boolean", "false: a tap leaves it standing; needs a right from Huawei. Default: true", truth),
    "foreground_show": Rule("boolean", "false: not shown while the app is in front. Default: true", truth),
    "visibility": Rule(
        "string",
        "on the lock screen: PUBLIC, PRIVATE or SECRET. Default: PRIVATE",
        lambda value: "" if value in ("PUBLIC", "PRIVATE", "SECRET") else "must be PUBLIC, PRIVATE or SECRET",
    ),
    "profile_id": Rule(
        "string",
        "the user this is for, as the app told Huawei's SDK, at most 64 characters",
        text_up_to(MAX_PROFILE_ID, "huawei"),
    ),
    "buttons": Rule(
        "array",
        "1 to 3 buttons, each an object: name (up to 40 characters), action_type (0 home page, 1 page, 2 https page, 3 "
        "removes the notification, 4 shares), and where it opens one intent, intent_type (0 intent, 1 action), data (up"
        " to 1024 characters)",
        list_of(_button, MAX_BUTTONS, "buttons"),
    ),
}
_RULES: Mapping[str, Rule] = {
    **NOTIFICATION_RULES,
    BADGE_CLASS: Rule(
        "string",
        "full name of the launcher activity, which a badge is drawn for; set it in the cert's defaults",
        class_name,
    ),
    **ANDROID_RULES,
}

OPTIONS = described(_RULES)
