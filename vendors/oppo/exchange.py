"""Hands over one batch: builds what can leave, makes as few calls as the limits allow, gives each push its outcome."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import (
    CONTENTS_AT_ONCE,
    PAUSE,
    AccessToken,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Pause,
    Push,
)
from vendors.oppo.credential import OppoCredential
from vendors.oppo.notification import Content, content_of
from vendors.oppo.request import Element, Rest, calls_of, element_of, rest_of, send_request
from vendors.oppo.response import classify
from vendors.outcomes import AccessTokenExpired, CredentialRejected, MessageRejected, Outcome

_NO_TOKEN = AccessTokenExpired(advice="OPPO takes nothing without an access token; the service signs in")


def exchange(
    pushes: Sequence[Push], credential: OppoCredential, access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest | Pause, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    outcomes: dict[int, Outcome] = {}
    elements = yield from _elements(pushes, outcomes, now)
    refused: Outcome | None = None
    for call in calls_of(elements, access_token):
        if refused is None:
            answers = yield from _one_call(call, credential, access_token, now)
            refused = _refuses_the_rest(answers)
        else:
            answers = [refused] * len(call)
        outcomes.update(zip((element.position for element in call), answers, strict=True))
    return [outcomes[position] for position in range(len(pushes))]


def _elements(
    pushes: Sequence[Push], outcomes: dict[int, Outcome], now: datetime
) -> Generator[Pause, object, Sequence[Element]]:
    """What can leave; the outcome of what can't is put down at once.

    Pushes of one message hold the very same objects, so what they share is built once and found again by identity.
    """
    rests: dict[tuple[object, ...], Rest | MessageRejected] = {}
    elements = []
    for position, push in enumerate(pushes):
        same_objects = (id(push.notification), id(push.click_action), id(push.options), id(push.expires_at))
        key = (same_objects, push.channel_id, push.category, push.receipt_url, push.receipt_parameter)
        rest = rests.get(key)
        if rest is None:
            rest = rests[key] = _rest(push, now)
            if len(rests) % CONTENTS_AT_ONCE == 0:
                yield PAUSE
        if isinstance(rest, Rest):
            elements.append(element_of(position, push, rest))
        else:
            outcomes[position] = rest
    return elements


def _rest(push: Push, now: datetime) -> Rest | MessageRejected:
    content = content_of(push)
    return rest_of(push, content, now=now) if isinstance(content, Content) else content


def _one_call(
    call: Sequence[Element], credential: OppoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    try:
        response = yield send_request(call, credential, access_token)
    except NoResponse as failure:
        return [failure.outcome] * len(call)
    return classify(response, call, now=now)


def _refuses_the_rest(answers: Sequence[Outcome]) -> Outcome | None:
    """The outcome that later calls with this access token and credential would get too."""
    first = answers[0]
    refuses_all = isinstance(first, AccessTokenExpired | CredentialRejected) and all(one is first for one in answers)
    return first if refuses_all else None
