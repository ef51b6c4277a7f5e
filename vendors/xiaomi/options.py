"""Xiaomi's own options: what `vendor_options.xiaomi` takes.

Source: Xiaomi open platform, pages 1559 (fields), 2314 (templates); the PHP SDK for the names of styles and filters.
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from vendors.contract import Violation
from vendors.option_rules import Rule, between, described, http_url, text, truth, violations, whole

NOTIFY_TYPE = "notify_type"
INTENT_EXT = "intent_ext"
EXTRA = "extra"
TEMPLATE_ID = "template_id"
TEMPLATE_PARAM = "template_param"
BIG_PICTURE = 2
MAX_CUSTOM_PAIRS = 10
MAX_TEMPLATE_VALUE = 128
FILTERS = ("locale", "locale_not_in", "model", "model_not_in", "app_version", "app_version_not_in")

_RESERVED = re.compile(
    r"notify_effect|intent_uri|web_uri|class_name|intent_flag|channel_(?:id|name|description)|template_(?:id|param)|"
    r"notify_foreground|sound_ur[il]|ticker|flow_control|jobkey|callback(?:\..*)?|only_send_once|instant_notify|badge|"
    r"locale(?:_not_in)?|model(?:_not_in)?|app_version(?:_not_in)?|connpt|notification_.*|hybrid_.*|push_server_action|"
    r"miui\..*"
)


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return [*violations(options, _RULES, "xiaomi"), *_missing(options)]


def _missing(options: Mapping[str, object]) -> Iterator[Violation]:
    if TEMPLATE_PARAM in options and TEMPLATE_ID not in options:
        yield Violation(TEMPLATE_ID, f"is required with {TEMPLATE_PARAM}")
    if whole(options.get("notification_style_type")) == BIG_PICTURE and "notification_bigPic_uri" not in options:
        yield Violation("notification_bigPic_uri", f"is required with notification_style_type {BIG_PICTURE}")


def _wifi(value: object) -> str:
    return "" if value == "wifi" else 'must be "wifi"'


def _template_values(value: object) -> str:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        return "must be an object whose values are all texts"
    return "; ".join(f"{name} {problem}" for name, text in value.items() if (problem := _template_value(text)))


def _template_value(text: str) -> str:
    if not text.strip() or len(text) > MAX_TEMPLATE_VALUE:
        return f"must have 1 to {MAX_TEMPLATE_VALUE} characters, not all blank"
    if any(unicodedata.category(character) in ("So", "Cn") for character in text):
        return "holds an emoji or another symbol, which Xiaomi's templates don't take"
    return ""


def _custom_pairs(value: object) -> str:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        return "must be an object whose values are all texts"
    if len(value) > MAX_CUSTOM_PAIRS:
        return f"has {len(value)} pairs; xiaomi allows {MAX_CUSTOM_PAIRS}"
    taken = [str(name) for name in value if not name or _RESERVED.fullmatch(str(name))]
    return f"has a name that is empty or Xiaomi's own: {', '.join(taken)}" if taken else ""


_RULES: Mapping[str, Rule] = {
    NOTIFY_TYPE: Rule(
        "integer",
        "-1 all of sound, vibration and light; else the sum of 1 sound, 2 vibration, 4 light; 0 silent. Since Android "
        "8 the channel decides. Default: -1",
        between(-1, 7),
    ),
    "notify_foreground": Rule("boolean", "false: not shown while the app is in front. Default: true", truth),
    TEMPLATE_ID: Rule("string", "id of an approved template, for private channels", text),
    TEMPLATE_PARAM: Rule(
        "object",
        "the template's variables: name to text of 1 to 128 characters, without emoji or other symbols",
        _template_values,
    ),
    "ticker": Rule("string", "text in the status bar as it arrives", text),
    "only_send_once": Rule("boolean", "true: dropped if the phone is offline. Default: false", truth),
    "connpt": Rule("string", '"wifi": delivered on Wi-Fi only', _wifi),
    "notification_style_type": Rule(
        "integer", "1 big text, 2 big picture (needs notification_bigPic_uri)", between(1, BIG_PICTURE)
    ),
    "notification_bigPic_uri": Rule("string", "address of a picture uploaded to Xiaomi", http_url),
    "notification_large_icon_uri": Rule("string", "address of an icon uploaded to Xiaomi", http_url),
    **{
        name: Rule("string", f"comma list: shown only on phones {words}", text)
        for name, words in zip(
            FILTERS,
            (
                "of these locales",
                "of other locales",
                "of these models",
                "of other models",
                "with these versions of the app",
                "with other versions of the app",
            ),
            strict=True,
        )
    },
    EXTRA: Rule("object", "up to 10 pairs of texts, read by the app from MiPushMessage.getExtra()", _custom_pairs),
    INTENT_EXT: Rule(
        "boolean",
        "true: for the click actions activity and intent_action the intent also carries ext, as its string extra ext. "
        "Default: false",
        truth,
    ),
}

OPTIONS = described(_RULES)
