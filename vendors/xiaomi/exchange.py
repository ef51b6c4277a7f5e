"""Hands over one batch: one call for each message in it, and each push gets its outcome."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.outcomes import CredentialRejected, MessageRejected, Outcome, Throttled, Unavailable
from vendors.xiaomi.credential import XiaomiCredential
from vendors.xiaomi.notification import content_of
from vendors.xiaomi.request import Element, calls_of, send_request
from vendors.xiaomi.response import classify


def exchange(
    pushes: Sequence[Push], credential: XiaomiCredential, _access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    outcomes: dict[int, Outcome] = {}
    for_the_rest: Outcome | None = None
    for call in calls_of(pushes):
        if for_the_rest is None:
            answers = yield from _one_call(call, credential, now)
            for_the_rest = _what_the_rest_would_get(answers[0])
        else:
            answers = [for_the_rest] * len(call)
        outcomes.update(zip((element.position for element in call), answers, strict=True))
    return [outcomes[position] for position in range(len(pushes))]


def _one_call(
    call: Sequence[Element], credential: XiaomiCredential, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    content = content_of(call[0].push, credential, now=now)
    if isinstance(content, MessageRejected):
        return [content] * len(call)
    try:
        response = yield send_request(call, content, credential)
    except NoResponse as failure:
        return [failure.outcome] * len(call)
    return classify(response, call, content.truncated, now=now)


def _what_the_rest_would_get(first: Outcome) -> Outcome | None:
    """The outcome of the calls behind one that Xiaomi refused or did not answer for reasons of no message's."""
    if isinstance(first, Unavailable):
        # They are spared the wait, and nothing of them has left.
        return replace(first, ambiguous=False)
    return first if isinstance(first, CredentialRejected | Throttled) else None
