"""vivo's simulator, called without a socket, by requests written by hand from its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import md5
from itertools import count
from typing import cast

import orjson
import pytest

from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Simulator, UnusableApp, World

Json = dict[str, object]

NOW = 1_767_225_600.0  # 2026-01-01 08:00 in China
PHONE = "16000000000000000000001"
OTHER_PHONE = "16000000000000000000002"
JSON_TYPE = "application/json;charset=UTF-8"


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


def message(**fields: object) -> Json:
    """The least a push has, and what a test adds; None takes a field away."""
    built: Json = {
        "appId": 100000001,
        "regId": PHONE,
        "requestId": "r-1",
        "notifyType": 4,
        "title": "小明",
        "content": "你好",
        "skipType": 1,
        "classification": 1,
        "category": "IM",
        **fields,
    }
    return {name: value for name, value in built.items() if value is not None}


def signature(app_id: str, app_key: str, timestamp: object, app_secret: str) -> str:
    """By section 1.1 of the page."""
    return md5(f"{app_id}{app_key}{timestamp}{app_secret}".encode(), usedforsecurity=False).hexdigest()


def sign_in(now: float = NOW, /, **fields: object) -> Json:
    """The body of the demo app's sign-in; None takes a field away."""
    stamp = int(now * 1000)
    built: Json = {
        "appId": 100000001,
        "appKey": "sandbox-app-key",
        "timestamp": stamp,
        "sign": signature("100000001", "sandbox-app-key", stamp, "sandbox-app-secret"),
        **fields,
    }
    return {name: value for name, value in built.items() if value is not None}


@dataclass
class Maker:
    """vivo as a client sees it."""

    clock: Clock = field(default_factory=Clock)
    token: str = ""

    def __post_init__(self) -> None:
        nonces = count(1)
        mounted = mount(clock=self.clock, nonce=lambda: f"{next(nonces):032x}")["vivo"]
        self.simulator: Simulator = mounted.simulator
        self.world: World = mounted.world
        self.routes = {route.path: route for route in mounted.simulator.routes}

    def post_bytes(self, path: str, body: bytes, **headers: str) -> tuple[int, Json]:
        given = {"Content-Type": JSON_TYPE, "authToken": self.token, **headers}
        call = Call(method="POST", path=path, headers=given, body=body, plan=NO_FAULTS)
        self.routes[path].targets(call)
        answer = self.routes[path].handle(call)
        return answer.status, cast("Json", orjson.loads(answer.body))

    def sign_in(self, now: float = NOW, /, **fields: object) -> Json:
        return self.post_bytes("/message/auth", orjson.dumps(sign_in(now, **fields)))[1]

    def send(self, **fields: object) -> Json:
        return self.post_bytes("/message/send", orjson.dumps(message(**fields)))[1]

    def save(self, **fields: object) -> Json:
        given = {"regId": None, **fields}
        return self.post_bytes("/message/saveListPayload", orjson.dumps(message(**given)))[1]

    def push_to_list(self, task_id: object = None, /, **fields: object) -> Json:
        """To two phones; by default of a message saved just before."""
        built = {
            "appId": 100000001,
            "regIds": [PHONE, OTHER_PHONE],
            "taskId": self.save()["taskId"] if task_id is None else task_id,
            "requestId": "r-2",
            **fields,
        }
        body = {name: value for name, value in built.items() if value is not None}
        return self.post_bytes("/message/pushToList", orjson.dumps(body))[1]

    def app(self, **fields: object) -> None:
        self.simulator.put_app({"app_id": "100000001", **fields})

    def bar(self, phone: str = PHONE) -> Sequence[Json]:
        found = self.world.inbox.find(phone)
        return cast("Sequence[Json]", found.as_json(self.simulator.show)["notifications"]) if found else []


@pytest.fixture
def stranger() -> Maker:
    return Maker()


@pytest.fixture
def maker() -> Maker:
    made = Maker()
    made.token = str(made.sign_in()["authToken"])
    return made


# Signing in.


