"""OPPO PUSH (HeyTap): notification-bar messages to OPPO, OnePlus and realme phones.

Source: OPPO open platform, `open.oppomobile.com/documentation/page/info?id=…`, read 2026-08: 11234 auth, 11235
addresses and codes, 11236 notification fields, 11238 single push, 13189 message classes, 12391 private templates.

Quirks:
- the signed timestamp is epoch milliseconds, valid for 10 minutes; the access token lives 24 hours and is a form field;
- the body is a form whose one field holds JSON, in which `action_parameters` is once more a string of JSON;
- `code` 0 means taken: a dead registration id or a phone over its daily cap is mostly told later, by receipt;
- one `app_message_id` is shown once on one phone; a repeat is swallowed, with code 0;
- `off_line_ttl` is seconds, at most 10 days;
- chat goes by unicast or unicast_batch: whatever is broadcast counts as marketing.

Read on: credential → sign → options → notification → request → response, with exchange putting them together.
"""

from vendors.contract import no_recall as recall
from vendors.oppo.credential import (
    CREDENTIAL_FIELDS,
    OppoCredential,
    check_registration_id,
    parse_credential,
)
from vendors.oppo.exchange import exchange
from vendors.oppo.notification import CAPABILITIES
from vendors.oppo.options import OPTIONS, check_options
from vendors.oppo.receipts import parse_receipts
from vendors.oppo.response import classify
from vendors.oppo.sign import auth_request, parse_auth, sign

NAME = "oppo"
LABEL = "OPPO"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "OppoCredential",
    "auth_request",
    "check_options",
    "check_registration_id",
    "classify",
    "exchange",
    "parse_auth",
    "parse_credential",
    "parse_receipts",
    "recall",
    "sign",
]
