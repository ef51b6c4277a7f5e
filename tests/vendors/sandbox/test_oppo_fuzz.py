from __future__ import annotations

import contextlib
from urllib.parse import parse_qsl, urlencode

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.sandbox.conftest import NOW, PHONE, SENDING, sign_in
from vendors.sandbox.faults import NO_FAULTS
from vendors.sandbox.oppo.codes import Refused
from vendors.sandbox.oppo.fields import FIELDS
from vendors.sandbox.oppo.form import FORM_TYPE, parse_form
from vendors.sandbox.server import mount
from vendors.sandbox.simulator import Call, Mounted, Route

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=60),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
# Near the truth, so that the later checks are reached as well.
PLAUSIBLE = JSON | st.sampled_from([0, 1, 2, 4, 5, 16, "IM", "NEWS", "https://a.b/c", "com.a.B", '{"k":"v"}', PHONE])
NOTIFICATION = st.fixed_dictionaries(
    {"title": st.just("t") | PLAUSIBLE, "content": st.just("c") | PLAUSIBLE},
    optional={name: PLAUSIBLE for name in FIELDS if name not in ("title", "content")},
)
MESSAGE = st.fixed_dictionaries(
    {"target_type": st.just(2) | PLAUSIBLE, "target_value": st.just(PHONE) | PLAUSIBLE, "notification": NOTIFICATION},
    optional={"verify_registration_id": PLAUSIBLE, "extra": PLAUSIBLE},
)


def signed_in() -> tuple[Mounted, dict[str, Route], str]:
    """OPPO without a socket, and an access token."""
    oppo = mount(clock=lambda: NOW, nonce=lambda: "token")["oppo"]
    routes = {route.path: route for route in oppo.simulator.routes}
    assert answer_to(routes, "/server/v1/auth", sign_in())["code"] == 0
    return oppo, routes, "token"


def answer_to(routes: dict[str, Route], path: str, form: dict[str, str]) -> dict[str, object]:
    return raw_answer_to(routes, path, urlencode(form).encode())


def raw_answer_to(routes: dict[str, Route], path: str, body: bytes) -> dict[str, object]:
    call = Call(method="POST", path=path, headers={"Content-Type": FORM_TYPE}, body=body, plan=NO_FAULTS)
    routes[path].targets(call)
    answer = routes[path].handle(call)
    assert answer.status == 200
    parsed: dict[str, object] = orjson.loads(answer.body)
    return parsed


@given(message=MESSAGE | st.dictionaries(st.text(), JSON))
@settings(max_examples=400)
def test_any_message_gets_an_answer_with_a_code(message: dict[str, object]) -> None:
    oppo, routes, token = signed_in()

    answer = answer_to(routes, f"{SENDING}/unicast", {"auth_token": token, "message": orjson.dumps(message).decode()})
    phone = oppo.world.inbox.find(PHONE)

    assert type(answer["code"]) is int
    assert answer["code"] in (0, 27, 40, 41, 67, 10000)
    if phone is not None:
        orjson.dumps(phone.as_json(oppo.simulator.show))


@given(messages=st.lists(MESSAGE | JSON, min_size=1, max_size=4))
def test_any_batch_gets_an_item_for_each_message(messages: list[object]) -> None:
    _, routes, token = signed_in()

    answer = answer_to(
        routes, f"{SENDING}/unicast_batch", {"auth_token": token, "messages": orjson.dumps(messages).decode()}
    )

    assert answer["code"] == 0
    assert isinstance(answer["data"], list)
    assert len(answer["data"]) == len(messages)


@given(fields=st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text() | st.integers().map(str)))
def test_any_stored_message_gets_an_answer_with_a_code(fields: dict[str, str]) -> None:
    _, routes, token = signed_in()

    form = {"title": "t", "content": "c", **fields, "auth_token": token}
    saved = answer_to(routes, f"{SENDING}/save_message_content", form)
    data = saved.get("data")
    message_id = str(data["message_id"]) if isinstance(data, dict) else "unknown"
    target = {"target_type": "2", "target_value": PHONE, "message_id": message_id}
    sent = answer_to(routes, f"{SENDING}/broadcast", {"auth_token": token, **target})

    assert type(saved["code"]) is int
    assert sent["code"] == (0 if saved["code"] == 0 else 31) or sent["code"] == 41


@given(
    body=st.binary(), path=st.sampled_from(["auth", "unicast", "unicast_batch", "save_message_content", "broadcast"])
)
def test_any_bytes_get_an_answer_with_a_code(body: bytes, path: str) -> None:
    _, routes, _ = signed_in()

    answer = raw_answer_to(routes, "/server/v1/auth" if path == "auth" else f"{SENDING}/{path}", body)

    assert type(answer["code"]) is int
    assert answer["code"] != 0


@given(form=st.dictionaries(st.text(), st.text()))
def test_a_form_is_read_as_urllib_writes_it(form: dict[str, str]) -> None:
    assert parse_form(FORM_TYPE, urlencode(form).encode()) == form


@given(body=st.text(alphabet="%=+&aF09cé\n"))
def test_a_form_is_never_read_otherwise_than_urllib_would(body: str) -> None:
    with contextlib.suppress(Refused):
        read = parse_form(FORM_TYPE, body.encode())

        # urllib drops empty pairs.
        expected = {name: value for name, value in read.items() if name or value}
        assert expected == {name: value for name, value in parse_qsl(body, keep_blank_values=True) if name or value}
