from __future__ import annotations

from urllib.parse import urlencode

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.sandbox.conftest import NOW
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call
from vendors.sandbox.xiaomi.fields import RESERVED

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# Near the truth, so that the later checks are reached as well.
PLAUSIBLE = TEXT | st.sampled_from(
    ["0", "1", "2", "3", "100001", "100002", "P10001", "{}", '{"k":"v"}', "https://a.b/c", "intent:#Intent;end", "[[["]
)
EXTRA = dict.fromkeys((f"extra.{name}" for name in RESERVED.keys() - {"notify_effect", "channel_id"}), PLAUSIBLE)
MESSAGE = st.fixed_dictionaries(
    {
        "registration_id": st.just("regA==") | PLAUSIBLE,
        "restricted_package_name": st.just("com.example.app"),
        "title": st.just("t") | TEXT,
        "description": st.just("d") | TEXT,
        "extra.notify_effect": st.sampled_from(["1", "2", "3"]) | TEXT,
        "extra.channel_id": st.just("100001") | PLAUSIBLE,
    },
    optional=dict.fromkeys(("payload", "notify_id", "time_to_live", "pass_through", "x"), PLAUSIBLE) | EXTRA,
)


def answer_to(body: bytes, headers: dict[str, str], path: str = "/v3/message/regid") -> dict[str, object]:
    xiaomi = mount(clock=lambda: NOW, nonce=lambda: "0" * 32)["xiaomi"]
    route = next(route for route in xiaomi.simulator.routes if route.path == path)
    call = Call(method="POST", path=route.path, headers=headers, body=body, plan=NO_FAULTS)
    route.targets(call)
    answer: dict[str, object] = orjson.loads(route.handle(call).body)
    for phone in xiaomi.world.inbox.page(0, 10):
        orjson.dumps(phone.as_json(xiaomi.simulator.show))
    counters = xiaomi.world.counters
    assert counters.targets == counters.delivered + counters.duplicates + counters.dead + counters.capped
    return answer


@given(message=MESSAGE)
@settings(max_examples=300, deadline=None)
def test_any_message_gets_an_answer_with_a_code(message: dict[str, str]) -> None:
    headers = {"Authorization": "key=sandbox-app-secret", "Content-Type": "application/x-www-form-urlencoded"}

    assert isinstance(answer_to(urlencode(message).encode(), headers)["code"], int)


@given(body=st.binary(max_size=200), secret=TEXT, content_type=TEXT)
@settings(max_examples=200, deadline=None)
def test_any_bytes_get_an_answer_with_a_code(body: bytes, secret: str, content_type: str) -> None:
    for headers in (
        {"Authorization": secret, "Content-Type": content_type},
        {"Authorization": "key=sandbox-app-secret"},
    ):
        assert isinstance(answer_to(body, headers)["code"], int)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | PLAUSIBLE,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXT, children, max_size=3),
    max_leaves=8,
)
ELEMENT = st.fixed_dictionaries(
    {
        "target": st.just("regA==") | JSON,
        "message": st.fixed_dictionaries(
            {
                "restricted_package_name": st.just("com.example.app"),
                "title": st.just("t") | JSON,
                "description": st.just("d"),
                "extra": st.just({"notify_effect": "1", "channel_id": "100001"}) | JSON,
            },
            optional={"notify_id": JSON, "time_to_live": JSON, "payload": JSON},
        )
        | JSON,
    }
)


@given(elements=st.lists(ELEMENT, max_size=3) | JSON)
@settings(max_examples=300, deadline=None)
def test_any_list_of_messages_gets_an_answer_with_a_code(elements: object) -> None:
    headers = {"Authorization": "key=sandbox-app-secret", "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"messages": orjson.dumps(elements, option=orjson.OPT_NON_STR_KEYS)}).encode()

    assert isinstance(answer_to(body, headers, "/v2/multi_messages/regids")["code"], int)
