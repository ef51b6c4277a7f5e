from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vendors.huawei_samples import CREDENTIAL, answer
from tests.vendors.pushes import NOW
from vendors import huawei
from vendors.contract import AccessToken, HttpResponse
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

VECTORS = json.loads((Path(__file__).parent / "vectors" / "huawei" / "sign_in.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["right"], ids=lambda vector: str(vector["app_id"]))
def test_the_sign_in_is_the_recorded_form(vector: dict[str, str]) -> None:
    credential = replace(CREDENTIAL, app_id=vector["app_id"], app_secret=vector["app_secret"])

    request = huawei.auth_request(credential, now=NOW)

    assert request.method == "POST"
    assert request.url == "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded"}
    assert request.body.decode() == vector["body"]


def test_a_token_is_renewed_five_minutes_ahead() -> None:
    # In JSON `\/` is an escape of `/`, as Huawei's tokens have it.
    granted = HttpResponse(status=200, body=rb'{"access_token":"CV\/abc==","expires_in":3600,"token_type":"Bearer"}')

    assert huawei.parse_auth(granted, now=NOW) == AccessToken(
        value="CV/abc==", refresh_at=NOW + timedelta(seconds=3300), expires_at=NOW + timedelta(seconds=3600)
    )


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"error": 1101, "sub_error": 20171, "error_description": "client_secret is empty\nmore"}, "1101/20171"),
        ({"error": 1101, "error_description": "client_secret is empty"}, "1101"),
        ({"error": "1203", "sub_error": "x", "error_description": "client_secret is empty"}, "1203"),
    ],
)
def test_a_refused_sign_in_is_the_certs_fault(status: int, content: dict[str, object], code: str) -> None:
    assert huawei.parse_auth(answer(content, status=status), now=NOW) == CredentialRejected(
        vendor_code=code,
        vendor_reason="client_secret is empty",
        advice="Huawei refuses the sign-in; check app_id and app_secret: those of the app, not of the project",
    )


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({}, 60), ({"retry-after": "120"}, 120)],
)
def test_flow_control_is_waited_out_a_minute_at_least(headers: dict[str, str], wait_s: int) -> None:
    outcome = huawei.parse_auth(answer({"error": 1101}, status=503, headers=headers), now=NOW)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (HttpResponse(status=500, body=b"<html>"), Unavailable),
        (answer({"error": 1101}, status=502), Unavailable),
        (HttpResponse(status=590, body=b""), Unavailable),
        (HttpResponse(status=404, body=b"{}"), Unavailable),
        (answer({"error": "invalid_client"}, status=400), Unavailable),
        (answer({"access_token": ""}), Unavailable),
        (answer({"access_token": "tok-1"}, status=302), Unavailable),
        (answer([]), Unavailable),
    ],
)
def test_what_is_no_answer_is_asked_again(response: HttpResponse, kind: type[Outcome]) -> None:
    outcome = huawei.parse_auth(response, now=NOW)

    assert type(outcome) is kind
    assert not isinstance(outcome, Unavailable) or not outcome.ambiguous
