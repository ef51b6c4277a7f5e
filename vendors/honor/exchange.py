"""Hands over one batch: one call for each content in it, and each push gets its outcome."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.honor.credential import HonorCredential
from vendors.honor.notification import Content, content_of
from vendors.honor.request import Call, send_request, ttl_s
from vendors.honor.response import classify
from vendors.outcomes import AccessTokenExpired, MessageRejected, Outcome

_NO_TOKEN = AccessTokenExpired(advice="Honor takes nothing without an access token; the service signs in")


def exchange(
    pushes: Sequence[Push], credential: HonorCredential, access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    outcomes: dict[int, Outcome] = {}
    for call in _calls(pushes, credential, outcomes, now):
        answers = yield from _one_call(call, credential, access_token, now)
        outcomes.update(zip(call.positions, answers, strict=True))
    return [outcomes[position] for position in range(len(pushes))]


def _calls(
    pushes: Sequence[Push], credential: HonorCredential, outcomes: dict[int, Outcome], now: datetime
) -> Sequence[Call]:
    """The calls to make; the outcome of what can't leave is put down at once.

    The lane puts only pushes of one message in a batch, and then there is one call. Most of them hold the very same
    objects, so their content is built once and found again by identity.
    """
    contents: dict[tuple[object, ...], Content | MessageRejected] = {}
    calls: dict[bytes, Call] = {}
    for position, push in enumerate(pushes):
        shared = (id(push.notification), id(push.click_action), id(push.options))
        key = (push.message_id or push.dedup_id, *shared, push.category, push.expires_at)
        content = contents.get(key)
        if content is None:
            content = contents[key] = content_of(push, credential, ttl_s=ttl_s(push, now))
        if isinstance(content, Content):
            calls.setdefault(content.json, Call(content)).add(position, push.registration_id)
        else:
            outcomes[position] = content
    return list(calls.values())


def _one_call(
    call: Call, credential: HonorCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    try:
        response = yield send_request(call, credential, access_token, now=now)
    except NoResponse as failure:
        return [failure.outcome] * len(call.positions)
    return classify(response, call, now=now)
