from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.vendors.oppo_samples import (
    CREDENTIAL,
    OTHER_PHONE,
    PHONE,
    TOKEN,
    hand_over,
    messages_in,
    notification_of,
    push,
)
from vendors import oppo
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, InvalidCredential
from vendors.oppo.notification import notify_id
from vendors.outcomes import Accepted, AccessTokenExpired, MessageRejected

UNICAST = "https://api-push-cn.heytapmobi.com/server/v1/message/notification/unicast"
UNICAST_BATCH = "https://api-push-cn.heytapmobi.com/server/v1/message/notification/unicast_batch"
MIB = 1 << 20


def refusal_of(**fields: Any) -> str:
    """Why a push does not leave."""
    requests, [outcome] = hand_over([push(**fields)])
    assert requests == []
    assert isinstance(outcome, MessageRejected)
    assert not outcome.whole_call
    assert outcome.vendor_reason == "not sent"
    return outcome.advice


def test_one_push_is_the_worked_body_byte_for_byte() -> None:
    [request], _ = hand_over([push(ext='{"k": "v"}', options={"notify_level": 2})])

    assert request.url == UNICAST
    assert request.headers == {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert messages_in(request) == [
        {
            "target_type": 2,
            "target_value": "CN_0123456789abcdef0123456789abcdef",
            "verify_registration_id": True,
            "notification": {
                "app_message_id": "m-1",
                "title": "Hi",
                "content": "你好",
                "channel_id": "im",
                "category": "IM",
                "notify_level": 2,
                "click_action_type": 0,
                "action_parameters": '{"k":"v"}',
                "off_line": True,
                "off_line_ttl": 3600,
            },
        }
    ]
    assert len(request.body) == 520
    assert sha256(request.body).hexdigest() == "435a3de7cb8edc61925052474dc765a10f4860fd9b8d6a259c699d7c8492415e"


def test_several_pushes_go_by_batch_each_with_its_own_content() -> None:
    pushes = [push(title="One", dedup_id="m-1"), push(OTHER_PHONE, title="Two", category=Category.NEWS, dedup_id="m-2")]

    [request], outcomes = hand_over(pushes)

    assert request.url == UNICAST_BATCH
    assert [
        (message["target_value"], message["notification"]["app_message_id"], message["notification"]["title"])
        for message in messages_in(request)
    ] == [(PHONE, "m-1", "One"), (OTHER_PHONE, "m-2", "Two")]
    assert [message["notification"]["category"] for message in messages_in(request)] == ["IM", "NEWS"]
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]


def test_pushes_that_share_their_content_share_its_words_but_no_id() -> None:
    first = push(title="题" * 60)

    [request], outcomes = hand_over([first, structs.replace(first, registration_id=OTHER_PHONE, dedup_id="m-2")])

    one, two = (message["notification"] for message in messages_in(request))
    assert one["title"] == two["title"] == "题" * 49 + "…"
    assert (one["app_message_id"], two["app_message_id"]) == ("m-1", "m-2")
    assert [outcome.truncated for outcome in outcomes if isinstance(outcome, Accepted)] == [("title",), ("title",)]


def test_an_overseas_push_goes_overseas() -> None:
    [request], _ = hand_over([push("US_" + "a" * 32)], credential=replace(CREDENTIAL, region="intl"))

    assert request.url == "https://api-intl.push.oppomobile.com/server/v1/message/notification/unicast"


def test_a_token_is_quoted_in_the_form() -> None:
    [request], _ = hand_over([push()], access_token=replace(TOKEN, value="a+b&c=d"))

    assert request.body.startswith(b"auth_token=a%2Bb%26c%3Dd&message=")


def test_nothing_leaves_without_an_access_token() -> None:
    requests, outcomes = hand_over([push(), push(OTHER_PHONE)], access_token=None)

    assert requests == []
    assert [type(outcome) for outcome in outcomes] == [AccessTokenExpired, AccessTokenExpired]


def test_an_unusual_id_is_quoted_like_any_text() -> None:
    [request], _ = hand_over([push('a"b\\ü', dedup_id="é&=+")])

    [message] = messages_in(request)
    assert (message["target_value"], message["notification"]["app_message_id"]) == ('a"b\\ü', "é&=+")


