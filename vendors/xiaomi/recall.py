"""Takes back what Xiaomi's phones still show.

Source: Xiaomi open platform, page 2367 "recall", which names the v3 path; its fields are those of v1 in the SDK's
Sender. Quirk: a notification is known by its `notify_id`, which is why each content has one of its own; what was tapped
or cleared stays as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, Push
from vendors.outcomes import Outcome
from vendors.recalls import by_notify_id
from vendors.xiaomi.credential import XiaomiCredential
from vendors.xiaomi.request import recall_request
from vendors.xiaomi.response import recall_outcome


def recall(
    pushes: Sequence[Push],
    credential: XiaomiCredential,
    access_token: AccessToken | None,  # noqa: ARG001 - the contract's; there is no sign-in
    *,
    now: datetime,
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Takes notifications back; one outcome per push, in order."""
    return (
        yield from by_notify_id(
            pushes,
            lambda phones, number: recall_request(phones, number, credential),
            lambda response, phones: recall_outcome(response, targets=len(phones), now=now),
        )
    )
