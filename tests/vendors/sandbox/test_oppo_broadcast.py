from __future__ import annotations

import json
from typing import cast

import pytest

from tests.vendors.sandbox.conftest import OTHER_PHONE, PHONE, Json, Maker, signature


async def saved(maker: Maker, **fields: str) -> str:
    """The id of a stored message."""
    answer = await maker.save(**fields)
    assert answer["code"] == 0, answer
    return str(cast("Json", answer["data"])["message_id"])


async def test_a_stored_message_reaches_many(maker: Maker) -> None:
    message_id = await saved(maker, off_line="true", off_line_ttl="60", click_action_type="0")

    answer = await maker.broadcast(message_id=message_id, target_type="2", target_value=f"{PHONE};{OTHER_PHONE};CN_bad")
    data = cast("Json", answer["data"])

    assert len(message_id) == 24
    assert (answer["code"], data["message_id"], data["10000"]) == (0, message_id, ["CN_bad"])
    assert len(str(data["task_id"])) == 24
    assert [shown["title"] for shown in await maker.bar(OTHER_PHONE)] == ["Sale"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": ""}, 40),
        ({"off_line": "yes"}, 41),
        ({"off_line_ttl": "1.5"}, 41),
        ({"off_line_ttl": "ten"}, 41),
        ({"content": "x" * 51}, 41),
        ({"style": "3"}, 41),
        ({"push_time_type": "1"}, 41),
        ({"fix_speed": "true"}, 41),
        ({"category": "SALE"}, 67),
        ({"style": "3", "big_picture_id": "p"}, 0),
        ({"fix_speed": "true", "fix_speed_rate": "1000"}, 0),
        ({"private_msg_template_id": "t", "private_title_parameters": '{"a":"b"}'}, 0),
    ],
)
async def test_a_message_is_checked_when_stored(maker: Maker, fields: dict[str, str], code: int) -> None:
    assert (await maker.save(**fields))["code"] == code


async def test_one_app_message_id_is_stored_once(maker: Maker) -> None:
    first = await saved(maker, app_message_id="m-1")
    again = await saved(maker, app_message_id="m-1")
    other = await saved(maker, app_message_id="m-2")

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"message_id": ""}, 40),
        ({"message_id": "unknown"}, 31),
        ({"target_type": ""}, 40),
        ({"target_type": "3"}, 41),
        ({"target_type": "two"}, 41),
        ({"target_type": "1"}, 27),
        ({"target_value": ""}, 40),
        ({"target_value": ";".join([PHONE] * 1001)}, 41),
        ({"target_type": "6", "target_value": '{"or":["a"],"nor":[]}'}, 41),
        ({"target_type": "6", "target_value": "{"}, 41),
        ({"target_type": "6", "target_value": '{"or":["a"],"and":[],"not":[]}'}, 0),
        ({"target_value": ";".join([PHONE] * 1000)}, 0),
    ],
)
async def test_a_broadcast_is_checked(maker: Maker, fields: dict[str, str], code: int) -> None:
    message_id = await saved(maker)
    form = {"message_id": message_id, "target_type": "2", "target_value": PHONE, **fields}

    assert (await maker.broadcast(**form))["code"] == code


async def test_all_devices_is_taken_where_the_app_may(maker: Maker) -> None:
    await maker.app(allow_all_devices=True)

    assert (await maker.broadcast(message_id=await saved(maker), target_type="1"))["code"] == 0


async def test_a_broadcast_of_chat_counts_as_marketing_all_the_same(maker: Maker) -> None:
    for _ in range(3):
        await maker.broadcast(message_id=await saved(maker, category="IM"), target_type="2", target_value=PHONE)

    assert len(await maker.bar()) == 2


async def test_a_broadcast_over_the_daily_limit_names_the_targets_under_33(maker: Maker) -> None:
    await maker.app(daily_limit=1)

    answer = await maker.broadcast(
        message_id=await saved(maker), target_type="2", target_value=f"{PHONE};{OTHER_PHONE}"
    )

    assert cast("Json", answer["data"])["33"] == [OTHER_PHONE]


async def test_a_broadcast_repeated_under_one_id_shows_once(maker: Maker) -> None:
    message_id = await saved(maker, app_message_id="m-1")

    for _ in range(2):
        await maker.broadcast(message_id=message_id, target_type="2", target_value=PHONE)

    assert len(await maker.bar()) == 1
    assert (await maker.counters())["duplicates"] == 1


async def test_another_apps_message_is_unknown(maker: Maker) -> None:
    message_id = await saved(maker)
    other = {"app_key": "other", "master_secret": "other-secret"}
    await maker.control("POST", "/oppo/apps", other)
    answer = await maker.sign_in(app_key="other", sign=signature("other", "1767225600000", "other-secret"))
    maker.token = str(cast("Json", answer["data"])["auth_token"])

    refused = await maker.broadcast(message_id=message_id, target_type="2", target_value=PHONE)

    assert refused["code"] == 31
    assert json.dumps(await maker.control("GET", "/oppo/apps")).count("other-secret") == 0


async def test_aliases_are_targets_too_but_get_no_receipts(maker: Maker) -> None:
    plain = await maker.broadcast(message_id=await saved(maker), target_type="5", target_value="alice;bob")
    with_receipt = await saved(maker, call_back_url="https://example.com/r")
    refused = await maker.broadcast(message_id=with_receipt, target_type="5", target_value="alice")
    taken = await maker.broadcast(message_id=with_receipt, target_type="2", target_value=PHONE)

    assert (plain["code"], refused["code"], taken["code"]) == (0, 41, 0)
    assert len(await maker.bar("alias:bob")) == 1


async def test_the_oldest_stored_message_is_forgotten_past_the_limit(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vendors.sandbox.oppo.broadcast.MAX_SAVED", 1)
    first, second = await saved(maker, app_message_id="m-1"), await saved(maker, app_message_id="m-2")

    gone = await maker.broadcast(message_id=first, target_type="2", target_value=PHONE)
    kept = await maker.broadcast(message_id=second, target_type="2", target_value=PHONE)

    assert (gone["code"], kept["code"]) == (31, 0)
