from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

import pytest

from tests.vendors.sandbox.conftest import FORM, PHONE, SENDING, Json, Maker, message, notification

MAINLAND_IDS = [
    "b6bb0123456789abcdef0123456789AB",
    "CN_0123456789abcdef0123456789abcdef",
    "OPPO_CN_0123456789abcdef0123456789abcdef",
    "0123456789abcdef01234567",
]
OVERSEAS_IDS = ["US_0123456789abcdef0123456789abcdef", "OPPO_UK_0123456789abcdef0123456789abcdef"]
MALFORMED_IDS = [
    "CN_not-an-id",
    "CN_0123456789abcdef0123456789abcde",
    "CN_0123456789abcdef0123456789abcdeff",
    "CN_0123456789abcdef 123456789abcdef",
    "CN_0123456789abcdef0123456789abcdef\n",
    "A_B_CN_0123456789abcdef0123456789abcdef",
    "CN_０123456789abcdef0123456789abcdef",
]


async def test_the_pages_worked_body_is_taken(maker: Maker) -> None:
    body = (
        '{"target_type":2,"target_value":"CN_0123456789abcdef0123456789abcdef","verify_registration_id":true,'
        '"notification":{"app_message_id":"m-1","title":"Hi","content":"你好","channel_id":"im","category":"IM",'
        '"notify_level":2,"click_action_type":0,"action_parameters":"{\\"k\\":\\"v\\"}","off_line":true,"off_line_ttl":3600}}'
    )

    answer = await maker.unicast(body)
    [shown] = await maker.bar("CN_0123456789abcdef0123456789abcdef")

    assert answer == {
        "code": 0,
        "message": "Success",
        "data": {"messageId": "sandbox-app-1-1-6955b9000000000000000001"},
    }
    assert {key: shown[key] for key in ("title", "text", "channel", "category", "click", "extras")} == {
        "title": "Hi",
        "text": "你好",
        "channel": "im",
        "category": "IM",
        "click": {"opens": "app", "value": ""},
        "extras": {"k": "v"},
    }


async def test_an_unknown_path_is_404_and_get_is_12(maker: Maker) -> None:
    async with maker.http.get(maker.server.base_url("oppo") + f"{SENDING}/unicast") as response:
        wrong_method = await response.json()
    status, _ = await maker.post_bytes("/server/v2/nothing", b"")

    assert wrong_method["code"] == 12
    assert status == 404
    assert (await maker.counters())["violations"] == 2


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{}", 25),
        ("", b"auth_token=x", 25),
        ("application/x-www-form-urlencoded; charset=gbk", b"auth_token=x", 25),
        (FORM, b"auth_token=%ff", 25),
        (FORM, b"auth_token=\xff", 25),
        (FORM, b"auth_token=%4", 25),
        (FORM, b"auth_token=%zz", 25),
        (FORM, b"auth_token=a%\nb", 25),
        (FORM, b"auth_token=x&auth_token=y", 41),
        (FORM, b"", 29),
        ("application/x-www-form-urlencoded; charset=UTF-8", b"auth_token=x", 11),
    ],
)
async def test_a_call_must_be_a_form_in_utf_8(maker: Maker, content_type: str, body: bytes, code: int) -> None:
    status, answer = await maker.post_bytes(f"{SENDING}/unicast", body, content_type)

    assert (status, answer["code"]) == (200, code)


@pytest.mark.parametrize(
    ("text", "code"), [("", 40), ("{", 41), ("[]", 41), ("null", 41), ('"text"', 41), ("NaN", 41), ("{}", 40)]
)
async def test_the_message_must_be_a_json_object(maker: Maker, text: str, code: int) -> None:
    assert (await maker.unicast(text))["code"] == code


