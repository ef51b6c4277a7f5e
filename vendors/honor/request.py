"""Honor's one way to send: one content for up to 1000 distinct tokens.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "send". Quirks: the `timestamp` header is required and in
milliseconds; a token that stands twice refuses the call; TTL is a text of seconds, such as "86400s".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from vendors.contract import AccessToken, HttpRequest, Push
from vendors.honor.credential import HonorCredential
from vendors.honor.notification import CAPABILITIES, Content
from vendors.same_content import Group

PUSH_HOST = "https://push-api.cloud.honor.com"
MIN_TTL_S = 1
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# Pushes of one content, whose registration ids Honor calls tokens.
Call = Group[Content]


def send_request(call: Call, credential: HonorCredential, access_token: AccessToken, *, now: datetime) -> HttpRequest:
    """One call; each token stands in it once."""
    tokens = orjson.dumps(list(dict.fromkeys(call.registration_ids)))
    return HttpRequest(
        url=f"{PUSH_HOST}/api/v1/{credential.app_id}/sendMessage",
        body=b'%b,"token":%b}' % (call.content.json[:-1], tokens),
        headers={
            "authorization": f"Bearer {access_token.value}",
            "content-type": "application/json; charset=UTF-8",
            "timestamp": str((now - _EPOCH) // timedelta(milliseconds=1)),
        },
    )


def ttl_s(push: Push, now: datetime) -> int:
    """How long Honor keeps a push for a phone that is offline, in seconds."""
    left = int((push.expires_at - now).total_seconds())
    return max(MIN_TTL_S, min(MAX_TTL_S, left))
