"""vivo's calls: the single push, and the two that take one message to many phones.

Source: vivo developer centre, doc 362 "push API", single push and list push. Quirks: a list has at least two phones;
its message is saved first and then pushed by the task id that the saving gave; older versions keep a list's message for
15 minutes at least.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from vendors.contract import AccessToken, HttpRequest, Push
from vendors.same_content import Group
from vendors.vivo.credential import HOST, REGISTRATION_ID, VivoCredential
from vendors.vivo.notification import CAPABILITIES, Content

SEND_PATH = "/message/send"
SAVE_PATH = "/message/saveListPayload"
PUSH_PATH = "/message/pushToList"
CONTENT_TYPE = "application/json;charset=UTF-8"
MIN_TTL_S = 60
MIN_LIST_TTL_S = 900
MAX_TTL_S = int(CAPABILITIES.max_ttl.total_seconds())


@dataclass(frozen=True, slots=True)
class Call:
    """One message for one phone, or for a list of 2 to 1000.

    Attributes:
        content: the message.
        phones: registration ids, each one once.
        request_id: names the call, and both requests of a list; for tracing only.
    """

    content: Content
    phones: Sequence[str]
    request_id: str


def calls_of(group: Group[Content], pushes: Sequence[Push]) -> Iterator[Call]:
    """The calls that take a message to its phones, in order.

    Args:
        group: the message and where in the batch its pushes stand.
        pushes: the batch.
    """
    first_push: dict[str, Push] = {}
    for at, phone in zip(group.positions, group.registration_ids, strict=True):
        # One that is none would make vivo refuse a whole list.
        if REGISTRATION_ID.fullmatch(phone):
            first_push.setdefault(phone, pushes[at])
    if len(first_push) > 1 and not group.content.is_single_only:
        phones = tuple(first_push)
        first = first_push[phones[0]]
        yield Call(group.content, phones, list_request_id(first.content_id or first.dedup_id, phones))
    else:
        for phone, push in first_push.items():
            yield Call(group.content, (phone,), push.dedup_id)


def last_of(call: Call, phone: str) -> Call:
    """The call to the only phone of a list that is still to be reached."""
    return Call(call.content, (phone,), list_request_id(call.request_id, (phone,)))


def send_request(call: Call, credential: VivoCredential, access_token: AccessToken) -> HttpRequest:
    """The single push."""
    fields = {
        "appId": int(credential.app_id),
        "regId": call.phones[0],
        "requestId": call.request_id,
        "timeToLive": ttl_s(call.content, MIN_TTL_S),
    }
    return _request(SEND_PATH, _with_members(fields, call.content.single_members), access_token)


def save_request(call: Call, credential: VivoCredential, access_token: AccessToken) -> HttpRequest:
    """The first of a list's two requests: keeps the message at vivo."""
    fields = {
        "appId": int(credential.app_id),
        "requestId": call.request_id,
        "timeToLive": ttl_s(call.content, MIN_LIST_TTL_S),
    }
    return _request(SAVE_PATH, _with_members(fields, call.content.members), access_token)


def push_request(call: Call, task_id: str, credential: VivoCredential, access_token: AccessToken) -> HttpRequest:
    """The second of a list's two requests: pushes the kept message to the phones."""
    fields = {
        "appId": int(credential.app_id),
        "regIds": call.phones,
        "taskId": task_id,
        "requestId": call.request_id,
        "pushMode": call.content.push_mode,
    }
    return _request(PUSH_PATH, orjson.dumps(fields), access_token)


def list_request_id(content_id: str, phones: Sequence[str]) -> str:
    """The request id of a list: 64 hex digits, the same for the same content and phones and for no others."""
    text = "\n".join((*phones, content_id))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def ttl_s(content: Content, least: int) -> int:
    """How long vivo keeps a message for a phone that is offline, in seconds."""
    return max(least, min(MAX_TTL_S, content.left_s))


def _with_members(fields: dict[str, object], members: bytes) -> bytes:
    return orjson.dumps(fields)[:-1] + b"," + members[1:]


def _request(path: str, body: bytes, access_token: AccessToken) -> HttpRequest:
    headers = {"content-type": CONTENT_TYPE, "authtoken": access_token.value}
    return HttpRequest(url=HOST + path, body=body, headers=headers)
