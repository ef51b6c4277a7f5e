"""Pushes for Meizu and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.vendors.pushes import NOW, make_push
from vendors import meizu
from vendors.contract import HttpRequest, HttpResponse, Push
from vendors.meizu import MeizuCredential
from vendors.outcomes import Outcome

PHONE = "J0476035d625e6c64567f71487e040e7d017f0558675b"
OTHER_PHONE = "J0476045d625e6c64567f71487e040e7d017f0558675b"
CREDENTIAL = MeizuCredential(app_id="100999", app_secret="test_app_secret_0123456789abcdef")
OPTIONS: Mapping[str, object] = {}


LEAST: Mapping[str, Any] = {"options": OPTIONS, "content_id": "message-1", "ttl": timedelta(hours=24)}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


def coded(code: object, **fields: object) -> HttpResponse:
    """A recorded answer with a code."""
    return answer({"code": code, "message": "as recorded", "value": "", "redirect": "", **fields})


def took(value: object, **fields: object) -> HttpResponse:
    """A recorded answer that took the call, but for the phones in `value`."""
    return coded("200", message="", value=value, msgId="NS20260101080000000_0_1_1_3", **fields)


TAKEN = took({})


def form_of(request: HttpRequest) -> dict[str, str]:
    """The form of a request."""
    fields = parse_qs(request.body.decode(), strict_parsing=True)
    return {name: value for name, [value] in fields.items()}


def message_in(request: HttpRequest) -> dict[str, Any]:
    """The message of a request."""
    return dict(json.loads(form_of(request)["messageJson"]))


def hand_over(
    pushes: Sequence[Push],
    respond: Callable[[HttpRequest], HttpResponse] = lambda _: TAKEN,
    *,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
        now: the time.
    """
    steps = meizu.exchange(pushes, CREDENTIAL, None, now=now)
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


def message_of(one: Push, *, now: datetime = NOW) -> dict[str, Any]:
    """The message Meizu gets for a push."""
    [request], _ = hand_over([one], now=now)
    return message_in(request)


def outcome_of(response: HttpResponse, one: Push | None = None, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a single push."""
    _, [outcome] = hand_over([one or push()], lambda _: response, now=now)
    return outcome


def outcomes_of(response: HttpResponse, pushes: Sequence[Push]) -> Sequence[Outcome]:
    """What an answer means for the pushes of one batch."""
    _, outcomes = hand_over(pushes, lambda _: response)
    return outcomes
