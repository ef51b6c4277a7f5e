"""Huawei Push Kit, HMS profile (v1): notification-bar messages to EMUI phones and HarmonyOS up to 4.

Source: Huawei developers: `HMSCore-Guides/oauth2-0000001212610981` (sign-in),
`HMSCore-References/https-send-api-0000001050986197` (send), and Huawei's sample servers where the pages are silent;
what no source states is marked "ours" where it stands. HarmonyOS 5 and later is another product: `vendors/harmonyos`.

Quirks:
- one call is one content for up to 1000 tokens; all of the body but the tokens has at most 4096 bytes, and nothing else
  has a limit;
- a token that stands twice is sent to twice, and there is no dedup field: one `notify_id` for all attempts of a content
  makes the second replace the first on screen;
- of a part taken (80100000) `msg` says in JSON, inside a string, which tokens were illegal;
- codes come under HTTP 200 or under a status of their own, so the body is read first;
- category decides how loud it is; one that was not granted counts as marketing, with no error;
- where the app's data is processed in China, `channel_id` has no effect.

Read on: credential → sign → options → notification → request → response, with exchange putting them together.
"""

from vendors.contract import no_recall as recall
from vendors.huawei.credential import CREDENTIAL_FIELDS, HuaweiCredential, check_registration_id, parse_credential
from vendors.huawei.exchange import exchange
from vendors.huawei.notification import CAPABILITIES
from vendors.huawei.options import OPTIONS, check_options
from vendors.huawei.receipts import parse_receipts
from vendors.huawei.response import classify
from vendors.huawei.sign import auth_request, parse_auth

NAME = "huawei"
LABEL = "Huawei (HMS)"

__all__ = [
    "CAPABILITIES",
    "CREDENTIAL_FIELDS",
    "LABEL",
    "NAME",
    "OPTIONS",
    "HuaweiCredential",
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
