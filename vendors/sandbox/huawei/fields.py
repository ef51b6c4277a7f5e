"""The fields of a send, object by object (§2): their types and ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vendors.sandbox.json_fields import (
    ARRAY,
    CLASS_NAME,
    HTTPS_URL,
    OBJECT,
    RFC_3339_UTC,
    TEXT,
    TRUTH,
    Field,
    array,
    integer,
    like,
    one_of,
    short,
)

MAX_TTL_S = 1_296_000
MAX_BUTTONS = 3
MAX_VIBRATIONS = 10
MAX_INBOX_LINES = 5
MAX_TEXT = 1024
RAW = re.compile(r"/raw/[a-z0-9_]+")
COLOR = re.compile(r"#[0-9A-Fa-f]{6}")

_STRINGS = Field("an array of strings", lambda value: isinstance(value, list) and all(map(_is_string, value)))
_ANY_TEXT = Field("a string", lambda value: isinstance(value, str))


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


BODY: Mapping[str, Field] = {"validate_only": TRUTH, "message": OBJECT}
MESSAGE: Mapping[str, Field] = {
    "data": TEXT,
    "notification": OBJECT,
    "android": OBJECT,
    # Checked before, with codes of their own.
    "token": ARRAY,
}
OUTER_NOTIFICATION: Mapping[str, Field] = {"title": TEXT, "body": TEXT, "image": HTTPS_URL}
ANDROID: Mapping[str, Field] = {
    # Checked with codes of their own.
    "collapse_key": Field("anything", lambda _: True),
    "ttl": Field("anything", lambda _: True),
    "urgency": one_of("HIGH", "NORMAL"),
    "category": TEXT,
    "bi_tag": TEXT,
    "fast_app_target": integer(1, 2),
    "data": TEXT,
    "notification": OBJECT,
    "receipt_id": TEXT,
    "target_user_type": integer(0, 1),
}
NOTIFICATION: Mapping[str, Field] = {
    "title": TEXT,
    "body": TEXT,
    "click_action": OBJECT,
    "image": HTTPS_URL,
    "icon": like(RAW, "/raw/<name>"),
    "color": like(COLOR, "#RRGGBB"),
    "sound": like(RAW, "/raw/<name>"),
    "default_sound": TRUTH,
    "channel_id": TEXT,
    "importance": one_of("LOW", "NORMAL"),
    "style": one_of(0, 1, 3),
    "big_title": TEXT,
    "big_body": TEXT,
    "inbox_content": array(MAX_INBOX_LINES, _is_line),
    "auto_clear": integer(1, 2**31 - 1),
    "notify_id": integer(-1, 2**31 - 1),
    "tag": TEXT,
    "group": TEXT,
    "badge": OBJECT,
    "title_loc_key": TEXT,
    "title_loc_args": _STRINGS,
    "body_loc_key": TEXT,
    "body_loc_args": _STRINGS,
    "multi_lang_key": OBJECT,
    "notify_summary": _ANY_TEXT,
    "ticker": _ANY_TEXT,
    "auto_cancel": TRUTH,
    "when": RFC_3339_UTC,
    "use_default_vibrate": TRUTH,
    "use_default_light": TRUTH,
    "vibrate_config": array(MAX_VIBRATIONS, _is_string),
    "visibility": one_of("VISIBILITY_UNSPECIFIED", "PUBLIC", "SECRET", "PRIVATE"),
    "light_settings": OBJECT,
    "foreground_show": TRUTH,
    "profile_id": short(64),
    "buttons": array(MAX_BUTTONS),
}
CLICK_ACTION: Mapping[str, Field] = {"type": integer(1, 3), "intent": TEXT, "action": TEXT, "url": HTTPS_URL}
BUTTON: Mapping[str, Field] = {
    "name": short(40),
    "action_type": integer(0, 4),
    "intent_type": integer(0, 1),
    "intent": TEXT,
    "data": short(MAX_TEXT),
}
BADGE: Mapping[str, Field] = {"add_num": integer(1, 99), "set_num": integer(0, 99), "class": CLASS_NAME}