def test_the_sign_in_gives_a_token(stranger: Maker) -> None:
    assert stranger.sign_in() == {"result": 0, "desc": "请求成功", "authToken": "00000000000000000000000000000001"}
    assert stranger.sign_in(appId="100000001")["result"] == 0
    assert stranger.world.counters.logins == 2


@pytest.mark.parametrize(
    ("app_id", "app_key", "timestamp", "app_secret", "sign"),
    [
        (
            "10004",
            "25509283-3767-4b9e-83fe-b6e55ac6b123",
            1526006800442,
            "4b9e25509283-3767-b6e55ac6b123-83fe",
            "cfa05e62e75a1acff34103bb560a2621",
        ),
        (
            "100000001",
            "0123456789abcdef0123456789abcdef",
            1700000000000,
            "11111111-2222-3333-4444-555555555555",
            "f09ce7489da6628c892a479f4851ef90",
        ),
        (
            "105123456",
            "a1b2c3d4-e5f6-7890-abcd-ef0123456789",
            1735689600000,
            "secret-密钥",
            "32a47b198b41d1bab1caa2ea3cfedec0",
        ),
    ],
)
def test_the_pages_vectors_are_taken(
    stranger: Maker, *, app_id: str, app_key: str, timestamp: int, app_secret: str, sign: str
) -> None:
    stranger.clock.now = timestamp / 1000
    stranger.simulator.put_app({"app_id": app_id, "app_key": app_key, "app_secret": app_secret})

    answer = stranger.sign_in(appId=int(app_id), appKey=app_key, timestamp=timestamp, sign=sign)

    assert answer["result"] == 0


@pytest.mark.parametrize(
    ("timestamp", "sign", "code"),
    [
        (1700000000, "a3938a62c5d3581f9bf6cba2ad6231a0", 10207),
        (1700000000000, "312095c29384206126525c9aa5dd9fdc", 10206),
        (1700000000000, "F09CE7489DA6628C892A479F4851EF90", 10206),
    ],
    ids=["seconds", "swapped", "upper case"],
)
def test_the_pages_mistakes_are_refused(stranger: Maker, timestamp: int, sign: str, code: int) -> None:
    stranger.clock.now = 1_700_000_000
    key, secret = "0123456789abcdef0123456789abcdef", "11111111-2222-3333-4444-555555555555"
    stranger.app(app_key=key, app_secret=secret)

    assert stranger.sign_in(appKey=key, timestamp=timestamp, sign=sign)["result"] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        # Each line breaks what the lines below it break too: the first check in order answers.
        ({"appId": "", "appKey": "", "timestamp": None, "sign": ""}, 10200),
        ({"appKey": None, "timestamp": None, "sign": ""}, 10201),
        ({"appKey": "no", "timestamp": None, "sign": ""}, 10203),
        ({"appKey": "no", "timestamp": 12, "sign": ""}, 10204),
        ({"appId": 7, "appKey": "no", "timestamp": 12, "sign": "0"}, 10205),
        ({"appKey": "no", "timestamp": 12, "sign": "0"}, 10202),
        ({"timestamp": 12, "sign": "0"}, 10207),
        ({"timestamp": "1767225600000", "sign": "0"}, 10207),
        ({"sign": "0" * 32}, 10206),
        ({"sign": 7}, 10206),
        ({"extra": 1}, 400),
    ],
)
def test_the_sign_in_is_checked_in_the_pages_order(stranger: Maker, change: Json, code: int) -> None:
    assert stranger.sign_in(**change)["result"] == code
    assert stranger.world.counters.violations == 1


@pytest.mark.parametrize(("off_ms", "code"), [(-600_001, 10207), (-600_000, 0), (600_000, 0), (600_001, 10207)])
def test_the_clock_may_be_ten_minutes_off(stranger: Maker, off_ms: int, code: int) -> None:
    assert stranger.sign_in(NOW + off_ms / 1000)["result"] == code


def test_ten_sign_ins_a_second_are_too_many_at_the_eleventh(stranger: Maker) -> None:
    codes = [stranger.sign_in()["result"] for _ in range(11)]
    stranger.clock.now += 1

    assert codes == [0] * 10 + [10093]
    assert stranger.sign_in(NOW + 1)["result"] == 0
    assert stranger.world.counters.violations == 0


