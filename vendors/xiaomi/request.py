"""Xiaomi's way to send: one content to up to 1000 registration ids.

Source: Xiaomi open platform, page 1559 "addresses and parameters". v3 of the path is the newest that page describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from vendors.contract import HttpRequest, Push
from vendors.xiaomi.credential import HOST, XiaomiCredential
from vendors.xiaomi.notification import CAPABILITIES, Content, content_key

REGID_PATH = "/v3/message/regid"
CONTENT_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Element:
    """One push of a call.

    Attributes:
        position: of the push in the batch.
        push: the push.
    """

    position: int
    push: Push


def calls_of(pushes: Sequence[Push]) -> Iterator[Sequence[Element]]:
    """The pushes of each call: of one message, as content, jobkey and notify id are the call's, and at most 1000."""
    messages: dict[str, list[Element]] = {}
    for position, push in enumerate(pushes):
        messages.setdefault(content_key(push), []).append(Element(position, push))
    for elements in messages.values():
        for start in range(0, len(elements), CAPABILITIES.max_targets):
            yield elements[start : start + CAPABILITIES.max_targets]


def send_request(call: Sequence[Element], content: Content, credential: XiaomiCredential) -> HttpRequest:
    """One call for one or more phones."""
    # Each phone once, in order: two users may share one.
    phones = dict.fromkeys(element.push.registration_id for element in call)
    form = {"registration_id": ",".join(phones), **content.fields}
    return HttpRequest(
        url=HOST + REGID_PATH,
        body=urlencode(form).encode(),
        headers={"content-type": CONTENT_TYPE, "authorization": credential.authorization},
    )
