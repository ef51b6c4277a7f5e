"""Meizu's simulator, called by hand from the page and without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, cast
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, UnusableApp

NOW = 1_767_225_600.0  # 2026-01-01 00:00 UTC
MIDNIGHT_IN_CHINA = NOW + 16 * 3600
PUSH = "/garcia/api/server/push"
BY_ID = f"{PUSH}/varnished/pushByPushId"
PHONE = "J0476035d625e6c64567f71487e040e7d017f0558675b"
OTHER_PHONE = "J0476045d625e6c64567f71487e040e7d017f0558675b"
SECRET = "sandbox-app-secret"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"
Parts = dict[str, Any]


def message(**parts: object) -> Parts:
    """The least a message has, and what a test puts over it."""
    return {"noticeBarInfo": {"noticeMsgType": 1, "title": "Hi", "content": "你好"}, **parts}


def bar(**fields: object) -> Parts:
    return message(noticeBarInfo={"noticeMsgType": 1, "title": "Hi", "content": "你好", **fields})


def click(**fields: object) -> Parts:
    return message(clickTypeInfo=fields)


def signed(form: Mapping[str, str], secret: str = SECRET) -> dict[str, str]:
    """The form with its signature, by section 2 of the page."""
    base = "".join(f"{name}={form[name]}" for name in sorted(form))
    return {**form, "sign": md5((base + secret).encode(), usedforsecurity=False).hexdigest()}


def form_of(content: object, phones: str = PHONE, **fields: str) -> dict[str, str]:
    text = content if isinstance(content, str) else json.dumps(content)
    return {"appId": "100999", "pushIds": phones, "messageJson": text, **fields}


@dataclass
class Maker:
    """Meizu in a world whose clock stands still until a test moves it."""

    now: float = NOW
    mounted: Mounted = field(init=False)

    def __post_init__(self) -> None:
        self.mounted = mount(clock=lambda: self.now)["meizu"]

    def call(self, body: bytes, path: str = BY_ID, *, content_type: str = FORM, method: str = "POST") -> Parts:
        routes = {route.path: route for route in self.mounted.simulator.routes}
        call = Call(method=method, path=path, headers={"Content-Type": content_type}, body=body, plan=NO_FAULTS)
        routes[path].targets(call)
        answer = routes[path].handle(call)
        assert answer.status == (200 if method == "POST" else 405)
        return cast("Parts", orjson.loads(answer.body))

    def post(self, form: Mapping[str, str], path: str = BY_ID) -> Parts:
        return self.call(urlencode(form).encode(), path)

    def push(self, content: object, phones: str = PHONE, **fields: str) -> Parts:
        return self.post(signed(form_of(content, phones, **fields)))

    def app(self, **fields: object) -> None:
        self.mounted.simulator.put_app({"app_id": "100999", **fields})

    def violations(self) -> list[str]:
        return [str(violation.as_json()["text"]) for violation in self.mounted.world.counters.recent]

    def titles(self, phone: str = PHONE) -> list[str]:
        found = self.mounted.world.inbox.find(phone)
        if found is None:
            return []
        shown = cast("list[Parts]", found.as_json(self.mounted.simulator.show)["notifications"])
        return [str(one["title"]) for one in shown]


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_the_pages_full_example_is_taken(maker: Maker) -> None:
    maker.app(app_secret="test_app_secret_0123456789abcdef", callbacks=["https://push.example.com/r/mz"])
    text = (
        '{"noticeBarInfo":{"noticeMsgType":1,"noticeBarType":0,"title":"订单更新",'
        '"content":"您的订单已发货 & 价格=5%"},'
        '"noticeExpandInfo":{"noticeExpandType":0},'
        '"clickTypeInfo":{"clickType":1,"activity":"com.example.app.DetailActivity","parameters":{"order":"42"}},'
        '"pushTimeInfo":{"offLine":1,"validTime":24},'
        '"advanceInfo":{"suspend":1,"clearNoticeBar":1,"notificationType":{"vibrate":1,"lights":1,"sound":1},'
        '"notifyKey":"order-42"},'
        '"extra":{"callback":"https://push.example.com/r/mz","callback.param":"m-1","callback.type":"3"}}'
    )

    form = form_of(text, f"{PHONE},{OTHER_PHONE}")
    answer = maker.post({**form, "sign": "68eab323c4168040063ce7796392300a"})

    assert answer == {"code": "200", "message": "", "value": {}, "redirect": "", "msgId": answer["msgId"]}
    assert str(answer["msgId"]).startswith("NS")
    assert maker.titles(OTHER_PHONE) == ["订单更新"]
    assert maker.violations() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("", b"appId=1"),
        ("application/x-www-form-urlencoded;charset=gbk", b"appId=1"),
        (FORM, b"appId=%ff"),
        (FORM, b"appId=%4"),
        (FORM, "appId=你".encode()),
        (FORM, b"appId"),
        (FORM, b"appId=1&appId=1"),
    ],
)
def test_a_call_must_be_a_form_in_utf_8(maker: Maker, content_type: str, body: bytes) -> None:
    assert maker.call(body, content_type=content_type)["code"] == "1005"
    assert len(maker.violations()) == 1


def test_another_method_is_405(maker: Maker) -> None:
    assert maker.call(b"", method="GET")["code"] == "1005"


def test_the_checks_come_in_the_order_of_the_page(maker: Maker) -> None:
    form: dict[str, str] = {"pushIds": ",", "messageJson": "", "more": "x"}
    answers = [maker.post(form)]
    form["appId"] = "1"
    answers.append(maker.post(form))
    form["appId"] = "100999"
    answers.append(maker.post(form))
    answers.append(maker.post({**form, "sign": "0" * 32}))
    answers.append(maker.post(signed(form)))
    del form["more"]
    answers.append(maker.post(signed(form)))
    form["pushIds"] = ",".join(f"J{at}" for at in range(101))
    answers.append(maker.post(signed(form)))
    form["pushIds"] = f",{PHONE},"
    answers.append(maker.post(signed(form)))
    form["messageJson"] = "[]"
    answers.append(maker.post(signed(form)))
    form["messageJson"] = json.dumps(message())
    answers.append(maker.post(signed(form)))

    assert [answer["code"] for answer in answers] == [
        *("110004", "110000", "110004", "1006", "1005", "110004", "1005", "110004", "1005", "200")
    ]
    assert all(answer["value"] == "" for answer in answers[:-1])


@pytest.mark.parametrize("secret", ["sandbox-app-secreT", ""])
def test_a_wrong_secret_is_1006_and_is_never_shown(maker: Maker, secret: str) -> None:
    form = signed(form_of(message()), secret)

    assert maker.post(form)["code"] == "1006"
    assert form["sign"] not in maker.violations()[0]


def test_a_signature_over_encoded_values_or_in_capitals_is_1006(maker: Maker) -> None:
    form = form_of(message())
    over_encoded = signed({name: urlencode({"": value})[1:] for name, value in form.items()})["sign"]

    assert maker.post({**form, "sign": over_encoded})["code"] == "1006"
    assert maker.post({**form, "sign": signed(form)["sign"].upper()})["code"] == "1006"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "7",
        {},
        bar(title=""),
        bar(title=" "),
        bar(title="x" * 33),
        bar(title=7),
        bar(content="文" * 101),
        bar(noticeMsgType=2),
        bar(noticeMsgType="1"),
        bar(noticeBarType=1),
        bar(subtitle="x"),
        message(noticeBarInfo=[]),
        message(vipInfo={}),
        message(noticeExpandInfo={"noticeExpandType": 1}),
        message(noticeExpandInfo={"noticeExpandContent": "x"}),
        message(noticeExpandInfo={"noticeExpandType": 2, "noticeExpandImgUrl": "https://a.example/b.png"}),
        click(clickType=1),
        click(clickType=1, activity="Chat"),
        click(clickType=1, activity="a." + "b" * 999),
        click(clickType=0, activity="a.B"),
        click(clickType=2),
        click(clickType=2, url="no address"),
        click(clickType=2, url="intent://x#Intent;scheme=a;end"),
        click(clickType=2, url="https://a.example/" + "文" * 330),
        click(clickType=3, customAttribute="x"),
        click(clickType=0, parameters='{"k":"v"}'),
        click(clickType=0, parameters={"k": 1}),
        click(clickType=0, parameters={"k": "v" * 2000}),
        message(pushTimeInfo={"validTime": 0}),
        message(pushTimeInfo={"validTime": 73}),
        message(pushTimeInfo={"validTime": "24"}),
        message(pushTimeInfo={"offLine": 2}),
        message(pushTimeInfo={"pushTimeType": 1, "startTime": "2026-01-01 00:00:00"}),
        message(advanceInfo={"notifyKey": "123456789"}),
        message(advanceInfo={"notifyKey": "文"}),
        message(advanceInfo={"suspend": "1"}),
        message(advanceInfo={"notificationType": {"vibrate": 2}}),
        message(advanceInfo={"notificationType": {"bell": 1}}),
        message(advanceInfo={"fixDisplay": 1, "fixStartDisplayTime": "2026-01-01 00:00:00"}),
        message(
            advanceInfo={
                "fixDisplay": 1,
                "fixStartDisplayTime": "2026-01-02 00:00:00",
                "fixEndDisplayTime": "2026-01-01 00:00:00",
            }
        ),
        message(extra={"callback.param": "x"}),
        message(extra={"callback": "https://not.registered.example"}),
    ],
    ids=lambda content: json.dumps(content)[:80],
)
def test_a_message_against_the_page_is_1005_and_says_why(maker: Maker, content: object) -> None:
    answer = maker.push(content)

    assert answer["code"] == "1005"
    assert "expected" in str(answer["message"])
    assert maker.titles() == []


def test_empty_texts_and_the_keys_every_sdk_sends_are_tolerated(maker: Maker) -> None:
    content = message(
        noticeBarInfo={"title": "Hi", "content": "x", "noticeBarImgUrl": "", "noticeBarType": 0},
        noticeExpandInfo={"noticeExpandType": 0, "noticeExpandContent": "", "noticeExpandImgUrl": ""},
        clickTypeInfo={"clickType": 0, "url": "", "activity": "", "customAttribute": ""},
        pushTimeInfo={"offLine": True, "validTime": 24, "pushTimeType": 0, "startTime": ""},
        advanceInfo={"suspend": True, "fixSpeed": 0, "fixSpeedRate": 0, "fixDisplay": 0, "fixStartDisplayTime": ""},
    )

    assert maker.push(content)["code"] == "200"
    assert maker.violations() == []


def test_phones_are_refused_one_by_one(maker: Maker) -> None:
    maker.mounted.world.inbox.phone(OTHER_PHONE).is_dead = True
    maker.mounted.world.inbox.phone(OTHER_PHONE).dead_answer = 110002

    answer = maker.push(message(), f"{PHONE},bad id,{OTHER_PHONE},{PHONE}")

    assert (answer["code"], answer["value"]) == ("200", {"110003": ["bad id"], "110002": [OTHER_PHONE]})
    assert maker.titles() == ["Hi"]
    assert len(maker.violations()) == 1


def test_a_dead_phone_accepts_and_shows_nothing(maker: Maker) -> None:
    maker.mounted.world.inbox.phone(PHONE).is_dead = True

    assert maker.push(message())["value"] == {}
    assert maker.titles() == []
    assert maker.mounted.world.counters.dead == 1


def test_of_one_notify_key_the_newest_stands(maker: Maker) -> None:
    for title, key in (("One", "k"), ("Two", "other"), ("Three", "k")):
        maker.push({**bar(title=title), "advanceInfo": {"notifyKey": key}})

    assert maker.titles() == ["Three", "Two"]


def test_public_messages_stop_at_three_a_day_and_private_ones_do_not(maker: Maker) -> None:
    maker.app(device_minute_cap=None)
    values = [maker.push(bar(noticeMsgType=0))["value"] for _ in range(4)]
    private = maker.push(message())["value"]
    maker.now = MIDNIGHT_IN_CHINA
    next_day = maker.push(bar(noticeMsgType=0))["value"]

    assert values == [{}, {}, {}, {"110011": [PHONE]}]
    assert (private, next_day) == ({}, {})
    assert maker.violations() == []


def test_more_than_five_a_minute_are_folded(maker: Maker) -> None:
    values = [maker.push(message())["value"] for _ in range(6)]
    other = maker.push(message(), OTHER_PHONE)["value"]
    maker.now += 60
    later = maker.push(message())["value"]

    assert values == [{}] * 5 + [{"520": [PHONE]}]
    assert (other, later) == ({}, {})


def test_the_apps_rate_day_and_standing_refuse_the_call(maker: Maker) -> None:
    maker.app(qps=1)
    rate = [maker.push(message())["code"] for _ in range(2)]
    maker.app(qps=None, daily_limit=1)
    day = maker.push(message())["code"]
    maker.app(daily_limit=None, enabled=False)
    listed = maker.push(message())["code"]

    assert (rate, day, listed) == (["200", "110010"], "110019", "110009")
    assert maker.violations() == []


def test_aliases_and_pass_through(maker: Maker) -> None:
    by_alias = {"appId": "100999", "alias": "alice,bob", "messageJson": json.dumps(message())}

    assert maker.post(signed(by_alias), f"{PUSH}/varnished/pushByAlias")["code"] == "200"
    assert maker.titles("alias:bob") == ["Hi"]
    assert maker.post(signed(by_alias), f"{PUSH}/unvarnished/pushByAlias")["code"] == "110053"


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"app_id": "x"},
        {"app_id": "1"},
        {"app_id": "100999", "app_secret": ""},
        {"app_id": "100999", "qps": -1},
        {"app_id": "100999", "enabled": 1},
        {"app_id": "100999", "callbacks": "https://a.example"},
        {"app_id": "100999", "colour": "red"},
    ],
)
def test_an_unusable_app_is_refused_in_words(maker: Maker, edit: dict[str, object]) -> None:
    with pytest.raises(UnusableApp):
        maker.mounted.simulator.put_app(edit)


def test_an_app_is_shown_without_its_secret_and_forgotten_on_reset(maker: Maker) -> None:
    shown = maker.mounted.simulator.put_app({"app_id": "7", "app_secret": "another-secret"})
    both = len(maker.mounted.simulator.apps())
    maker.mounted.simulator.reset()

    assert "another-secret" not in str(shown)
    assert (both, len(maker.mounted.simulator.apps())) == (2, 1)
    assert maker.mounted.simulator.expire_tokens() == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
# Near the truth, so that the later checks are reached as well.
PLAUSIBLE = JSON | st.sampled_from(
    [0, 1, 2, "Hi", "https://a.b/c", "com.a.B", {"k": "v"}, {"vibrate": 0}, "2026-01-01 00:00:00"]
)
KEYS = {
    "noticeBarInfo": ("noticeMsgType", "noticeBarType", "title", "content"),
    "noticeExpandInfo": ("noticeExpandType", "noticeExpandContent", "noticeExpandImgUrl"),
    "clickTypeInfo": ("clickType", "url", "activity", "parameters"),
    "pushTimeInfo": ("offLine", "validTime"),
    "advanceInfo": ("fixDisplay", "fixStartDisplayTime", "fixEndDisplayTime", "notificationType", "notifyKey"),
    "extra": ("callback", "callback.param", "callback.type"),
}
MESSAGE = st.fixed_dictionaries(
    {"noticeBarInfo": st.just({"title": "Hi", "content": "x"}) | PLAUSIBLE},
    optional={
        name: st.dictionaries(st.sampled_from(keys), PLAUSIBLE, max_size=3) | PLAUSIBLE
        for name, keys in KEYS.items()
        if name != "noticeBarInfo"
    },
)


@given(content=MESSAGE | JSON)
@settings(max_examples=300, deadline=None)
def test_any_message_gets_an_answer_and_can_be_shown(content: object) -> None:
    maker = Maker()

    answer = maker.push(orjson.dumps(content).decode())

    assert answer["code"] in ("200", "1005")
    assert (answer["code"] == "200") == (len(maker.titles()) == 1)


@given(body=st.binary(), content_type=st.sampled_from([FORM, "", "x"]))
@settings(deadline=None)
def test_any_bytes_get_an_answer_with_a_code(body: bytes, content_type: str) -> None:
    answer = Maker().call(body, content_type=content_type)

    assert answer["code"] in ("1005", "110004", "110000")
