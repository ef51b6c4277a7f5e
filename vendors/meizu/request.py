"""Meizu's one way to send that we use: one message to up to 100 push ids.

Source: Meizu's server API, `varnished/pushByPushId`. A call names each phone once; pushes of the same message to the
same phone share its fate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from vendors.contract import HttpRequest
from vendors.meizu.credential import MeizuCredential
from vendors.meizu.notification import CAPABILITIES, Content
from vendors.meizu.sign import HEADERS, signed_form

PUSH_URL = "https://server-api-push.meizu.com/garcia/api/server/push/varnished/pushByPushId"
OWN_HOSTS = ".meizu.com"


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """One message for some phones.

    Attributes:
        content: the message.
        phones: push ids, each one once.
    """

    content: Content
    phones: Sequence[str]


def calls_of(content: Content, phones: Iterable[str]) -> Iterator[PhoneCall]:
    """The calls that take a message to its phones, in order."""
    distinct = list(dict.fromkeys(phones))
    for start in range(0, len(distinct), CAPABILITIES.max_targets):
        yield PhoneCall(content, distinct[start : start + CAPABILITIES.max_targets])


def send_request(call: PhoneCall, credential: MeizuCredential, *, url: str = PUSH_URL) -> HttpRequest:
    """The request of a call.

    Args:
        call: what to send.
        credential: who sends.
        url: another address only where Meizu has redirected the call.
    """
    fields = {"appId": credential.app_id, "pushIds": ",".join(call.phones), "messageJson": call.content.text}
    return HttpRequest(url=url, body=signed_form(credential, fields), headers=HEADERS)


def is_own_address(url: str) -> bool:
    """Whether an address is Meizu's: a signed request, which can be replayed, goes nowhere else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = parts.username is None and port in (None, 443) and url.isascii() and not any(map(str.isspace, url))
    return parts.scheme == "https" and host.endswith(OWN_HOSTS) and is_plain