@given(title=st.text(min_size=1, max_size=50), body=st.text(min_size=1, max_size=50))
def test_any_text_arrives_as_it_was_written(title: str, body: str) -> None:
    sent = notification_of(push(title=title, body=body))

    assert (sent["title"], sent["content"]) == (title, body)


@given(ext=st.dictionaries(st.text(max_size=20), st.text(max_size=20) | st.integers() | st.booleans(), max_size=3))
def test_any_custom_data_arrives_as_it_was_written(ext: dict[str, object]) -> None:
    sent = notification_of(push(ext=json.dumps(ext, indent=1)))

    assert json.loads(sent["action_parameters"]) == ext


# The notification's fields.


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [
        (timedelta(seconds=-5), 1),
        (timedelta(0), 1),
        (timedelta(milliseconds=900), 1),
        (timedelta(seconds=1.9), 1),
        (timedelta(seconds=90), 90),
        (timedelta(days=10), 864_000),
        (timedelta(days=28), 864_000),
    ],
)
def test_the_ttl_is_what_is_left_within_oppos_range(ttl: timedelta, seconds: int) -> None:
    assert notification_of(push(ttl=ttl))["off_line_ttl"] == seconds


def test_a_push_not_kept_for_offline_phones_has_no_ttl() -> None:
    sent = notification_of(push(options={"off_line": False}))

    assert sent["off_line"] is False
    assert "off_line_ttl" not in sent


@pytest.mark.parametrize(
    ("category", "name"),
    [
        (Category.IM, "IM"),
        (Category.ACCOUNT, "ACCOUNT"),
        (Category.TODO, "TODO"),
        (Category.ORDER, "ORDER"),
        (Category.DEVICE, "DEVICE_REMINDER"),
        (Category.SUBSCRIPTION, "SUBSCRIPTION"),
        (Category.NEWS, "NEWS"),
        (Category.CONTENT, "CONTENT"),
        (Category.MARKETING, "MARKETING"),
        (Category.SOCIAL, "SOCIAL"),
    ],
)
def test_each_category_has_oppos_word(category: Category, name: str) -> None:
    assert notification_of(push(category=category))["category"] == name


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (ClickAction(), {"click_action_type": 0}),
        (
            ClickAction(ClickKind.INTENT_ACTION, "com.example.OPEN"),
            {"click_action_type": 1, "click_action_activity": "com.example.OPEN"},
        ),
        (
            ClickAction(ClickKind.URL, "https://example.com/?a=1&b=2"),
            {"click_action_type": 2, "click_action_url": "https://example.com/?a=1&b=2"},
        ),
        (
            ClickAction(ClickKind.ACTIVITY, "com.example.ChatActivity"),
            {"click_action_type": 4, "click_action_activity": "com.example.ChatActivity"},
        ),
        (
            ClickAction(ClickKind.INTENT_URI, "myapp://chat?id=1"),
            {"click_action_type": 5, "click_action_url": "myapp://chat?id=1"},
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, ClickAction) else "",
)
def test_each_click_action_has_oppos_type_and_one_field(action: ClickAction, fields: dict[str, object]) -> None:
    sent = notification_of(push(click_action=action))

    assert {name: value for name, value in sent.items() if name.startswith("click_")} == fields


def test_a_collapse_id_is_one_number_for_good() -> None:
    assert notification_of(push(collapse_id="chat-42"))["notify_id"] == 450_763_795
    assert "notify_id" not in notification_of(push())


def test_a_collapse_id_that_is_no_proper_text_still_is_one_number() -> None:
    assert 0 <= notification_of(push(collapse_id="half a pair \ud83d"))["notify_id"] < 2**31


@given(collapse_id=st.text(min_size=1))
def test_a_notify_id_is_one_oppo_takes(collapse_id: str) -> None:
    assert 0 <= notify_id(collapse_id) <= 2_147_483_647


