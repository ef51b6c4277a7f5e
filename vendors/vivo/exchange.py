"""Hands over pushes, each by a call of its own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.outcomes import AccessTokenExpired, MessageRejected, Outcome
from vendors.vivo.credential import VivoCredential
from vendors.vivo.request import element_of, send_request
from vendors.vivo.response import classify

_NO_TOKEN = AccessTokenExpired(advice="vivo takes nothing without an access token; the service signs in")


def exchange(
    pushes: Sequence[Push], credential: VivoCredential, access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    outcomes: list[Outcome] = []
    for push in pushes:
        outcomes.append((yield from _one_call(push, credential, access_token, now)))  # noqa: PERF401 - no yield in a list
    return outcomes


def _one_call(
    push: Push, credential: VivoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Outcome]:
    element = element_of(push, credential, now=now)
    if isinstance(element, MessageRejected):
        return element
    try:
        response = yield send_request(element, access_token)
    except NoResponse as failure:
        return failure.outcome
    return classify(response, element, now=now)