def test_a_violation_never_shows_a_secret_in_full(maker: Maker) -> None:
    maker.sign_in(appKey="0123456789abcdef")
    maker.token = "feedfacefeedfacefeedface"
    maker.send()
    shown = str([violation.as_json() for violation in maker.world.counters.recent])

    assert "0123456789" not in shown
    assert "feedfacefeed" not in shown
    assert "feed…" in shown


# Tokens.


def test_a_token_works_for_24_hours_and_a_newer_one_leaves_it_good(maker: Maker) -> None:
    maker.sign_in()
    maker.clock.now = NOW + 86_399
    young = maker.send()
    maker.clock.now = NOW + 86_400
    old = maker.send()

    assert (young["result"], old["result"]) == (0, 10000)


def test_no_token_a_wrong_one_and_one_that_was_ended_are_10000(maker: Maker) -> None:
    good = maker.token
    codes = []
    for maker.token in ("", "wrong"):
        codes.append(maker.send()["result"])
    maker.token = good
    assert maker.simulator.expire_tokens() == 1
    codes.append(maker.send()["result"])

    assert codes == [10000] * 3
    assert maker.world.counters.violations == 2


def test_a_token_of_another_app_is_10094(maker: Maker) -> None:
    assert maker.send(appId=7)["result"] == 10094
    assert maker.send(appId=None)["result"] == 0


# Fields.


@pytest.mark.parametrize(
    ("change", "code", "name"),
    [
        ({"requestId": None, "regId": None}, 10352, "requestId"),
        ({"requestId": "r" * 65, "regId": None}, 10353, "requestId"),
        ({"regId": None, "notifyType": 9}, 10050, "regId"),
        ({"regId": "a b"}, 10302, "regId"),
        ({"regId": None, "alias": "a" * 71}, 10301, "alias"),
        ({"notifyType": None, "title": None}, 10054, "notifyType"),
        ({"notifyType": "4", "title": None}, 10054, "notifyType"),
        ({"title": " ", "content": None}, 10055, "title"),
        ({"title": "题" * 41, "content": None}, 10056, "title"),
        ({"content": None, "timeToLive": 1}, 10057, "content"),
        ({"content": "文" * 101, "timeToLive": 1}, 10058, "content"),
        ({"timeToLive": 59, "skipType": 9}, 10059, "timeToLive"),
        ({"timeToLive": 86_401}, 10059, "timeToLive"),
        ({"timeToLive": 60.0}, 10059, "timeToLive"),
        ({"skipType": 5, "networkType": 0}, 10060, "skipType"),
        ({"skipType": None}, 10060, "skipType"),
        ({"skipType": 1, "skipContent": "x"}, 10060, "skipContent"),
        ({"skipType": 2}, 10061, "skipContent"),
        ({"skipType": 2, "skipContent": "https://e.com/" + "a" * 1011}, 10062, "skipContent"),
        ({"skipType": 2, "skipContent": "ftp://e.com"}, 10062, "skipContent"),
        ({"skipType": 3, "skipContent": ""}, 10063, "skipContent"),
        ({"skipType": 3, "skipContent": "x" * 1025}, 10064, "skipContent"),
        ({"skipType": 4}, 10068, "skipContent"),
        ({"skipType": 4, "skipContent": "x" * 1025}, 10069, "skipContent"),
        ({"skipType": 4, "skipContent": "intent:#Intent;component=a/b"}, 10069, "skipContent"),
        ({"networkType": 0, "clientCustomMap": None, "extra": 1}, 10065, "networkType"),
        ({"clientCustomMap": {str(at): "" for at in range(11)}}, 10066, "clientCustomMap"),
        ({"clientCustomMap": {"k": 1}}, 10067, "clientCustomMap"),
        ({"clientCustomMap": {"ext": "v" * 1022}}, 10067, "clientCustomMap"),
        ({"extra": {"k": "v"}}, 10304, "extra.k"),
        ({"skipType": 2, "skipContent": "https://[e.com"}, 10062, "skipContent"),
        ({"extra": {"callback": "c" * 129}}, 10305, "extra.callback"),
        ({"extra": {"callback.param": "p" * 193}}, 10306, "extra.callback.param"),
        ({"extra": []}, 400, "extra"),
        ({"notifyId": 0, "category": "no"}, 10095, "notifyId"),
        ({"notifyId": 2**31}, 10095, "notifyId"),
        ({"classification": 2}, 10051, "classification"),
        ({"category": "im"}, 10096, "category"),
        ({"category": "NEWS"}, 10097, "classification"),
        ({"pushMode": 2}, 400, "pushMode"),
        ({"profileId": "p" * 65}, 400, "profileId"),
        ({"sendOnline": 1}, 400, "sendOnline"),
        ({"foregroundShow": "no"}, 400, "foregroundShow"),
        ({"notify_id": 7}, 400, "notify_id"),
    ],
)
def test_each_field_is_checked_in_the_pages_order(maker: Maker, change: Json, code: int, name: str) -> None:
    answer = maker.send(**change)

    assert answer["result"] == code
    assert [violation.field for violation in maker.world.counters.recent] == [name]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "题" * 40, "content": "文" * 100},
        {"timeToLive": 60},
        {"timeToLive": 86_400},
        {"requestId": "r" * 64},
        {"regId": None, "alias": "a" * 70},
        {"skipType": 2, "skipContent": "https://e.com/" + "a" * 1010},
        {"skipType": 3, "skipContent": "anything"},
        {"skipType": 4, "skipContent": "com.example.app.Main"},
        {"skipType": 4, "skipContent": "intent://com.a/b?#Intent;scheme=s;component=a/b;S.k=v;end"},
        {"clientCustomMap": {"ext": "v" * 1021}},
        {"extra": {"callback": "c" * 128, "callback.param": "p" * 192, "callback.id": "7"}},
        {"notifyId": 2**31 - 1, "networkType": -1, "foregroundShow": False, "addBadge": True},
        {"classification": None},
        {"category": None},
    ],
)
def test_what_the_page_allows_is_taken(maker: Maker, change: Json) -> None:
    assert maker.send(**change)["result"] == 0


