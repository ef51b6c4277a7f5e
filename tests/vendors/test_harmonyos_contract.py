from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.harmonyos_samples import (
    TAKEN,
    answered,
    key_file,
    message_in,
    notification_in,
    without_signature,
)
from vendors import harmonyos
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.harmonyos import HarmonyOsCredential
from vendors.harmonyos.codes import OUTCOMES
from vendors.outcomes import Accepted, CredentialRejected, MessageRejected, Throttled, Unavailable
from vendors.testing import VendorContract

_: Vendor[HarmonyOsCredential] = harmonyos

PHONE_ID = "made-up-token-1"


class TestHarmonyOs(VendorContract):
    vendor: ClassVar[Vendor[HarmonyOsCredential]] = harmonyos
    credential: ClassVar = {"project_id": "100000000000000002", "service_account": key_file()}
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.harmonyos(PHONE_ID, result) for result in (0, 5, 256)]
    options: ClassVar = {
        "image": "https://example.com/a.png",
        "style": 1,
        "inboxContent": ["one", "two"],
        "profileId": "made-up-user",
        "soundDuration": 3,
        "foregroundShow": False,
        "testMessage": True,
        "biTag": "b1",
        "receiptId": "made-up-receipt",
        "collapseKey": 7,
    }
    # The table of the page, in its order, then HTTP statuses, which it gives no codes for.
    codes: ClassVar = {
        "80000000": Accepted,
        "80100000": Unavailable,
        "80100001": MessageRejected,
        "80100003": MessageRejected,
        "80100004": MessageRejected,
        "80100022": MessageRejected,
        "80200001": CredentialRejected,
        "80200005": CredentialRejected,
        "80300002": CredentialRejected,
        "80300007": MessageRejected,
        "80300008": MessageRejected,
        "80300010": MessageRejected,
        "80300029": Throttled,
        "80300030": MessageRejected,
        "80300036": CredentialRejected,
        "80300037": CredentialRejected,
        "81000001": Unavailable,
        "400": MessageRejected,
        "401": CredentialRejected,
        "404": CredentialRejected,
        "500": Unavailable,
        "502": Unavailable,
        "503": Throttled,
        "504": Unavailable,
    }
    undocumented_code = "80300099"

    def answer(self, code: str) -> HttpResponse:
        is_status = int(code) < 1000
        return HttpResponse(status=int(code), body=b"") if is_status else answered(code, "as recorded")

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - one answer fits all
        return TAKEN

    def fixed_part(self, request: HttpRequest) -> HttpRequest:
        return without_signature(request)

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [message_in(request)["pushOptions"]["ttl"]]

    def title_of(self, request: HttpRequest) -> str:
        return str(notification_in(request)["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(notification_in(request)["body"])

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in OUTCOMES}
