"""Pushes for Honor and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.vendors.pushes import NOW, make_push
from vendors import honor
from vendors.contract import (
    AccessToken,
    HttpRequest,
    HttpResponse,
    Push,
)
from vendors.honor import HonorCredential
from vendors.outcomes import Outcome

PHONE = "made-up-token-1"
OTHER_PHONE = "made-up-token-2"
THIRD_PHONE = "made-up-token-3"
CREDENTIAL = HonorCredential(
    app_id="104000001",
    client_id="made-up-client-id",
    client_secret="made-up-client-secret",
    package_name="com.example.app",
)
TOKEN = AccessToken(value="tok-1", refresh_at=NOW + timedelta(minutes=55), expires_at=NOW + timedelta(hours=1))


LEAST: Mapping[str, Any] = {"content_id": "message-1"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


def answered(
    code: object = 200, *, fail: Sequence[str] = (), expire: Sequence[str] = (), **data: object
) -> HttpResponse:
    """Honor's envelope with both lists."""
    inner = {"sendResult": True, "requestId": "r-1", "failTokens": list(fail), "expireTokens": list(expire), **data}
    return answer({"code": code, "message": "as recorded", "data": inner})


TAKEN = answered()


def message_in(request: HttpRequest) -> dict[str, Any]:
    """The JSON of a send."""
    message: dict[str, Any] = json.loads(request.body)
    return message


def notification_in(request: HttpRequest) -> dict[str, Any]:
    """The notification object of a send."""
    notification: dict[str, Any] = message_in(request)["android"]["notification"]
    return notification


def hand_over(
    pushes: Sequence[Push],
    respond: Callable[[HttpRequest], HttpResponse] = lambda _: TAKEN,
    *,
    access_token: AccessToken | None = TOKEN,
    credential: HonorCredential = CREDENTIAL,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
    """
    steps = honor.exchange(pushes, credential, access_token, now=now)
    requests: list[HttpRequest] = []
    try:
        request = next(steps)
        while True:
            requests.append(request)
            try:
                response = respond(request)
            except Exception as error:  # noqa: BLE001 - thrown on, as the sender does
                request = steps.throw(error)
            else:
                request = steps.send(response)
    except StopIteration as done:
        return requests, done.value


def notification_of(one: Push) -> dict[str, Any]:
    """The notification object Honor gets for a push."""
    [request], _ = hand_over([one])
    return notification_in(request)


def outcome_of(response: HttpResponse, one: Push | None = None, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a single push."""
    _, [outcome] = hand_over([one or push()], lambda _: response, now=now)
    return outcome


def outcomes_of(response: HttpResponse, pushes: Sequence[Push]) -> Sequence[Outcome]:
    """What an answer means for the pushes of one batch."""
    _, outcomes = hand_over(pushes, lambda _: response)
    return outcomes
