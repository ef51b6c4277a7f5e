"""vivo's call for one phone.

Source: vivo developer centre, doc 362 "push API", single push. The list calls are not used: they take one text for many
phones, and the calls of a chat all differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

from vendors.contract import AccessToken, HttpRequest, Push
from vendors.outcomes import MessageRejected
from vendors.vivo.credential import HOST, VivoCredential
from vendors.vivo.notification import CAPABILITIES, content_of, not_sent

SEND_PATH = "/message/send"
CONTENT_TYPE = "application/json;charset=UTF-8"
MIN_TTL_S = 60
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())


@dataclass(frozen=True, slots=True)
class Element:
    """One push ready to leave.

    Attributes:
        push: the push.
        truncated: fields shortened on the way.
        body: the call's body.
    """

    push: Push
    truncated: tuple[str, ...]
    body: bytes


def element_of(push: Push, credential: VivoCredential, *, now: datetime) -> Element | MessageRejected:
    """A push as the body of a call, or why it can't be sent to vivo at all."""
    content = content_of(push, credential)
    if isinstance(content, MessageRejected):
        return content
    fields = {
        "appId": int(credential.app_id),
        "regId": push.registration_id,
        "requestId": push.dedup_id,
        "timeToLive": ttl_s(push, now),
        **content.members,
    }
    try:
        body = orjson.dumps(fields, default=dict)
    except TypeError:
        return not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    return Element(push, content.truncated, body)


def send_request(element: Element, access_token: AccessToken) -> HttpRequest:
    """The call."""
    headers = {"content-type": CONTENT_TYPE, "authtoken": access_token.value}
    return HttpRequest(url=HOST + SEND_PATH, body=element.body, headers=headers)


def ttl_s(push: Push, now: datetime) -> int:
    """How long vivo keeps a push for a phone that is offline, in seconds."""
    left = int((push.expires_at - now).total_seconds())
    return max(MIN_TTL_S, min(MAX_TTL_S, left))