@pytest.mark.parametrize(
    ("text", "code"), [("", 40), ("{", 41), ("{}", 41), ("[]", 41), (f"[{','.join(['{}'] * 1001)}]", 41)]
)
async def test_the_messages_must_be_an_array_of_1_to_1000(maker: Maker, text: str, code: int) -> None:
    assert (await maker.batch(text))["code"] == code


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ({"target_value": PHONE, "notification": notification()}, 40, "target_type"),
        ({"target_type": 2, "notification": notification()}, 40, "target_value"),
        ({"target_type": 2, "target_value": "", "notification": notification()}, 40, "target_value"),
        ({"target_type": 2, "target_value": PHONE}, 40, "notification"),
        ({"target_type": 2, "target_value": PHONE, "notification": None}, 40, "notification"),
        ({"target_type": 2, "target_value": PHONE, "notification": []}, 41, "notification"),
        ({"target_type": 1, "target_value": PHONE, "notification": notification()}, 41, "target_type"),
        ({"target_type": 3, "target_value": PHONE, "notification": notification()}, 41, "target_type"),
        ({"target_type": "2", "target_value": PHONE, "notification": notification()}, 41, "target_type"),
        ({"target_type": 2.0, "target_value": PHONE, "notification": notification()}, 41, "target_type"),
        ({"target_type": True, "target_value": PHONE, "notification": notification()}, 41, "target_type"),
        (message([PHONE]), 41, "target_value"),
        (message(f"{PHONE};{PHONE}"), 41, "target_value"),
        (message(f"{PHONE},{PHONE}"), 41, "target_value"),
        ({**message(), "verify_registration_id": "true"}, 41, "verify_registration_id"),
        ({**message(), "verifyRegistrationId": True}, 41, "verifyRegistrationId"),
        ({**message(), "extra": 1}, 41, "extra"),
    ],
)
async def test_the_message_is_checked(maker: Maker, content: Json, code: int, field: str) -> None:
    answer = await maker.unicast(content)
    [violation] = await maker.violations()

    assert answer["code"] == code
    assert violation["field"] == field
    assert violation["code"] == code


