from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tests.vendors import callbacks
from tests.vendors.xiaomi_samples import form_of, refused, taken
from vendors import xiaomi
from vendors.contract import HttpRequest, HttpResponse, Push, Vendor
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    Throttled,
    Unavailable,
)
from vendors.testing import VendorContract
from vendors.xiaomi import XiaomiCredential
from vendors.xiaomi.codes import OUTCOMES

_: Vendor[XiaomiCredential] = xiaomi

# Section 5.3 of the page by class, in its order.
UNAVAILABLE = (
    *(-1, 1, 10001, 10002, 10003, 10009, 10010, 10011, 10037),
    *(20215, 20216, 20301, 20315, 20607, 22102, 26003, 65029, 65040),
)
THROTTLED = (
    *(10022, 10023, 10024, 10027, 10028, 10030, 10032, 10034, 10039),
    *(22101, 26004, 26005, 65006, 200001, 200002),
)
CREDENTIAL = (
    *(10004, 10005, 10006, 10013, 10014, 10026, 10031, 10036, 21301, 21302, 21303),
    *(22000, 22001, 22002, 22003, 22004, 22005, 22006, 22007, 22008, 22020, 22021, 22022, 66108),
)
MESSAGE = (
    *(100, 10007, 10008, 10012, 10016, 10017, 10018, 10020, 10021, 10025, 10029, 10033, 10035, 10038),
    *(20209, 21305, 22100, 22103, 26006, 27001, 65003, 65007, 65008, 65009, 65010, 65011, 65012, 65013),
    *(65014, 65015, 65016, 65017, 65028, 65030, 65035, 65036, 65037, 65038, 65041, 80002),
)
BY_CLASS: Mapping[type[Outcome], Sequence[int]] = {
    Accepted: (0,),
    Unavailable: UNAVAILABLE,
    Throttled: THROTTLED,
    CredentialRejected: CREDENTIAL,
    MessageRejected: MESSAGE,
}

PHONE_ID = "d//igwEhgBGCI2TG6lWqlOgLgz0w1qKzDAZ+J5UNWjDEnhwtBPmXHTiHmzmW=="


class TestXiaomi(VendorContract):
    vendor: ClassVar[Vendor[XiaomiCredential]] = xiaomi
    credential: ClassVar = {"app_secret": "made-up+secret/==", "package_name": "com.example.app"}
    registration_id = PHONE_ID
    callbacks: ClassVar = [callbacks.xiaomi(PHONE_ID, event) for event in (1, 2, 16, 32, 64, 128, 1024)]
    channel_id = "100001"
    options: ClassVar = {
        "notify_type": 3,
        "notify_foreground": False,
        "template_id": "made-up-template",
        "template_param": {"who": "Alice"},
        "ticker": "A message",
        "only_send_once": True,
        "connpt": "wifi",
        "notification_style_type": 2,
        "notification_bigPic_uri": "https://example.com/p.png",
        "notification_large_icon_uri": "https://example.com/i.png",
        "locale": "zh_CN",
        "locale_not_in": "en_US",
        "model": "M1",
        "model_not_in": "M2",
        "app_version": "1.0",
        "app_version_not_in": "0.9",
        "extra": {"chat": "42"},
        "intent_ext": True,
    }
    codes: ClassVar = {str(code): kind for kind, codes in BY_CLASS.items() for code in codes}
    undocumented_code = "66666"
    requests_carry_secret = True

    def answer(self, code: str) -> HttpResponse:
        return taken() if code == "0" else refused(int(code))

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:  # noqa: ARG002 - one answer for all
        return taken()

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        return [int(form_of(request)["time_to_live"]) // 1000]

    def title_of(self, request: HttpRequest) -> str:
        return form_of(request)["title"]

    def body_of(self, request: HttpRequest) -> str:
        return form_of(request)["description"]

    def test_the_declared_codes_are_the_whole_table(self) -> None:
        assert set(self.codes) == {str(code) for code in OUTCOMES}