def test_the_older_way_to_count_is_a_switch(maker: Maker) -> None:
    maker.app(count_chinese_double=True)

    assert maker.send(title="题" * 20, content="文" * 50)["result"] == 0
    assert maker.send(title="题" * 21)["result"] == 10056
    assert maker.send(content="文" * 51)["result"] == 10058


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/json;charset=GBK"}, 415),
    ],
)
def test_what_is_no_call_at_all_is_told_by_http(
    maker: Maker, body: bytes, headers: dict[str, str], status: int
) -> None:
    answered, answer = maker.post_bytes("/message/send", body, **headers)

    assert (answered, answer["result"]) == (status, status)


def test_only_post_is_taken(maker: Maker) -> None:
    call = Call(method="GET", path="/message/send", headers={}, body=b"", plan=NO_FAULTS)

    assert maker.routes["/message/send"].handle(call).status == 405


# What the console decides.


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        # Each line breaks what the lines below it break too.
        ({"under_audit": True, "push_open": False, "system_messages": False}, 10045),
        ({"push_open": False, "system_messages": False}, 10043),
        ({"system_messages": False}, 10082),
        ({"system_daily_limit": 0}, 10073),
        ({"qps": 0}, 10072),
    ],
)
def test_what_an_app_may_not_do_is_no_violation(maker: Maker, terms: Json, code: int) -> None:
    maker.app(**terms)

    assert maker.send()["result"] == code
    assert maker.world.counters.violations == 0


@pytest.mark.parametrize("text", ["123", "Hello", "!!!", "😀", "一次测试", "a{b}", "[二]"])
def test_a_text_that_looks_like_a_test_is_10085_unless_it_is_one(maker: Maker, text: str) -> None:
    maker.app(devices_for_tests=f"other,{PHONE}")

    codes = [maker.send(title=text)["result"], maker.send(content=text)["result"]]
    in_test_mode = maker.send(title=text, pushMode=1)["result"]
    maker.app(content_rules=False)

    assert (codes, in_test_mode) == ([10085, 10085], 0)
    assert maker.send(title=text)["result"] == 0


