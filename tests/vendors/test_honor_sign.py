from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vendors.honor_samples import CREDENTIAL, answer
from tests.vendors.pushes import NOW
from vendors import honor
from vendors.contract import AccessToken, HttpResponse
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

VECTORS = json.loads((Path(__file__).parent / "vectors" / "honor" / "sign_in.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["right"], ids=lambda vector: str(vector["client_id"]))
def test_the_sign_in_is_the_recorded_form(vector: dict[str, str]) -> None:
    credential = replace(CREDENTIAL, client_id=vector["client_id"], client_secret=vector["client_secret"])

    request = honor.auth_request(credential, now=NOW)

    assert request.method == "POST"
    assert request.url == "https://iam.developer.honor.com/auth/token"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded"}
    assert request.body.decode() == vector["body"]


@pytest.mark.parametrize(
    ("expires_in", "refresh_s", "life_s"),
    [
        (3600, 3300, 3600),
        (86_400, 86_100, 86_400),
        (400, 200, 400),
        (1, 0.5, 1),
        (None, 3300, 3600),
        (0, 3300, 3600),
        (-1, 3300, 3600),
        (True, 3300, 3600),
        ("3600", 3300, 3600),
        (2**63, 3300, 3600),
    ],
)
def test_a_token_lives_as_long_as_the_answer_says_and_an_hour_if_it_does_not(
    expires_in: object, refresh_s: float, life_s: int
) -> None:
    token = honor.parse_auth(answer({"access_token": "tok-1", "expires_in": expires_in}), now=NOW)

    assert token == AccessToken(
        value="tok-1", refresh_at=NOW + timedelta(seconds=refresh_s), expires_at=NOW + timedelta(seconds=life_s)
    )


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "a_new_word"])
def test_a_refused_sign_in_is_the_certs_fault(status: int, error: str) -> None:
    refusal = answer({"error": error, "error_description": "Invalid client\nor more"}, status=status)

    assert honor.parse_auth(refusal, now=NOW) == CredentialRejected(
        vendor_code=error,
        vendor_reason="Invalid client",
        advice="Honor refuses the sign-in; check client_id and client_secret: not App ID and App Secret",
    )


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (HttpResponse(status=429, body=b""), Throttled),
        (answer({"error": "x"}, status=503), Throttled),
        (HttpResponse(status=500, body=b"<html>"), Unavailable),
        (HttpResponse(status=404, body=b"{}"), Unavailable),
        (answer({"error": "server_error"}, status=400), Unavailable),
        (answer({"access_token": ""}), Unavailable),
        (answer({"access_token": "a\r\nb: c"}), Unavailable),
        (answer({"access_token": "tok-1"}, status=302), Unavailable),
        (answer([]), Unavailable),
    ],
)
def test_what_is_no_answer_is_asked_again(response: HttpResponse, kind: type[Outcome]) -> None:
    outcome = honor.parse_auth(response, now=NOW)

    assert type(outcome) is kind
    assert not isinstance(outcome, Unavailable) or not outcome.ambiguous
