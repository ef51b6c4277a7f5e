"""Pushes for vivo and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.vendors.pushes import NOW, make_push
from vendors import vivo
from vendors.contract import (
    AccessToken,
    HttpRequest,
    HttpResponse,
    Push,
)
from vendors.outcomes import Outcome
from vendors.vivo import VivoCredential

PHONE = "16000000000000000000001"
OTHER_PHONE = "v2-CPD9aXpQ8aWy-made-up-and-longer"
CREDENTIAL = VivoCredential(
    app_id="100000001",
    app_key="made-up-app-key",
    app_secret="made-up-app-secret",
    package_name="com.example.app",
)
TOKEN = AccessToken(value="tok-1", refresh_at=NOW + timedelta(hours=1), expires_at=NOW + timedelta(hours=23))


LEAST: Mapping[str, Any] = {"title": "小明", "body": "晚上一起吃火锅吗?"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


TAKEN = answer({"result": 0, "desc": "请求成功", "taskId": "541362618526760960"})
LIST_TAKEN = answer({"result": 0, "desc": "请求成功", "requestId": "as sent"})


def is_save(request: HttpRequest) -> bool:
    """Whether a request saves a list's message."""
    return request.url.endswith("/message/saveListPayload")


def is_list_push(request: HttpRequest) -> bool:
    """Whether a request pushes a saved message to its phones."""
    return request.url.endswith("/message/pushToList")


def take(request: HttpRequest) -> HttpResponse:
    """What vivo answers when it takes all."""
    return LIST_TAKEN if is_list_push(request) else TAKEN


def hand_over(
    pushes: Sequence[Push],
    respond: Callable[[HttpRequest], HttpResponse] = take,
    *,
    access_token: AccessToken | None = TOKEN,
    credential: VivoCredential = CREDENTIAL,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
    """
    steps = vivo.exchange(pushes, credential, access_token, now=now)
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


def several(count: int = 3, **fields: Any) -> list[Push]:
    """Pushes of one content for as many phones, each with a dedup id of its own."""
    values = {"content_id": "c-1", **fields}
    return [push(f"{at:022d}", **{"dedup_id": f"m-{at}", **values}) for at in range(1, count + 1)]


def message_of(one: Push, *, credential: VivoCredential = CREDENTIAL) -> dict[str, Any]:
    """The message vivo gets for a push."""
    [request], _ = hand_over([one], credential=credential)
    return dict(json.loads(request.body))


def outcome_of(response: HttpResponse, one: Push | None = None, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a push."""
    _, [outcome] = hand_over([one or push()], lambda _: response, now=now)
    return outcome