@pytest.mark.parametrize(
    ("region", "registration_id", "code"),
    [
        *(("cn", each, 0) for each in MAINLAND_IDS),
        *(("intl", each, 10000) for each in MAINLAND_IDS),
        *(("cn", each, 10000) for each in OVERSEAS_IDS),
        *(("intl", each, 0) for each in OVERSEAS_IDS),
        *((region, each, 10000) for each in MALFORMED_IDS for region in ("cn", "intl")),
    ],
)
async def test_registration_ids_have_a_shape_and_a_region(
    maker: Maker, region: str, registration_id: str, code: int
) -> None:
    await maker.app(region=region)

    answer = await maker.unicast(message(registration_id))

    assert answer["code"] == code


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "好" * 50},
        {"title": "😀" * 50},
        {"content": "x" * 50},
        {"style": 2, "content": "😀" * 128},
        {"sub_title": "x" * 10},
        {"app_message_id": "x" * 64},
        {"action_parameters": '{"a":"' + "x" * 3992 + '"}'},
        {"action_parameters": '{"n":{"m":[1,true,null]}}'},
        {"click_action_type": 1, "click_action_activity": "com.example.push.OPEN"},
        {"click_action_type": 2, "click_action_url": "https://example.com/?a=1"},
        {"click_action_type": 4, "click_action_activity": "com.example.MainActivity"},
        {"click_action_type": 5, "click_action_url": "myapp://chat?id=1"},
        {"off_line": False},
        {"off_line_ttl": 864_001},
        {"notify_id": 2_147_483_647},
        {"show_ttl": 86_400},
        {"show_time_type": 1, "show_start_time": 1_767_225_600_000, "show_end_time": 1_767_225_600_001},
        {"call_back_url": "https://example.com/" + "x" * 180, "call_back_parameter": "x" * 100},
        {"badge_operation_type": 1},
        {"badge_operation_type": 0, "badge_message_count": 0},
        {"auditResponse": {"any": ["thing"]}},
        {"private_msg_template_id": "t", "private_title_parameters": {"city": "东京"}},
        {"private_msg_template_id": "t", "private_content_parameters": '{"city":"东京"}'},
        {"category": None},
        {"category": None, "channel_id": None},
        {"notify_level": 1},
        {"notify_level": 2},
        {"category": "NEWS", "notify_level": 1},
    ],
)
async def test_what_the_page_allows_is_taken(maker: Maker, fields: Json) -> None:
    answer = await maker.unicast(message(**fields))

    assert answer["code"] == 0, answer
    assert (await maker.counters())["violations"] == 0


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"title": None}, 40, "title"),
        ({"title": " \t"}, 40, "title"),
        ({"content": ""}, 40, "content"),
        ({"title": 7}, 41, "title"),
        ({"title": "x" * 51}, 41, "title"),
        ({"content": "x" * 51}, 41, "content"),
        ({"style": 2, "content": "x" * 129}, 41, "content"),
        ({"style": 1.0}, 41, "style"),
        ({"style": 5}, 41, "style"),
        ({"style": 3, "big_picture_id": "p"}, 27, "big_picture_id"),
        ({"style": 3}, 27, "style"),
        ({"style": 4}, 27, "style"),
        ({"small_picture_id": "p"}, 27, "small_picture_id"),
        ({"buttons": []}, 27, "buttons"),
        ({"sub_title": "x" * 11}, 41, "sub_title"),
        ({"app_message_id": ""}, 41, "app_message_id"),
        ({"app_message_id": 7}, 41, "app_message_id"),
        ({"app_message_id": "x" * 65}, 41, "app_message_id"),
        ({"clickActionType": 0}, 41, "clickActionType"),
        ({"sound": "ring"}, 41, "sound"),
        ({"click_action_type": 3}, 41, "click_action_type"),
        ({"click_action_type": True}, 41, "click_action_type"),
        ({"click_action_type": 0, "click_action_url": "https://a.b"}, 41, "click_action_url"),
        ({"click_action_type": 0, "click_action_activity": "a.B"}, 41, "click_action_activity"),
        ({"click_action_url": "https://a.b"}, 41, "click_action_url"),
        ({"click_action_type": 1}, 41, "click_action_activity"),
        (
            {"click_action_type": 1, "click_action_activity": "a.B", "click_action_url": "https://a.b"},
            41,
            "click_action_url",
        ),
        ({"click_action_type": 2}, 41, "click_action_url"),
        ({"click_action_type": 2, "click_action_url": "ftp://a.b"}, 41, "click_action_url"),
        ({"click_action_type": 2, "click_action_url": "https:///path"}, 41, "click_action_url"),
        ({"click_action_type": 2, "click_action_url": "https://[bad"}, 41, "click_action_url"),
        ({"click_action_type": 2, "click_action_url": "https://a.b/" + "x" * 1989}, 41, "click_action_url"),
        (
            {"click_action_type": 2, "click_action_url": "https://a.b", "click_action_activity": "a.B"},
            41,
            "click_action_activity",
        ),
        ({"click_action_type": 4, "click_action_activity": "MainActivity"}, 41, "click_action_activity"),
        ({"click_action_type": 4, "click_action_activity": "com.example.1st"}, 41, "click_action_activity"),
        ({"click_action_type": 4, "click_action_activity": "a.B\n"}, 41, "click_action_activity"),
        ({"click_action_type": 5, "click_action_url": "javascript:alert(1)"}, 41, "click_action_url"),
        ({"click_action_type": 5, "click_action_url": "FILE:///etc/hosts"}, 41, "click_action_url"),
        ({"click_action_type": 5, "click_action_url": "no scheme"}, 41, "click_action_url"),
        ({"action_parameters": {"k": "v"}}, 41, "action_parameters"),
        ({"action_parameters": "[1]"}, 41, "action_parameters"),
        ({"action_parameters": "not JSON"}, 41, "action_parameters"),
        ({"action_parameters": '{"a":"' + "x" * 3993 + '"}'}, 41, "action_parameters"),
        ({"off_line": "true"}, 41, "off_line"),
        ({"off_line": 1}, 41, "off_line"),
        ({"off_line_ttl": -1}, 41, "off_line_ttl"),
        ({"off_line_ttl": "3600"}, 41, "off_line_ttl"),
        ({"off_line_ttl": 3600.0}, 41, "off_line_ttl"),
        ({"off_line_ttl": True}, 41, "off_line_ttl"),
        ({"notify_id": -1}, 41, "notify_id"),
        ({"notify_id": 2_147_483_648}, 41, "notify_id"),
        ({"notify_id": "1"}, 41, "notify_id"),
        ({"channel_id": ""}, 41, "channel_id"),
        ({"channel_id": "x" * 65}, 41, "channel_id"),
        ({"show_ttl": 86_401}, 41, "show_ttl"),
        ({"show_ttl": 43_201, "category": "NEWS"}, 41, "show_ttl"),
        ({"show_time_type": 1}, 41, "show_start_time"),
        (
            {"show_time_type": 1, "show_start_time": 1_767_225_600_001, "show_end_time": 1_767_225_600_001},
            41,
            "show_end_time",
        ),
        ({"show_start_time": 1_767_225_600}, 41, "show_start_time"),
        ({"push_time_type": 1}, 41, "push_time_type"),
        ({"fix_speed": True}, 41, "fix_speed"),
        ({"network_type": 2}, 41, "network_type"),
        ({"call_back_url": "ftp://example.com"}, 41, "call_back_url"),
        ({"call_back_url": "https://example.com/" + "x" * 181}, 41, "call_back_url"),
        ({"call_back_parameter": "x" * 101}, 41, "call_back_parameter"),
        ({"badge_operation_type": 0}, 41, "badge_message_count"),
        ({"private_title_parameters": {"a": "b"}}, 41, "private_title_parameters"),
        ({"private_msg_template_id": "t", "private_title_parameters": {"a": 1}}, 41, "private_title_parameters"),
        ({"private_msg_template_id": "t", "private_content_parameters": "[]"}, 41, "private_content_parameters"),
        ({"category": 1}, 41, "category"),
        ({"category": "im"}, 67, "category"),
        ({"category": ""}, 67, "category"),
        ({"notify_level": "2"}, 41, "notify_level"),
        ({"category": None, "notify_level": 2}, 67, "notify_level"),
        ({"notify_level": 3}, 67, "notify_level"),
        ({"notify_level": 16}, 67, "notify_level"),
        ({"category": "MARKETING", "notify_level": 2}, 67, "notify_level"),
    ],
)
async def test_the_notification_is_checked(maker: Maker, fields: Json, code: int, field: str) -> None:
    built = {"title": "Hi", "content": "Yo", "category": "IM", "channel_id": "im", **fields}
    built = {name: value for name, value in built.items() if value is not None}
    answer = await maker.unicast({"target_type": 2, "target_value": PHONE, "notification": built})
    [violation] = await maker.violations()

    assert answer["code"] == code
    assert violation["field"] == f"notification.{field}"
    assert await maker.bar() == []


