"""The fields of a send, object by object (§2.1, §2.2): their types and ranges."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.json_fields import (
    ARRAY,
    CLASS_NAME,
    HTTPS_URL,
    OBJECT,
    OBJECT_TEXT,
    RFC_3339_UTC,
    TEXT,
    Field,
    array,
    integer,
    one_of,
    short,
    ttl_text,
)

MAX_TTL_S = 1_296_000
MAX_BUTTONS = 3

MESSAGE: Mapping[str, Field] = {
    "data": OBJECT_TEXT,
    "notification": OBJECT,
    "android": OBJECT,
    # Checked before, with codes of its own.
    "token": ARRAY,
}
OUTER_NOTIFICATION: Mapping[str, Field] = {"title": TEXT, "body": TEXT, "image": HTTPS_URL}
ANDROID: Mapping[str, Field] = {
    "ttl": ttl_text(MAX_TTL_S),
    "biTag": TEXT,
    "data": OBJECT_TEXT,
    "targetUserType": integer(0, 1),
    "receiptId": TEXT,
    "notification": OBJECT,
}
NOTIFICATION: Mapping[str, Field] = {
    "title": TEXT,
    "body": TEXT,
    "clickAction": OBJECT,
    "importance": one_of("LOW", "NORMAL"),
    "image": HTTPS_URL,
    "style": integer(0, 1),
    "bigTitle": TEXT,
    "bigBody": TEXT,
    "when": RFC_3339_UTC,
    "buttons": array(MAX_BUTTONS),
    "badge": OBJECT,
    "notifyId": integer(-1, 2**31 - 1),
    "tag": TEXT,
    "group": TEXT,
}
CLICK_ACTION: Mapping[str, Field] = {"type": integer(1, 3), "intent": TEXT, "action": TEXT, "url": HTTPS_URL}
BUTTON: Mapping[str, Field] = {
    "name": short(40),
    "actionType": integer(0, 2),
    "intentType": integer(0, 1),
    "intent": TEXT,
    "data": short(1024),
}
BADGE: Mapping[str, Field] = {
    "addNum": integer(1, 99),
    "setNum": integer(0, 99),
    "badgeClass": CLASS_NAME,
}
