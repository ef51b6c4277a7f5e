from __future__ import annotations

import pytest

from tests.vendors.sandbox.conftest import NOW, Clock, Maker, message, sign_in, signature

VECTOR_KEY = "0123456789abcdef0123456789abcdef"
VECTOR_SECRET = "fedcba9876543210fedcba9876543210"
VECTOR_SIGN = "4020410fc38cb0f21b40a4e384a3a655b397a6951de451798f6c32aa4b9e5fcd"


async def test_the_sign_in_gives_a_token_and_the_time_of_issue(stranger: Maker) -> None:
    answer = await stranger.sign_in()

    assert answer == {
        "code": 0,
        "message": "Success",
        "data": {"auth_token": "00000000000000000000000000000001", "create_time": 1767225600000},
    }
    assert (await stranger.counters())["logins"] == 1


@pytest.mark.parametrize(
    ("app_key", "timestamp", "master_secret", "sign"),
    [
        (VECTOR_KEY, "1700000000000", VECTOR_SECRET, VECTOR_SIGN),
        (
            "testAppKey",
            "1735689600000",
            "testMasterSecret",
            "bf04d265264b8092d629b9dfbb74d1b502308d325790c5870c3afcf5e8c19fdd",
        ),
        (
            "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "1767225599999",
            "00112233445566778899aabbccddeeff",
            "f7430dce1a34c47aa9880db4687ff61c56760a4119a92881ac62e381cbe35dea",
        ),
    ],
)
async def test_the_pages_vectors_are_taken(
    stranger: Maker, clock: Clock, *, app_key: str, timestamp: str, master_secret: str, sign: str
) -> None:
    clock.now = int(timestamp) / 1000
    await stranger.control("POST", "/oppo/apps", {"app_key": app_key, "master_secret": master_secret})

    answer = await stranger.post("/server/v1/auth", {"app_key": app_key, "sign": sign, "timestamp": timestamp})

    assert answer["code"] == 0


@pytest.mark.parametrize(
    ("timestamp", "sign", "code"),
    [
        ("1700000000", "877bc63d8110b1597c31bc148c4cfed0af1359ac0c59b65f74421460f7439e50", 19),
        ("1700000000000", "a8f1fe0adbb5a6836ecd0e6354439a6dc48bebfa7902a7f8aaeacfb7dc6a344e", 16),
        ("1700000000000", "38c4f771df493a837abb4c7ffe7c27b03f0d9c437adcb6791988f4841befe225", 16),
        ("1700000000000", VECTOR_SIGN.upper(), 16),
    ],
    ids=["seconds", "secret first", "hmac", "upper case"],
)
async def test_the_pages_mistakes_are_refused(
    stranger: Maker, clock: Clock, timestamp: str, sign: str, code: int
) -> None:
    clock.now = 1_700_000_000
    await stranger.control("POST", "/oppo/apps", {"app_key": VECTOR_KEY, "master_secret": VECTOR_SECRET})

    answer = await stranger.post("/server/v1/auth", {"app_key": VECTOR_KEY, "sign": sign, "timestamp": timestamp})

    assert answer["code"] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        # Each line breaks everything the lines below it break too: the first check in order answers.
        ({"app_key": "", "timestamp": "", "sign": ""}, 15),
        ({"app_key": "unknown", "timestamp": "", "sign": ""}, 14),
        ({"timestamp": "", "sign": ""}, 18),
        ({"timestamp": "12", "sign": ""}, 19),
        ({"timestamp": "17672256000000", "sign": ""}, 19),
        ({"timestamp": "１７６７２２５６０００００", "sign": ""}, 19),
        ({"timestamp": "-767225600000", "sign": ""}, 19),
        ({"sign": ""}, 17),
        ({"sign": "0" * 64}, 16),
    ],
)
async def test_the_sign_in_is_checked_in_the_pages_order(stranger: Maker, change: dict[str, str], code: int) -> None:
    await stranger.app(enabled=False)

    answer = await stranger.sign_in(**change)

    assert answer["code"] == code
    assert (await stranger.counters())["violations"] == 1