def test_a_test_reaches_only_test_phones(maker: Maker) -> None:
    answer = maker.send(pushMode=1)

    assert answer == {"result": 10302, "desc": "regId不合法", "invalidUser": {"status": 4, "userid": PHONE}}


NEWS: Json = {"category": "NEWS", "classification": 0}


def test_operation_messages_go_from_seven_to_eleven_at_night(maker: Maker) -> None:
    codes = []
    for hours in (14.99, 15, 22.99, 23):
        maker.clock.now = NOW + hours * 3600
        codes.append((maker.send(**NEWS)["result"], maker.send()["result"]))

    assert codes == [(0, 0), (10071, 0), (10071, 0), (0, 0)]


def test_the_apps_day_of_operation_messages_ends_at_midnight_in_china(maker: Maker) -> None:
    maker.app(operation_daily_limit=1, operation_hours=False)
    codes = [maker.send(**NEWS)["result"] for _ in range(2)]
    maker.clock.now = NOW + 16 * 3600

    assert (codes, maker.send(**NEWS)["result"]) == ([0, 10070], 0)


def test_a_phone_gets_two_operation_messages_a_day_and_no_text_twice(maker: Maker) -> None:
    for title in ("一", "一", "二", "三"):
        assert maker.send(title=title, **NEWS)["result"] == 0

    counters = maker.world.counters
    assert (counters.targets, counters.delivered, counters.duplicates, counters.capped) == (4, 2, 1, 1)
    assert [shown["title"] for shown in maker.bar()] == ["二", "一"]


# Delivery.


def test_a_repeat_is_shown_again_unless_it_replaces_the_first(maker: Maker) -> None:
    maker.send()
    maker.send()
    maker.send(notifyId=7)
    maker.send(notifyId=7, title="新的")

    assert [shown["title"] for shown in maker.bar()] == ["新的", "小明", "小明"]
    phone = maker.world.inbox.find(PHONE)
    assert phone is not None
    assert (phone.received, phone.distinct) == (4, 1)


def test_a_dead_phone_is_taken_in_silence_or_told_with_its_reason(maker: Maker) -> None:
    phone = maker.world.inbox.phone(PHONE)
    phone.is_dead = True
    silent = maker.send()
    phone.dead_answer = 10302
    told = maker.send()

    assert silent["result"] == 0
    assert told == {"result": 10302, "desc": "regId不合法", "invalidUser": {"status": 1, "userid": PHONE}}
    assert maker.bar() == []


def test_a_phone_too_many_is_refused_in_words(maker: Maker) -> None:
    maker.world.inbox.max_phones = 1
    maker.send(regId="one")

    assert maker.send(regId="two")["desc"] == "the sandbox keeps at most 1 phones; DELETE them to make room"


@pytest.mark.parametrize(
    ("fields", "click"),
    [
        ({"skipType": 1}, {"opens": "app", "value": ""}),
        ({"skipType": 3, "skipContent": "custom"}, {"opens": "app", "value": "custom"}),
        ({"skipType": 4, "skipContent": "com.example.Main"}, {"opens": "activity", "value": "com.example.Main"}),
    ],
)
def test_a_tap_is_shown_in_neutral_words(maker: Maker, fields: Json, click: Json) -> None:
    maker.send(**fields)

    assert [shown["click"] for shown in maker.bar()] == [click]


# Lists.


def test_a_saved_message_reaches_each_phone_of_a_list_under_its_task_id(maker: Maker) -> None:
    saved = maker.save(notifyId=7)
    answer = maker.push_to_list(saved["taskId"])

    assert saved == {"result": 0, "desc": "请求成功", "taskId": "541362618526760001"}
    assert answer == {"result": 0, "desc": "请求成功", "requestId": "r-2"}
    for phone in (PHONE, OTHER_PHONE):
        assert [(shown["title"], shown["message_id"]) for shown in maker.bar(phone)] == [("小明", saved["taskId"])]
    assert (maker.world.counters.targets, maker.world.counters.delivered) == (2, 2)


