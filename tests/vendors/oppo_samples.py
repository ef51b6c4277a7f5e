"""Pushes for OPPO and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.vendors.pushes import NOW, make_push
from vendors import oppo
from vendors.contract import (
    AccessToken,
    HttpRequest,
    HttpResponse,
    Push,
)
from vendors.driving import without_pauses
from vendors.oppo import OppoCredential
from vendors.outcomes import Outcome

PHONE = "CN_0123456789abcdef0123456789abcdef"
OTHER_PHONE = "CN_fedcba9876543210fedcba9876543210"
CREDENTIAL = OppoCredential(app_key="made-up-app-key", master_secret="made-up-master-secret")
TOKEN = AccessToken(value="tok-1", refresh_at=NOW + timedelta(hours=20), expires_at=NOW + timedelta(hours=24))


LEAST: Mapping[str, Any] = {"channel_id": "im"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


TAKEN = answer({"code": 0, "message": "Success", "data": {"messageId": "app-1-1-1"}})


def messages_in(request: HttpRequest) -> list[dict[str, Any]]:
    """The message objects of a request, by whichever way they went."""
    form = parse_qs(request.body.decode(), strict_parsing=True)
    if "messages" in form:
        return list(json.loads(form["messages"][0]))
    return [json.loads(form["message"][0])]


def all_taken(request: HttpRequest) -> HttpResponse:
    """OPPO's answer when it takes everything."""
    messages = messages_in(request)
    if request.url.endswith("/unicast"):
        return TAKEN
    return answer(
        {
            "code": 0,
            "message": "",
            "data": [
                {"messageId": f"app-1-1-{at}", "registrationId": message["target_value"]}
                for at, message in enumerate(messages)
            ],
        }
    )


def hand_over(
    pushes: Sequence[Push],
    respond: Callable[[HttpRequest], HttpResponse] = all_taken,
    *,
    access_token: AccessToken | None = TOKEN,
    credential: OppoCredential = CREDENTIAL,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
    """
    steps = without_pauses(oppo.exchange(pushes, credential, access_token, now=now))
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
    """The notification object OPPO gets for a push."""
    [request], _ = hand_over([one])
    [message] = messages_in(request)
    return dict(message["notification"])


def outcome_of(response: HttpResponse, one: Push | None = None, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a single push."""
    _, [outcome] = hand_over([one or push()], lambda _: response, now=now)
    return outcome


def outcomes_of(content: object, pushes: Sequence[Push]) -> Sequence[Outcome]:
    """What a JSON answer means for the pushes of one batch."""
    _, outcomes = hand_over(pushes, lambda _: answer(content))
    return outcomes