async def test_a_disabled_app_is_told_last_and_is_no_violation(stranger: Maker) -> None:
    await stranger.app(enabled=False)

    answer = await stranger.sign_in()

    assert answer == {"code": 28, "message": "App Disabled"}
    assert (await stranger.counters())["violations"] == 0


@pytest.mark.parametrize(("off_ms", "code"), [(-600_001, 19), (-600_000, 0), (600_000, 0), (600_001, 19)])
async def test_the_clock_may_be_ten_minutes_off(stranger: Maker, off_ms: int, code: int) -> None:
    stamp = str(int(NOW * 1000) + off_ms)
    sign = signature("sandbox-app-key", stamp, "sandbox-master-secret")

    answer = await stranger.sign_in(timestamp=stamp, sign=sign)

    assert answer["code"] == code


async def test_a_changed_master_secret_makes_the_old_signature_wrong(stranger: Maker) -> None:
    await stranger.app(master_secret="another")

    answer = await stranger.sign_in()

    assert answer["code"] == 16


async def test_a_violation_never_shows_a_secret_in_full(maker: Maker) -> None:
    sign = sign_in()["sign"]

    await maker.sign_in(sign=sign[:-1] + "!")
    await maker.sign_in(app_key="0123456789")
    await maker.unicast(message(), auth_token="feedfacefeedfacefeedface")
    shown = str(await maker.violations())

    assert sign[:-1] not in shown
    assert "0123456789" not in shown
    assert "feedfacefeed" not in shown
    assert "feed…" in shown


async def test_no_token_is_29_and_a_wrong_one_11(maker: Maker) -> None:
    assert (await maker.unicast(message(), auth_token=""))["code"] == 29
    assert (await maker.unicast(message(), auth_token="wrong"))["code"] == 11


async def test_a_token_works_for_24_hours(maker: Maker, clock: Clock) -> None:
    clock.now = NOW + 86_399
    young = await maker.unicast(message())
    clock.now = NOW + 86_400
    old = await maker.unicast(message())

    assert young["code"] == 0
    assert old["code"] == 11
    assert (await maker.counters())["violations"] == 1


async def test_a_new_token_leaves_the_old_one_good(maker: Maker) -> None:
    await maker.sign_in()

    assert (await maker.unicast(message()))["code"] == 0


async def test_expired_by_control_is_11_once_signed_in_before_and_no_violation(maker: Maker) -> None:
    expired = await maker.control("POST", "/oppo/tokens/expire")
    old = await maker.unicast(message())
    fresh = await maker.sign_in()

    assert expired == {"expired": 1}
    assert old == {"code": 11, "message": "Invalid AuthToken"}
    assert fresh["code"] == 0
    assert (await maker.counters())["violations"] == 0


async def test_the_token_goes_in_the_form_unless_the_app_allows_a_header(maker: Maker) -> None:
    maker.http.headers["auth_token"] = maker.token

    refused = await maker.unicast(message(), auth_token="")
    await maker.app(allow_header_token=True)
    taken = await maker.unicast(message(), auth_token="")

    assert refused["code"] == 29
    assert taken["code"] == 0


async def test_a_disabled_app_is_28_and_one_without_the_right_30(maker: Maker) -> None:
    await maker.app(has_api_right=False)
    without_right = await maker.unicast("not JSON")
    await maker.app(enabled=False)
    disabled = await maker.unicast("not JSON")

    assert without_right["code"] == 30
    assert disabled["code"] == 28


async def test_the_oldest_token_is_forgotten_past_the_limit(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vendors.sandbox.oppo.access.MAX_TOKENS", 1)

    await maker.sign_in()

    assert (await maker.unicast(message()))["code"] == 11
