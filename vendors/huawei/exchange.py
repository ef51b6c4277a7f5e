"""Hands over one batch: one call for each content in it, and each push gets its outcome."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.huawei.credential import HuaweiCredential
from vendors.huawei.notification import content_of
from vendors.huawei.request import Call, send_request, ttl_s
from vendors.huawei.response import classify
from vendors.outcomes import AccessTokenExpired, Outcome
from vendors.same_content import grouped

_NO_TOKEN = AccessTokenExpired(advice="Huawei takes nothing without an access token; the service signs in")


def exchange(
    pushes: Sequence[Push], credential: HuaweiCredential, access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    calls, refused = grouped(pushes, lambda push: content_of(push, credential, ttl_s=ttl_s(push, now)))
    outcomes: dict[int, Outcome] = {**refused}
    for call in calls:
        answers = yield from _one_call(call, credential, access_token, now)
        outcomes.update(zip(call.positions, answers, strict=True))
    return [outcomes[position] for position in range(len(pushes))]


def _one_call(
    call: Call, credential: HuaweiCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    try:
        response = yield send_request(call, credential, access_token)
    except NoResponse as failure:
        return [failure.outcome] * len(call.positions)
    return classify(response, call, now=now)
