"""The fields of a send, object by object (§3): their types and ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vendors.sandbox.json_fields import (
    ARRAY,
    HTTPS_URL,
    OBJECT,
    TEXT,
    TRUTH,
    Field,
    array,
    integer,
    is_json_object,
    like,
    one_of,
    short,
)

MAX_TTL_S = 1_296_000
MAX_LINES = 3
MAX_LINE = 1024
MAX_BI_TAG_BYTES = 64
MAX_PROFILE_ID = 64
APP_MESSAGE_ID = re.compile(r"[A-Za-z0-9+/=\-_ ]{1,64}")
CATEGORIES = frozenset(
    [
        *("IM", "VOIP", "MISS_CALL", "SUBSCRIPTION", "TRAVEL", "HEALTH", "WORK", "ACCOUNT", "EXPRESS", "FINANCE"),
        *("DEVICE_REMINDER", "MAIL", "MARKETING"),
    ]
)


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_LINE


def _is_bi_tag(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value.encode()) <= MAX_BI_TAG_BYTES


MESSAGE: Mapping[str, Field] = {
    "payload": OBJECT,
    "target": OBJECT,
    "pushOptions": OBJECT,
}
# Checked before, with codes of its own.
TARGET: Mapping[str, Field] = {"token": ARRAY}
# With push-type 0; extraData and proxyData are for others.
PAYLOAD: Mapping[str, Field] = {"notification": OBJECT}
TTL = integer(1, MAX_TTL_S)
# backgroundMode is for push-type 6.
PUSH_OPTIONS: Mapping[str, Field] = {
    "testMessage": TRUTH,
    "ttl": TTL,
    "biTag": Field(f"a string of 1 to {MAX_BI_TAG_BYTES} bytes", _is_bi_tag),
    "receiptId": TEXT,
    "collapseKey": integer(-1, 100),
}
NOTIFICATION: Mapping[str, Field] = {
    "category": Field(
        f"one of {', '.join(sorted(CATEGORIES))}", lambda value: isinstance(value, str) and value in CATEGORIES
    ),
    "title": TEXT,
    "body": TEXT,
    "clickAction": OBJECT,
    "image": HTTPS_URL,
    "style": one_of(0, 1, 3),
    "bigTitle": TEXT,
    "bigBody": TEXT,
    "inboxContent": array(MAX_LINES, _is_line),
    "notifyId": integer(-1, 2**31 - 1),
    "appMessageId": like(APP_MESSAGE_ID, "1 to 64 letters, digits, + / = - _ and spaces"),
    "profileId": short(MAX_PROFILE_ID),
    "badge": OBJECT,
    "sound": TEXT,
    "soundDuration": integer(1, 60),
    "foregroundShow": TRUTH,
}
# 3 and 5 are for live views.
CLICK_ACTION: Mapping[str, Field] = {
    "actionType": integer(0, 1),
    "action": TEXT,
    "uri": TEXT,
    "data": Field("an object", is_json_object),
}
BADGE: Mapping[str, Field] = {"addNum": integer(1, 99), "setNum": integer(0, 99)}
