"""Pushes for Xiaomi and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from vendors import xiaomi
from vendors.contract import OPEN_APP, Category, ClickAction, HttpRequest, HttpResponse, Notification, Push
from vendors.outcomes import MessageRejected, Outcome
from vendors.xiaomi import XiaomiCredential

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "regA+/w=="
OTHER_PHONE = "regB=="
CREDENTIAL = XiaomiCredential(app_secret="made-up-secret==", package_name="com.example.app")


def push(
    phone: str = PHONE,
    *,
    title: str = "Hi",
    body: str = "你好",
    ext: str = "",
    collapse_id: str = "",
    click_action: ClickAction = OPEN_APP,
    channel_id: str = "100001",
    category: Category = Category.IM,
    options: Mapping[str, object] | None = None,
    dedup_id: str = "d-1",
    message_id: str = "m-1",
    ttl: timedelta = timedelta(hours=1),
) -> Push:
    """The least a push has, and what a test changes."""
    return Push(
        registration_id=phone,
        notification=Notification(title=title, body=body, ext=ext, collapse_id=collapse_id),
        click_action=click_action,
        channel_id=channel_id,
        category=category,
        options=options or {},
        dedup_id=dedup_id,
        expires_at=NOW + ttl,
        message_id=message_id,
    )


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
    steps = xiaomi.exchange(pushes, credential, None, now=now)
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
