"""Hands over one batch: a content for several phones by a call of its own, all others together by one."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Pause, Push
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable
from vendors.same_content import grouped_with_pauses
from vendors.xiaomi.credential import XiaomiCredential
from vendors.xiaomi.notification import content_of
from vendors.xiaomi.request import Call, calls_of, send_request
from vendors.xiaomi.response import classify, for_all


def exchange(
    pushes: Sequence[Push], credential: XiaomiCredential, _access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest | Pause, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    groups, refused = yield from grouped_with_pauses(pushes, lambda push: content_of(push, credential, now=now))
    outcomes: dict[int, Outcome] = {**refused}
    for_the_rest: Outcome | None = None
    for call in calls_of(groups):
        if for_the_rest is None:
            answers = yield from _one_call(call, credential, now)
            for_the_rest = _what_the_rest_would_get(answers)
        else:
            answers = for_all(call, for_the_rest)
        outcomes |= answers
    return [outcomes[position] for position in range(len(pushes))]


def _one_call(
    call: Call, credential: XiaomiCredential, now: datetime
) -> Generator[HttpRequest, HttpResponse, Mapping[int, Outcome]]:
    try:
        response = yield send_request(call, credential)
    except NoResponse as failure:
        return for_all(call, failure.outcome)
    return classify(response, call, now=now)


def _what_the_rest_would_get(answers: Mapping[int, Outcome]) -> Outcome | None:
    """The outcome of the calls behind one that Xiaomi refused or did not answer for reasons of no message's."""
    first = next(iter(answers.values()))
    if isinstance(first, Unavailable):
        # They are spared the wait, and nothing of them has left.
        return structs.replace(first, ambiguous=False)
    return first if isinstance(first, CredentialRejected | Throttled) else None
