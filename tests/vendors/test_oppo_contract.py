from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.oppo_samples import all_taken, answer, messages_in
from vendors import oppo
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.oppo import OppoCredential
from vendors.oppo.receipts import EVENTS
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

_: Vendor[OppoCredential] = oppo

PHONE_ID = "CN_0123456789abcdef0123456789abcdef"


class TestOppo(VendorContract):
    vendor: ClassVar[Vendor[OppoCredential]] = oppo
    credential: ClassVar = {
        "app_key": "made-up-app-key",
        "master_secret": "made-up+master/secret",
        "app_id": "made-up-app-id",
        "region": "cn",
    }
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.oppo(PHONE_ID, event) for event in EVENTS]
    options: ClassVar = {
        "notify_level": 2,
        "style": 1,
        "sub_title": "Work",
        "small_picture_id": "made-up-picture",
        "network_type": 0,
        "show_ttl": 3600,
        "private_msg_template_id": "made-up-template",
        "private_title_parameters": {"who": "Alice"},
        "private_content_parameters": {"what": "Hello"},
        "private_template": {"id": "made-up-default", "title_parameter": "title", "content_parameter": "content"},
        "auditResponse": {"verdict": "pass"},
        "off_line": True,
    }
    # Section 3.2 of the page, in its order.
    codes: ClassVar = {
        "-3": MessageRejected,
        "-2": Throttled,
        "-1": Unavailable,
        "0": Accepted,
        "11": AccessTokenExpired,
        "12": MessageRejected,
        "13": Throttled,
        "14": CredentialRejected,
        "15": MessageRejected,
        "16": CredentialRejected,
        "17": MessageRejected,
        "18": MessageRejected,
        "19": CredentialRejected,
        "20": MessageRejected,
        "21": MessageRejected,
        "22": MessageRejected,
        "23": MessageRejected,
        "24": MessageRejected,
        "25": MessageRejected,
        "26": CredentialRejected,
        "27": MessageRejected,
        "28": CredentialRejected,
        "29": AccessTokenExpired,
        "30": CredentialRejected,
        "31": MessageRejected,
        "32": MessageRejected,
        "33": Throttled,
        "34": Throttled,
        "40": MessageRejected,
        "41": MessageRejected,
        "51": MessageRejected,
        "54": MessageRejected,
        "55": Throttled,
        "59": MessageRejected,
        "67": MessageRejected,
        "10000": RegistrationInvalid,
        "10001": RegistrationInvalid,
        "10002": MessageRejected,
        "10003": MessageRejected,
        "10004": MessageRejected,
        "10005": MessageRejected,
    }
    undocumented_code = "10006"

    def answer(self, code: str) -> HttpResponse:
        return answer({"code": int(code), "message": "as recorded"})

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - the request says it
        return all_taken(request)

    def signed_in(self, access_token: str) -> HttpResponse:
        data = {"auth_token": access_token, "create_time": 1767225600000}
        return answer({"code": 0, "message": "Success", "data": data})

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [message["notification"]["off_line_ttl"] for message in messages_in(request)]

    def title_of(self, request: HttpRequest) -> str:
        return str(messages_in(request)[0]["notification"]["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(messages_in(request)[0]["notification"]["content"])

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in oppo.codes.OUTCOMES}