def test_custom_data_goes_as_compact_json_with_its_numbers_as_written() -> None:
    sent = notification_of(push(ext='{ "n" : 1.50,\n "big": 12345678901234567890, "s": "a \\" b\\u4f60" }'))

    assert sent["action_parameters"] == '{"n":1.50,"big":12345678901234567890,"s":"a \\" b\\u4f60"}'
    assert "action_parameters" not in notification_of(push())


def test_every_option_passed_on_goes_under_its_own_name() -> None:
    options: dict[str, object] = {
        "style": 2.0,
        "sub_title": "Work",
        "small_picture_id": "pic-1",
        "network_type": 1.0,
        "show_ttl": 7200.0,
        "auditResponse": {"verdict": "pass"},
    }

    sent = notification_of(push(options=options))

    assert {name: sent[name] for name in options} == {
        "style": 2,
        "sub_title": "Work",
        "small_picture_id": "pic-1",
        "network_type": 1,
        "show_ttl": 7200,
        "auditResponse": {"verdict": "pass"},
    }
    assert "2.0" not in json.dumps(sent)


def test_long_text_may_have_128_characters() -> None:
    assert notification_of(push(body="文" * 129, options={"style": 2}))["content"] == "文" * 127 + "…"
    assert notification_of(push(body="文" * 129))["content"] == "文" * 49 + "…"


# Private templates.


TEMPLATE = {"id": "tpl-cert", "title_parameter": "who", "content_parameter": "what"}


def private_fields_of(**fields: Any) -> dict[str, object]:
    sent = notification_of(push(**fields))
    return {name: value for name, value in sent.items() if name.startswith("private_")}


def test_a_certs_template_is_filled_from_title_and_body() -> None:
    assert private_fields_of(options={"private_template": TEMPLATE}, title="Alice", body="文" * 51) == {
        "private_msg_template_id": "tpl-cert",
        "private_title_parameters": {"who": "Alice"},
        "private_content_parameters": {"what": "文" * 49 + "…"},
    }


def test_a_template_without_holes_is_only_an_id() -> None:
    assert private_fields_of(options={"private_template": {"id": "tpl"}}) == {"private_msg_template_id": "tpl"}


def test_a_template_of_the_notification_wins_over_the_certs() -> None:
    options = {
        "private_template": TEMPLATE,
        "private_msg_template_id": "tpl-own",
        "private_title_parameters": {"city": "深圳"},
    }

    assert private_fields_of(options=options) == {
        "private_msg_template_id": "tpl-own",
        "private_title_parameters": {"city": "深圳"},
    }


def test_parameters_of_the_notification_win_over_what_the_certs_template_would_fill() -> None:
    options = {"private_template": TEMPLATE, "private_content_parameters": {"what": "a file"}}

    assert private_fields_of(options=options) == {
        "private_msg_template_id": "tpl-cert",
        "private_title_parameters": {"who": "Hi"},
        "private_content_parameters": {"what": "a file"},
    }


@pytest.mark.parametrize("category", [Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL])
def test_a_marketing_category_goes_without_a_template(category: Category) -> None:
    options = {"private_template": TEMPLATE, "private_msg_template_id": "tpl-own"}

    assert private_fields_of(options=options, category=category) == {}


# What never leaves.


def test_a_push_oppo_would_show_nowhere_does_not_leave() -> None:
    assert refusal_of(channel_id="") == (
        "channel_id is empty, and OPPO shows nothing without one; set it in the cert's defaults or in the message"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"channel_id": "c" * 65}, "channel_id has 65 characters; oppo allows 64"),
        ({"ext": "[1]"}, "ext is not a JSON object"),
        ({"ext": "{"}, "ext is not a JSON object"),
        ({"ext": '{"k":"' + "v" * 3993 + '"}'}, "ext has 4001 characters; oppo allows 4000"),
        ({"title": "half a pair \ud83d"}, "the text holds what JSON can't carry, such as half of a surrogate pair"),
        ({"options": {"nope": 1}}, "nope is not an option of oppo; the options are "),
        ({"options": {"notify_level": 16}, "category": Category.NEWS}, "category news allows only notify_level 1"),
        ({"options": {"show_ttl": 43_201}, "category": Category.NEWS}, "category news allows show_ttl up to 43200"),
    ],
)
def test_a_push_oppo_would_refuse_does_not_leave_and_says_why(fields: dict[str, Any], words: str) -> None:
    assert refusal_of(**fields).startswith(words)


