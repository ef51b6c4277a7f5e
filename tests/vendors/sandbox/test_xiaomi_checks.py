from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

import orjson
import pytest

from tests.vendors.sandbox.conftest import NOW, Clock, Json
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, UnusableApp

V2, V3 = "/v2/message/regid", "/v3/message/regid"
MULTI = "/v2/multi_messages/regids"
SECRET = "key=sandbox-app-secret"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"
PHONE = "regA=="
MIDNIGHT_IN_CHINA = NOW + 16 * 3600
PUBLIC = {"extra.channel_id": "100002"}


def form(**fields: str | None) -> dict[str, str]:
    """The least a message has, and what a test adds; None takes a field away. A double underscore is a dot."""
    built: dict[str, str | None] = {
        "registration_id": PHONE,
        "restricted_package_name": "com.example.app",
        "title": "Hi",
        "description": "你好",
        "extra.notify_effect": "1",
        "extra.channel_id": "100001",
    }
    built |= {name.replace("__", "."): value for name, value in fields.items()}
    return {name: value for name, value in built.items() if value is not None}


class Maker:
    """Xiaomi without a socket."""

    def __init__(self, clock: Clock) -> None:
        self.mounted: Mounted = mount(clock=clock, nonce=lambda: "0" * 32)["xiaomi"]
        self.counters = self.mounted.world.counters

    def send(self, fields: Mapping[str, str], *, path: str = V3) -> Json:
        return self.post(urlencode(fields).encode(), path=path)

    def post(
        self,
        body: bytes,
        *,
        path: str = V3,
        method: str = "POST",
        secret: str = SECRET,
        content_type: str = FORM,
    ) -> Json:
        route = next(route for route in self.mounted.simulator.routes if route.path == path)
        headers = {"Authorization": secret, "Content-Type": content_type}
        call = Call(method=method, path=path, headers=headers, body=body, plan=NO_FAULTS)
        answer = route.handle(call)
        assert answer.status == 200
        return cast("Json", orjson.loads(answer.body))

    def app(self, **fields: object) -> None:
        self.mounted.simulator.put_app({"package_name": "com.example.app", **fields})

    def bar(self, registration_id: str = PHONE) -> list[Json]:
        """What stands on a phone, newest first."""
        phone = self.mounted.world.inbox.find(registration_id)
        assert phone is not None
        return cast("list[Json]", phone.as_json(self.mounted.simulator.show)["notifications"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def xiaomi(clock: Clock) -> Maker:
    return Maker(clock)


def test_the_pages_worked_body_is_taken(xiaomi: Maker) -> None:
    body = (
        b"registration_id=regA%3D%3D%2CregB%3D%3D&restricted_package_name=com.example.app"
        b"&title=%E8%AE%A2%E5%8D%95%E6%9B%B4%E6%96%B0"
        b"&description=%E6%82%A8%E7%9A%84%E8%AE%A2%E5%8D%95%E5%B7%B2%E5%8F%91%E8%B4%A7+%26+5%25"
        b"&payload=%7B%22k%22%3A%22v+1%22%7D&pass_through=0&notify_type=-1&notify_id=1234567&time_to_live=86400000"
        b"&extra.notify_effect=2&extra.intent_uri=intent%3A%23Intent%3Bcomponent%3Dcom.example.app%2F.DetailActivity"
        b"%3BS.k%3Dv%3Bend&extra.channel_id=100001&extra.callback=https%3A%2F%2Fpush.example.com%2Fr%2Fmi%2Fabc"
        b"&extra.callback.param=m-1&extra.callback.type=1267"
    )

    answer = xiaomi.post(body)
    [shown] = xiaomi.bar("regB==")

    assert answer == {
        "result": "ok",
        "code": 0,
        "data": {"id": "sdm6955b900000000000001", "day_acked": "0", "day_quota": "50000"},
        "description": "成功",
        "info": "Received push messages for 2 REGID",
        "trace_id": "Xdm6955b900000000000001",
    }
    assert {key: shown[key] for key in ("title", "text", "channel", "category", "click", "extras")} == {
        "title": "订单更新",
        "text": "您的订单已发货 & 5%",
        "channel": "100001",
        "category": "",
        "click": {"opens": "activity", "value": ".DetailActivity"},
        "extras": {"k": "v 1"},
    }
    assert xiaomi.counters.violations == 0


def test_the_checks_stop_at_the_first_hit_in_the_pages_order(xiaomi: Maker) -> None:
    everything_wrong = b"%ff"

    assert xiaomi.post(everything_wrong, method="GET", secret="", content_type="")["code"] == 10021
    assert xiaomi.post(everything_wrong, secret="", content_type="")["code"] == 21301
    assert xiaomi.post(everything_wrong, content_type="")["code"] == 10007
    assert xiaomi.post(everything_wrong)["code"] == 10017
    assert xiaomi.post(b"")["code"] == 22022


@pytest.mark.parametrize("secret", ["", "sandbox-app-secret", "Key=sandbox-app-secret", "key=", "key=other", "key= x"])
def test_the_secret_must_be_exactly_the_apps(xiaomi: Maker, secret: str) -> None:
    answer = xiaomi.post(urlencode(form()).encode(), secret=secret)

    assert (answer["code"], answer["result"]) == (21301, "error")
    assert "sandbox-app-secret" not in str(answer)


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded; charset=gbk"]
)
def test_another_content_type_is_10007(xiaomi: Maker, content_type: str) -> None:
    assert xiaomi.post(urlencode(form()).encode(), content_type=content_type)["code"] == 10007


@pytest.mark.parametrize("body", [b"title=%ff", b"title=\xff", b"title", b"title=a&title=b", b"&&"])
def test_a_body_must_be_a_form_in_utf_8(xiaomi: Maker, body: bytes) -> None:
    assert xiaomi.post(body)["code"] == 10017


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"restricted_package_name": None}, 22022),
        ({"restricted_package_name": "com.other"}, 22022),
        ({"registration_id": None}, 10016),
        ({"registration_id": ",,"}, 10016),
        ({"registration_id": ",".join(f"r{number:04}" for number in range(1001))}, 10017),
        ({"title": None}, 65011),
        ({"title": " "}, 65011),
        ({"description": ""}, 65011),
        ({"title": "题" * 50}, 10017),
        ({"description": "文" * 128}, 10017),
        ({"payload": "你" * 1366}, 65009),
        ({"alias": "a"}, 10017),
        ({"notify_type": "8"}, 10017),
        ({"notify_type": "x"}, 10017),
        ({"notify_id": "2147483648"}, 10017),
        ({"notify_id": "-1"}, 10017),
        ({"time_to_live": "0"}, 10017),
        ({"time_to_live": "864000001"}, 10017),
        ({"time_to_live": "86400001", **PUBLIC}, 10017),
        ({"time_to_send": str(int(NOW * 1000) + 7 * 86_400_000 + 1)}, 10017),
        ({"pass_through": "1"}, 10036),
        ({"pass_through": "2"}, 10017),
        ({"extra__notify_effect": None}, 10017),
        ({"extra__notify_effect": "4"}, 10017),
        ({"extra__notify_effect": "2"}, 10016),
        ({"extra__notify_effect": "3"}, 10016),
        ({"extra__notify_effect": "3", "extra__web_uri": "ftp://a"}, 10017),
        ({"extra__notify_effect": "2", "extra__intent_uri": "app://a"}, 10017),
        ({"extra__notify_effect": "2", "extra__intent_uri": "intent:#Intent;component=com.other/.A;end"}, 10017),
        ({"extra__notify_effect": "2", "extra__class_name": "A"}, 10017),
        ({"extra__": "x"}, 10017),
        ({"extra__jobkey": "123456789"}, 10017),
        ({"extra__jobkey": "_1"}, 10017),
        ({"extra__badge": "x"}, 10017),
        ({f"extra__{number}": "" for number in range(11)}, 65014),
        ({"extra__k": "字" * 1024}, 65015),
        ({"extra__template_id": "P10001", "extra__template_param": "字" * 2048}, 65015),
        ({"extra__callback__param": "x" * 65}, 65036),
        ({"extra__callback": "https://a.b/" + "x" * 128}, 65037),
        ({"extra__callback": "a.b"}, 65038),
        ({"extra__callback__type": "4"}, 10017),
        ({"extra__callback__type": "x"}, 10017),
        ({"extra__channel_id": None}, 27001),
        ({"extra__channel_id": "999"}, 27001),
        ({"extra__template_id": "unknown"}, 10017),
        ({"extra__template_param": "{}"}, 10017),
        ({"extra__template_id": "P10001"}, 10017),
        ({"extra__template_id": "P10001", "extra__template_param": '{"who":"a"}'}, 10017),
        ({"extra__template_id": "P10001", "extra__template_param": '{"who":"a","what":"🙂"}'}, 10017),
        ({"extra__template_id": "P10001", "extra__template_param": '{"who":"a","what":1}'}, 10017),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_broken_rule_is_refused_and_remembered(xiaomi: Maker, fields: dict[str, str | None], code: int) -> None:
    sent = form(**fields)

    assert xiaomi.send(sent)["code"] == code
    assert xiaomi.counters.violations == 1
    assert xiaomi.counters.targets == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "题" * 49, "description": "文" * 127, "payload": "你" * 1365},
        {"time_to_live": "864000000"},
        {"time_to_live": "86400000", **PUBLIC},
        {"registration_id": "regA==,,regB==,"},
        {"restricted_package_name": "com.other,com.example.app,"},
        {"extra__template_id": "P10001", "extra__template_param": '{"who":"爱","what":"b"}'},
        {"extra__notify_effect": "2", "extra__class_name": "com.example.app.A"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_the_page_allows_is_taken(xiaomi: Maker, fields: dict[str, str]) -> None:
    assert xiaomi.send(form(**fields))["code"] == 0
    assert xiaomi.counters.violations == 0


def test_v2_takes_one_package_only(xiaomi: Maker) -> None:
    both = form(restricted_package_name="com.other,com.example.app")

    assert (xiaomi.send(both, path=V2)["code"], xiaomi.send(both, path=V3)["code"]) == (22022, 0)


def test_repeated_targets_are_joined_and_each_phone_gets_it_once(xiaomi: Maker) -> None:
    body = urlencode([*form().items(), ("registration_id", "regB=="), ("registration_id", PHONE)]).encode()

    assert xiaomi.post(body)["code"] == 0
    assert (len(xiaomi.bar()), len(xiaomi.bar("regB=="))) == (1, 1)


def test_unknown_ids_are_listed_and_the_others_served(xiaomi: Maker) -> None:
    phone = xiaomi.mounted.world.inbox.phone("regDead==")
    phone.is_dead, phone.dead_answer = True, 20301

    answer = xiaomi.send(form(registration_id="regA==,regDead==,r!"))

    assert cast("Json", answer["data"])["bad_regids"] == "regDead==,r!"
    assert len(xiaomi.bar()) == 1
    assert xiaomi.counters.violations == 1


def test_if_every_id_is_bad_there_is_no_valid_target(xiaomi: Maker) -> None:
    answer = xiaomi.send(form(registration_id="r!,?"))

    assert (answer["code"], answer["reason"]) == (20301, "No valid targets!")
    assert "data" not in answer


def test_a_dead_phone_is_mostly_accepted(xiaomi: Maker) -> None:
    xiaomi.mounted.world.inbox.phone(PHONE).is_dead = True

    assert xiaomi.send(form())["code"] == 0
    assert (xiaomi.bar(), xiaomi.counters.dead) == ([], 1)


def test_a_phone_shows_the_first_of_one_jobkey(xiaomi: Maker) -> None:
    xiaomi.send(form(extra__jobkey="k-1", title="first", notify_id="1"))
    xiaomi.send(form(extra__jobkey="k-1", title="second", notify_id="2"))

    assert [shown["title"] for shown in xiaomi.bar()] == ["first"]
    assert xiaomi.counters.duplicates == 1


def test_one_notify_id_stands_once_and_none_counts_as_0(xiaomi: Maker) -> None:
    for title, number in (("first", "7"), ("second", None), ("third", "7"), ("fourth", "0")):
        xiaomi.send(form(title=title, notify_id=number))

    assert [shown["title"] for shown in xiaomi.bar()] == ["fourth", "third"]


def test_the_rate_is_counted_in_requests(xiaomi: Maker, clock: Clock) -> None:
    xiaomi.app(qps=1)
    many = form(registration_id="regA==,regB==,regC==")

    codes = [xiaomi.send(many)["code"], xiaomi.send(many)["code"]]
    clock.now += 1

    assert [*codes, xiaomi.send(many)["code"]] == [0, 200002, 0]
    assert xiaomi.counters.violations == 0


def test_public_messages_have_a_quota_and_a_cap_and_private_ones_neither(xiaomi: Maker, clock: Clock) -> None:
    xiaomi.app(daily_quota=2, device_daily_cap=1)
    public = form(extra__channel_id="100002")

    codes = [xiaomi.send(public)["code"], xiaomi.send(public)["code"]]
    codes += [xiaomi.send({**public, "registration_id": "regB=="})["code"]]
    over = xiaomi.send(public)
    private = xiaomi.send(form())
    clock.now = MIDNIGHT_IN_CHINA
    next_day = xiaomi.send(public)

    assert [*codes, over["code"], private["code"], next_day["code"]] == [0, 0, 0, 200001, 0, 0]
    assert over["reason"] == "exceed quota, quota: 2, have acked: 2"
    assert xiaomi.counters.capped == 1


def test_an_app_may_be_told_to_want_templates_or_no_channel(xiaomi: Maker) -> None:
    xiaomi.app(require_template=True, require_channel=False)

    assert xiaomi.send(form())["code"] == 10017
    assert xiaomi.send(form(extra__channel_id=None))["code"] == 0


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"package_name": "com.new"},
        {"package_name": "com.new", "app_secret": "sandbox-app-secret"},
        {"package_name": "com.example.app", "colour": "red"},
        {"package_name": "com.example.app", "qps": -1},
        {"package_name": "com.example.app", "channels": {"1": "secret"}},
        {"package_name": "com.example.app", "templates": {"1": "who"}},
        {"package_name": "com.example.app", "require_channel": 1},
    ],
)
def test_an_app_that_makes_no_sense_is_refused(xiaomi: Maker, edit: dict[str, object]) -> None:
    with pytest.raises(UnusableApp):
        xiaomi.mounted.simulator.put_app(edit)


