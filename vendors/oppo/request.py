"""OPPO's two ways to send: unicast for one push, unicast_batch for several, each with a content of its own.

Source: OPPO open platform, page 11238 "single push". Broadcast (page 11237) is never used: what goes by it counts as
marketing, two a day for each phone. The form's one JSON field is put together from quoted pieces, so that what many
pushes share is encoded once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote_plus

from msgspec import Struct

from vendors.contract import AccessToken, HttpRequest, Push
from vendors.oppo.credential import OppoCredential
from vendors.oppo.form import HEADERS, is_plain, quoted
from vendors.oppo.notification import CAPABILITIES, Content

UNICAST_PATH = "/server/v1/message/notification/unicast"
UNICAST_BATCH_PATH = "/server/v1/message/notification/unicast_batch"
MAX_BODY_BYTES = 1 << 20
MIN_TTL_S = 1
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())

# verify_registration_id: the phone itself drops what was meant for the account that used it before.
_TARGET = quoted(b'{"target_type":2,"target_value":')
_NOTIFICATION = quoted(b',"verify_registration_id":true,"notification":{"app_message_id":')
_RECEIPT_URL = quoted(b',"call_back_url":')
_RECEIPT_PARAMETER = quoted(b',"call_back_parameter":')
_TTL = quoted(b',"off_line_ttl":')
_END = quoted(b"}}")
_COMMA = quoted(b",")
_ARRAY_START = quoted(b"[")
_ARRAY_END = quoted(b"]")


class Rest(Struct, frozen=True, gc=False):
    """What the message objects of pushes with the same content, end and receipts share.

    Attributes:
        quoted: form-quoted.
        truncated: fields shortened on the way.
    """

    quoted: str
    truncated: tuple[str, ...]


class Element(Struct, frozen=True, gc=False):
    """One push ready to leave.

    Attributes:
        position: of the push in the batch.
        push: the push.
        truncated: fields shortened on the way.
        quoted: the message object, form-quoted.
    """

    position: int
    push: Push
    truncated: tuple[str, ...]
    quoted: str


def rest_of(push: Push, content: Content, *, now: datetime) -> Rest:
    """The rest of a message object, behind its phone and its dedup id."""
    ttl = f"{_TTL}{ttl_s(push.expires_at, now)}" if content.off_line else ""
    receipts = ""
    if push.receipt_url:
        receipts = f"{_RECEIPT_URL}{_json(push.receipt_url)}{_RECEIPT_PARAMETER}{_json(push.receipt_parameter)}"
    return Rest(f"{_COMMA}{content.quoted}{receipts}{ttl}{_END}", content.truncated)


def element_of(position: int, push: Push, rest: Rest) -> Element:
    """A push as one message object."""
    own = f"{_TARGET}{_json(push.registration_id)}{_NOTIFICATION}{_json(push.dedup_id)}"
    return Element(position, push, rest.truncated, own + rest.quoted)


def calls_of(elements: Sequence[Element], access_token: AccessToken) -> Iterator[Sequence[Element]]:
    """The elements of each call, in order; no call passes the limit of targets or of bytes."""
    around = len(_body([], access_token))
    call: list[Element] = []
    size = around
    for element in elements:
        added = len(element.quoted) + len(_COMMA)
        if call and (len(call) == CAPABILITIES.max_targets or size + added > MAX_BODY_BYTES):
            yield call
            call, size = [], around
        call.append(element)
        size += added
    if call:
        yield call


def send_request(call: Sequence[Element], credential: OppoCredential, access_token: AccessToken) -> HttpRequest:
    """One call for one or more pushes."""
    path = UNICAST_PATH if len(call) == 1 else UNICAST_BATCH_PATH
    return HttpRequest(url=credential.host + path, body=_body(call, access_token).encode(), headers=HEADERS)


def _body(call: Sequence[Element], access_token: AccessToken) -> str:
    token = quote_plus(access_token.value)
    if len(call) == 1:
        return f"auth_token={token}&message={call[0].quoted}"
    messages = _COMMA.join([element.quoted for element in call])
    return f"auth_token={token}&messages={_ARRAY_START}{messages}{_ARRAY_END}"


@lru_cache(maxsize=64)
def ttl_s(expires_at: datetime, now: datetime) -> int:
    """How long OPPO keeps a push for a phone that is offline, in seconds."""
    left = int((expires_at - now).total_seconds())
    return max(MIN_TTL_S, min(MAX_TTL_S, left))


def _json(text: str) -> str:
    return f"%22{text}%22" if is_plain(text) else quoted(json.dumps(text).encode())
