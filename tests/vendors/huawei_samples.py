"""Pushes for Huawei and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.vendors.pushes import NOW, make_push
from vendors import huawei
from vendors.contract import AccessToken, HttpRequest, HttpResponse, Push
from vendors.huawei import HuaweiCredential
from vendors.outcomes import Outcome

PHONE = "made-up-token-1"
OTHER_PHONE = "made-up-token-2"
THIRD_PHONE = "made-up-token-3"
CREDENTIAL = HuaweiCredential(app_id="100000001", app_secret="made-up-app-secret", package_name="com.example.app")
TOKEN = AccessToken(value="tok-1", refresh_at=NOW + timedelta(minutes=55), expires_at=NOW + timedelta(hours=1))
LEAST: Mapping[str, Any] = {"content_id": "content-1"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


def answered(code: object = "80000000", msg: object = "Success", *, status: int = 200) -> HttpResponse:
    """Huawei's envelope."""
    return answer({"code": code, "msg": msg, "requestId": "r-1"}, status=status)


def partly(*illegal: str, code: str = "80100000") -> HttpResponse:
    """Huawei's envelope with the illegal tokens in a string."""
    told = {"success": 1, "failure": len(illegal), "illegal_tokens": list(illegal)}
    return answered(code, json.dumps(told))


TAKEN = answered()


def message_in(request: HttpRequest) -> dict[str, Any]:
    """The message of a send."""
    message: dict[str, Any] = json.loads(request.body)["message"]
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
    credential: HuaweiCredential = CREDENTIAL,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
    """
    steps = huawei.exchange(pushes, credential, access_token, now=now)
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


def sent(**fields: Any) -> dict[str, Any]:
    """The `android` object Huawei gets for a push."""
    [request], _ = hand_over([push(**fields)])
    android: dict[str, Any] = message_in(request)["android"]
    return android


def outcome_of(response: HttpResponse, one: Push | None = None, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a single push."""
    _, [outcome] = hand_over([one or push()], lambda _: response, now=now)
    return outcome


def outcomes_of(response: HttpResponse, pushes: Sequence[Push]) -> Sequence[Outcome]:
    """What an answer means for the pushes of one batch."""
    _, outcomes = hand_over(pushes, lambda _: response)
    return outcomes
