from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.sandbox.test_vivo_checks import OTHER_PHONE, PHONE, Maker, message
from vendors.sandbox.vivo.lists import KEYS as LIST_KEYS
from vendors.sandbox.vivo.message import KEYS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=60),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
# Near the truth, so that the later checks are reached as well.
PLAUSIBLE = JSON | st.sampled_from([0, 1, 2, 4, 60, "IM", "NEWS", "https://a.b/c", "com.a.B", {"k": "v"}, PHONE])


def signed_in() -> Maker:
    maker = Maker()
    maker.token = str(maker.sign_in()["authToken"])
    return maker


@given(fields=st.dictionaries(st.sampled_from(sorted(KEYS)) | st.text(max_size=10), PLAUSIBLE, max_size=4))
@settings(max_examples=400)
def test_any_message_gets_an_answer_with_a_code(fields: dict[str, object]) -> None:
    maker = signed_in()

    status, answer = maker.post_bytes("/message/send", orjson.dumps({**message(), **fields}))

    assert type(answer["result"]) is int
    assert status in (200, 400)
    for phone in maker.world.inbox.page(0, 10):
        orjson.dumps(phone.as_json(maker.simulator.show))


@given(fields=st.dictionaries(st.sampled_from(sorted(KEYS)) | st.text(max_size=10), PLAUSIBLE, max_size=4))
def test_any_message_to_save_gets_an_answer_with_a_code(fields: dict[str, object]) -> None:
    maker = signed_in()

    status, answer = maker.post_bytes("/message/saveListPayload", orjson.dumps({**message(regId=None), **fields}))

    assert type(answer["result"]) is int
    assert ("taskId" in answer) == (answer["result"] == 0)
    assert status in (200, 400)


TARGETS = st.lists(st.sampled_from([PHONE, OTHER_PHONE, "a", "", "a b"]) | JSON, max_size=4)


@given(
    fields=st.dictionaries(st.sampled_from(sorted(LIST_KEYS)) | st.text(max_size=10), PLAUSIBLE | TARGETS, max_size=3)
)
@settings(max_examples=400)
def test_any_push_to_a_list_gets_an_answer_with_a_code(fields: dict[str, object]) -> None:
    maker = signed_in()
    task_id = maker.save()["taskId"]
    given_fields = {"regIds": [PHONE, OTHER_PHONE], "taskId": task_id, "requestId": "r-2", **fields}

    status, answer = maker.post_bytes("/message/pushToList", orjson.dumps(given_fields))

    assert type(answer["result"]) is int
    assert status in (200, 400)
    for phone in maker.world.inbox.page(0, 10):
        orjson.dumps(phone.as_json(maker.simulator.show))


@given(fields=st.dictionaries(st.sampled_from(["appId", "appKey", "timestamp", "sign"]), JSON))
def test_any_sign_in_gets_an_answer_with_a_code(fields: dict[str, object]) -> None:
    answer = Maker().post_bytes("/message/auth", orjson.dumps(fields))[1]

    assert type(answer["result"]) is int
    assert answer["result"] != 0


@given(body=st.binary())
def test_any_bytes_get_an_answer_with_a_code(body: bytes) -> None:
    maker = signed_in()

    for path in maker.routes:
        status, answer = maker.post_bytes(path, body)
        assert type(answer["result"]) is int
        assert answer["result"] != 0
        assert status in (200, 400)
