"""Xiaomi MiPush: notification-bar messages to Xiaomi, Redmi and POCO phones in mainland China.

Source: Xiaomi open platform, `dev.mi.com/xiaomihyperos/documentation/detail?pId=…`, read 2026-11: 1559 addresses and
parameters, 1560 codes, 1656 limits, 1854 time to live, 1856 click effects, 2314 templates; what these leave open is
taken from Xiaomi's own Java and PHP SDKs.

Quirks:
- there is no sign-in and no signature: every request carries the app secret in its Authorization header;
- one call takes one content and up to 1000 registration ids; those it refuses stand in `bad_regids` beside code 0;
- `jobkey` has 8 characters, and it is the phone that shows only the first message under one;
- `time_to_live` is milliseconds, at most 10 days on a private channel and 1 day on a public one;
- every message must say in `extra.notify_effect` what a tap does, and must go by a channel registered with Xiaomi;
- the page says to URL-encode the payload; form encoding it once, as the SDKs do, is meant.

Read on: credential → options → click → notification → request → response, with exchange putting them together.
"""

from vendors.xiaomi.credential import (
    CREDENTIAL_FIELDS,
    XiaomiCredential,
    auth_request,
    check_registration_id,
    parse_auth,
    parse_credential,
)
from vendors.xiaomi.exchange import exchange
from vendors.xiaomi.notification import CAPABILITIES
from vendors.xiaomi.options import OPTIONS, check_options
from vendors.xiaomi.recall import recall
from vendors.xiaomi.receipts import parse_receipts
from vendors.xiaomi.response import classify

NAME = "xiaomi"
LABEL = "Xiaomi"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "XiaomiCredential",
    "auth_request",
    "check_options",
    "check_registration_id",
    "classify",
    "exchange",
    "parse_auth",
    "parse_credential",
    "parse_receipts",
    "recall",
]
