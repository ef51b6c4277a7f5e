from __future__ import annotations

import asyncio
import json
from typing import cast

import aiohttp
import pytest

from tests.vendors.sandbox.conftest import OTHER_PHONE, PHONE, SENDING, Clock, Json, Maker, message
from vendors.sandbox.fault_script import Script, UnusableFault, parse_rules, parse_script, rule_json
from vendors.sandbox.faults import CallKind, Effect, EffectKind, Faults, Match, Rule, TooManyRules
from vendors.sandbox.server import mount, running


async def raw_unicast(maker: Maker, target: str = PHONE) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of one unicast."""
    form = {"auth_token": maker.token, "message": json.dumps(message(target, app_message_id="m-1"))}
    async with maker.http.post(maker.server.base_url("oppo") + f"{SENDING}/unicast", data=form) as response:
        return response.status, await response.text(), dict(response.headers)


@pytest.mark.parametrize("code", [13, 55, -2, 33])
async def test_a_code_refuses_the_whole_call_once(maker: Maker, code: int) -> None:
    await maker.fault({"effect": {"code": code, "message": "by script"}})

    struck = await maker.batch([message()])
    after = await maker.batch([message()])

    assert struck == {"code": code, "message": "by script"}
    assert after["code"] == 0
    assert (await maker.counters())["violations"] == 0


async def test_a_code_comes_after_the_checks_of_the_token(maker: Maker) -> None:
    await maker.fault({"effect": {"code": 13}})

    assert (await maker.unicast(message(), auth_token="wrong"))["code"] == 11


async def test_a_code_with_a_pattern_refuses_items(maker: Maker) -> None:
    await maker.fault({"match": {"registration_id": "CN_a*"}, "effect": {"code": 10000}, "times": 2})

    batch = await maker.batch([message(PHONE), message(OTHER_PHONE), message(PHONE), message(PHONE)])
    codes = [item.get("errorCode") for item in cast("list[Json]", batch["data"])]

    assert codes == [10000, None, 10000, None]
    assert (await maker.counters())["faults"] == 2


async def test_a_code_with_a_pattern_refuses_a_single_push_too(maker: Maker) -> None:
    await maker.fault({"match": {"registration_id": "CN_a*"}, "effect": {"code": 10000}})

    assert (await maker.unicast(message(OTHER_PHONE)))["code"] == 0
    assert (await maker.unicast(message(PHONE))) == {"code": 10000, "message": "Invalid Registration_id"}


async def test_a_missing_item_was_delivered_all_the_same(maker: Maker) -> None:
    await maker.fault({"match": {"registration_id": "CN_a*"}, "effect": {"missing_item": True}})

    batch = await maker.batch([message(PHONE), message(OTHER_PHONE)])

    assert [item["registrationId"] for item in cast("list[Json]", batch["data"])] == [OTHER_PHONE]
    assert len(await maker.bar(PHONE)) == 1


async def test_a_status_with_retry_after_leaves_the_call_undone(maker: Maker) -> None:
    await maker.fault({"effect": {"status": 503, "retry_after": 7}})

    status, _, headers = await raw_unicast(maker)

    assert (status, headers["Retry-After"]) == (503, "7")
    assert await maker.bar() == []


async def test_a_status_may_come_after_the_call_was_done(maker: Maker) -> None:
    await maker.fault({"effect": {"status": 500, "when": "after"}})

    status, _, _ = await raw_unicast(maker)

    assert status == 500
    assert len(await maker.bar()) == 1


@pytest.mark.parametrize(("when", "delivered"), [("before", 0), ("after", 1)])
async def test_a_dropped_call_was_done_or_not(maker: Maker, when: str, delivered: int) -> None:
    await maker.fault({"match": {"kind": "send"}, "effect": {"drop": when}})

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await raw_unicast(maker)
    before_retry = len(await maker.bar())
    retried = await maker.unicast(message(app_message_id="m-1"))

    assert before_retry == delivered
    assert retried["code"] == 0
    assert len(await maker.bar()) == 1
    assert (await maker.counters())["duplicates"] == delivered


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("html", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
        ("truncated", '{"code":0,"message":'),
        ("empty", ""),
        ("types", '{"code":"zero","message":[],"data":17}'),
    ],
)
async def test_garbage_is_answered(maker: Maker, kind: str, body: str) -> None:
    await maker.fault({"effect": {"garbage": kind}})

    status, answered, _ = await raw_unicast(maker)

    assert (status, answered) == (200, body)
    assert await maker.bar() == []


async def test_a_call_hangs_and_is_cut_off(maker: Maker) -> None:
    await maker.fault({"effect": {"hang": 0.01}})

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await raw_unicast(maker)


async def test_a_hanging_call_does_not_keep_the_server_from_stopping(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vendors.sandbox.server.SHUTDOWN_SECONDS", 3600)
    mounted = mount(clock=clock)
    faults = mounted["oppo"].world.faults
    faults.add(parse_rules([{"effect": {"hang": 3600}}], where="faults"))

    async with asyncio.timeout(30), aiohttp.ClientSession() as http:
        async with running(mounted=mounted) as server:
            hanging = asyncio.create_task(http.post(server.base_url("oppo") + "/server/v1/auth"))
            while not faults.struck:
                (await http.get(server.url + "/_control")).release()

        with pytest.raises(aiohttp.ServerDisconnectedError):
            await hanging


async def test_latency_adds_up_and_the_call_is_answered(maker: Maker) -> None:
    loop = asyncio.get_running_loop()
    await maker.fault({"effect": {"latency_ms": 20}}, {"effect": {"latency_ms": 20}}, {"effect": {"code": 13}})

    begun = loop.time()
    answer = await maker.unicast(message())

    assert loop.time() - begun >= 0.04
    assert answer["code"] == 13


async def test_an_expired_token_is_11_and_no_violation(maker: Maker) -> None:
    await maker.fault({"match": {"path": "unicast"}, "effect": {"expire_token": True}})

    answer = await maker.unicast(message())
    login = await maker.sign_in()

    assert (answer["code"], login["code"]) == (11, 0)
    assert (await maker.counters())["violations"] == 0


async def test_a_rule_for_the_sign_in_leaves_sending_alone(maker: Maker) -> None:
    await maker.fault({"match": {"kind": "auth"}, "effect": {"code": -1}, "times": 0})

    assert (await maker.unicast(message()))["code"] == 0
    assert (await maker.sign_in())["code"] == -1
    assert (await maker.sign_in())["code"] == -1
    assert (await maker.counters())["logins"] == 1


async def test_a_pattern_chooses_calls_by_the_ids_they_name(maker: Maker) -> None:
    await maker.fault({"match": {"registration_id": "CN_b*"}, "effect": {"status": 500}})

    spared, _, _ = await raw_unicast(maker, PHONE)
    struck, _, _ = await raw_unicast(maker, OTHER_PHONE)

    assert (spared, struck) == (200, 500)


async def test_a_pattern_finds_the_ids_of_batches_and_broadcasts(maker: Maker) -> None:
    await maker.fault({"match": {"registration_id": "CN_b*"}, "effect": {"latency_ms": 0}, "times": 0})

    await maker.batch([message(PHONE), message(OTHER_PHONE)])
    await maker.broadcast(message_id="unknown", target_type="2", target_value=f"{PHONE};{OTHER_PHONE}")
    await maker.batch([message(PHONE)])
    await maker.unicast("not JSON")
    rules = cast("list[Json]", (await maker.control("GET", "/oppo/faults"))["rules"])

    assert rules[0]["struck"] == 2


async def test_faults_are_listed_with_what_is_left_and_removed(maker: Maker) -> None:
    await maker.fault(
        {"effect": {"code": 13}, "times": 3, "after": 1}, {"effect": {"drop": "after"}, "times": 0, "after": 9}
    )
    await maker.unicast(message())
    await maker.unicast(message())
    listed = await maker.control("GET", "/oppo/faults")
    removed = await maker.control("DELETE", "/oppo/faults")

    assert listed == {
        "struck": 1,
        "rules": [
            {
                "match": {},
                "effect": {"code": 13},
                "times": 3,
                "after": 1,
                "probability": 1.0,
                "matched": 2,
                "struck": 1,
                "remaining": 2,
            },
            {
                "match": {},
                "effect": {"drop": "after"},
                "times": 0,
                "after": 9,
                "probability": 1.0,
                "matched": 1,
                "struck": 0,
                "remaining": None,
            },
        ],
    }
    assert removed == {"removed": 2}
    assert (await maker.unicast(message()))["code"] == 0


def strikes(seed: str, calls: int = 200) -> list[bool]:
    """Which of many calls a rule of one half strikes."""
    rule = Rule(match=Match(), effect=Effect(kind=EffectKind.CODE, value=13), times=0, probability=0.5)
    faults = Faults(seed, lambda: [rule])
    return [faults.plan("/x", CallKind.SEND, tuple).refusal is not None for _ in range(calls)]


def test_probability_repeats_itself_with_the_seed() -> None:
    assert strikes("7") == strikes("7")
    assert strikes("7") != strikes("8")
    assert 70 < sum(strikes("7")) < 130


def test_a_rule_behind_the_one_that_strikes_is_not_spent() -> None:
    first = Rule(match=Match(), effect=Effect(kind=EffectKind.CODE, value=1))
    second = Rule(match=Match(), effect=Effect(kind=EffectKind.CODE, value=2))
    faults = Faults("7", lambda: [first, second])

    effects = [faults.plan("/x", CallKind.SEND, tuple).refusal for _ in range(3)]

    assert [effect.value if effect else None for effect in effects] == [1, 2, None]


def test_there_can_be_a_thousand_rules_that_are_not_spent() -> None:
    faults = Faults("7")
    faults.add([Rule(match=Match(), effect=Effect(kind=EffectKind.CODE)) for _ in range(1000)])

    with pytest.raises(TooManyRules, match="at most 1000"):
        faults.add([Rule(match=Match(), effect=Effect(kind=EffectKind.CODE))])
    faults.plan("/x", CallKind.SEND, tuple)
    faults.add([Rule(match=Match(), effect=Effect(kind=EffectKind.CODE))])

    assert len(faults.rules) == 1000


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (7, "faults must be a JSON array"),
        ([7], r"faults\[0\] must be a JSON object"),
        ([{}], r"faults\[0\].effect is missing"),
        ([{"effect": {}}], r"faults\[0\].effect must have exactly one of .* it has 0"),
        ([{"effect": {"code": 1, "drop": "after"}}], "it has 2"),
        ({"effect": {"code": 1}, "time": 1}, "faults: unknown time; there is match, effect, times"),
        ({"effect": {"code": True}}, "faults.effect.code must be a whole number or a string"),
        ({"effect": {"status": 200}}, "faults.effect.status must be a whole number, 300 to 599"),
        ({"effect": {"status": 503, "retry_after": -1}}, "faults.effect.retry_after must be a whole number, 0 or more"),
        ({"effect": {"code": 1, "retry_after": 1}}, "faults.effect.retry_after goes only with status"),
        ({"effect": {"status": 503, "message": "x"}}, "faults.effect.message goes only with code"),
        ({"effect": {"drop": "later"}}, "faults.effect.drop must be one of before, after"),
        ({"effect": {"hang": 3601}}, "faults.effect.hang must be a number, 0 to 3600"),
        ({"effect": {"hang": 1, "when": "now"}}, "faults.effect.when must be one of before, after"),
        ({"effect": {"garbage": "noise"}}, "faults.effect.garbage must be one of html, truncated, empty, types"),
        ({"effect": {"missing_item": 1}}, "faults.effect.missing_item must be true"),
        ({"effect": {"code": 1}, "times": -1}, "faults.times must be a whole number, 0 or more"),
        ({"effect": {"code": 1}, "probability": 1.1}, "faults.probability must be a number, 0 to 1"),
        ({"effect": {"code": 1}, "match": {"kind": "push"}}, "faults.match.kind must be one of auth, send"),
        ({"effect": {"code": 1}, "match": {"path": 1}}, "faults.match.path must be a string"),
    ],
)
def test_a_rule_that_cannot_be_taken_names_the_field(rule: object, words: str) -> None:
    with pytest.raises(UnusableFault, match=words):
        parse_rules(rule, where="faults")


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": {"latency_ms": 250.0}, "match": {"path": "auth", "kind": "auth"}},
        {"effect": {"status": 503, "when": "after", "retry_after": 3}, "match": {}},
        {"effect": {"hang": 30.0, "when": "before"}, "match": {}},
        {"effect": {"drop": "after"}, "match": {"registration_id": "CN_*"}},
        {"effect": {"code": "80000000", "message": "x"}, "match": {}},
        {"effect": {"garbage": "truncated", "when": "before"}, "match": {}},
        {"effect": {"missing_item": True}, "match": {}},
        {"effect": {"expire_token": True}, "match": {}},
    ],
)
def test_a_rule_is_shown_as_it_was_written(rule: Json) -> None:
    [parsed] = parse_rules([rule], where="faults")
    shown = rule_json(parsed)

    assert {"effect": shown["effect"], "match": shown["match"]} == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "the script is not JSON"),
        ("[]", "the script must be a JSON object"),
        ('{"seeds":1}', "unknown seeds; there is seed, faults"),
        ('{"seed":-1}', "seed must be a whole number"),
        ('{"faults":{"opo":[]}}', "faults: unknown opo; there is oppo"),
        ('{"faults":{"oppo":[{"effect":{"code":1.5}}]}}', r"faults.oppo\[0\].effect.code"),
        ('{"faults":{"oppo":{"effect":{"code":1}}}}', "faults.oppo must be a JSON array"),
    ],
)
def test_a_script_that_cannot_be_taken_names_the_field(text: str, words: str) -> None:
    with pytest.raises(UnusableFault, match=words):
        parse_script(text, ["oppo"])


class TestWithScript:
    @pytest.fixture
    def script(self) -> Script:
        return parse_script(
            '{"seed": 7, "faults": {"oppo": [{"match": {"kind": "send"}, "effect": {"code": 55}}]}}', ["oppo"]
        )

    async def test_a_scripts_rules_strike_from_the_start_and_again_after_a_reset(self, maker: Maker) -> None:
        codes = [(await maker.unicast(message()))["code"] for _ in range(2)]
        await maker.control("POST", "/reset")
        codes += [(await maker.unicast(message()))["code"] for _ in range(2)]

        assert codes == [55, 0, 55, 0]
