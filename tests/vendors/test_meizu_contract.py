from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.meizu_samples import TAKEN, coded, message_in
from vendors import meizu
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.meizu import MeizuCredential
from vendors.meizu.codes import CALL_OUTCOMES
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.testing import VendorContract

_: Vendor[MeizuCredential] = meizu

PHONE_ID = "J0476035d625e6c64567f71487e040e7d017f0558675b"


class TestMeizu(VendorContract):
    vendor: ClassVar[Vendor[MeizuCredential]] = meizu
    credential: ClassVar = {"app_id": "100999", "app_secret": "made-up+app/secret"}
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.meizu(PHONE_ID, kind, token="made-up-token") for kind in (1, 2)]
    callback_credential: ClassVar = {**credential, "receipt_token": "made-up-token"}
    min_ttl_s = 3600
    options: ClassVar = {
        "noticeBarType": 2,
        "offLine": True,
        "suspend": False,
        "clearNoticeBar": True,
        "fixStartDisplayTime": "2026-01-01 08:00:00",
        "fixEndDisplayTime": "2026-01-01 22:00:00",
        "vibrate": False,
        "lights": True,
        "sound": False,
        "noticeExpandContent": "a long text",
        "noticeExpandImgUrl": "https://open-res.flyme.cn/made-up.png",
    }
    # Section 5.2 of the page, in its order.
    codes: ClassVar = {
        "200": Accepted,
        "300": Unavailable,
        "500": Unavailable,
        "1001": Unavailable,
        "1003": Unavailable,
        "1005": MessageRejected,
        "1006": CredentialRejected,
        "110000": CredentialRejected,
        "110001": CredentialRejected,
        "110002": RegistrationInvalid,
        "110003": RegistrationInvalid,
        "110004": MessageRejected,
        "110009": CredentialRejected,
        "110010": Throttled,
        "110019": Throttled,
        "110031": CredentialRejected,
        "110032": MessageRejected,
        "110033": CredentialRejected,
        "110051": Throttled,
        "110053": MessageRejected,
        "-1": Unavailable,
    }
    undocumented_code = "110052"

    def answer(self, code: str) -> HttpResponse:
        return coded(code)

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - it takes any
        return TAKEN

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [message_in(request)["pushTimeInfo"]["validTime"] * 3600]

    def title_of(self, request: HttpRequest) -> str:
        return str(message_in(request)["noticeBarInfo"]["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(message_in(request)["noticeBarInfo"]["content"])

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in CALL_OUTCOMES}