def test_a_new_app_has_a_secret_of_its_own_that_is_not_shown(xiaomi: Maker) -> None:
    shown = xiaomi.mounted.simulator.put_app(
        {"package_name": "com.new", "app_secret": "other", "channels": {"1": "private"}}
    )
    fields = form(restricted_package_name="com.new", extra__channel_id="1")

    assert "other" not in str(shown)
    assert xiaomi.post(urlencode(fields).encode(), secret="key=other")["code"] == 0
    assert xiaomi.mounted.simulator.expire_tokens() == 0
    xiaomi.mounted.simulator.reset()
    assert xiaomi.post(urlencode(fields).encode(), secret="key=other")["code"] == 21301


@pytest.mark.parametrize("payload", ["", "no json", "[1]", '{"k":' * 600 + "1" + "}" * 600])
def test_a_payload_that_is_no_object_to_show_is_taken_and_not_shown(xiaomi: Maker, payload: str) -> None:
    assert xiaomi.send(form(payload=payload))["code"] == 0
    assert xiaomi.bar()[0]["extras"] == {}


# Different messages in one call.


def element(target: object = PHONE, **message: object) -> Json:
    """The least an element has, and what a test adds; None takes a field away."""
    extra = {"notify_effect": "1", "channel_id": "100001"}
    built = {
        "restricted_package_name": "com.example.app",
        "title": "Hi",
        "description": "你好",
        "extra": extra,
        **message,
    }
    return {"target": target, "message": {name: value for name, value in built.items() if value is not None}}


