"""Pushes for HarmonyOS and what Huawei's server makes of them, for the tests of the plug-in."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.vendors.pushes import NOW, make_push
from vendors import harmonyos
from vendors.contract import HttpRequest, HttpResponse, Push
from vendors.harmonyos import HarmonyOsCredential
from vendors.outcomes import Outcome

PHONE = "made-up-token-1"
OTHER_PHONE = "made-up-token-2"
THIRD_PHONE = "made-up-token-3"
# Made once for all tests, as that takes a while.
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CREDENTIAL = HarmonyOsCredential(
    project_id="100000000000000002", key_id="kid-0001", sub_account="100000001", private_key=KEY
)


def pem(key: rsa.RSAPrivateKey = KEY) -> str:
    """A private key as a key file holds it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_file(**changes: object) -> str:
    """The text of a service account's key file; None takes a member away."""
    members: dict[str, object] = {
        "project_id": "100000000000000002",
        "key_id": "kid-0001",
        "private_key": pem(),
        "sub_account": "100000001",
        "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
        "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        **changes,
    }
    return json.dumps({name: value for name, value in members.items() if value is not None})


LEAST: Mapping[str, Any] = {"content_id": "message-1"}


def push(phone: str = PHONE, **fields: Any) -> Push:
    """The least a push has, and what a test changes."""
    return make_push(phone, **{**LEAST, **fields})


def answered(
    code: object = "80000000", msg: object = "Success", *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Huawei's envelope; a msg that is no text goes as the text of its JSON."""
    text = msg if isinstance(msg, str) else json.dumps(msg)
    body = json.dumps({"code": code, "msg": text, "requestId": "r-1"})
    return HttpResponse(status=status, body=body.encode(), headers=headers or {})


TAKEN = answered()


def illegal(code: str = "80100000", /, **tokens: Sequence[str]) -> HttpResponse:
    """An answer that names tokens by reason."""
    failure = sum(map(len, tokens.values()))
    return answered(code, {"illegalTokens": tokens, "success": 1, "failure": failure})


def message_in(request: HttpRequest) -> dict[str, Any]:
    """The JSON of a send."""
    message: dict[str, Any] = json.loads(request.body)
    return message


def notification_in(request: HttpRequest) -> dict[str, Any]:
    """The notification object of a send."""
    notification: dict[str, Any] = message_in(request)["payload"]["notification"]
    return notification


def jwt_in(request: HttpRequest) -> str:
    """The JWT of a send."""
    scheme, _, jwt = request.headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    return jwt


def without_signature(request: HttpRequest) -> HttpRequest:
    """A request as far as it is the same each time."""
    signed, _, _ = jwt_in(request).rpartition(".")
    return replace(request, headers={**request.headers, "authorization": f"Bearer {signed}"})


def octets(part: str) -> bytes:
    """A part of a JWT."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


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
    steps = harmonyos.exchange(pushes, CREDENTIAL, None, now=now)
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
    """The notification object Huawei gets for a push."""
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
