"""Honor's simulator without a socket: requests written by hand from the page, checks in their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.sandbox.conftest import NOW, Clock
from vendors.sandbox import honor
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.honor.fields import NOTIFICATION
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, UnusableApp

SEND = "/api/v1/{app_id}/sendMessage"
JSON_TYPE = "application/json; charset=UTF-8"
SIGN_IN = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-client-secret",
}
Json = dict[str, Any]


def message(*tokens: object, android: Mapping[str, object] | None = None, **notification: object) -> Json:
    """The least a message has, and what a test adds; None takes a field away."""
    built = {"title": "t", "body": "b", "importance": "NORMAL", "clickAction": {"type": 3}, **notification}
    inner = {name: value for name, value in built.items() if value is not None}
    return {"android": {"notification": inner, **(android or {})}, "token": list(tokens or ("T1",))}


@dataclass
class Maker:
    """Honor as a client sees it."""

    mounted: Mounted
    clock: Clock
    token: str = ""
    app_id: str = "104000000"
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, route: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, Json]:
        path = route.replace("{app_id}", self.app_id)
        found = next(one for one in self.mounted.simulator.routes if one.path == route)
        one = Call(method=method, path=path, headers=headers, body=body, plan=NO_FAULTS)
        found.targets(one)
        answer = found.handle(one)
        return answer.status, orjson.loads(answer.body)

    def sign_in(self, **changes: str) -> tuple[int, Json]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("/auth/token", urlencode({**SIGN_IN, **changes}).encode(), headers)

    def post(self, body: bytes, **headers: str | None) -> tuple[int, Json]:
        stamp = str(int(self.clock.now * 1000))
        own = {"Authorization": f"Bearer {self.token}", "timestamp": stamp, "Content-Type": JSON_TYPE, **headers}
        return self.call(SEND, body, {name: value for name, value in own.items() if value is not None})

    def send(self, content: object) -> Json:
        status, answer = self.post(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        assert status == 200
        return answer

    def app(self, **terms: object) -> None:
        self.mounted.simulator.put_app({"app_id": "104000000", **terms})

    @property
    def last_field(self) -> str:
        return self.mounted.world.counters.recent[-1].field


@pytest.fixture
def maker() -> Iterator[Maker]:
    clock = Clock()
    maker = Maker(mount(clock=clock, nonce=lambda: "token", simulators={"honor": honor})["honor"], clock)
    maker.token = maker.sign_in()[1]["access_token"]
    yield maker
    counters = maker.mounted.world.counters
    assert counters.targets == counters.delivered + counters.dead + counters.capped


def test_the_pages_worked_body_is_taken(maker: Maker) -> None:
    body = (
        '{"data":"{\\"k\\":\\"v\\"}","notification":{"title":"t","body":"b"},'
        '"android":{"ttl":"86400s","biTag":"b1","targetUserType":0,'
        '"notification":{"title":"t","body":"b","importance":"NORMAL","clickAction":{"type":3}}},"token":["T1","T2"]}'
    )

    status, answer = maker.post(body.encode())

    assert status == 200
    assert answer == {
        "code": 200,
        "message": "success",
        "data": {
            "sendResult": True,
            "requestId": "6955b9000000000000000001",
            "failTokens": [],
            "expireTokens": [],
        },
    }
    assert maker.mounted.world.counters.delivered == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "104000000"}, "invalid_client"),
        ({"client_secret": "another"}, "unauthorized_client"),
    ],
)
def test_a_wrong_sign_in_is_refused(maker: Maker, changes: dict[str, str], error: str) -> None:
    status, answer = maker.sign_in(**changes)

    assert (status, answer["error"]) == (401, error)


def test_past_1000_sign_ins_in_5_minutes_comes_flow_control(maker: Maker) -> None:
    assert {maker.sign_in()[0] for _ in range(999)} == {200}
    assert maker.sign_in()[0] == 503
    maker.clock.now += 300
    assert maker.sign_in()[0] == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": None}, 403, 403),
        ({"Authorization": "token"}, 403, 403),
        ({"Authorization": "Bearer other"}, 403, 403),
        ({"Authorization": "Bearer other", "timestamp": None}, 403, 403),
        ({"timestamp": None}, 200, 10001),
        ({"timestamp": "1767225600"}, 200, 10207),
        ({"timestamp": str(int(NOW * 1000) + 600_001)}, 200, 10207),
        ({"timestamp": str(int(NOW * 1000) - 600_000)}, 200, 200),
        ({"Content-Type": "text/plain"}, 200, 400),
        ({"Content-Type": "application/json"}, 200, 200),
    ],
)
def test_the_headers_are_checked_in_order(maker: Maker, headers: dict[str, str | None], status: int, code: int) -> None:
    answered, answer = maker.post(json.dumps(message()).encode(), **headers)

    assert (answered, answer["code"]) == (status, code)


def test_a_token_that_ended_and_one_of_another_app_are_refused(maker: Maker) -> None:
    maker.mounted.simulator.put_app({"app_id": "2", "client_id": "c2", "client_secret": "s2"})
    body = json.dumps(message()).encode()

    maker.app_id = "2"
    of_another = maker.post(body)
    maker.app_id = "3"
    unknown = maker.post(body)
    maker.app_id = "104000000"
    maker.app(auth_status=401)
    maker.clock.now += 3600
    ended = maker.post(body)

    assert [(status, answer["code"]) for status, answer in (of_another, unknown, ended)] == [
        (403, 403),
        (200, 10205),
        (401, 401),
    ]


def test_another_method_is_not_found(maker: Maker) -> None:
    assert maker.call(SEND, b"", {}, "GET")[0] == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 80100003),
        (b"{}", 10300),
        (b'{"token":[]}', 10300),
        (b'{"token":"T1"}', 80100003),
        (b'{"token":[1]}', 80100003),
        (json.dumps({"token": [str(at) for at in range(1001)]}).encode(), 80300010),
        (b'{"token":["T1","T1"],"more":1}', 80300006),
        (b'{"token":["T1"],"more":"' + b"x" * 4096 + b'"}', 80300008),
        (b'{"token":["T1"],"more":1}', 80100003),
    ],
)
def test_json_tokens_and_size_come_before_the_fields(maker: Maker, body: bytes, code: int) -> None:
    status, answer = maker.post(body)

    assert (status, answer["code"]) == (200, code)


def test_the_tokens_do_not_count_against_the_size(maker: Maker) -> None:
    tokens = [f"{at:0500d}" for at in range(1000)]

    assert maker.send(message(*tokens))["code"] == 200


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"token": ["T1"], "data": "{}"}, "android"),
        ({"token": ["T1"], "android": {}}, "android.notification"),
        (message(title=None), "android.notification.title"),
        (message(body=" "), "android.notification.body"),
        (message(clickAction=None), "android.notification.clickAction"),
        (message(click_action={"type": 3}), "android.notification.click_action"),
        (message(importance="HIGH"), "android.notification.importance"),
        (message(notifyId="1"), "android.notification.notifyId"),
        (message(notifyId=-2), "android.notification.notifyId"),
        (message(image="http://example.com/a.png"), "android.notification.image"),
        (message(when="2026-01-01 08:00:00"), "android.notification.when"),
        (message(style=2), "android.notification.style"),
        (message(style=True), "android.notification.style"),
        (message(style=1), "android.notification.bigTitle"),
        (message(style=1, bigTitle="t", bigBody="other"), "android.notification.bigBody"),
        (message(android={"ttl": 3600}), "android.ttl"),
        (message(android={"ttl": "0s"}), "android.ttl"),
        (message(android={"ttl": "1296001s"}), "android.ttl"),
        (message(android={"category": "IM"}), "android.category"),
        (message(android={"targetUserType": 2}), "android.targetUserType"),
        ({**message(), "data": {"k": "v"}}, "data"),
        ({**message(), "data": "text"}, "data"),
        (message(clickAction={"type": 4}), "android.notification.clickAction.type"),
        (message(clickAction={"type": 1}), "android.notification.clickAction"),
        (message(clickAction={"type": 1, "intent": "app://x"}), "android.notification.clickAction.intent"),
        (message(clickAction={"type": 1, "action": "a", "intent": "b"}), "android.notification.clickAction"),
        (message(clickAction={"type": 2, "url": "http://a"}), "android.notification.clickAction.url"),
        (message(clickAction={"type": 3, "url": "https://a"}), "android.notification.clickAction"),
        (message(buttons={"name": "a", "actionType": 0}), "android.notification.buttons"),
        (message(buttons=[{"name": "a", "actionType": 0}] * 4), "android.notification.buttons"),
        (message(buttons=[{"actionType": 0}]), "android.notification.buttons[0].name"),
        (message(buttons=[{"name": "a", "actionType": 1}]), "android.notification.buttons[0].intentType"),
        (message(buttons=[{"name": "a", "actionType": 2}]), "android.notification.buttons[0].intent"),
        (message(badge={}), "android.notification.badge"),
        (message(badge={"addNum": 100}), "android.notification.badge.addNum"),
    ],
)
def test_every_field_is_checked(maker: Maker, content: Json, name: str) -> None:
    answer = maker.send(content)

    assert answer["code"] == 80100003
    assert maker.last_field == name
    assert answer["data"] is None


def test_title_and_body_may_stand_outside(maker: Maker) -> None:
    content = {**message(title=None, body=None), "notification": {"title": "t", "body": "b"}}

    assert maker.send(content)["code"] == 200


def test_marketing_has_no_image(maker: Maker) -> None:
    for importance in ("LOW", None):
        assert maker.send(message(importance=importance, image="https://a.b/c.png"))["code"] == 80200050


def test_rights_of_the_app(maker: Maker) -> None:
    assert maker.send(message(android={"receiptId": "other"}))["code"] == 80200020
    maker.app(may_notify=False)
    assert maker.send(message())["code"] == 80200022


def test_the_test_quota_is_spent_until_the_next_day(maker: Maker) -> None:
    maker.app(daily_test_limit=1)
    test = message(android={"targetUserType": 1})

    assert [maker.send(test)["code"] for _ in range(2)] == [200, 80200047]
    maker.clock.now += 24 * 3600
    maker.token = maker.sign_in()[1]["access_token"]
    assert maker.send(test)["code"] == 200


def test_too_fast_is_503(maker: Maker) -> None:
    maker.app(qps=1)

    assert maker.send(message())["code"] == 200
    assert maker.post(json.dumps(message()).encode())[0] == 503
    assert maker.mounted.world.counters.violations == 0


@pytest.mark.parametrize("partial_code", [200, 80100000])
def test_dead_tokens_stand_in_the_lists(maker: Maker, partial_code: int) -> None:
    maker.app(partial_code=partial_code, errors_as_400=True)
    for token, answer in (("T2", 80300007), ("T3", 1), ("T4", None)):
        phone = maker.mounted.world.inbox.phone(token)
        phone.is_dead, phone.dead_answer = True, answer

    some = maker.post(json.dumps(message("T1", "T2", "T3", "T4", "no token")).encode())
    none = maker.post(json.dumps(message("T2")).encode())

    assert (some[0], some[1]["code"]) == (200, partial_code)
    assert some[1]["data"]["failTokens"] == ["T3", "T2", "no token"]
    assert some[1]["data"]["expireTokens"] == ["T2", "no token"]
    assert (none[0], none[1]["code"]) == (400, 80300007)
    assert none[1]["data"]["sendResult"] is False
    assert (maker.mounted.world.counters.delivered, maker.mounted.world.counters.dead) == (1, 1)


def test_marketing_past_the_days_two_is_dropped_but_not_tests(maker: Maker) -> None:
    for _ in range(3):
        assert maker.send(message(importance="LOW"))["code"] == 200
    maker.send(message(importance="LOW", android={"targetUserType": 1}))

    assert maker.mounted.world.counters.capped == 1
    assert maker.mounted.world.counters.delivered == 3


def test_the_same_notify_id_or_tag_replaces(maker: Maker) -> None:
    for fields in ({"notifyId": 7}, {"notifyId": 7}, {"tag": "a"}, {"tag": "a"}, {"notifyId": -1}, {}):
        maker.send(message(**fields))

    phone = maker.mounted.world.inbox.phone("T1")
    assert len(cast("list[object]", phone.as_json(maker.mounted.simulator.show)["notifications"])) == 4


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"app_id": "5"},
        {"app_id": "104000000", "no_field": 1},
        {"app_id": "104000000", "qps": -1},
        {"app_id": "104000000", "auth_status": 500},
        {"app_id": "104000000", "may_notify": 1},
    ],
)
def test_an_app_that_makes_no_sense_is_refused(maker: Maker, edit: Json) -> None:
    with pytest.raises(UnusableApp):
        maker.mounted.simulator.put_app(edit)


def test_an_app_never_shows_its_secret(maker: Maker) -> None:
    assert "sandbox-client-secret" not in str(maker.mounted.simulator.apps())
    maker.mounted.simulator.reset()
    assert maker.mounted.simulator.expire_tokens() == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
PLAUSIBLE = JSON | st.sampled_from([0, 1, 2, 3, "LOW", "NORMAL", "https://a.b/c", "intent:#Intent;end", {"type": 3}])


@given(
    notification=st.dictionaries(st.sampled_from(sorted(NOTIFICATION)), PLAUSIBLE),
    android=st.dictionaries(st.sampled_from(["ttl", "data", "biTag", "targetUserType", "receiptId"]), PLAUSIBLE),
    token=JSON | st.just("T1"),
)
def test_any_message_gets_an_answer_with_a_code(notification: Json, android: Json, token: object) -> None:
    mounted = mount(clock=lambda: NOW, nonce=lambda: "token", simulators={"honor": honor})["honor"]
    maker = Maker(mounted, Clock(), token="token")
    maker.sign_in()

    _, answer = maker.post(orjson.dumps(message(token, android=android, **notification)))

    assert answer["code"] in (200, 400, 10300, 80100003, 80200020, 80200050, 80300007, 80300008)
    phone = mounted.world.inbox.find("T1")
    if phone is not None:
        orjson.dumps(phone.as_json(mounted.simulator.show))


@given(body=st.binary())
def test_any_bytes_get_an_answer(body: bytes) -> None:
    mounted = mount(clock=lambda: NOW, nonce=lambda: "token", simulators={"honor": honor})["honor"]
    maker = Maker(mounted, Clock(), token="token")
    maker.sign_in()

    assert maker.post(body)[1]["code"] != 200
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert maker.call("/auth/token", body, headers)[0] == 401
