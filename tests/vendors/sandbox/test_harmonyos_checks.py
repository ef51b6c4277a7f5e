"""HarmonyOS's simulator without a socket: requests written by hand from the page, checks in their order."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.vendors.harmonyos_samples import KEY
from tests.vendors.sandbox.conftest import NOW, Clock
from vendors.sandbox import harmonyos
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, UnusableApp

SEND = "/v3/{project_id}/messages:send"
PROJECT = "100000000000000001"
AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
Json = dict[str, Any]


def message(
    *tokens: object, options: Mapping[str, object] | None = None, payload: Json | None = None, **fields: object
) -> Json:
    """The least a message has, and what a test adds; None takes a field away."""
    built = {"category": "IM", "title": "t", "body": "b", "clickAction": {"actionType": 0}, **fields}
    notification = {name: value for name, value in built.items() if value is not None}
    return {
        "payload": {"notification": notification, **(payload or {})},
        "target": {"token": list(tokens or ("T1",))},
        **({} if options is None else {"pushOptions": options}),
    }


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@cache
def key_of(pem: str) -> RSAPrivateKey:
    """Read once, as that takes a while."""
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


@dataclass
class Maker:
    """HarmonyOS as a client sees it."""

    mounted: Mounted
    clock: Clock

    def __post_init__(self) -> None:
        [demo] = self.mounted.simulator.apps()
        self.key_file: Json = json.loads(cast("str", demo["service_account"]))
        self.key = key_of(self.key_file["private_key"])

    def jwt(
        self,
        *,
        key: RSAPrivateKey | None = None,
        salt_bytes: int = 32,
        header: Mapping[str, object] | None = None,
        **payload: object,
    ) -> str:
        """By section 1.3 of the page, and what a test changes."""
        now = int(self.clock.now)
        head = {"kid": self.key_file["key_id"], "typ": "JWT", "alg": "PS256", **(header or {})}
        claims = {"aud": AUDIENCE, "iss": self.key_file["sub_account"], "exp": now + 3600, "iat": now, **payload}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt_bytes)
        return f"{signed}.{base64url((key or self.key).sign(signed.encode(), pss, hashes.SHA256()))}"

    def post(
        self, body: bytes, *, project: str = PROJECT, method: str = "POST", **changes: str | None
    ) -> tuple[int, Json]:
        """A call with the headers it must have, and what a test changes; None takes a header away."""
        own = {"Authorization": None, "push-type": "0", "Content-Type": "application/json"}
        if "Authorization" not in changes:
            own["Authorization"] = f"Bearer {self.jwt()}"
        headers = {name: value for name, value in {**own, **changes}.items() if value is not None}
        path = SEND.replace("{project_id}", project)
        route = self.mounted.simulator.routes[0]
        assert route.path == SEND
        call = Call(method=method, path=path, headers=headers, body=body, plan=NO_FAULTS)
        route.targets(call)
        answer = route.handle(call)
        return answer.status, orjson.loads(answer.body)

    def send(self, content: object, **changes: Any) -> tuple[int, Json]:
        return self.post(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), **changes)

    def code(self, content: object, **changes: Any) -> str:
        return str(self.send(content, **changes)[1]["code"])

    def app(self, **terms: object) -> None:
        self.mounted.simulator.put_app({"project_id": PROJECT, **terms})

    @property
    def last_field(self) -> str:
        return self.mounted.world.counters.recent[-1].field


def new_maker() -> Maker:
    clock = Clock()
    return Maker(mount(clock=clock, simulators={"harmonyos": harmonyos})["harmonyos"], clock)


@pytest.fixture
def maker() -> Iterator[Maker]:
    maker = new_maker()
    yield maker
    counters = maker.mounted.world.counters
    assert counters.targets == counters.delivered + counters.duplicates + counters.dead + counters.capped


def test_the_pages_worked_body_is_taken(maker: Maker) -> None:
    body = (
        '{"payload":{"notification":{"category":"IM","title":"t","body":"b","notifyId":12345,'
        '"clickAction":{"actionType":0,"data":{"k":"v"}}}},'
        '"target":{"token":["MAMz1","MAMz2"]},"pushOptions":{"ttl":86400,"testMessage":false}}'
    )

    status, answer = maker.post(body.encode())

    assert status == 200
    assert answer == {"code": "80000000", "msg": "Success", "requestId": "176722560000000000000001"}
    assert maker.mounted.world.counters.delivered == 2


# The JWT.


def test_the_key_file_has_the_members_of_the_page(maker: Maker) -> None:
    assert list(maker.key_file) == [
        "project_id",
        "key_id",
        "private_key",
        "sub_account",
        "auth_uri",
        "token_uri",
        "auth_provider_cert_uri",
        "client_cert_uri",
    ]
    assert maker.key_file["project_id"] == PROJECT
    assert maker.key_file["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n")
    assert maker.key.key_size == 2048


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer made-up",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c=",
        "Bearer W10.W10.W10",
        "Bearer e30.e30.e30",
        "Bearer " + "a" * 5000 + ".b.c",
    ],
)
def test_what_is_no_jwt_is_refused(maker: Maker, header: str | None) -> None:
    status, answer = maker.send(message(), Authorization=header)

    assert (status, answer["code"]) == (401, "80200001")
    assert maker.last_field == "Authorization"


@pytest.mark.parametrize(
    "changes",
    [
        {"header": {"alg": "RS256"}},
        {"header": {"alg": "none"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "another"}},
        {"header": {"kid": 7}},
        {"key": KEY},
        {"salt_bytes": 20},
        {"iss": "another"},
        {"iss": None},
        {"aud": "https://example.com/"},
        {"aud": [AUDIENCE]},
        {"iat": None},
        {"iat": str(int(NOW))},
        {"exp": NOW + 0.5},
        {"exp": int(NOW)},
        {"iat": int(NOW) + 301, "exp": int(NOW) + 3600},
    ],
)
def test_a_jwt_that_is_wrong_is_refused(maker: Maker, changes: Json) -> None:
    status, answer = maker.send(message(), Authorization=f"Bearer {maker.jwt(**changes)}")

    assert (status, answer["code"]) == (401, "80200001")


def test_a_scheme_other_than_bearer_is_refused(maker: Maker) -> None:
    assert maker.code(message(), Authorization=maker.jwt()) == "80200001"
    assert maker.code(message(), Authorization=f"bearer {maker.jwt()}") == "80200001"


@pytest.mark.parametrize(
    ("begins", "ends", "status", "code"),
    [
        (-3600, 0, 401, "80200005"),
        (-3600, 1, 200, "80000000"),
        (300, 3600, 200, "80000000"),
        (0, 86_400, 200, "80000000"),
        (0, 86_401, 400, "80300036"),
    ],
)
def test_a_jwt_is_good_from_iat_to_exp_and_at_most_a_day(
    maker: Maker, begins: int, ends: int, status: int, code: str
) -> None:
    jwt = maker.jwt(iat=int(NOW) + begins, exp=int(NOW) + ends)

    answered, answer = maker.send(message(), Authorization=f"Bearer {jwt}")

    assert (answered, answer["code"]) == (status, code)


def test_a_jwt_may_be_used_again_until_it_is_ended(maker: Maker) -> None:
    jwt = f"Bearer {maker.jwt()}"

    codes = [maker.code(message(), Authorization=jwt) for _ in range(2)]
    ended = maker.mounted.simulator.expire_tokens()

    assert (codes, ended) == (["80000000"] * 2, 1)
    assert maker.code(message(), Authorization=jwt) == "80200005"
    assert maker.code(message()) == "80000000"
    assert maker.mounted.world.counters.violations == 0


def test_a_key_is_for_its_own_project(maker: Maker) -> None:
    maker.mounted.simulator.put_app({"project_id": "2"})

    assert [maker.send(message(), project=project)[0] for project in ("2", "3", PROJECT)] == [401, 401, 200]


# Headers and body.


def test_another_method_is_not_found(maker: Maker) -> None:
    assert maker.post(b"", method="GET")[0] == 404


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"push-type": None}, "80100001"),
        ({"push-type": "6"}, "80100001"),
        ({"Content-Type": "text/plain"}, "80100003"),
        ({"Content-Type": "application/json; charset=UTF-8"}, "80000000"),
        ({"push-type": "6", "Authorization": "Bearer made-up"}, "80200001"),
    ],
)
def test_the_headers_are_checked(maker: Maker, headers: dict[str, str | None], code: str) -> None:
    assert maker.code(message(), **headers) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "80100003"),
        (b"{", "80100003"),
        (b"[]", "80100003"),
        (b"{}", "80100001"),
        (b'{"target":[]}', "80100001"),
        (b'{"target":{"token":"T1"}}', "80100001"),
        (b'{"target":{"token":[1]}}', "80100001"),
        (b'{"target":{"token":[]}}', "80300010"),
        (json.dumps({"target": {"token": [str(at) for at in range(1001)]}}).encode(), "80300010"),
        (b'{"target":{"token":["T1"]},"more":"' + b"x" * 4096 + b'"}', "80300008"),
        (b'{"target":{"token":["T1"]},"more":1}', "80100003"),
    ],
)
def test_json_tokens_and_size_come_before_the_fields(maker: Maker, body: bytes, code: str) -> None:
    status, answer = maker.post(body)

    assert (status, answer["code"]) == (400, code)


def test_the_tokens_do_not_count_against_the_size(maker: Maker) -> None:
    assert maker.code(message(*(f"{at:0500d}" for at in range(1000)))) == "80000000"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"target": {"token": ["T1"]}}, "payload"),
        ({"target": {"token": ["T1"]}, "payload": {}}, "payload.notification"),
        ({**message(), "message": {}}, "message"),
        ({**message(), "target": {"token": ["T1"], "topic": "a"}}, "target.topic"),
        (message(payload={"extraData": "x"}), "payload.extraData"),
        (message(category=None), "payload.notification.category"),
        (message(category="im"), "payload.notification.category"),
        (message(category="PLAY_VOICE"), "payload.notification.category"),
        (message(category=["IM"]), "payload.notification.category"),
        (message(title=None), "payload.notification.title"),
        (message(body=" "), "payload.notification.body"),
        (message(clickAction=None), "payload.notification.clickAction"),
        (message(click_action={"type": 3}), "payload.notification.click_action"),
        (message(notifyId="1"), "payload.notification.notifyId"),
        (message(notifyId=2**31), "payload.notification.notifyId"),
        (message(appMessageId="中"), "payload.notification.appMessageId"),
        (message(appMessageId="a" * 65), "payload.notification.appMessageId"),
        (message(image="http://example.com/a.png"), "payload.notification.image"),
        (message(style=2), "payload.notification.style"),
        (message(style=True), "payload.notification.style"),
        (message(style=1, bigTitle="t"), "payload.notification.bigBody"),
        (message(style=3), "payload.notification.inboxContent"),
        (message(style=3, inboxContent=["a"] * 4), "payload.notification.inboxContent"),
        (message(inboxContent=["a" * 1025]), "payload.notification.inboxContent"),
        (message(profileId="x" * 65), "payload.notification.profileId"),
        (message(badge={}), "payload.notification.badge"),
        (message(badge={"addNum": 0}), "payload.notification.badge.addNum"),
        (message(badge={"setNum": 100}), "payload.notification.badge.setNum"),
        (message(badge={"class": "a.B"}), "payload.notification.badge.class"),
        (message(soundDuration=3), "payload.notification.sound"),
        (message(sound="a.mp3", soundDuration=61), "payload.notification.soundDuration"),
        (message(foregroundShow=1), "payload.notification.foregroundShow"),
        (message(clickAction={}), "payload.notification.clickAction.actionType"),
        (message(clickAction={"actionType": 3}), "payload.notification.clickAction.actionType"),
        (message(clickAction={"actionType": 1}), "payload.notification.clickAction"),
        (message(clickAction={"actionType": 0, "uri": "a://b"}), "payload.notification.clickAction"),
        (message(clickAction={"actionType": 0, "url": "https://a"}), "payload.notification.clickAction.url"),
        (message(clickAction={"actionType": 0, "data": "{}"}), "payload.notification.clickAction.data"),
        (message(options={"testMessage": "true"}), "pushOptions.testMessage"),
        (message(options={"biTag": "题" * 22}), "pushOptions.biTag"),
        (message(options={"collapseKey": 101}), "pushOptions.collapseKey"),
        (message(options={"backgroundMode": 1}), "pushOptions.backgroundMode"),
    ],
)
def test_every_field_is_checked(maker: Maker, content: Json, name: str) -> None:
    status, answer = maker.send(content)

    assert (status, answer["code"]) == (400, "80100003")
    assert maker.last_field == name


@pytest.mark.parametrize("ttl", ["86400s", "86400", 0, 1_296_001, 1.5, True, None])
def test_a_ttl_out_of_its_range_has_a_code_of_its_own(maker: Maker, ttl: object) -> None:
    assert maker.code(message(options={"ttl": ttl})) == "80100004"


@pytest.mark.parametrize("click", [{"action": "com.x.A"}, {"uri": "a://b"}, {"action": "com.x.A", "uri": "a://b"}])
def test_a_page_may_be_named_by_action_or_uri(maker: Maker, click: Json) -> None:
    assert maker.code(message(clickAction={"actionType": 1, **click})) == "80000000"


# What the app may do, and what becomes of each token.


def test_a_test_message_has_few_tokens_and_a_quota(maker: Maker) -> None:
    maker.app(daily_test_limit=1)
    test = {"options": {"testMessage": True}}

    assert maker.code(message(*map(str, range(11)), **test)) == "80300030"
    assert [maker.code(message(**test)) for _ in range(2)] == ["80000000", "80300029"]
    maker.clock.now += 24 * 3600
    assert maker.code(message(**test)) == "80000000"


def test_too_fast_is_503_without_a_code(maker: Maker) -> None:
    maker.app(qps=1)

    assert maker.code(message()) == "80000000"
    assert maker.send(message()) == (503, {"msg": "flow control"})
    assert maker.mounted.world.counters.violations == 0


def test_a_refusal_may_come_with_http_200(maker: Maker) -> None:
    maker.app(errors_as_200=True)

    assert maker.send(message(title=None))[0] == 200
    assert maker.send(message(), Authorization=None)[0] == 200


def test_illegal_tokens_are_named_by_reason(maker: Maker) -> None:
    for token, answer in (("T2", 80300007), ("T3", 1), ("T4", None)):
        phone = maker.mounted.world.inbox.phone(token)
        phone.is_dead, phone.dead_answer = True, answer

    some = maker.send(message("T1", "T2", "T3", "T4", "no token"))
    none = maker.send(message("T2"))

    assert (some[0], some[1]["code"]) == (200, "80100000")
    assert json.loads(some[1]["msg"]) == {
        "illegalTokens": {"tokenFormatError": ["T2", "no token"], "countryNotSupport": ["T3"]},
        "success": 2,
        "failure": 3,
    }
    assert (none[0], none[1]["code"]) == (200, "80300007")
    assert json.loads(none[1]["msg"]) == {"illegalTokens": {"tokenFormatError": ["T2"]}, "failure": 1}
    assert (maker.mounted.world.counters.delivered, maker.mounted.world.counters.dead) == (1, 1)


def test_the_same_app_message_id_is_shown_once_on_each_phone(maker: Maker) -> None:
    for tokens in (["T1", "T1"], ["T1", "T2"]):
        assert maker.code(message(*tokens, appMessageId="a-1")) == "80000000"

    counters = maker.mounted.world.counters
    assert (counters.delivered, counters.duplicates) == (2, 2)


def test_without_an_app_message_id_a_token_that_stands_twice_gets_it_twice(maker: Maker) -> None:
    maker.send(message("T1", "T1"))

    assert maker.mounted.world.counters.delivered == 2


def test_the_same_notify_id_replaces(maker: Maker) -> None:
    same: Json = {"notifyId": 7}
    for fields in (same, same, {"notifyId": -1}, {}):
        maker.send(message(**fields))

    phone = maker.mounted.world.inbox.phone("T1")
    assert len(cast("list[object]", phone.as_json(maker.mounted.simulator.show)["notifications"])) == 3


def test_marketing_past_the_days_two_is_dropped_but_not_tests(maker: Maker) -> None:
    for _ in range(3):
        assert maker.code(message(category="MARKETING")) == "80000000"
    maker.send(message(category="MARKETING", options={"testMessage": True}))

    assert maker.mounted.world.counters.capped == 1
    assert maker.mounted.world.counters.delivered == 3


def test_without_the_right_every_category_is_marketing_and_no_error(maker: Maker) -> None:
    maker.app(may_classify=False, device_daily_cap=1)

    assert [maker.code(message()) for _ in range(2)] == ["80000000"] * 2
    assert maker.mounted.world.counters.capped == 1


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"project_id": "made-up"},
        {"project_id": 7},
        {"project_id": PROJECT, "no_field": 1},
        {"project_id": PROJECT, "service_account": "{}"},
        {"project_id": PROJECT, "qps": -1},
        {"project_id": PROJECT, "may_classify": 1},
    ],
)
def test_an_app_that_makes_no_sense_is_refused(maker: Maker, edit: Json) -> None:
    with pytest.raises(UnusableApp):
        maker.mounted.simulator.put_app(edit)


def test_a_new_app_comes_with_its_key_file_and_goes_with_a_reset(maker: Maker) -> None:
    shown = maker.mounted.simulator.put_app({"project_id": "2"})

    assert json.loads(cast("str", shown["service_account"]))["project_id"] == "2"
    maker.mounted.simulator.reset()
    assert [app["project_id"] for app in maker.mounted.simulator.apps()] == [PROJECT]
