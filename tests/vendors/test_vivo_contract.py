from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from tests.vendors import callbacks
from tests.vendors.vivo_samples import answer, take
from vendors import vivo
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
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
from vendors.vivo import VivoCredential

_: Vendor[VivoCredential] = vivo

PHONE_ID = "16000000000000000000001"


class TestVivo(VendorContract):
    vendor: ClassVar[Vendor[VivoCredential]] = vivo
    credential: ClassVar = {
        "app_id": "100000001",
        "app_key": "made-up-app-key",
        "app_secret": "made-up+app/secret",
        "package_name": "com.example.app",
    }
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.vivo(PHONE_ID, ack) for ack in ("0", "2183", "2144", "12000")]
    min_ttl_s = 60
    options: ClassVar = {
        "notifyType": 2,
        "networkType": 1,
        "foregroundShow": False,
        "sendOnline": True,
        "profileId": "made-up-profile",
        "pushMode": 1,
        "extra": {"callback": "https://example.com/receipts", "callback.param": "made-up"},
    }
    # Section 3 of the page, in its order.
    codes: ClassVar = {
        "0": Accepted,
        "10000": AccessTokenExpired,
        "10040": Unavailable,
        "10043": CredentialRejected,
        "10045": CredentialRejected,
        "10050": MessageRejected,
        "10051": MessageRejected,
        "10054": MessageRejected,
        "10055": MessageRejected,
        "10056": MessageRejected,
        "10057": MessageRejected,
        "10058": MessageRejected,
        "10059": MessageRejected,
        "10060": MessageRejected,
        "10061": MessageRejected,
        "10062": MessageRejected,
        "10063": MessageRejected,
        "10064": MessageRejected,
        "10065": MessageRejected,
        "10066": MessageRejected,
        "10067": MessageRejected,
        "10068": MessageRejected,
        "10069": MessageRejected,
        "10070": Throttled,
        "10071": Throttled,
        "10072": Throttled,
        "10073": Throttled,
        "10082": CredentialRejected,
        "10085": MessageRejected,
        "10104": MessageRejected,
        "10093": Throttled,
        "10094": CredentialRejected,
        "10095": MessageRejected,
        "10096": MessageRejected,
        "10097": MessageRejected,
        "10103": MessageRejected,
        "10150": MessageRejected,
        "10151": MessageRejected,
        "10152": MessageRejected,
        "10153": MessageRejected,
        "10154": MessageRejected,
        "10155": MessageRejected,
        "10200": CredentialRejected,
        "10201": CredentialRejected,
        "10202": CredentialRejected,
        "10203": MessageRejected,
        "10204": MessageRejected,
        "10205": CredentialRejected,
        "10206": CredentialRejected,
        "10207": CredentialRejected,
        "10252": Throttled,
        "10254": Throttled,
        "10301": MessageRejected,
        "10302": RegistrationInvalid,
        "10303": MessageRejected,
        "10304": MessageRejected,
        "10305": MessageRejected,
        "10306": MessageRejected,
        "10311": MessageRejected,
        "10352": MessageRejected,
        "10353": MessageRejected,
        "10471": MessageRejected,
        "10473": MessageRejected,
        "10601": MessageRejected,
        "10609": MessageRejected,
        "10614": MessageRejected,
        "10616": MessageRejected,
        "10800": MessageRejected,
        "10801": MessageRejected,
        "11000": MessageRejected,
    }
    undocumented_code = "10999"

    def push(self, number: int = 0, *, title: str = "Alice", body: str = "Hello 你好", **fields: Any) -> Push:
        # Each to a phone of its own: one phone alone is no list.
        return super().push(number, title=title, body=body, **{"registration_id": f"{number:022d}1", **fields})

    def answer(self, code: str) -> HttpResponse:
        return answer({"result": int(code), "desc": "as recorded"})

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - one answer takes all
        return take(request)

    def signed_in(self, access_token: str) -> HttpResponse:
        return answer({"result": 0, "desc": "请求成功", "authToken": access_token})

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [json.loads(request.body)["timeToLive"]]

    def title_of(self, request: HttpRequest) -> str:
        return str(json.loads(request.body)["title"])

    def body_of(self, request: HttpRequest) -> str:
        return str(json.loads(request.body)["content"])

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in vivo.codes.OUTCOMES}