async def test_null_is_no_value_of_an_optional_field(maker: Maker) -> None:
    answer = await maker.unicast(
        {"target_type": 2, "target_value": PHONE, "notification": {**notification(), "notify_id": None}}
    )

    assert answer["code"] == 41


async def test_too_deep_json_is_refused_and_breaks_nothing(maker: Maker) -> None:
    deep = '{"a":' * 300 + "1" + "}" * 300

    in_parameters = await maker.unicast(message(action_parameters=deep))
    in_audit = await maker.unicast(
        '{"target_type":2,"target_value":"' + PHONE + '","notification":'
        '{"title":"t","content":"c","auditResponse":' + deep + "}}"
    )

    assert (in_parameters["code"], in_audit["code"]) == (41, 41)


@pytest.mark.parametrize(
    ("terms", "form", "content", "code"),
    [
        # Each line mends what the line above was refused for: the checks come in the order of section 3.3.
        ({"has_api_right": False, "qps": 0}, {"auth_token": ""}, "{", 29),
        ({"has_api_right": False, "qps": 0}, {"auth_token": "wrong"}, "{", 11),
        ({"has_api_right": False, "qps": 0}, {}, "{", 30),
        ({"qps": 0}, {}, "{", 55),
        ({}, {}, "{", 41),
        ({}, {}, {"target_type": 9, "target_value": "a;b", "notification": 0, "x": 1}, 41),
        ({}, {}, {"target_type": 2, "target_value": "bad", "notification": 0, "x": 1}, 10000),
        ({}, {}, {**message(title=" ", sub_title="x" * 11, category="?"), "x": 1}, 40),
        ({}, {}, {**message(sub_title="x" * 11, category="?"), "x": 1}, 41),
        ({}, {}, {**message(category="?"), "x": 1}, 41),
        ({"daily_limit": 0}, {}, message(category="?", notify_level=2), 67),
        ({"daily_limit": 0}, {}, message(category="NEWS", notify_level=2), 67),
        ({"require_template": True}, {}, message(notify_level=16), 67),
        ({"require_template": True}, {}, message(), 54),
        ({"daily_limit": 0, "require_template": True}, {}, message(category="NEWS"), 33),
        ({"daily_limit": 0, "require_template": True}, {}, message(private_msg_template_id="t"), 0),
    ],
)
async def test_checks_come_in_the_order_of_the_page(
    maker: Maker, terms: Json, form: dict[str, str], content: object, code: int
) -> None:
    await maker.app(**terms)

    answer = await maker.unicast(content, **form)

    assert answer["code"] == code


async def test_the_strong_reminder_needs_its_right(maker: Maker) -> None:
    await maker.app(strong_reminder=True)

    assert (await maker.unicast(message(notify_level=16)))["code"] == 0


async def test_extra_form_fields_are_tolerated(maker: Maker) -> None:
    assert (await maker.unicast(message(), whatever="1"))["code"] == 0


async def test_an_alias_is_a_target_too_but_gets_no_receipts(maker: Maker) -> None:
    plain = await maker.unicast({**message("alice"), "target_type": 5})
    with_receipt = await maker.unicast({**message("alice", call_back_url="https://a.b"), "target_type": 5})

    assert (plain["code"], with_receipt["code"]) == (0, 41)
    assert len(await maker.bar("alias:alice")) == 1


async def test_a_refusal_says_in_words_what_would_have_been_right(maker: Maker) -> None:
    answer = await maker.unicast(message(title="x" * 51))

    assert answer == {
        "code": 41,
        "message": "Invalid Arguments: notification.title: expected a string of 1 to 50 characters, "
        'got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" (51 characters)',
    }


async def test_a_body_past_16_mib_is_not_read(maker: Maker) -> None:
    body = urlencode({"auth_token": maker.token, "message": "x" * (16 * 1024 * 1024)}).encode()
    url = maker.server.base_url("oppo") + f"{SENDING}/unicast"

    async with maker.http.post(url, data=BytesIO(body), headers={"Content-Type": FORM}) as response:
        status = response.status

    assert status == 413
