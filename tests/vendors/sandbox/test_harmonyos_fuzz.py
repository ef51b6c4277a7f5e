from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vendors.sandbox.test_harmonyos_checks import Maker, base64url, message, new_maker
from vendors.sandbox.harmonyos.fields import NOTIFICATION, PUSH_OPTIONS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
# Near the truth, so that the later checks are reached as well.
PLAUSIBLE = JSON | st.sampled_from(
    [0, 1, 3, 60, "IM", "MARKETING", "https://a.b/c", {"actionType": 0}, {"setNum": 1}, ["a"], True]
)
HEADER_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def assert_consistent(maker: Maker) -> None:
    for phone in maker.mounted.world.inbox.page(0, 10):
        orjson.dumps(phone.as_json(maker.mounted.simulator.show))
    counters = maker.mounted.world.counters
    assert counters.targets == counters.delivered + counters.duplicates + counters.dead + counters.capped


@given(
    fields=st.dictionaries(st.sampled_from(sorted(NOTIFICATION)) | st.text(max_size=10), PLAUSIBLE, max_size=4),
    options=st.dictionaries(st.sampled_from(sorted(PUSH_OPTIONS)) | st.text(max_size=10), PLAUSIBLE, max_size=4),
    token=JSON | st.just("T1"),
)
@settings(max_examples=300)
def test_any_message_gets_an_answer_with_a_code(
    fields: dict[str, object], options: dict[str, object], token: object
) -> None:
    maker = new_maker()
    content = message(token)
    content["payload"]["notification"] |= fields

    _, answer = maker.post(orjson.dumps({**content, "pushOptions": options}))

    codes = {"80000000", "80100001", "80100003", "80100004", "80300007", "80300008"}
    assert answer["code"] in codes
    assert_consistent(maker)


@given(body=st.binary() | JSON.map(orjson.dumps))
def test_any_bytes_get_an_answer_with_a_code(body: bytes) -> None:
    maker = new_maker()

    status, answer = maker.post(body)

    assert status == 400
    assert answer["code"] in ("80100001", "80100003", "80300008")


@given(
    parts=st.lists(st.binary(max_size=30).map(base64url) | JSON.map(orjson.dumps).map(base64url), max_size=4)
    | st.lists(HEADER_TEXT, max_size=4),
    scheme=st.just("Bearer ") | HEADER_TEXT,
)
def test_any_authorization_is_refused_with_a_code(parts: list[str], scheme: str) -> None:
    status, answer = new_maker().send(message(), Authorization=scheme + ".".join(parts))

    assert (status, answer["code"]) == (401, "80200001")


@given(
    header=st.dictionaries(st.sampled_from(["alg", "typ", "kid"]), JSON, max_size=3),
    payload=st.dictionaries(st.sampled_from(["aud", "iss", "iat", "exp"]), PLAUSIBLE, min_size=1, max_size=4),
)
def test_any_signed_claims_get_an_answer_with_a_code(header: dict[str, object], payload: dict[str, Any]) -> None:
    maker = new_maker()

    _, answer = maker.send(message(), Authorization=f"Bearer {maker.jwt(header=header, **payload)}")

    assert answer["code"] in ("80000000", "80200001", "80200005", "80300036")
    assert_consistent(maker)