def test_everything_wrong_is_said_at_once() -> None:
    assert refusal_of(channel_id="c" * 65, ext="[]", click_action=ClickAction(ClickKind.URL, "ftp://x")) == (
        "channel_id has 65 characters; oppo allows 64; ext is not a JSON object; click_action url is badly formed"
    )


def test_spaces_in_custom_data_do_not_count() -> None:
    sent = notification_of(push(ext='{"k":' + " " * 100 + '"' + "v" * 3992 + '"}'))

    assert len(sent["action_parameters"]) == 4000


def test_a_marketing_category_may_have_the_drawer_and_half_a_day() -> None:
    sent = notification_of(push(options={"notify_level": 1, "show_ttl": 43_200}, category=Category.NEWS))

    assert (sent["notify_level"], sent["show_ttl"]) == (1, 43_200)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (ClickKind.URL, "ftp://example.com", "click_action url is badly formed"),
        (ClickKind.URL, "https://", "click_action url is badly formed"),
        (ClickKind.URL, "https://e.com/" + "a" * 1987, "click_action url has 2001 characters; oppo allows 2000"),
        (ClickKind.ACTIVITY, "ChatActivity", "click_action activity is badly formed"),
        (ClickKind.ACTIVITY, "com.1st.Chat", "click_action activity is badly formed"),
        (ClickKind.ACTIVITY, "com." + "a" * 497, "click_action activity has 501 characters; oppo allows 500"),
        (ClickKind.INTENT_ACTION, "", "click_action intent_action is badly formed"),
        (ClickKind.INTENT_ACTION, "a b", "click_action intent_action is badly formed"),
        (ClickKind.INTENT_URI, "chat", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "javascript:alert(1)", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "JavaScript:alert(1)", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "file:///etc/hosts", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "content://x", "click_action intent_uri is badly formed"),
        (ClickKind.INTENT_URI, "data:text/html,x", "click_action intent_uri is badly formed"),
    ],
)
def test_a_bad_click_action_does_not_leave(kind: ClickKind, value: str, words: str) -> None:
    assert refusal_of(click_action=ClickAction(kind, value)) == words


def test_a_push_that_can_not_leave_holds_nobody_up() -> None:
    pushes = [push(dedup_id="m-1"), push(channel_id=""), push(OTHER_PHONE, dedup_id="m-3")]

    [request], outcomes = hand_over(pushes)

    assert [message["notification"]["app_message_id"] for message in messages_in(request)] == ["m-1", "m-3"]
    assert [type(outcome) for outcome in outcomes] == [Accepted, MessageRejected, Accepted]


# How many calls.


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (2, [2]), (500, [500]), (501, [500, 1]), (1001, [500, 500, 1])])
def test_a_call_takes_500_pushes_at_most(count: int, sizes: list[int]) -> None:
    one = push()

    requests, outcomes = hand_over([one] * count)

    assert [len(messages_in(request)) for request in requests] == sizes
    assert [type(outcome) for outcome in outcomes] == [Accepted] * count


def test_a_call_stays_within_one_mebibyte_and_as_near_as_it_can() -> None:
    big = push(ext='{"k":"' + "好" * 3990 + '"}')

    requests, outcomes = hand_over([big] * 100)

    sizes = [len(request.body) for request in requests]
    one_push = sizes[0] // len(messages_in(requests[0]))
    assert len(requests) > 1
    assert max(sizes) <= MIB
    assert min(sizes[:-1]) > MIB - 2 * one_push
    assert sum(len(messages_in(request)) for request in requests) == 100
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 100


def test_a_batch_is_never_broadcast_not_even_of_one_content_and_marketing() -> None:
    one = push(category=Category.MARKETING)

    requests, _ = hand_over([one] * 1000)

    assert {request.url for request in requests} == {UNICAST_BATCH}


