"""What is particular about each maker's reports; that each kind is read and none raises is in the contract suite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors import callbacks
from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.honor.receipts import STATUSES as HONOR_STATUSES
from vendors.huawei_callbacks import STATUSES, statuses
from vendors.meizu.credential import MeizuCredential
from vendors.meizu.receipts import EVENTS as MEIZU_EVENTS
from vendors.meizu.receipts import parse_receipts as meizu_receipts
from vendors.oppo.credential import parse_credential as oppo_credential
from vendors.oppo.receipts import EVENTS as OPPO_EVENTS
from vendors.oppo.receipts import parse_receipts as oppo_receipts
from vendors.receipt_bodies import ids_of, moment_of
from vendors.receipts import Callback, InvalidCallback, Receipt, ReceiptKind
from vendors.testing import RECEIPT_PARAMETER
from vendors.vivo.credential import VivoCredential
from vendors.vivo.receipts import ACKS
from vendors.vivo.receipts import parse_receipts as vivo_receipts
from vendors.xiaomi.credential import XiaomiCredential
from vendors.xiaomi.receipts import ALL_EVENTS
from vendors.xiaomi.receipts import EVENTS as XIAOMI_EVENTS
from vendors.xiaomi.receipts import parse_receipts as xiaomi_receipts

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # epoch 1700000000
OPPO = {"app_key": "made-up-key", "master_secret": "made-up-secret"}
XIAOMI = XiaomiCredential(app_secret="made-up", package_name="com.example.app")
VIVO = VivoCredential(app_id="10004", app_key="made-up", app_secret="made-up", package_name="")
MEIZU = MeizuCredential(app_id="100999", app_secret="made-up", receipt_token="made-up-token")

# From the notes on Huawei's page: timestamp and nonce, user, secret, and the value they make.
TIMESTAMP, NONCE = "1700000000000", "5f0c6a4e-7b1d-4b53-9d5e-0f4f1a2b3c4d"
VECTORS = [
    ("s3cret-Callback", "mrSNOpCT6vqitu95Y3p8xrAyJqm0GP9xESOyIDJZI50="),
    ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "K7p7i9k/Q1TUvlQLo2A6fM8mUMaOkGWdvvdvCU4nLF0="),
    ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "0e9U5aLBMLnvIFQFU+sML+8WghA5UEnEsnqJTk7/JxM="),
]


def signed(value: str, *, timestamp: str = TIMESTAMP) -> Callback:
    header = f"timestamp={timestamp}; nonce={NONCE}; value={value}"
    return callbacks.statuses("made-up-token-1", 0, **{"x-huawei-callback-id": header})


@pytest.mark.parametrize(("secret", "value"), VECTORS)
def test_huaweis_signature_is_taken_under_the_secret_as_it_is_or_in_base64(secret: str, value: str) -> None:
    [receipt] = statuses(signed(value), user="pushcb", secret=secret, now=NOW)

    assert receipt.kind is ReceiptKind.DELIVERED


@pytest.mark.parametrize("skew", [timedelta(minutes=11), -timedelta(minutes=11)])
def test_huaweis_signature_is_refused_when_it_is_old(skew: timedelta) -> None:
    with pytest.raises(InvalidCallback, match="ten minutes"):
        statuses(signed(VECTORS[0][1]), user="pushcb", secret=VECTORS[0][0], now=NOW + skew)


@pytest.mark.parametrize(
    ("user", "secret", "callback"),
    [
        ("another", VECTORS[0][0], signed(VECTORS[0][1])),
        ("pushcb", "another", signed(VECTORS[0][1])),
        ("pushcb", VECTORS[0][0], signed(VECTORS[0][1], timestamp="1700000000001")),
        ("pushcb", VECTORS[0][0], signed("")),
        ("pushcb", VECTORS[0][0], callbacks.statuses("made-up-token-1", 0)),
    ],
)
def test_huaweis_signature_is_refused_when_anything_in_it_differs(user: str, secret: str, callback: Callback) -> None:
    with pytest.raises(InvalidCallback, match="not signed"):
        statuses(callback, user=user, secret=secret, now=NOW)


def of_huawei(status: int) -> list[Receipt]:
    return list(statuses(callbacks.statuses("made-up-token-1", status), user="", secret="", now=NOW))


def test_a_status_of_huaweis_that_is_not_the_end_reports_nothing() -> None:
    assert [of_huawei(status) for status in (27, 51)] == [[], []]


def test_a_status_of_huaweis_that_is_unknown_keeps_the_registration() -> None:
    assert "9999" not in STATUSES
    [receipt] = of_huawei(9999)

    assert (receipt.kind, receipt.vendor_code) == (ReceiptKind.DROPPED, "9999")


def test_one_report_of_oppos_is_of_several_phones() -> None:
    callback = callbacks.oppo("CN_1, CN_2,CN_3", "push_arrive")

    receipts = oppo_receipts(callback, oppo_credential(OPPO), now=NOW)

    assert [(each.registration_id, each.parameter) for each in receipts] == [
        (phone, RECEIPT_PARAMETER) for phone in ("CN_1", "CN_2", "CN_3")
    ]
    assert receipts[0].at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("app_id", "is_taken"), [("made-up-app-id", True), ("", True), ("of-another-app", False)])
def test_oppos_app_id_is_compared_where_the_cert_has_one(app_id: str, *, is_taken: bool) -> None:
    credential = oppo_credential({**OPPO, "app_id": app_id})
    callback = callbacks.oppo("CN_1", "push_arrive")

    if is_taken:
        assert len(oppo_receipts(callback, credential, now=NOW)) == 1
    else:
        with pytest.raises(InvalidCallback, match="another app"):
            oppo_receipts(callback, credential, now=NOW)


def test_what_xiaomi_delivered_to_a_phone_with_notifications_off_was_not_shown() -> None:
    callback = callbacks.xiaomi("regA", 1, barStatus="Disable")

    [receipt] = xiaomi_receipts(callback, XIAOMI, now=NOW)

    assert receipt.kind is ReceiptKind.DROPPED
    assert "switched off" in receipt.vendor_reason


def test_xiaomi_is_asked_for_every_event_of_its_page() -> None:
    assert ALL_EVENTS == "1267"


def test_xiaomis_report_is_read_as_json_too() -> None:
    item = {"param": "p", "type": 16, "targets": "regA,regB"}
    text = '{"sdm1":{"param":"p","type":16,"targets":"regA,regB"}}'
    for body in ({"sdm1": item}, {"data": {"sdm1": item}}, {"data": text}):
        receipts = xiaomi_receipts(callbacks.of_json(body), XIAOMI, now=NOW)

        assert [(each.registration_id, each.kind) for each in receipts] == [
            ("regA", ReceiptKind.REGISTRATION_INVALID),
            ("regB", ReceiptKind.REGISTRATION_INVALID),
        ]


@pytest.mark.parametrize("token", ["", "another-token", "made-up-token-2"])
def test_meizus_report_needs_the_certs_token(token: str) -> None:
    with pytest.raises(InvalidCallback, match="receipt_token"):
        meizu_receipts(callbacks.meizu("phone", 1, token=token), MEIZU, now=NOW)


def test_a_cert_without_a_token_takes_no_report_of_meizus() -> None:
    credential = MeizuCredential(app_id="100999", app_secret="made-up")

    with pytest.raises(InvalidCallback, match="receipt_token"):
        meizu_receipts(callbacks.meizu("phone", 1, token=""), credential, now=NOW)


def test_vivos_oldest_form_says_neither_time_nor_kind_and_means_arrived() -> None:
    callback = callbacks.of_json({"1": {"param": "p", "targets": "R1"}})

    assert vivo_receipts(callback, VIVO, now=NOW) == [
        Receipt(registration_id="R1", parameter="p", kind=ReceiptKind.DELIVERED)
    ]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    *("param", "type", "targets", "timestamp", "ackType", "ackTime"),
    *("eventType", "registrationIds", "eventTime", "appId", "barStatus"),
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), JSON_VALUES)


@given(item=FIELDS)
def test_no_value_of_any_field_makes_a_report_raise(item: Mapping[str, Any]) -> None:
    try:
        callback = callbacks.of_json([item])
        by_key = callbacks.of_json({"1": item})
    except TypeError:
        return  # a number or a text that JSON can't carry

    assert isinstance(oppo_receipts(callback, oppo_credential(OPPO), now=NOW), list)
    assert isinstance(xiaomi_receipts(by_key, XIAOMI, now=NOW), list)
    assert isinstance(vivo_receipts(by_key, VIVO, now=NOW), list)


@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "9" * 17, 0, -5, 10**20, 1.5, True, None, [], "１２"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment_of(value) is None


def test_ids_come_as_a_list_or_in_one_text() -> None:
    assert list(ids_of("a, b,,c")) == list(ids_of(["a", " b", "", "c", 7])) == ["a", "b", "c"]


def test_a_credential_hides_what_signs_its_receipts() -> None:
    assert "made-up-token" not in repr(MEIZU)
    assert "callback_secret" not in repr(HarmonyOsCredential.__dataclass_fields__["callback_secret"].default)


PAGES = {
    "oppo": OPPO_EVENTS,
    "xiaomi": XIAOMI_EVENTS,
    "huawei": STATUSES,
    "harmonyos": STATUSES,
    "honor": HONOR_STATUSES,
    "meizu": MEIZU_EVENTS,
    "vivo": ACKS,
}


@pytest.mark.parametrize("vendor", PAGES)
def test_every_event_stands_in_the_makers_page(vendor: str) -> None:
    page = (Path(__file__).parents[2] / f"docs/vendors/{vendor}.md").read_text(encoding="utf-8")
    section = page.partition("## Receipts\n")[2].partition("\n## ")[0]

    rows = [line for line in section.splitlines() if re.match(r"\| [0-9a-z_]+ \|", line)]

    assert rows == [f"| {code} | {told.kind} | {told.words} |" for code, told in PAGES[vendor].items()]
