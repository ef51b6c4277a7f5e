from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.vendors.pushes import NOW
from tests.vendors.vivo_samples import CREDENTIAL, answer
from vendors import vivo
from vendors.contract import AccessToken, HttpResponse
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable
from vendors.vivo import VivoCredential

VECTORS = json.loads((Path(__file__).parent / "vectors" / "vivo" / "sign.json").read_text())


def credential_of(vector: dict[str, Any]) -> VivoCredential:
    return VivoCredential(app_id=vector["app_id"], app_key=vector["app_key"], app_secret=vector["app_secret"])


@pytest.mark.parametrize("vector", VECTORS["right"])
def test_the_recorded_signatures_come_out(vector: dict[str, Any]) -> None:
    assert vivo.sign(credential_of(vector), vector["timestamp_ms"]) == vector["sign"]


@pytest.mark.parametrize("wrong", VECTORS["wrong"], ids=lambda wrong: str(wrong["mistake"]))
def test_no_known_mistake_is_made(wrong: dict[str, str]) -> None:
    vector = VECTORS["right"][1]

    assert vivo.sign(credential_of(vector), vector["timestamp_ms"]) != wrong["sign"]


def test_the_sign_in_is_the_recorded_body() -> None:
    vector = VECTORS["right"][1]

    request = vivo.auth_request(credential_of(vector), now=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC))

    assert request.method == "POST"
    assert request.url == "https://api-push.vivo.com.cn/message/auth"
    assert request.headers == {"content-type": "application/json;charset=UTF-8"}
    assert request.body == (
        b'{"appId":100000001,"appKey":"0123456789abcdef0123456789abcdef","timestamp":1700000000000,'
        b'"sign":"f09ce7489da6628c892a479f4851ef90"}'
    )


def test_the_timestamp_keeps_its_milliseconds() -> None:
    now = datetime(2025, 12, 31, 23, 59, 59, 999_900, tzinfo=UTC)

    assert json.loads(vivo.auth_request(CREDENTIAL, now=now).body)["timestamp"] == 1767225599999


def test_the_timestamp_does_not_depend_on_the_zone_of_the_clock() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))

    assert vivo.auth_request(CREDENTIAL, now=elsewhere) == vivo.auth_request(CREDENTIAL, now=NOW)


def test_an_access_token_is_refreshed_after_an_hour_and_ends_an_hour_early() -> None:
    token = vivo.parse_auth(answer({"result": 0, "desc": "请求成功", "authToken": "58ad4731"}), now=NOW)

    assert token == AccessToken(
        value="58ad4731", refresh_at=NOW + timedelta(hours=1), expires_at=NOW + timedelta(hours=23)
    )


@pytest.mark.parametrize(
    "code", [10000, 10043, 10050, 10200, 10201, 10202, 10203, 10204, 10205, 10206, 10207, 10302, 4711]
)
def test_whatever_refuses_a_sign_in_for_good_refuses_the_credential(code: int) -> None:
    outcome = vivo.parse_auth(answer({"result": code, "desc": "no"}), now=NOW)

    assert isinstance(outcome, CredentialRejected)
    assert (outcome.vendor_code, outcome.vendor_reason) == (str(code), "no")
    assert outcome.advice


@pytest.mark.parametrize(("code", "kind"), [(10040, Unavailable), (10072, Throttled), (10093, Throttled)])
def test_a_passing_trouble_leaves_the_credential_alone(code: int, kind: type[Outcome]) -> None:
    assert type(vivo.parse_auth(answer({"result": code}), now=NOW)) is kind


def test_signing_in_too_often_waits_a_second() -> None:
    outcome = vivo.parse_auth(answer({"result": 10093}), now=NOW)

    assert isinstance(outcome, Throttled)
    assert outcome.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize("value", [None, "", 7, [], "two\r\nlines", "密", " "])
def test_a_sign_in_without_a_token_fit_for_a_header_is_tried_again(value: object) -> None:
    outcome = vivo.parse_auth(answer({"result": 0, "authToken": value}), now=NOW)

    assert isinstance(outcome, Unavailable)
    assert outcome.vendor_reason == "the answer has no authToken"
    assert not outcome.ambiguous


def test_a_sign_in_that_fails_on_the_way_did_no_harm() -> None:
    outcome = vivo.parse_auth(HttpResponse(status=502, body=b"<html>"), now=NOW)

    assert isinstance(outcome, Unavailable)
    assert outcome.vendor_reason == "HTTP 502"
    assert not outcome.ambiguous
