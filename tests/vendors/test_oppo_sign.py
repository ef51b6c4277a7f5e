from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vendors.oppo_samples import CREDENTIAL, answer
from tests.vendors.pushes import NOW
from vendors import oppo
from vendors.china_time import CHINA_TIME
from vendors.contract import AccessToken, HttpResponse
from vendors.oppo import OppoCredential
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

VECTORS = json.loads((Path(__file__).parent / "vectors" / "oppo" / "sign.json").read_text())
SIGNED_IN = {"auth_token": "58ad47319e8d725350a5afd5", "create_time": 1767225600000}


@pytest.mark.parametrize("vector", VECTORS["right"])
def test_the_recorded_signatures_come_out(vector: dict[str, Any]) -> None:
    credential = OppoCredential(app_key=vector["app_key"], master_secret=vector["master_secret"])

    assert oppo.sign(credential, vector["timestamp_ms"]) == vector["sign"]


@pytest.mark.parametrize("wrong", VECTORS["wrong"], ids=lambda wrong: str(wrong["mistake"]))
def test_no_known_mistake_is_made(wrong: dict[str, str]) -> None:
    vector = VECTORS["right"][0]
    credential = OppoCredential(app_key=vector["app_key"], master_secret=vector["master_secret"])

    assert oppo.sign(credential, vector["timestamp_ms"]) != wrong["sign"]


def test_the_sign_in_is_the_recorded_form() -> None:
    credential = OppoCredential(app_key="testAppKey", master_secret="testMasterSecret")

    request = oppo.auth_request(credential, now=datetime(2025, 1, 1, tzinfo=UTC))

    assert request.method == "POST"
    assert request.url == "https://api-push-cn.heytapmobi.com/server/v1/auth"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert request.body == (
        b"app_key=testAppKey&sign=bf04d265264b8092d629b9dfbb74d1b502308d325790c5870c3afcf5e8c19fdd"
        b"&timestamp=1735689600000"
    )


def test_the_timestamp_keeps_its_milliseconds() -> None:
    now = datetime(2025, 12, 31, 23, 59, 59, 999_900, tzinfo=UTC)

    assert b"timestamp=1767225599999" in oppo.auth_request(CREDENTIAL, now=now).body


def test_the_timestamp_does_not_depend_on_the_zone_of_the_clock() -> None:
    elsewhere = NOW.astimezone(CHINA_TIME)

    assert oppo.auth_request(CREDENTIAL, now=elsewhere) == oppo.auth_request(CREDENTIAL, now=NOW)


def test_an_overseas_cert_signs_in_overseas() -> None:
    request = oppo.auth_request(replace(CREDENTIAL, region="intl"), now=NOW)

    assert request.url == "https://api-intl.push.oppomobile.com/server/v1/auth"


@pytest.mark.parametrize("data", [SIGNED_IN, json.dumps(SIGNED_IN)], ids=["object", "string of JSON"])
def test_an_access_token_lives_24_hours_from_our_request_and_is_refreshed_after_20(data: object) -> None:
    token = oppo.parse_auth(answer({"code": 0, "message": "success", "data": data}), now=NOW)

    assert token == AccessToken(
        value="58ad47319e8d725350a5afd5",
        refresh_at=NOW + timedelta(hours=20),
        expires_at=NOW + timedelta(hours=24),
    )


@pytest.mark.parametrize("code", [11, 12, 14, 15, 16, 17, 18, 19, 26, 28, 29, 30, 41, 10000, 4711])
def test_whatever_refuses_a_sign_in_for_good_refuses_the_credential(code: int) -> None:
    outcome = oppo.parse_auth(answer({"code": code, "message": "no"}), now=NOW)

    assert isinstance(outcome, CredentialRejected)
    assert (outcome.vendor_code, outcome.vendor_reason) == (str(code), "no")
    assert outcome.advice


@pytest.mark.parametrize(
    ("code", "kind"), [(-2, Throttled), (-1, Unavailable), (13, Throttled), (33, Throttled), (55, Throttled)]
)
def test_a_passing_trouble_leaves_the_credential_alone(code: int, kind: type[Outcome]) -> None:
    outcome = oppo.parse_auth(answer({"code": code}), now=NOW)

    assert type(outcome) is kind


@pytest.mark.parametrize("data", [None, [], {}, {"auth_token": ""}, {"auth_token": 7}, "not JSON"])
def test_a_sign_in_without_a_token_is_tried_again(data: object) -> None:
    outcome = oppo.parse_auth(answer({"code": 0, "data": data}), now=NOW)

    assert isinstance(outcome, Unavailable)
    assert outcome.vendor_reason == "the answer has no auth_token"
    assert not outcome.ambiguous


def test_a_sign_in_that_fails_on_the_way_did_no_harm() -> None:
    outcome = oppo.parse_auth(HttpResponse(status=502, body=b"<html>"), now=NOW)

    assert isinstance(outcome, Unavailable)
    assert outcome.vendor_reason == "HTTP 502"
    assert not outcome.ambiguous
