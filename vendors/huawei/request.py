"""Huawei's one way to send: one content for up to 1000 distinct tokens.

Source: Huawei developers, `HMSCore-References/https-send-api-0000001050986197`. TTL is a text of seconds, such as
"86400s".
"""

from __future__ import annotations

from datetime import datetime

import orjson

from vendors.contract import AccessToken, HttpRequest, Push
from vendors.huawei.credential import HuaweiCredential
from vendors.huawei.notification import CAPABILITIES, Content
from vendors.same_content import Group

PUSH_HOST = "https://push-api.cloud.huawei.com"
MIN_TTL_S = 1
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())

# Pushes of one content, whose registration ids Huawei calls tokens.
Call = Group[Content]


def send_request(call: Call, credential: HuaweiCredential, access_token: AccessToken) -> HttpRequest:
    """One call; each token stands in it once, or its phone would ring twice."""
    tokens = orjson.dumps(list(dict.fromkeys(call.registration_ids)))
    return HttpRequest(
        url=f"{PUSH_HOST}/v1/{credential.app_id}/messages:send",
        body=b'%b,"token":%b}}' % (call.content.json[:-2], tokens),
        headers={
            "authorization": f"Bearer {access_token.value}",
            "content-type": "application/json; charset=UTF-8",
        },
    )


def ttl_s(push: Push, now: datetime) -> int:
    """How long Huawei keeps a push for a phone that is offline, in seconds."""
    left = int((push.expires_at - now).total_seconds())
    return max(MIN_TTL_S, min(MAX_TTL_S, left))