def test_a_saved_message_reaches_nobody_until_it_is_pushed_and_then_anybody_again(maker: Maker) -> None:
    task_id = maker.save(notifyId=7)["taskId"]
    before = maker.world.counters.targets
    codes = [maker.push_to_list(task_id)["result"] for _ in range(2)]
    later = maker.push_to_list(task_id, regIds=["a", "b"])["result"]

    assert (before, codes, later) == (0, [0, 0], 0)
    assert [len(maker.bar(phone)) for phone in (PHONE, OTHER_PHONE, "a", "b")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("change", "code", "name"),
    [
        ({"requestId": None, "notifyType": 9}, 10352, "requestId"),
        ({"requestId": "r" * 65}, 10353, "requestId"),
        ({"notifyType": 9, "title": None}, 10054, "notifyType"),
        ({"title": None, "timeToLive": 899}, 10055, "title"),
        ({"timeToLive": 899, "skipType": 9}, 10059, "timeToLive"),
        ({"timeToLive": 86_401}, 10059, "timeToLive"),
        ({"category": "NEWS"}, 10097, "classification"),
        ({"regId": PHONE}, 400, "regId"),
        ({"alias": "alice"}, 400, "alias"),
        ({"profileId": "p"}, 400, "profileId"),
        ({"regIds": [PHONE, OTHER_PHONE]}, 400, "regIds"),
        ({"title": "123"}, 10085, "title"),
        ({"appId": 7}, 10094, "appId"),
    ],
)
def test_each_field_of_a_saved_message_is_checked_in_the_pages_order(
    maker: Maker, change: Json, code: int, name: str
) -> None:
    answer = maker.save(**change)

    assert answer["result"] == code
    assert [violation.field for violation in maker.world.counters.recent] == [name]


@pytest.mark.parametrize(
    "change", [{"timeToLive": 900}, {"timeToLive": 86_400}, {"extra": {"callback.id": "7"}, "sendOnline": True}]
)
def test_what_the_page_allows_is_saved(maker: Maker, change: Json) -> None:
    assert maker.save(**change)["result"] == 0


@pytest.mark.parametrize(
    ("change", "code", "name"),
    [
        ({"requestId": None, "regIds": None}, 10352, "requestId"),
        ({"requestId": "r" * 65, "regIds": None}, 10353, "requestId"),
        ({"regIds": None, "taskId": ""}, 10150, "regIds"),
        ({"regIds": [], "aliases": []}, 10150, "regIds"),
        ({"regIds": PHONE}, 10153, "regIds"),
        ({"regIds": [PHONE], "taskId": ""}, 10153, "regIds"),
        ({"regIds": [str(at) for at in range(1001)]}, 10153, "regIds"),
        ({"regIds": [PHONE, OTHER_PHONE, PHONE]}, 10153, "regIds"),
        ({"regIds": [PHONE, "a b"]}, 10302, "regIds[1]"),
        ({"regIds": ["", PHONE]}, 10302, "regIds[0]"),
        ({"regIds": [PHONE, 7]}, 10302, "regIds[1]"),
        ({"regIds": None, "aliases": ["alice"]}, 10154, "aliases"),
        ({"regIds": None, "aliases": ["alice", "a" * 71]}, 10301, "aliases[1]"),
        ({"pushMode": 2, "taskId": ""}, 400, "pushMode"),
        ({"title": "小明", "taskId": ""}, 400, "title"),
        ({"taskId": ""}, 10151, "taskId"),
        ({"taskId": 541362618526760001}, 10152, "taskId"),
        ({"taskId": "one"}, 10152, "taskId"),
        ({"taskId": "541362618526769999"}, 10155, "taskId"),
        ({"pushMode": 1}, 400, "pushMode"),
        ({"appId": 7}, 10094, "appId"),
    ],
)
def test_each_field_of_a_push_to_a_list_is_checked(maker: Maker, change: Json, code: int, name: str) -> None:
    answer = maker.push_to_list(**change)

    assert answer["result"] == code
    assert [violation.field for violation in maker.world.counters.recent] == [name]
    assert maker.world.counters.targets == 0


