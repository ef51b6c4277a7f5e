"""Takes back what HarmonyOS phones still show, or have not got yet.

Source: Huawei developers, HarmonyOS references `push-msg-revoke`. Quirks: the path has the app's OAuth client id and
not the project; a notification is known by its `notifyId`; what was tapped stays as it is.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, Push
from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.harmonyos.request import recall_request
from vendors.harmonyos.response import recall_outcome
from vendors.harmonyos.sign import sign
from vendors.outcomes import MessageRejected, Outcome
from vendors.recalls import by_notify_id

_NO_CLIENT_ID = MessageRejected(
    vendor_reason="not asked", advice="set the certificate's client_id, without which Huawei takes nothing back"
)


def recall(
    pushes: Sequence[Push],
    credential: HarmonyOsCredential,
    access_token: AccessToken | None,  # noqa: ARG001 - the contract's; there is no sign-in
    *,
    now: datetime,
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Takes notifications back; one outcome per push, in order."""
    if not credential.client_id:
        return [_NO_CLIENT_ID] * len(pushes)
    jwt = sign(credential, now=now)
    return (
        yield from by_notify_id(
            pushes,
            lambda phones, number: recall_request(phones, number, credential, jwt),
            lambda response, _: recall_outcome(response, now=now),
        )
    )
