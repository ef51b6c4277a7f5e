"""The vectors of Meizu's page; the first is printed in Meizu's own document, the others were computed from its rule."""

from __future__ import annotations

import pytest

from tests.vendors.meizu_samples import CREDENTIAL, OTHER_PHONE, PHONE
from tests.vendors.pushes import NOW
from vendors import meizu
from vendors.contract import HttpResponse
from vendors.meizu import MeizuCredential, sign
from vendors.meizu.sign import signed_form
from vendors.outcomes import CredentialRejected

HELLO = '{"noticeBarInfo":{"title":"Hi","content":"Hello"}}'
V1 = {"appId": "100999", "pushIds": PHONE, "messageJson": HELLO}
V2_MESSAGE = (
    '{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":0,"title":"订单更新","content":"您的订单已发货 & 价格=5%"},'
    '"noticeExpandInfo":{"noticeExpandType":0},'
    '"clickTypeInfo":{"clickType":1,"activity":"com.example.app.DetailActivity","parameters":{"order":"42"}},'
    '"pushTimeInfo":{"offLine":1,"validTime":24},'
    '"advanceInfo":{"suspend":1,"clearNoticeBar":1,"notificationType":{"vibrate":1,"lights":1,"sound":1},'
    '"notifyKey":"order-42"},'
    '"extra":{"callback":"https://push.example.com/r/mz","callback.param":"m-1","callback.type":"3"}}'
)


def test_it_signs_the_documented_example() -> None:
    credential = MeizuCredential(app_id="10000", app_secret="<APP_SECRET>")
    fields = {
        "appId": "10000",
        "pushIds": "RA50c6348036344485d01776773577c64740465480a6b",
        "messageJson": '{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}',
    }

    assert sign(credential, fields) == "ac076ff25d9900015a681cb5172aa53b"


@pytest.mark.parametrize(
    ("fields", "digest"),
    [
        (V1, "78914aa7e8f0a7aca8ae1bf91bfa2a21"),
        (
            {"appId": "100999", "pushIds": f"{PHONE},{OTHER_PHONE}", "messageJson": V2_MESSAGE},
            "68eab323c4168040063ce7796392300a",
        ),
        (
            {"appId": "100999", "alias": "user_1,user_2", "messageJson": HELLO},
            "92248dda51789b94b1cb3635b5a3a8a2",
        ),
        ({"appId": "100999", "pushIds": PHONE, "taskId": "20457"}, "67d17b5af840354d6028e67ad139c055"),
        ({"appId": "100999", "pushId": PHONE}, "0128a05149f5c4ec65b683d1887bb83f"),
        (
            {**V1, "restrictedPackageNames": "com.example.app,com.example.lite"},
            "0472d2150c8ad5b201d81fe7fc03d122",
        ),
        ({"appId": "100999", "pushType": "0", "taskId": "20457"}, "de7acfef8c6ee198ea4fa4ba43cb2f97"),
    ],
    ids=["minimal", "raw text with signs", "alias", "task", "switch", "packages", "cancel"],
)
def test_it_signs_the_pages_vectors(fields: dict[str, str], digest: str) -> None:
    assert sign(CREDENTIAL, fields) == digest


def test_the_order_in_which_fields_are_given_does_not_matter() -> None:
    assert sign(CREDENTIAL, dict(reversed(V1.items()))) == "78914aa7e8f0a7aca8ae1bf91bfa2a21"


def test_a_form_is_the_worked_body_byte_for_byte() -> None:
    # The page writes no space in this one, so both ways to encode it agree.
    assert signed_form(CREDENTIAL, V1) == (
        b"appId=100999&pushIds=J0476035d625e6c64567f71487e040e7d017f0558675b&messageJson=%7B%22noticeBarInfo%22%3A%7B"
        b"%22title%22%3A%22Hi%22%2C%22content%22%3A%22Hello%22%7D%7D&sign=78914aa7e8f0a7aca8ae1bf91bfa2a21"
    )


def test_there_is_no_sign_in() -> None:
    assert meizu.auth_request(CREDENTIAL, now=NOW) is None
    assert isinstance(meizu.parse_auth(HttpResponse(status=200, body=b"{}"), now=NOW), CredentialRejected)


def test_a_credential_never_prints_its_secret() -> None:
    assert repr(CREDENTIAL) == "MeizuCredential(app_id='100999')"