@pytest.mark.parametrize(
    "change",
    [
        {"regIds": [str(at) for at in range(1000)]},
        {"regIds": None, "aliases": ["alice", "bob"]},
        {"aliases": "whatever"},
        {"pushMode": 0},
        {"appId": None},
    ],
)
def test_what_the_page_allows_is_pushed(maker: Maker, change: Json) -> None:
    assert maker.push_to_list(**change)["result"] == 0


def test_aliases_are_phones_of_their_own(maker: Maker) -> None:
    maker.push_to_list(regIds=None, aliases=["alice", "bob"])

    assert [len(maker.bar(phone)) for phone in ("alias:alice", "alias:bob", "alice")] == [1, 1, 0]


def test_a_saved_message_lives_for_a_day_and_until_a_reset(maker: Maker) -> None:
    task_id = maker.save()["taskId"]
    maker.clock.now = NOW + 86_399
    young = maker.push_to_list(task_id)["result"]
    maker.clock.now = NOW + 86_400
    maker.token = str(maker.sign_in(NOW + 86_400)["authToken"])
    old = maker.push_to_list(task_id)["result"]
    fresh = maker.save()["taskId"]
    maker.simulator.reset()

    assert (young, old, maker.push_to_list(fresh)["result"]) == (0, 10155, 10155)


def test_a_saved_message_is_its_apps_alone(maker: Maker) -> None:
    task_id = maker.save()["taskId"]
    maker.simulator.put_app({"app_id": "7", "app_key": "k", "app_secret": "s"})
    stamp = int(NOW * 1000)
    signed = {"appId": 7, "appKey": "k", "timestamp": stamp, "sign": signature("7", "k", stamp, "s")}
    maker.token = str(maker.post_bytes("/message/auth", orjson.dumps(signed))[1]["authToken"])

    assert maker.push_to_list(task_id, appId=7)["result"] == 10155


