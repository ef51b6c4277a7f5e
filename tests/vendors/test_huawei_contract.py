from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.huawei_samples import TAKEN, answer, answered, message_in, notification_in
from vendors import huawei
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.huawei import HuaweiCredential
from vendors.huawei.codes import OUTCOMES
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

_: Vendor[HuaweiCredential] = huawei

PHONE_ID = "made-up-token-1"


class TestHuawei(VendorContract):
    vendor: ClassVar[Vendor[HuaweiCredential]] = huawei
    credential: ClassVar = {
        "app_id": "100000001",
        "app_secret": "made-up+client/secret",
        "package_name": "com.example.app",
    }
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.statuses(PHONE_ID, status) for status in (0, 2, 6)]
    sign_in_carries_secret = True
    options: ClassVar = {
        "image": "https://example.com/a.png",
        "icon": "/raw/chat",
        "color": "#00Ff7f",
        "style": 3,
        "inbox_content": ["one", "two"],
        "group": "chat",
        "ticker": "A message",
        "when": "2026-01-01T08:00:00Z",
        "auto_cancel": False,
        "foreground_show": True,
        "visibility": "SECRET",
        "profile_id": "p-1",
        "buttons": [{"name": "Open", "action_type": 0}],
        "badge_class": "com.example.app.Main",
        "collapse_key": -1,
        "bi_tag": "b1",
        "receipt_id": "made-up-receipt",
        "target_user_type": 0,
    }
    # The table of the page, in its order; then the statuses.
    codes: ClassVar = {
        "80000000": Accepted,
        "80100000": Unavailable,
        "80100001": MessageRejected,
        "80100002": MessageRejected,
        "80100003": MessageRejected,
        "80100004": MessageRejected,
        "80100013": MessageRejected,
        "80100016": MessageRejected,
        "80100017": Throttled,
        "80100018": MessageRejected,
        "80100022": MessageRejected,
        "80200001": AccessTokenExpired,
        "80200003": AccessTokenExpired,
        "80200005": AccessTokenExpired,
        "80300002": CredentialRejected,
        "80300007": RegistrationInvalid,
        "80300008": MessageRejected,
        "80300010": MessageRejected,
        "80300011": MessageRejected,
        "80300013": MessageRejected,
        "80300029": Throttled,
        "80300030": MessageRejected,
        "80300036": CredentialRejected,
        "80300037": CredentialRejected,
        "80600003": Unavailable,
        "81000001": Unavailable,
        "400": MessageRejected,
        "401": AccessTokenExpired,
        "403": AccessTokenExpired,
        "404": CredentialRejected,
        "429": Throttled,
        "503": Throttled,
        "500": Unavailable,
        "502": Unavailable,
        "504": Unavailable,
    }
    undocumented_code = "80300099"

    def answer(self, code: str) -> HttpResponse:
        return answered(code, "as recorded")

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
