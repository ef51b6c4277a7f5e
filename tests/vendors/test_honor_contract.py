from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.honor_samples import TAKEN, answer, message_in, notification_in
from vendors import honor
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.honor import HonorCredential
from vendors.honor.codes import OUTCOMES
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

_: Vendor[HonorCredential] = honor

PHONE_ID = "made-up-token-1"


class TestHonor(VendorContract):
    vendor: ClassVar[Vendor[HonorCredential]] = honor
    credential: ClassVar = {
        "app_id": "104000001",
        "client_id": "made-up-client-id",
        "client_secret": "made-up+client/secret",
        "package_name": "com.example.app",
    }
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.statuses(PHONE_ID, status) for status in (40000002, 40000003, 40000005)]
    sign_in_carries_secret = True
    options: ClassVar = {
        "image": "https://example.com/a.png",
        "style": 1,
        "when": "2026-01-01T08:00:00Z",
        "buttons": [{"name": "Open", "actionType": 0}],
        "badgeClass": "com.example.app.Main",
        "group": "chat",
        "biTag": "b1",
        "receiptId": "made-up-receipt",
        "targetUserType": 0,
    }
    # The table of the page, in its order.
    codes: ClassVar = {
        "200": Accepted,
        "80000000": Accepted,
        "400": MessageRejected,
        "401": AccessTokenExpired,
        "403": AccessTokenExpired,
        "404": CredentialRejected,
        "429": Throttled,
        "503": Throttled,
        "500": Unavailable,
        "502": Unavailable,
        "504": Unavailable,
        "80100000": Unavailable,
        "80100003": MessageRejected,
        "80200001": AccessTokenExpired,
        "80200003": AccessTokenExpired,
        "80200020": MessageRejected,
        "80200022": CredentialRejected,
        "80200047": Throttled,
        "80200050": MessageRejected,
        "80200056": MessageRejected,
        "80300006": MessageRejected,
        "80300007": RegistrationInvalid,
        "80300008": MessageRejected,
        "80300010": MessageRejected,
        "81000001": Unavailable,
        "10001": MessageRejected,
        "10205": CredentialRejected,
        "10207": CredentialRejected,
        "10300": MessageRejected,
    }
    undocumented_code = "80300099"

    def answer(self, code: str) -> HttpResponse:
        return answer({"code": int(code), "message": "as recorded", "data": None})

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - one answer fits all
        return TAKEN

    def signed_in(self, access_token: str) -> HttpResponse:
        return answer({"access_token": access_token, "expires_in": 3600, "token_type": "Bearer"})

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        ttl: str = message_in(request)["android"]["ttl"]
        assert ttl.endswith("s")
        return [int(ttl[:-1])]

    def title_of(self, request: HttpRequest) -> str:
        return str(notification_in(request)["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(notification_in(request)["body"])

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in OUTCOMES}
