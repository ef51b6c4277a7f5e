"""Honor Push: notification-bar messages to Honor phones (Magic UI 4.0 and later).

Source: Honor developers, `developer.honor.com/cn/docs/11002`: reference, notification-class and
notification-push-standards. Its page of codes was not to be had in full; what no source states is marked "ours" where
it stands.

Quirks:
- it looks like Huawei's API and is not: camelCase, no `message` wrapper, whole-number codes, a `timestamp` header;
- signing in takes Client ID and Client Secret, sending has App ID in its path: three different values of the console;
- one call is one content for up to 1000 distinct tokens, and all but the tokens has at most 4096 bytes;
- who failed stands in two lists: `expireTokens` are dead, those in `failTokens` alone failed and live on;
- there is no dedup field: one `notifyId` for all attempts of a message makes the second replace the first on screen;
- there are no channels: `importance` alone decides, and without the right NORMAL is treated as LOW, with no error.

Read on: credential → sign → options → notification → request → response, with exchange putting them together.
"""

from vendors.contract import no_recall as recall
from vendors.honor.credential import (
    CREDENTIAL_FIELDS,
    HonorCredential,
    check_registration_id,
    parse_credential,
)
from vendors.honor.exchange import exchange
from vendors.honor.notification import CAPABILITIES
from vendors.honor.options import OPTIONS, check_options
from vendors.honor.receipts import parse_receipts
from vendors.honor.response import classify
from vendors.honor.sign import auth_request, parse_auth

NAME = "honor"
LABEL = "Honor"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "HonorCredential",
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
