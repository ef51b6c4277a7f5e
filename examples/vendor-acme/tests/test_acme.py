"""Acme keeps the promises of every vendor, and its own page's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest

import pushsvc_vendor_acme as acme
from pushsvc_vendor_acme import AcmeCredential
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.driving import NOW
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.testing import VendorContract

# Lets mypy prove that the module is a vendor.
_: Vendor[AcmeCredential] = acme


def answer(content: object, *, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, body=json.dumps(content).encode())


TAKEN = answer({"id": "m-1", "unknown": []})


class TestAcme(VendorContract):
    vendor: ClassVar[Vendor[AcmeCredential]] = acme
    credential: ClassVar = {"app": "madeupapp", "secret": "made-up-secret"}
    registration_id = "1000000000000001"
    options: ClassVar = {"silent": True}
    codes: ClassVar = {
        "bad_session": AccessTokenExpired,
        "bad_proof": CredentialRejected,
        "bad_time": CredentialRejected,
        "app_closed": CredentialRejected,
        "bad_message": MessageRejected,
        "bad_words": MessageRejected,
        "too_fast": Throttled,
        "broken": Unavailable,
    }
    undocumented_code = "who_knows"

    def answer(self, code: str) -> HttpResponse:
        return answer({"error": code, "text": "as recorded"})

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - one answer fits all
        return TAKEN

    def signed_in(self, access_token: str) -> HttpResponse:
        return answer({"session": access_token, "lives": 3600})

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [self._message(request)["keep"]]

    def title_of(self, request: HttpRequest) -> str:
        return str(self._message(request)["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(self._message(request)["text"])

    def _message(self, request: HttpRequest) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(request.body)
        return message

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == set(acme.OUTCOMES)

    def test_devices_that_are_gone_fail_alone(self) -> None:
        pushes = [self.push(number, registration_id=f"100000000000000{number}") for number in range(3)]

        outcomes = self.run(pushes, lambda _: answer({"id": "m-1", "unknown": ["1000000000000001"]})).outcomes

        assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, Accepted]

    def test_a_device_stands_once_in_a_call(self) -> None:
        [request] = self.run([self.push(number) for number in range(3)]).requests

        assert self._message(request)["to"] == [self.registration_id]


def test_the_sign_in_is_the_worked_example_of_the_page() -> None:
    request = acme.auth_request(acme.parse_credential(TestAcme.credential), now=NOW)

    assert json.loads(request.body) == {
        "app": "madeupapp",
        "time": 1767225600,
        "proof": "db7e3f96700af34c65346cdc1228e881210250e61444c905354553d94e7d9aa3",
    }


@pytest.mark.parametrize(("lives", "refresh_s"), [(3600, 3240), (10, 9)])
def test_a_session_is_renewed_when_nine_tenths_of_it_are_over(lives: int, refresh_s: int) -> None:
    token = acme.parse_auth(answer({"session": "s", "lives": lives}), now=NOW)

    assert isinstance(token, acme.AccessToken)
    assert token.refresh_at == NOW + timedelta(seconds=refresh_s)
