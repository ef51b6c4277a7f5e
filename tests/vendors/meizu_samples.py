"""Pushes for Meizu and what its server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from vendors import meizu
from vendors.contract import OPEN_APP, Category, ClickAction, HttpRequest, HttpResponse, Notification, Push
from vendors.meizu import MeizuCredential
from vendors.outcomes import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "J0476035d625e6c64567f71487e040e7d017f0558675b"
OTHER_PHONE = "J0476045d625e6c64567f71487e040e7d017f0558675b"
CREDENTIAL = MeizuCredential(app_id="100999", app_secret="test_app_secret_0123456789abcdef")
OPTIONS: Mapping[str, object] = {}


def push(
    phone: str = PHONE,
    *,
    title: str = "Hi",
    body: str = "你好",
    ext: str = "",
    collapse_id: str = "",
    click_action: ClickAction = OPEN_APP,
    category: Category = Category.IM,
    options: Mapping[str, object] = OPTIONS,
    dedup_id: str = "m-1",
    message_id: str = "message-1",
    ttl: timedelta = timedelta(hours=24),
) -> Push:
    """The least a push has, and what a test changes."""
    return Push(
        registration_id=phone,
        notification=Notification(title=title, body=body, ext=ext, collapse_id=collapse_id),
        click_action=click_action,
        channel_id="",
        category=category,
        options=options,
        dedup_id=dedup_id,
        message_id=message_id,
        expires_at=NOW + ttl,
    )


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
