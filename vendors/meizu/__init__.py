"""Meizu (Flyme) push: notification-bar messages to Meizu phones.

Source: Meizu's server API, `github.com/MEIZUPUSH/PushAPI` README of 2025-04-09, and its Java SDK 1.2.13; classes and
daily limits from Meizu's message rules of 2025-04.

Quirks:
- there is no sign-in: each request is signed by MD5 over its sorted, unencoded form fields and the secret; no time is
  signed, and nothing expires;
- code 200 says that the call was read; the phones that were refused stand in `value`, by code;
- 110010 is "too fast" at the top of an answer and "switched off by the user" inside `value`;
- one call takes one message for up to 100 phones;
- nothing drops a repeat: each message carries a `notifyKey`, so that the second takes the first one's place;
- `validTime` is hours, 1 to 72.

Read on: credential → sign → options → click → ext → notification → request → response; exchange puts them together.
"""

from vendors.contract import no_recall as recall
from vendors.meizu.credential import (
    CREDENTIAL_FIELDS,
    MeizuCredential,
    check_registration_id,
    parse_credential,
)
from vendors.meizu.exchange import exchange
from vendors.meizu.notification import CAPABILITIES
from vendors.meizu.options import OPTIONS, check_options
from vendors.meizu.receipts import parse_receipts
from vendors.meizu.response import classify
from vendors.meizu.sign import auth_request, parse_auth, sign

NAME = "meizu"
LABEL = "Meizu"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "MeizuCredential",
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