def send_many(xiaomi: Maker, *elements: object, **fields: str) -> Json:
    return xiaomi.send({"messages": orjson.dumps(elements).decode(), **fields}, path=MULTI)


def test_each_message_reaches_its_phone_under_one_id(xiaomi: Maker) -> None:
    answer = send_many(xiaomi, element("regA==", title="一"), element("regB==", title="二"), time_to_send="0")

    data = cast("Json", answer["data"])
    assert (answer["code"], answer["info"]) == (0, "Received push messages for 2 REGID")
    assert [xiaomi.bar(phone)[0]["title"] for phone in ("regA==", "regB==")] == ["一", "二"]
    assert {xiaomi.bar(phone)[0]["message_id"] for phone in ("regA==", "regB==")} == {data["id"]}


@pytest.mark.parametrize(
    ("elements", "code", "field"),
    [
        ([], 10017, "messages"),
        ([element()] * 1001, 10017, "messages"),
        ([7], 10017, "messages[0]"),
        ([element(), {"target": PHONE}], 10017, "messages[1].message"),
        ([{**element(), "more": 1}], 10017, "messages[0].more"),
        ([element(7)], 10017, "messages[0].target"),
        ([element(notify_id="7")], 10017, "messages[0].message.notify_id"),
        ([element(time_to_live=1.5)], 10017, "messages[0].message.time_to_live"),
        ([element(title=7)], 10017, "messages[0].message.title"),
        ([element(extra={"badge": 7})], 10017, "messages[0].message.extra"),
        ([element(**{"extra.badge": "7"})], 10017, "messages[0].message.extra.badge"),
        ([element(), element(title=" ")], 65011, "title"),
        ([element(), element(restricted_package_name="com.other")], 22022, "restricted_package_name"),
        ([element(extra={"notify_effect": "1", "channel_id": "no"})], 27001, "extra.channel_id"),
        ([element(more="x")], 10017, "more"),
    ],
)
def test_one_bad_message_refuses_them_all(xiaomi: Maker, elements: list[object], code: int, field: str) -> None:
    assert send_many(xiaomi, *elements)["code"] == code
    assert xiaomi.counters.recent[-1].field == field
    assert xiaomi.counters.targets == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, 10016), ({"messages": "["}, 10017), ({"messages": "[]", "title": "x"}, 10017), ({"messages": "{}"}, 10017)],
)
def test_the_form_of_many_messages_has_two_fields(xiaomi: Maker, fields: dict[str, str], code: int) -> None:
    assert xiaomi.send(fields, path=MULTI)["code"] == code


def test_a_repeated_jobkey_is_shown_once_there_too(xiaomi: Maker) -> None:
    extra = {"notify_effect": "1", "channel_id": "100001", "jobkey": "k"}

    send_many(xiaomi, element(extra=extra), element("regB==", extra=extra))
    send_many(xiaomi, element(extra=extra))

    assert (xiaomi.counters.delivered, xiaomi.counters.duplicates) == (2, 1)


def test_bad_ids_are_listed_and_only_bad_ones_are_an_error(xiaomi: Maker) -> None:
    some = send_many(xiaomi, element(), element("?"))

    assert cast("Json", some["data"])["bad_regids"] == "?"
    assert send_many(xiaomi, element("?"), element("!"))["code"] == 20301


def test_a_channel_over_its_quota_is_told_by_count(xiaomi: Maker) -> None:
    xiaomi.app(daily_quota=1)
    public = {"notify_effect": "1", "channel_id": "100002"}

    answer = send_many(xiaomi, *(element(f"reg{number}==", extra=public) for number in range(3)), element())

    assert cast("Json", answer["data"])["channel_exceed_quota"] == "100002:2"
    assert xiaomi.counters.delivered == 2
