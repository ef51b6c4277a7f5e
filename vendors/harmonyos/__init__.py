"""HarmonyOS 5 and later: Huawei Push Kit v3, notification messages.

Source: Huawei developers, HarmonyOS references push-scenariozed-api-request-struct, -request-param and -response,
guides push-jwt-token and push-apply-right; state of August 2025 to April 2026. What no source states is marked "ours"
where it stands.

Quirks:
- it shares a host with Huawei's older Push Kit and little else: camelCase, `payload`, `target` and `pushOptions`;
- a token from before a phone's upgrade to HarmonyOS 5 is dead here, and one from after it is dead there;
- there is no sign-in: a JWT signed with the key of a service account is the bearer, and the host's clock must be right;
- one call is one content for up to 1000 tokens, 10 in a test message; all but the tokens has at most 4096 bytes;
- `appMessageId` is the phone's own memory of 24 hours: of two messages under one it shows the first;
- a tap opens the app or one of its pages; there are no Android classes and no URLs;
- who failed stands in a text of JSON inside `msg`, by reason.

Read on: credential → sign → options → click → notification → request → response, with exchange putting them together.
"""

from vendors.harmonyos.credential import (
    CREDENTIAL_FIELDS,
    HarmonyOsCredential,
    check_registration_id,
    parse_credential,
)
from vendors.harmonyos.exchange import exchange
from vendors.harmonyos.notification import CAPABILITIES
from vendors.harmonyos.options import OPTIONS, check_options
from vendors.harmonyos.recall import recall
from vendors.harmonyos.receipts import parse_receipts
from vendors.harmonyos.response import classify
from vendors.harmonyos.sign import auth_request, parse_auth

NAME = "harmonyos"
LABEL = "HarmonyOS 5+"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "HarmonyOsCredential",
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
