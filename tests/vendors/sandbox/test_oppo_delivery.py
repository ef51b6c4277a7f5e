from __future__ import annotations

import re
from typing import cast

import pytest

from tests.vendors.sandbox.conftest import NOW, OTHER_PHONE, PHONE, Clock, Json, Maker, message

MIDNIGHT_IN_CHINA = NOW + 16 * 3600


async def test_a_repeat_is_accepted_and_delivers_nothing(maker: Maker) -> None:
    first = await maker.unicast(message(app_message_id="m-1"))
    repeat = await maker.unicast(message(app_message_id="m-1", title="Other"))
    phone = await maker.control("GET", f"/oppo/phones/{PHONE}")

    assert (first["code"], repeat["code"]) == (0, 0)
    assert [shown["title"] for shown in await maker.bar()] == ["Hi"]
    assert {key: phone[key] for key in ("received", "distinct", "duplicates")} == {
        "received": 1,
        "distinct": 1,
        "duplicates": 1,
    }
    assert (await maker.counters())["duplicates"] == 1


async def test_one_id_for_two_targets_is_no_repeat(maker: Maker) -> None:
    await maker.unicast(message(PHONE, app_message_id="m-1"))
    await maker.unicast(message(OTHER_PHONE, app_message_id="m-1"))

    assert len(await maker.bar(PHONE)) == 1
    assert len(await maker.bar(OTHER_PHONE)) == 1


async def test_without_an_id_nothing_is_a_repeat(maker: Maker) -> None:
    await maker.unicast(message())
    await maker.unicast(message())

    assert len(await maker.bar()) == 2


async def test_the_newest_is_on_top_and_one_notify_id_stands_once(maker: Maker) -> None:
    await maker.unicast(message(title="first", notify_id=7))
    await maker.unicast(message(title="second"))
    await maker.unicast(message(title="third", notify_id=7))

    assert [shown["title"] for shown in await maker.bar()] == ["third", "second"]
    assert (await maker.control("GET", f"/oppo/phones/{PHONE}"))["received"] == 3


async def test_a_message_id_is_the_app_id_and_24_hex_digits(maker: Maker) -> None:
    ids = [cast("Json", (await maker.unicast(message()))["data"])["messageId"] for _ in range(3)]

    assert all(re.fullmatch(r"sandbox-app-1-1-[0-9a-f]{24}", str(each)) for each in ids)
    assert len(set(ids)) == 3


async def test_a_batch_fails_by_the_item(maker: Maker) -> None:
    answer = await maker.batch(
        [message(PHONE), message("CN_not-an-id"), message(OTHER_PHONE, title="x" * 51), 7, message(PHONE, category="?")]
    )
    taken, bad_id, bad_title, no_object, bad_category = cast("list[Json]", answer["data"])

    assert (answer["code"], answer["message"]) == (0, "")
    assert taken == {"messageId": "sandbox-app-1-1-6955b9000000000000000001", "registrationId": PHONE}
    assert (bad_id["registrationId"], bad_id["errorCode"]) == ("CN_not-an-id", 10000)
    assert (bad_title["registrationId"], bad_title["errorCode"]) == (OTHER_PHONE, 41)
    assert (no_object["registrationId"], no_object["errorCode"]) == ("", 41)
    assert (bad_category["registrationId"], bad_category["errorCode"]) == (PHONE, 67)
    assert str(bad_title["errorMessage"]).startswith("Invalid Arguments: notification.title")
    assert (await maker.counters())["refused"] == {"10000": 1, "41": 2, "67": 1}


async def test_a_batch_of_1000_is_taken(maker: Maker) -> None:
    answer = await maker.batch([message(f"CN_{index:032x}") for index in range(1000)])

    assert len(cast("list[Json]", answer["data"])) == 1000
    assert (await maker.counters())["delivered"] == 1000


async def test_a_batch_is_answered_in_another_order_if_told_to(maker: Maker) -> None:
    ids = [f"CN_{index:032x}" for index in range(20)]
    await maker.app(shuffle_answers=True)

    answer = await maker.batch([message(each) for each in ids])
    answered = [str(item["registrationId"]) for item in cast("list[Json]", answer["data"])]

    assert answered != ids
    assert sorted(answered) == ids


