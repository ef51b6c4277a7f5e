"""HarmonyOS's one way to send: one content for up to 1000 tokens.

Source: Huawei developers, HarmonyOS references push-scenariozed-api-request-struct and -request-param. Quirks: a token
that stands twice gets the message twice; TTL is a whole number of seconds; the `push-type` header says what a body is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson

from vendors.contract import HttpRequest, Push
from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.harmonyos.notification import CAPABILITIES, Content
from vendors.same_content import Group

PUSH_HOST = "https://push-api.cloud.huawei.com"
TYPE_NOTIFICATION = "0"
MAX_TEST_TARGETS = 10
MIN_TTL_S = 1
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())

# Pushes of one content, whose registration ids Huawei calls tokens.
Call = Group[Content]


def calls_of(group: Group[Content]) -> Iterator[Call]:
    """The calls that a content takes: one, or for a test message one for every ten phones."""
    most = MAX_TEST_TARGETS if group.content.is_test else CAPABILITIES.max_targets
    for start in range(0, len(group.positions), most):
        end = start + most
        yield Group(group.content, group.positions[start:end], group.registration_ids[start:end])


def send_request(call: Call, credential: HarmonyOsCredential, jwt: str) -> HttpRequest:
    """One call; each token stands in it once."""
    tokens = orjson.dumps(list(dict.fromkeys(call.registration_ids)))
    return HttpRequest(
        url=f"{PUSH_HOST}/v3/{credential.project_id}/messages:send",
        body=b'%b,"target":{"token":%b}}' % (call.content.json[:-1], tokens),
        headers={
            "authorization": f"Bearer {jwt}",
            "content-type": "application/json",
            "push-type": TYPE_NOTIFICATION,
        },
    )


def recall_request(tokens: Sequence[str], notify_id: int, credential: HarmonyOsCredential, jwt: str) -> HttpRequest:
    """Takes one content back from up to 1000 phones."""
    return HttpRequest(
        url=f"{PUSH_HOST}/v1/{credential.client_id}/messages:revoke",
        body=orjson.dumps({"notifyId": notify_id, "token": list(tokens)}),
        headers={
            "authorization": f"Bearer {jwt}",
            "content-type": "application/json",
            "push-type": TYPE_NOTIFICATION,
        },
    )


def ttl_s(push: Push, now: datetime) -> int:
    """How long Huawei keeps a push for a phone that is offline, in seconds."""
    left = int((push.expires_at - now).total_seconds())
    return max(MIN_TTL_S, min(MAX_TTL_S, left))
