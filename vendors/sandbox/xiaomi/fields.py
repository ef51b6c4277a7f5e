"""The fields of a message (§3.1, §3.3): form and range of each, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

INTEGER = re.compile(r"-?[0-9]{1,18}")
MAX_INT32 = 2_147_483_647
PREFIX = "extra."
LAUNCHER, INTENT, BROWSER = "1", "2", "3"
INTENT_URI = re.compile(r"intent:\S*#Intent;\S*end")
JOBKEY = re.compile(r"(?!_)[0-9A-Za-z_-]{1,8}")
SOUND = re.compile(r"android\.resource://[\w.]+/raw/\w+", re.ASCII)
CLASS_NAME = re.compile(r"(?:[A-Za-z_][\w$]*)?(?:\.[A-Za-z_][\w$]*)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        expected: what is accepted, in words.
        accepts: says whether a text is.
    """

    expected: str
    accepts: Callable[[str], bool]


def is_http_url(value: str) -> bool:
    """Says whether a text is an http or https URL with a host."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _range(least: int, most: int) -> Field:
    def accepts(value: str) -> bool:
        return INTEGER.fullmatch(value) is not None and least <= int(value) <= most

    return Field(f"a whole number, {least} to {most}", accepts)


def _one_of(*allowed: str) -> Field:
    return Field(f"one of {', '.join(allowed)}", lambda value: value in allowed)


def _like(pattern: re.Pattern[str], expected: str) -> Field:
    return Field(expected, lambda value: pattern.fullmatch(value) is not None)


_ANY = Field("any text", lambda _: True)
_TEXT = Field("a text, not blank", lambda value: bool(value.strip()))
_URL = Field("an http or https address", is_http_url)

# Target, package, texts and payload are checks of their own, with codes of their own.
TOP: Mapping[str, Field] = {
    "registration_id": _ANY,
    "restricted_package_name": _ANY,
    "title": _ANY,
    "description": _ANY,
    "payload": _ANY,
    "pass_through": _one_of("0", "1"),
    "notify_type": _range(-1, 7),
    "notify_id": _range(0, MAX_INT32),
    # How much more than a day depends on the channel.
    "time_to_live": _range(1, 864_000_000),
    # How far ahead depends on the clock.
    "time_to_send": _range(0, 10**13),
}

RESERVED: Mapping[str, Field] = {
    "notify_effect": _one_of(LAUNCHER, INTENT, BROWSER),
    "intent_uri": _like(INTENT_URI, "an intent URI, ending in end"),
    "web_uri": _URL,
    "class_name": _like(CLASS_NAME, "a class name"),
    "intent_flag": _range(0, 2**32 - 1),
    # Which channels and templates there are is the app's.
    "channel_id": _ANY,
    "channel_name": _TEXT,
    "channel_description": _TEXT,
    "template_id": _ANY,
    "template_param": _ANY,
    "notify_foreground": _one_of("0", "1"),
    "sound_uri": _like(SOUND, "android.resource://<package>/raw/<name>"),
    "ticker": _TEXT,
    "flow_control": _range(1, 100_000),
    "jobkey": _like(JOBKEY, "1 to 8 of letters, digits, _ and -, not beginning with _"),
    "callback": _ANY,
    "callback.param": _ANY,
    "callback.type": _ANY,
    "only_send_once": _one_of("0", "1"),
    "instant_notify": _one_of("0", "1"),
    "badge": _range(0, MAX_INT32),
    "locale": _TEXT,
    "locale_not_in": _TEXT,
    "model": _TEXT,
    "model_not_in": _TEXT,
    "app_version": _TEXT,
    "app_version_not_in": _TEXT,
    "connpt": _one_of("wifi"),
    "notification_style_type": _one_of("1", "2"),
    "notification_bigPic_uri": _URL,
    "notification_large_icon_uri": _URL,
    "notification_small_icon_uri": _URL,
    "notification_small_icon_color": _TEXT,
}