@pytest.mark.parametrize("code", [13, 55, -2])
async def test_the_rate_is_counted_in_targets(maker: Maker, clock: Clock, code: int) -> None:
    await maker.app(qps=10, qps_code=code)

    batch = await maker.batch([message() for _ in range(15)])
    over = await maker.unicast(message())
    clock.now += 0.5
    still_over = await maker.unicast(message())
    clock.now += 0.125
    paid_off = await maker.unicast(message())

    assert (batch["code"], over["code"], still_over["code"], paid_off["code"]) == (0, code, code, 0)
    assert (await maker.counters())["violations"] == 0


async def test_marketing_stops_at_the_apps_daily_limit_and_chat_does_not(maker: Maker, clock: Clock) -> None:
    await maker.app(daily_limit=1, device_daily_cap=None)

    first = await maker.unicast(message(category="NEWS"))
    second = await maker.unicast(message(category=None))
    chat = await maker.unicast(message())
    item = cast("list[Json]", (await maker.batch([message(category="NEWS")]))["data"])[0]
    clock.now = MIDNIGHT_IN_CHINA
    await maker.sign_in(clock.now)
    next_day = await maker.unicast(message(category="NEWS"))

    assert (first["code"], second["code"], chat["code"], next_day["code"]) == (0, 33, 0, 0)
    assert item["errorCode"] == 33
    assert (await maker.counters())["violations"] == 0


async def test_a_repeat_costs_no_daily_allowance(maker: Maker) -> None:
    await maker.app(daily_limit=2)

    answers = [await maker.unicast(message(category="NEWS", app_message_id=each)) for each in ("m-1", "m-1", "m-2")]

    assert [answer["code"] for answer in answers] == [0, 0, 0]


async def test_the_third_marketing_notification_of_the_day_is_dropped_silently(maker: Maker, clock: Clock) -> None:
    for _ in range(3):
        assert (await maker.unicast(message(category="NEWS")))["code"] == 0
    on_the_day = len(await maker.bar())
    clock.now = MIDNIGHT_IN_CHINA
    await maker.unicast(message(category="NEWS"))

    assert on_the_day == 2
    assert len(await maker.bar()) == 3
    assert (await maker.counters())["capped"] == 1


async def test_a_dead_phone_accepts_and_shows_nothing(maker: Maker) -> None:
    await maker.control("POST", f"/oppo/phones/{PHONE}", {"dead": True})

    answer = await maker.unicast(message())

    assert answer["code"] == 0
    assert await maker.bar() == []
    assert (await maker.counters())["dead"] == 1


async def test_a_dead_phone_may_say_so_at_once(maker: Maker) -> None:
    await maker.control("POST", f"/oppo/phones/{PHONE}", {"dead": True, "answer": 10000})

    single = await maker.unicast(message())
    batch = await maker.batch([message(), message(OTHER_PHONE)])
    await maker.control("POST", f"/oppo/phones/{PHONE}", {"dead": False})
    alive = await maker.unicast(message())

    assert single == {"code": 10000, "message": "Invalid Registration_id"}
    assert [item.get("errorCode") for item in cast("list[Json]", batch["data"])] == [10000, None]
    assert alive["code"] == 0
    assert (await maker.counters())["violations"] == 0


async def test_a_phone_too_many_is_refused_in_words(maker: Maker) -> None:
    maker.server.worlds["oppo"].inbox.max_phones = 1
    await maker.unicast(message(PHONE))

    answer = await maker.unicast(message(OTHER_PHONE))

    assert answer == {"code": -1, "message": "the sandbox keeps at most 1 phones; DELETE them to make room"}


async def test_the_counters_add_up(maker: Maker) -> None:
    await maker.control("POST", f"/oppo/phones/{OTHER_PHONE}", {"dead": True})
    await maker.batch([message(app_message_id="m-1"), message(app_message_id="m-1"), message(OTHER_PHONE)])
    for _ in range(3):
        await maker.unicast(message(category="NEWS"))
    await maker.unicast(message("bad"))

    counters = await maker.counters()

    assert counters == {
        "logins": 1,
        "calls": 6,
        "targets": 6,
        "delivered": 3,
        "duplicates": 1,
        "dead": 1,
        "capped": 1,
        "recalled": 0,
        "violations": 1,
        "refused": {"10000": 1},
        "paths": {
            "/server/v1/auth": 1,
            "/server/v1/message/notification/unicast": 4,
            "/server/v1/message/notification/unicast_batch": 1,
        },
        "faults": 0,
        "phones": 2,
    }