# Options, credentials and registration ids.


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"notify_level": 3}, "notify_level", "must be one of 1, 2, 16"),
        ({"notify_level": True}, "notify_level", "must be one of 1, 2, 16"),
        ({"notify_level": "2"}, "notify_level", "must be one of 1, 2, 16"),
        ({"notify_level": 1.5}, "notify_level", "must be one of 1, 2, 16"),
        ({"style": 3}, "style", "must be one of 1, 2"),
        ({"sub_title": "eleven char"}, "sub_title", "has 11 characters; oppo allows 10"),
        ({"sub_title": ""}, "sub_title", "must be a text, not blank"),
        ({"small_picture_id": 7}, "small_picture_id", "must be a text, not blank"),
        ({"show_ttl": 86_401}, "show_ttl", "must be a whole number from 0 to 86400"),
        ({"show_ttl": -1}, "show_ttl", "must be a whole number from 0 to 86400"),
        (
            {"private_title_parameters": {"a": 1}},
            "private_title_parameters",
            "must be an object whose values are all texts",
        ),
        (
            {"private_content_parameters": "a"},
            "private_content_parameters",
            "must be an object whose values are all texts",
        ),
        ({"private_template": "tpl"}, "private_template", "must be an object"),
        ({"private_template": {}}, "private_template", "id is required"),
        (
            {"private_template": {"id": "", "hole": "x"}},
            "private_template",
            "id must be a text, not blank; has no key hole; the keys are id, title_parameter, content_parameter",
        ),
        ({"auditResponse": 1}, "auditResponse", "must be a text or an object, not empty"),
        ({"off_line": 1}, "off_line", "must be true or false"),
    ],
)
def test_a_bad_option_is_named_with_what_is_allowed(options: dict[str, object], field: str, words: str) -> None:
    [violation] = oppo.check_options(options)

    assert (violation.field, violation.text) == (field, words)


@pytest.mark.parametrize(
    ("badge", "sent"),
    [
        (Badge(BadgeKind.COUNT, 0), {"badge_operation_type": 0, "badge_message_count": 0}),
        (Badge(BadgeKind.COUNT, 99), {"badge_operation_type": 0, "badge_message_count": 99}),
        (Badge(BadgeKind.INCREMENT), {"badge_operation_type": 1}),
        (None, {}),
    ],
)
def test_a_badge_is_set_or_raised_by_one(badge: Badge | None, sent: dict[str, int]) -> None:
    members = notification_of(push(badge=badge))

    assert {name: value for name, value in members.items() if name.startswith("badge")} == sent


@pytest.mark.parametrize(
    "registration_id",
    ["0123456789abcdef0123456789ABCDEF", "CN_" + "a" * 32, "OPPO_CN_" + "a" * 32, "a" * 24],
)
def test_a_mainland_registration_id_is_taken(registration_id: str) -> None:
    assert oppo.check_registration_id(CREDENTIAL, registration_id) == ""


@pytest.mark.parametrize("registration_id", ["US_" + "a" * 32, "OPPO_UK_" + "a" * 32, "EUEX_" + "a" * 32])
def test_an_overseas_registration_id_belongs_to_an_overseas_cert(registration_id: str) -> None:
    overseas = replace(CREDENTIAL, region="intl")

    assert oppo.check_registration_id(overseas, registration_id) == ""
    assert oppo.check_registration_id(CREDENTIAL, registration_id) == ("is an overseas id; this cert is for region cn")
    assert oppo.check_registration_id(overseas, PHONE) == "is a mainland id; this cert is for region intl"


@pytest.mark.parametrize(
    "registration_id", ["CN_short", "a" * 33, "CN_" + "g" * 32, f"{PHONE};{PHONE}", f"{PHONE}\n", "A_B_C_" + "a" * 32]
)
def test_an_ill_formed_registration_id_is_refused(registration_id: str) -> None:
    assert oppo.check_registration_id(CREDENTIAL, registration_id).startswith("is not an OPPO registration id")


def test_a_region_left_empty_is_the_mainland() -> None:
    credential = oppo.parse_credential({"app_key": "k", "master_secret": "s", "region": ""})

    assert (credential.region, credential.app_id) == ("cn", "")


def test_a_region_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidCredential) as caught:
        oppo.parse_credential({"app_key": "k", "master_secret": "s", "region": "mars"})

    assert [violation.field for violation in caught.value.violations] == ["region"]
