"""Hands over one batch: one call for each content in it, and each push gets its outcome."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.harmonyos.notification import content_of
from vendors.harmonyos.request import Call, calls_of, send_request, ttl_s
from vendors.harmonyos.response import classify, refuses_jwt
from vendors.harmonyos.sign import sign
from vendors.outcomes import Outcome, Unavailable
from vendors.same_content import grouped


def exchange(
    pushes: Sequence[Push],
    credential: HarmonyOsCredential,
    access_token: AccessToken | None,  # noqa: ARG001 - the contract's; there is no sign-in
    *,
    now: datetime,
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order. All
    calls share one JWT. One that is refused is signed anew, once in an exchange, and its call made again.
    """
    groups, refused = grouped(pushes, lambda push: content_of(push, ttl_s=ttl_s(push, now)))
    outcomes: dict[int, Outcome] = {**refused}
    jwt, is_renewed = sign(credential, now=now) if groups else "", False
    for call in (call for group in groups for call in calls_of(group)):
        response = yield from _answer(call, credential, jwt)
        if isinstance(response, HttpResponse) and refuses_jwt(response) and not is_renewed:
            jwt, is_renewed = sign(credential, now=now), True
            response = yield from _answer(call, credential, jwt)
        outcomes.update(zip(call.positions, _outcomes_of(response, call, now), strict=True))
    return [outcomes[position] for position in range(len(pushes))]


def _answer(
    call: Call, credential: HarmonyOsCredential, jwt: str
) -> Generator[HttpRequest, HttpResponse, HttpResponse | Unavailable]:
    try:
        return (yield send_request(call, credential, jwt))
    except NoResponse as failure:
        return failure.outcome


def _outcomes_of(response: HttpResponse | Unavailable, call: Call, now: datetime) -> Sequence[Outcome]:
    if isinstance(response, Unavailable):
        return [response] * len(call.positions)
    return classify(response, call, now=now)
