"""vivo Push (vpush): notification-bar messages to vivo and iQOO phones.

Source: vivo developer centre, `dev.vivo.com.cn/documentCenter/doc/…`, from public copies: 362 push API, 896 push API
with its version history and sign-in limits, 359 message classes, 156 click content and common questions.

Quirks:
- the signature is plain MD5 over trimmed parts; the signed timestamp is epoch milliseconds, valid for 10 minutes;
- the access token lives 24 hours, goes in the header `authToken`, and a new one does not end the old ones;
- errors ride in `result` with HTTP 200; `desc` is their text;
- `requestId` is no dedup id: the notification of a repeat replaces the first one on screen by its `notifyId`;
- `timeToLive` is seconds, 60 to 86400, and from 900 for many phones;
- one message goes to many phones by two requests, which save and push it; one phone has a call of its own, and there is
  none that takes a different text for each phone.

Read on: credential → sign → options → click → notification → request → response, with exchange putting them together.
"""

from vendors.contract import no_recall as recall
from vendors.vivo.credential import (
    CREDENTIAL_FIELDS,
    VivoCredential,
    check_registration_id,
    parse_credential,
)
from vendors.vivo.exchange import exchange
from vendors.vivo.notification import CAPABILITIES
from vendors.vivo.options import OPTIONS, check_options
from vendors.vivo.receipts import parse_receipts
from vendors.vivo.response import classify
from vendors.vivo.sign import auth_request, parse_auth, sign

NAME = "vivo"
LABEL = "vivo"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "VivoCredential",
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
