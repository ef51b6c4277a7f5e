"""Pushes for Xiaomi and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.vendors.pushes import NOW, make_push
from vendors import xiaomi
from vendors.contract import HttpRequest, HttpResponse, Push
from vendors.driving import without_pauses
from vendors.outcomes import MessageRejected, Outcome
from vendors.xiaomi import XiaomiCredential

PHONE = "regA+/w=="
OTHER_PHONE = "regB=="
CREDENTIAL = XiaomiCredential(app_secret="made-up-secret==", package_name="com.example.app")


LEAST: Mapping[str, Any] = {"channel_id": "100001", "dedup_id": "d-1", "content_id": "m-1"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def phones(count: int) -> list[Push]:
    """One message to many phones."""
    return [push(f"reg{number:04}==", dedup_id=f"d-{number}") for number in range(count)]


def answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(status=status, body=json.dumps(content).encode(), headers=headers or {})


def taken(bad_regids: Sequence[str] = ()) -> HttpResponse:
    """Xiaomi's answer when it takes a call, all but some phones of it."""
    data = {"id": "sdm00000000000000001", "day_quota": "50000", "day_acked": "0"}
    if bad_regids:
        data["bad_regids"] = ",".join(bad_regids)
    info = "Received push messages for 1 REGID"
    return answer({"result": "ok", "trace_id": "Xdm1", "code": 0, "data": data, "description": "成功", "info": info})


def refused(code: int, reason: str = "as recorded", *, status: int = 200) -> HttpResponse:
    """Xiaomi's answer when it refuses a call."""
    content = {"result": "error", "reason": reason, "trace_id": "Xdm2", "code": code, "description": "发送消息失败"}
    return answer(content, status=status)


def form_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a request, each of which comes once."""
    pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def hand_over(
    pushes: Sequence[Push],
    respond: Callable[[HttpRequest], HttpResponse] = lambda _: taken(),
    *,
    credential: XiaomiCredential = CREDENTIAL,
    now: datetime = NOW,
) -> tuple[list[HttpRequest], Sequence[Outcome]]:
    """Drives an exchange: the requests it made, and the outcomes.

    Args:
        pushes: the batch.
        respond: answers a request, or raises `NoResponse`.
    """
    steps = without_pauses(xiaomi.exchange(pushes, credential, None, now=now))
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


def fields_of(one: Push) -> dict[str, str]:
    """The form Xiaomi gets for a push."""
    [request], _ = hand_over([one])
    return form_of(request)


def refusal_of(one: Push) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([one])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def outcome_of(response: HttpResponse, *, now: datetime = NOW) -> Outcome:
    """What an answer means for a single push."""
    _, [outcome] = hand_over([push()], lambda _: response, now=now)
    return outcome
