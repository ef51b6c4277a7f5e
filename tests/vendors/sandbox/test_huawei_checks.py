"""Huawei's simulator without a socket: requests written by hand from the page, checks in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.sandbox.conftest import Clock
from vendors.sandbox import huawei
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.huawei.fields import ANDROID, NOTIFICATION
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, UnusableApp

SEND = "/v1/{app_id}/messages:send"
TOKEN_PATH = "/oauth2/v3/token"
JSON_TYPE = "application/json; charset=UTF-8"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SIGN_IN = {"grant_type": "client_credentials", "client_id": "100000000", "client_secret": "sandbox-app-secret"}
Json = dict[str, Any]


def body(*tokens: object, android: Mapping[str, object] | None = None, **notification: object) -> Json:
    """The least a send has, and what a test adds; None takes a field away."""
    built = {"title": "t", "body": "b", "click_action": {"type": 3}, **notification}
    inner = {name: value for name, value in built.items() if value is not None}
    whole = {"category": "IM", "notification": inner, **(android or {})}
    return {"message": {"android": whole, "token": list(tokens or ("T1",))}}


@dataclass
class Maker:
    """Huawei as a client sees it."""

    mounted: Mounted
    clock: Clock
    token: str = ""
    app_id: str = "100000000"
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, route: str, content: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Json]:
        path = route.replace("{app_id}", self.app_id)
        found = next(one for one in self.mounted.simulator.routes if one.path == route)
        one = Call(method=method, path=path, headers=headers, body=content, plan=NO_FAULTS)
        found.targets(one)
        answer = found.handle(one)
        return answer.status, orjson.loads(answer.body)

    def sign_in(self, path: str = TOKEN_PATH, **changes: str) -> tuple[int, Json]:
        return self.call(path, urlencode({**SIGN_IN, **changes}).encode(), FORM)

    def post(self, content: bytes, **headers: str | None) -> tuple[int, Json]:
        own = {"Authorization": f"Bearer {self.token}", "Content-Type": JSON_TYPE, **headers}
        return self.call(SEND, content, {name: value for name, value in own.items() if value is not None})

    def send(self, content: object) -> str:
        """The code of the answer."""
        _, answer = self.post(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        return str(answer["code"])

    def app(self, **terms: object) -> None:
        self.mounted.simulator.put_app({"app_id": "100000000", **terms})

    @property
    def last_field(self) -> str:
        return self.mounted.world.counters.recent[-1].field


def make() -> Maker:
    clock = Clock()
    mounted = mount(clock=lambda: clock.now, nonce=lambda: "token", simulators={"huawei": huawei})["huawei"]
    return Maker(mounted, clock, token="token")


@pytest.fixture
def maker() -> Maker:
    made = make()
    assert made.sign_in()[0] == 200
    return made


@pytest.mark.parametrize("path", [TOKEN_PATH, "/oauth2/v2/token"])
def test_a_sign_in_gives_a_token_for_an_hour(path: str) -> None:
    assert make().sign_in(path) == (200, {"access_token": "token", "expires_in": 3600, "token_type": "Bearer"})


@pytest.mark.parametrize(
    ("changes", "error", "sub_error"),
    [
        ({"grant_type": "password"}, 1101, None),
        ({"client_id": "x"}, 1101, 20002),
        ({"client_id": "1" * 65}, 1101, 20002),
        ({"client_secret": ""}, 1101, 20171),
        ({"client_id": "999"}, 1101, 20001),
        ({"client_secret": "other"}, 1101, 20001),
    ],
)
def test_a_refused_sign_in_has_two_numbers(
    maker: Maker, changes: dict[str, str], error: int, sub_error: object
) -> None:
    status, answer = maker.sign_in(**changes)

    assert (status, answer["error"], answer.get("sub_error")) == (400, error, sub_error)


def test_past_1000_sign_ins_in_5_minutes_comes_flow_control(maker: Maker) -> None:
    assert {maker.sign_in()[0] for _ in range(999)} == {200}
    assert maker.sign_in()[0] == 503
    maker.clock.now += 300
    assert maker.sign_in()[0] == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": None}, 401, "80200001"),
        ({"Authorization": "token"}, 401, "80200001"),
        ({"Authorization": "Bearer other"}, 401, "80200001"),
        ({"Content-Type": "text/plain"}, 400, "80100003"),
        ({"Content-Type": "application/json"}, 200, "80000000"),
    ],
)
def test_the_headers_are_checked(maker: Maker, headers: dict[str, str | None], status: int, code: str) -> None:
    answered, answer = maker.post(json.dumps(body()).encode(), **headers)

    assert (answered, answer["code"]) == (status, code)


def test_a_token_that_ended_and_one_of_another_app_are_refused(maker: Maker) -> None:
    maker.mounted.simulator.put_app({"app_id": "2", "app_secret": "s2"})
    content = json.dumps(body()).encode()

    maker.app_id = "2"
    of_another = maker.post(content)
    maker.app_id = "3"
    unknown = maker.post(content)
    maker.app_id = "100000000"
    maker.clock.now += 3600
    ended = maker.post(content)

    assert [(status, answer["code"]) for status, answer in (of_another, unknown, ended)] == [
        (401, "80200001"),
        (401, "80200001"),
        (401, "80200003"),
    ]


def test_another_method_is_not_found(maker: Maker) -> None:
    assert maker.call(SEND, b"", {}, "GET")[0] == 404
    assert maker.call(TOKEN_PATH, b"", {}, "GET")[0] == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "80100003"),
        (b"[]", "80100003"),
        (b"{}", "80100003"),
        (b'{"message":{}}', "80100001"),
        (b'{"message":{"token":["T1"],"topic":"t"}}', "80100001"),
        (b'{"message":{"token":"T1"}}', "80100001"),
        (b'{"message":{"token":[1]}}', "80100001"),
        (b'{"message":{"token":[]}}', "80300010"),
        (json.dumps({"message": {"token": [str(at) for at in range(1001)]}}).encode(), "80300010"),
        (b'{"message":{"token":["T1"],"more":"' + b"x" * 4096 + b'"}}', "80300008"),
        (b'{"message":{"token":["T1"],"more":1}}', "80100003"),
    ],
)
def test_json_targets_and_size_come_before_the_fields(maker: Maker, content: bytes, code: str) -> None:
    status, answer = maker.post(content)

    assert (status, answer["code"]) == (400, code)


def test_the_tokens_do_not_count_against_the_size(maker: Maker) -> None:
    assert maker.send(body(*[f"{at:0500d}" for at in range(1000)])) == "80000000"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"message": {"token": ["T1"], "data": "{}"}}, "message.android"),
        ({"message": {"token": ["T1"], "android": {}}}, "message.android.notification"),
        ({**body(), "validate_only": 1}, "validate_only"),
        ({**body(), "review": []}, "review"),
        (body(title=None), "message.android.notification.title"),
        (body(body=" "), "message.android.notification.body"),
        (body(click_action=None), "message.android.notification.click_action"),
        (body(clickAction={"type": 3}), "message.android.notification.clickAction"),
        (body(importance="HIGH"), "message.android.notification.importance"),
        (body(notify_id="1"), "message.android.notification.notify_id"),
        (body(image="http://example.com/a.png"), "message.android.notification.image"),
        (body(sound="chime.mp3"), "message.android.notification.sound"),
        (body(default_sound=False), "message.android.notification.sound"),
        (body(when="2026-01-01 08:00:00"), "message.android.notification.when"),
        (body(style=2), "message.android.notification.style"),
        (body(style=True), "message.android.notification.style"),
        (body(style=1), "message.android.notification.big_title"),
        (body(style=3), "message.android.notification.inbox_content"),
        (body(inbox_content=["x"] * 6), "message.android.notification.inbox_content"),
        (body(profile_id="x" * 65), "message.android.notification.profile_id"),
        (body(title_loc_args=["a"]), "message.android.notification.title_loc_key"),
        (body(android={"category": "im"}), "message.android.category"),
        (body(android={"target_user_type": 2}), "message.android.target_user_type"),
        (body(click_action={"type": 4}), "message.android.notification.click_action.type"),
        (body(click_action={"type": 1}), "message.android.notification.click_action"),
        (body(click_action={"type": 1, "intent": "app://x"}), "message.android.notification.click_action.intent"),
        (body(click_action={"type": 2, "url": "http://a"}), "message.android.notification.click_action.url"),
        (body(click_action={"type": 3, "url": "https://a"}), "message.android.notification.click_action"),
        (body(buttons=[{"name": "a", "action_type": 0}] * 4), "message.android.notification.buttons"),
        (body(buttons=["a"]), "message.android.notification.buttons[0]"),
        (body(buttons=[{"action_type": 0}]), "message.android.notification.buttons[0].name"),
        (body(buttons=[{"name": "a", "action_type": 1}]), "message.android.notification.buttons[0].intent_type"),
        (body(buttons=[{"name": "a", "action_type": 2}]), "message.android.notification.buttons[0].intent"),
        (body(buttons=[{"name": "a", "action_type": 4}]), "message.android.notification.buttons[0].data"),
        (body(badge={"add_num": 100}), "message.android.notification.badge.add_num"),
        (body(badge={"class": "Main"}), "message.android.notification.badge.class"),
    ],
)
def test_every_field_is_checked(maker: Maker, content: Json, name: str) -> None:
    assert maker.send(content) == "80100003"
    assert maker.last_field == name


@pytest.mark.parametrize(
    ("ttl", "code"),
    [
        ("86400s", "80000000"),
        ("86400", "80000000"),
        ("1.5S", "80000000"),
        ("1296000s", "80000000"),
        ("0s", "80100004"),
        ("1296001s", "80100004"),
        (3600, "80100004"),
        ("1h", "80100004"),
    ],
)
def test_the_ttl_has_a_code_of_its_own(maker: Maker, ttl: object, code: str) -> None:
    assert maker.send(body(android={"ttl": ttl})) == code


@pytest.mark.parametrize(("key", "code"), [(-1, "80000000"), (100, "80000000"), (101, "80100013"), ("0", "80100013")])
def test_the_collapse_key_has_a_code_of_its_own(maker: Maker, key: object, code: str) -> None:
    assert maker.send(body(android={"collapse_key": key})) == code


def test_title_and_body_may_stand_outside(maker: Maker) -> None:
    content = body(title=None, body=None)
    content["message"]["notification"] = {"title": "t", "body": "b"}

    assert maker.send(content) == "80000000"


def test_a_send_that_is_only_checked_reaches_nobody(maker: Maker) -> None:
    assert maker.send({**body(), "validate_only": True}) == "80000000"
    assert maker.mounted.world.counters.targets == 0


def test_rights_of_the_app(maker: Maker) -> None:
    assert maker.send(body(android={"receipt_id": "other"})) == "80300013"
    maker.app(may_push=False)
    assert maker.send(body()) == "80300002"


def test_the_test_quota_is_spent_until_the_next_day(maker: Maker) -> None:
    maker.app(daily_test_limit=1)
    test = body(android={"target_user_type": 1})

    assert [maker.send(test) for _ in range(2)] == ["80000000", "80300029"]
    maker.clock.now += 24 * 3600
    maker.token = maker.sign_in()[1]["access_token"]
    assert maker.send(test) == "80000000"


def test_too_fast_is_503(maker: Maker) -> None:
    maker.app(qps=1)

    assert maker.send(body()) == "80000000"
    assert maker.post(json.dumps(body()).encode())[0] == 503
    assert maker.mounted.world.counters.violations == 0


@pytest.mark.parametrize(("errors_as_200", "status"), [(False, 400), (True, 200)])
def test_a_refusal_comes_with_the_status_that_the_app_is_set_to(maker: Maker, errors_as_200: bool, status: int) -> None:
    maker.app(errors_as_200=errors_as_200)

    assert maker.post(json.dumps(body(title=None)).encode())[0] == status


def test_illegal_tokens_stand_in_the_text(maker: Maker) -> None:
    for token, answer in (("T2", 80300007), ("T4", None)):
        phone = maker.mounted.world.inbox.phone(token)
        phone.is_dead, phone.dead_answer = True, answer

    some = maker.post(json.dumps(body("T1", "T2", "T4", "no token")).encode())
    none = maker.post(json.dumps(body("T2")).encode())

    assert (some[0], some[1]["code"]) == (200, "80100000")
    assert json.loads(some[1]["msg"]) == {"success": 2, "failure": 2, "illegal_tokens": ["T2", "no token"]}
    assert (none[0], none[1]["code"]) == (200, "80300007")
    assert (maker.mounted.world.counters.delivered, maker.mounted.world.counters.dead) == (1, 1)


@pytest.mark.parametrize(
    ("android", "terms"),
    [
        ({"category": "MARKETING"}, {}),
        ({"category": "IM"}, {"may_classify": False}),
        ({"category": "SYSTEM_REMINDER"}, {}),
    ],
)
def test_marketing_past_the_days_two_is_dropped_but_not_tests(maker: Maker, android: Json, terms: Json) -> None:
    maker.app(**terms)
    for _ in range(3):
        assert maker.send(body(android=android)) == "80000000"
    maker.send(body(android={**android, "target_user_type": 1}))

    assert maker.mounted.world.counters.capped == 1
    assert maker.mounted.world.counters.delivered == 3


def test_the_same_notify_id_or_tag_replaces(maker: Maker) -> None:
    for fields in ({"notify_id": 7}, {"notify_id": 7}, {"tag": "a"}, {"tag": "a"}, {"notify_id": -1}, {}):
        maker.send(body(**fields))

    phone = maker.mounted.world.inbox.phone("T1")
    assert len(cast("list[object]", phone.as_json(maker.mounted.simulator.show)["notifications"])) == 4


def test_a_token_that_stands_twice_gets_it_twice(maker: Maker) -> None:
    assert maker.send(body("T1", "T1")) == "80000000"
    assert maker.mounted.world.counters.delivered == 2


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"app_id": "5"},
        {"app_id": "100000000", "no_field": 1},
        {"app_id": "100000000", "qps": -1},
        {"app_id": "100000000", "may_push": 1},
        {"app_id": "100000000", "app_secret": ""},
    ],
)
def test_an_app_that_makes_no_sense_is_refused(maker: Maker, edit: Json) -> None:
    with pytest.raises(UnusableApp):
        maker.mounted.simulator.put_app(edit)


def test_an_app_never_shows_its_secret(maker: Maker) -> None:
    assert "sandbox-app-secret" not in str(maker.mounted.simulator.apps())
    maker.mounted.simulator.reset()
    assert maker.mounted.simulator.expire_tokens() == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
PLAUSIBLE = JSON | st.sampled_from([0, 1, 3, "IM", "/raw/a", "https://a.b/c", "intent:#Intent;end", {"type": 3}])


@given(
    notification=st.dictionaries(st.sampled_from(sorted(NOTIFICATION)), PLAUSIBLE),
    android=st.dictionaries(st.sampled_from(sorted(set(ANDROID) - {"notification"})), PLAUSIBLE),
    token=JSON | st.just("T1"),
)
def test_any_message_gets_an_answer_with_a_code(notification: Json, android: Json, token: object) -> None:
    maker = make()
    maker.sign_in()

    _, answer = maker.post(orjson.dumps(body(token, android=android, **notification)))

    assert answer["code"].isdecimal()
    phone = maker.mounted.world.inbox.find("T1")
    if phone is not None:
        orjson.dumps(phone.as_json(maker.mounted.simulator.show))


@given(content=st.binary())
def test_any_bytes_get_an_answer(content: bytes) -> None:
    maker = make()
    maker.sign_in()

    assert maker.post(content)[1]["code"] != "80000000"
    assert maker.call(TOKEN_PATH, content, FORM)[0] == 400