def test_the_oldest_saved_message_makes_room(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vendors.sandbox.vivo.lists.MAX_SAVED", 2)
    first, _, last = (maker.save()["taskId"] for _ in range(3))

    assert [maker.push_to_list(task_id)["result"] for task_id in (first, last)] == [10155, 0]


def test_a_list_names_its_dead_phones_and_those_that_are_for_no_test(maker: Maker) -> None:
    phone = maker.world.inbox.phone(PHONE)
    phone.is_dead, phone.dead_answer = True, 10302
    dead = maker.push_to_list()
    phone.dead_answer = 10311
    asleep = maker.push_to_list()
    phone.dead_answer = None
    silent = maker.push_to_list()
    maker.app(devices_for_tests=PHONE)
    for_tests = maker.push_to_list(maker.save(pushMode=1)["taskId"], pushMode=1)

    assert dead["invalidUsers"] == [{"status": 1, "userid": PHONE}]
    assert asleep["invalidUsers"] == [{"status": 3, "userid": PHONE}]
    assert "invalidUsers" not in silent
    assert for_tests["invalidUsers"] == [{"status": 4, "userid": OTHER_PHONE}]
    assert {answer["result"] for answer in (dead, asleep, silent, for_tests)} == {0}
    counters = maker.world.counters
    assert (counters.delivered, counters.dead, dict(counters.refused)) == (3, 2, {10302: 2, 10311: 1})
    assert counters.violations == 0


def test_each_phone_of_a_list_counts_against_the_apps_day(maker: Maker) -> None:
    maker.app(system_daily_limit=3)
    codes = [maker.push_to_list()["result"], maker.push_to_list()["result"], maker.send()["result"]]

    assert codes == [0, 10073, 0]
    assert maker.world.counters.targets == 3


def test_a_test_to_a_list_counts_against_no_day(maker: Maker) -> None:
    maker.app(system_daily_limit=0, devices_for_tests=f"{PHONE},{OTHER_PHONE}")

    assert maker.push_to_list(maker.save(pushMode=1)["taskId"], pushMode=1)["result"] == 0


def test_a_list_counts_as_one_against_the_rate(maker: Maker) -> None:
    maker.app(qps=1)
    codes = [maker.push_to_list()["result"] for _ in range(2)]
    maker.clock.now += 1

    assert (codes, maker.push_to_list()["result"]) == ([0, 10072], 0)


def test_an_operation_message_may_be_saved_at_night_and_pushed_by_day(maker: Maker) -> None:
    maker.clock.now = NOW + 15 * 3600
    task_id = maker.save(**NEWS)["taskId"]
    at_night = maker.push_to_list(task_id)["result"]
    maker.clock.now = NOW + 23 * 3600

    assert (at_night, maker.push_to_list(task_id)["result"]) == (10071, 0)


def test_a_phones_day_of_operation_messages_counts_those_of_lists(maker: Maker) -> None:
    for title in ("一", "一", "二", "三"):
        assert maker.push_to_list(maker.save(title=title, **NEWS)["taskId"])["result"] == 0

    counters = maker.world.counters
    assert (counters.targets, counters.delivered, counters.duplicates, counters.capped) == (8, 4, 2, 2)


def test_the_apps_day_of_saved_messages_ends_at_midnight_in_china(maker: Maker) -> None:
    maker.app(saved_lists_daily_limit=1)
    codes = [maker.save()["result"] for _ in range(2)]
    maker.clock.now = NOW + 16 * 3600

    assert (codes, maker.save()["result"]) == ([0, 10252], 0)
    assert maker.world.counters.violations == 0


@pytest.mark.parametrize(
    ("terms", "code"),
    [({"under_audit": True}, 10045), ({"push_open": False}, 10043), ({"system_messages": False}, 10082)],
)
def test_what_an_app_may_not_do_it_can_neither_save_nor_push(maker: Maker, terms: Json, code: int) -> None:
    task_id = maker.save()["taskId"]
    maker.app(**terms)

    assert (maker.save()["result"], maker.push_to_list(task_id)["result"]) == (code, code)


def test_a_list_that_has_no_room_reaches_nobody(maker: Maker) -> None:
    maker.world.inbox.max_phones = 1

    answer = maker.push_to_list()

    assert answer["desc"] == "the sandbox keeps at most 1 phones; DELETE them to make room"
    assert maker.world.counters.targets == 0


@pytest.mark.parametrize(
    ("body", "targets"),
    [
        (b'{"regIds":["a","b",7]}', ["a", "b"]),
        (b'{"regIds":"a"}', []),
        (b'{"aliases":["a"]}', []),
        (b"[]", []),
        (b"{", []),
    ],
)
def test_faults_see_the_phones_of_a_list(stranger: Maker, body: bytes, targets: list[str]) -> None:
    call = Call(method="POST", path="/message/pushToList", headers={}, body=body, plan=NO_FAULTS)

    assert list(stranger.routes["/message/pushToList"].targets(call)) == targets


# Apps.


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({}, "app_id is missing"),
        ({"app_id": 7}, "app_id is missing"),
        ({"app_id": "seven"}, "app_id is missing"),
        ({"app_id": "7"}, "app_key is missing"),
        ({"app_id": "7", "app_key": "k"}, "app_secret is missing"),
        ({"app_id": "100000001", "region": "cn"}, "region is not a field of an app"),
        ({"app_id": "100000001", "qps": -1}, "qps must be a whole number"),
        ({"app_id": "100000001", "push_open": 1}, "push_open must be a JSON boolean"),
        ({"app_id": "100000001", "app_key": ""}, "app_key must be a JSON string, not empty"),
    ],
)
def test_an_app_that_can_not_be_so_is_told_in_words(stranger: Maker, edit: Json, words: str) -> None:
    with pytest.raises(UnusableApp, match=words):
        stranger.simulator.put_app(edit)


def test_apps_are_shown_without_their_secrets_and_forgotten_on_reset(stranger: Maker) -> None:
    stranger.simulator.put_app({"app_id": "7", "app_key": "k", "app_secret": "hush"})
    shown = stranger.simulator.apps()
    stranger.simulator.reset()

    assert "secret" not in str([list(app) for app in shown])
    assert "hush" not in str(shown)
    assert [len(shown), len(stranger.simulator.apps())] == [2, 1]
