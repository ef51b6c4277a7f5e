"""Xiaomi's two ways to send: one content to up to 1000 registration ids, and up to 1000 messages of any contents.

Source: Xiaomi open platform, page 1559 "addresses and parameters"; the SDKs' Sender and TargetedMessage for the shape
of `messages`. v3 of the first path is the newest that the page describes. Quirk: inside `messages` numbers are numbers,
and the extra pairs stand in an object without their prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from vendors.contract import HttpRequest
from vendors.same_content import Group
from vendors.xiaomi.credential import HOST, XiaomiCredential
from vendors.xiaomi.notification import Content

REGID_PATH = "/v3/message/regid"
MULTI_PATH = "/v2/multi_messages/regids"
RECALL_PATH = "/v3/message/regid/revoke"
CONTENT_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"
EXTRA = "extra."
NUMBERS = frozenset({"pass_through", "notify_type", "notify_id", "time_to_live"})


@dataclass(frozen=True, slots=True)
class Call:
    """What one request sends.

    Attributes:
        groups: one content for its phones, or several contents for a phone each.
    """

    groups: Sequence[Group[Content]]

    @property
    def size(self) -> int:
        """How many pushes it is for."""
        return sum(len(group.positions) for group in self.groups)


def calls_of(groups: Sequence[Group[Content]]) -> Iterator[Call]:
    """The calls that the contents of a batch take: one for each that goes to several phones, one for all others."""
    alone = []
    for group in groups:
        if len(set(group.registration_ids)) > 1:
            yield Call([group])
        else:
            alone.append(group)
    if alone:
        yield Call(alone)


def send_request(call: Call, credential: XiaomiCredential) -> HttpRequest:
    """The request of a call."""
    if len(call.groups) == 1:
        [group] = call.groups
        # Each phone once, in order: two pushes may go to one.
        phones = ",".join(dict.fromkeys(group.registration_ids))
        return _request(REGID_PATH, {"registration_id": phones, **dict(group.content.fields)}, credential)
    messages = [{"target": group.registration_ids[0], "message": _message(group.content)} for group in call.groups]
    return _request(MULTI_PATH, {"messages": orjson.dumps(messages).decode(), "time_to_send": "0"}, credential)


def recall_request(registration_ids: Sequence[str], notify_id: int, credential: XiaomiCredential) -> HttpRequest:
    """Takes one content back from up to 1000 phones."""
    form = {
        "registration_ids": ",".join(registration_ids),
        "restricted_package_name": credential.package_name,
        "notify_id": str(notify_id),
    }
    return _request(RECALL_PATH, form, credential)


def _request(path: str, form: dict[str, str], credential: XiaomiCredential) -> HttpRequest:
    return HttpRequest(
        url=HOST + path,
        body=urlencode(form).encode(),
        headers={"content-type": CONTENT_TYPE, "authorization": credential.authorization},
    )


def _message(content: Content) -> dict[str, object]:
    message: dict[str, object] = {}
    extra: dict[str, str] = {}
    for name, value in content.fields:
        if name.startswith(EXTRA):
            extra[name.removeprefix(EXTRA)] = value
        else:
            message[name] = int(value) if name in NUMBERS else value
    return {**message, "extra": extra}
