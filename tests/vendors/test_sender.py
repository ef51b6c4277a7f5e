from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import aiohttp
import pytest
from aiohttp import test_utils, web
from hypothesis import given, settings
from hypothesis import strategies as st

from vendors.access_tokens import AccountKey, AnyAccount
from vendors.contract import (
    PAUSE,
    AccessToken,
    Category,
    ClickAction,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Notification,
    Pause,
    Push,
)
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    Unavailable,
    Withdrawn,
)
from vendors.sender import Sender, open_session, under

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MIB = 1 << 20

WORDS: dict[str, Outcome] = {
    "taken": Accepted(),
    "stale": AccessTokenExpired(vendor_code="11", vendor_reason="invalid auth token"),
    "refused": MessageRejected(vendor_code="20", whole_call=True),
}
Exchange = Generator[HttpRequest | Pause, HttpResponse, Sequence[Outcome]]
Answer = Callable[[web.Request, list[str]], Awaitable[web.StreamResponse]]


def send_request(pushes: Sequence[Push], access_token: AccessToken | None, path: str = "/send") -> HttpRequest:
    return HttpRequest(
        url=f"https://vendor.example{path}",
        body=" ".join(push.registration_id for push in pushes).encode(),
        headers={"authorization": access_token.value if access_token else ""},
    )


class StubVendor:
    """Posts registration ids, is answered one word for each, or one for all of them."""

    NAME = "stub"

    def __init__(self) -> None:
        self.has_sign_in = True
        self.pauses = 0
        self.seen: list[HttpResponse] = []

    def auth_request(self, _: object, *, now: datetime) -> HttpRequest | None:
        assert now == NOW
        return HttpRequest(url="https://vendor.example/auth", body=b"", headers={}) if self.has_sign_in else None

    def parse_auth(self, response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
        if response.status != 200:
            return CredentialRejected(vendor_code=str(response.status))
        return AccessToken(
            value=response.body.decode(), refresh_at=now + timedelta(hours=1), expires_at=now + timedelta(hours=2)
        )

    def exchange(
        self, pushes: Sequence[Push], _: object, access_token: AccessToken | None, *, now: datetime
    ) -> Exchange:
        assert now == NOW
        for _pause in range(self.pauses):
            yield PAUSE
        response = yield send_request(pushes, access_token)
        self.seen.append(response)
        words = response.body.decode().split()
        if response.status != 200:
            return [MessageRejected(vendor_code=str(response.status))] * len(pushes)
        return [WORDS[word] for word in (words if len(words) > 1 else words * len(pushes))]


class VendorServer:
    """A vendor on loopback that answers as a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.sign_ins = 0
        self.sends: list[list[str]] = []
        self.requests: list[str] = []
        self.received: Counter[str] = Counter()
        self.may_end = asyncio.Event()
        self.answer: Answer = self.taken

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        registration_ids = (await request.read()).decode("latin-1").split()
        if request.path.endswith("/auth"):
            self.sign_ins += 1
            return web.Response(text=f"token-{self.sign_ins}")
        self.sends.append(registration_ids)
        return await self.answer(request, registration_ids)

    async def taken(self, _: web.Request, registration_ids: list[str]) -> web.StreamResponse:
        self.received.update(registration_ids)
        return web.Response(text="taken")


class MemoryTokens:
    def __init__(self) -> None:
        self.kept: dict[AccountKey, AccessToken] = {}

    async def load(self, key: AccountKey) -> AccessToken | None:
        return self.kept.get(key)

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        self.kept[key] = token

    async def forget(self, key: AccountKey) -> None:
        self.kept.pop(key, None)


class Account:
    """An account of the stub vendor at some address."""

    def __init__(self, vendor: object, base_url: str) -> None:
        self.key = (7, 1)
        self.vendor = vendor
        self.credential = None
        self.base_url = base_url


class Line:
    """A sender, a vendor and the plug-in between them."""

    def __init__(self, server: VendorServer, url: str, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.vendor = StubVendor()
        self.account = cast("AnyAccount", Account(self.vendor, url))
        self.tokens = MemoryTokens()
        self.in_a_pause: Callable[[], None] = lambda: None
        self.sender = Sender(session, self.tokens, lambda: NOW, pause=self.pause)

    async def pause(self) -> None:
        self.in_a_pause()

    async def send(
        self, *registration_ids: str, withdrawn: Callable[[], Collection[int]] = lambda: ()
    ) -> Sequence[Outcome]:
        access_token = await self.sender.access_token(self.account)
        assert not isinstance(access_token, Outcome)
        return await self.sender.send(
            self.account, [push(each) for each in registration_ids], access_token, withdrawn=withdrawn
        )


def replace_host(account: AnyAccount, host: str) -> AnyAccount:
    return cast("AnyAccount", Account(account.vendor, account.base_url.replace("127.0.0.1", host)))


@asynccontextmanager
async def connected(timeout_seconds: float = 5) -> AsyncIterator[Line]:
    server = VendorServer()
    app = web.Application(client_max_size=10 * MIB)
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with test_utils.TestServer(app) as running, open_session() as session:
        session._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        yield Line(server, str(running.make_url("")).rstrip("/"), session)
        server.may_end.set()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with connected() as each:
        yield each


def push(registration_id: str) -> Push:
    return Push(
        registration_id=registration_id,
        notification=Notification(title="Hi", body="text"),
        click_action=ClickAction(),
        channel_id="",
        category=Category.IM,
        options={},
        dedup_id="0" * 32,
        expires_at=NOW + timedelta(hours=1),
    )


def answering(text: str, status: int = 200) -> Answer:
    async def answer(_: web.Request, __: list[str]) -> web.StreamResponse:
        return web.Response(text=text, status=status)

    return answer


async def test_a_batch_is_handed_over_with_a_token_and_each_push_gets_its_outcome(line: Line) -> None:
    line.server.answer = answering("taken refused taken")

    outcomes = await line.send("a", "b", "c")

    assert outcomes == [Accepted(), MessageRejected(vendor_code="20", whole_call=True), Accepted()]
    assert line.server.requests == ["POST /auth", "POST /send"]
    assert line.server.sends == [["a", "b", "c"]]


async def test_what_the_plug_in_asked_for_reaches_the_vendor_and_its_answer_the_plug_in(line: Line) -> None:
    def exchange(pushes: Sequence[Push], *_: object, **__: object) -> Exchange:
        response = yield HttpRequest(
            url="https://vendor.example/v3/x?app=1&b=%20", body=b"\x00\xff", headers={"x-made-up": "1"}, method="PUT"
        )
        line.vendor.seen.append(response)
        return [Accepted()] * len(pushes)

    async def echo(request: web.Request, _: list[str]) -> web.StreamResponse:
        return web.Response(body=b"\xff\x00", status=202, headers={"X-Echo": request.headers["x-made-up"]})

    line.vendor.exchange = exchange  # type: ignore[method-assign]  # a plug-in of this test's own
    line.server.answer = echo

    await line.send("a")

    assert line.server.requests[1:] == ["PUT /v3/x?app=1&b=%20"]
    assert line.server.sends == [["\x00\xff"]]
    [seen] = line.vendor.seen
    assert (seen.status, seen.body, seen.headers["x-echo"]) == (202, b"\xff\x00", "1")


async def test_a_token_that_expires_in_mid_stream_costs_one_sign_in_and_one_resend(line: Line) -> None:
    async def answer(request: web.Request, registration_ids: list[str]) -> web.StreamResponse:
        is_stale = request.headers["authorization"] == "token-1"
        return web.Response(text="stale") if is_stale else await line.server.taken(request, registration_ids)

    line.server.answer = answer

    assert await line.send("a", "b") == [Accepted(), Accepted()]
    assert await line.send("c") == [Accepted()]
    assert line.server.sends == [["a", "b"], ["a", "b"], ["c"]]
    assert line.server.sign_ins == 2
    assert line.tokens.kept[7, 1].value == "token-2"


async def test_only_those_whose_token_was_refused_are_sent_again(line: Line) -> None:
    answers = iter(["taken stale taken", "taken"])

    async def answer(_: web.Request, __: list[str]) -> web.StreamResponse:
        return web.Response(text=next(answers))

    line.server.answer = answer

    assert await line.send("a", "b", "c") == [Accepted()] * 3
    assert line.server.sends == [["a", "b", "c"], ["b"]]


async def test_a_second_refusal_of_the_token_is_the_certs_fault(line: Line) -> None:
    line.server.answer = answering("stale")

    outcomes = await line.send("a")

    assert outcomes == [
        CredentialRejected(
            vendor_code="11",
            vendor_reason="invalid auth token",
            advice="the vendor refuses access tokens it has just given out; check the account in its console",
        )
    ]
    assert line.server.sign_ins == 2
    assert line.server.sends == [["a"], ["a"]]


async def test_a_sign_in_that_fails_in_mid_stream_says_why(line: Line) -> None:
    async def answer(_: web.Request, __: list[str]) -> web.StreamResponse:
        line.vendor.parse_auth = lambda *_, **__: CredentialRejected(vendor_code="15")  # type: ignore[method-assign]
        return web.Response(text="stale")

    line.server.answer = answer

    assert await line.send("a", "b") == [CredentialRejected(vendor_code="15")] * 2


async def test_a_hundred_batches_refused_at_once_sign_in_once_more(line: Line) -> None:
    async def answer(request: web.Request, registration_ids: list[str]) -> web.StreamResponse:
        is_stale = request.headers["authorization"] == "token-1"
        return web.Response(text="stale") if is_stale else await line.server.taken(request, registration_ids)

    line.server.answer = answer

    outcomes = await asyncio.gather(*(line.send(str(n)) for n in range(100)))

    assert outcomes == [[Accepted()]] * 100
    assert line.server.sign_ins == 2


async def test_a_vendor_without_a_sign_in_that_calls_a_token_stale_refuses_the_cert(line: Line) -> None:
    line.vendor.has_sign_in = False
    line.server.answer = answering("stale")

    [outcome] = await line.send("a")

    assert isinstance(outcome, CredentialRejected)
    assert line.server.requests == ["POST /send"]


@settings(max_examples=30, deadline=None)
@given(count=st.integers(min_value=1, max_value=17), guilty=st.sets(st.integers(min_value=0, max_value=16), max_size=3))
def test_of_a_batch_refused_as_a_whole_the_innocent_are_delivered_exactly_once(count: int, guilty: set[int]) -> None:
    registration_ids = [f"phone-{at}" for at in range(count)]
    culprits = {f"phone-{at}" for at in guilty if at < count}

    async def sent() -> tuple[Sequence[Outcome], Counter[str]]:
        async with connected() as line:

            async def answer(request: web.Request, batch: list[str]) -> web.StreamResponse:
                is_refused = culprits.intersection(batch)
                return web.Response(text="refused") if is_refused else await line.server.taken(request, batch)

            line.server.answer = answer
            return await line.send(*registration_ids), line.server.received

    outcomes, received = asyncio.run(sent())

    assert received == {each: 1 for each in registration_ids if each not in culprits}
    for registration_id, outcome in zip(registration_ids, outcomes, strict=True):
        expected = WORDS["refused"] if registration_id in culprits else WORDS["taken"]
        assert outcome == expected


async def test_a_withdrawn_push_never_leaves(line: Line) -> None:
    outcomes = await line.send("a", "b", "c", withdrawn=lambda: {1})

    assert outcomes == [Accepted(), Withdrawn(), Accepted()]
    assert line.server.sends == [["a", "c"]]


async def test_a_batch_withdrawn_as_a_whole_asks_the_vendor_nothing(line: Line) -> None:
    assert await line.send("a", "b", withdrawn=lambda: {0, 1}) == [Withdrawn(), Withdrawn()]
    assert line.server.sends == []


async def test_a_push_withdrawn_while_its_batch_is_split_or_renewed_leaves_no_more(line: Line) -> None:
    withdrawn: set[int] = set()
    answers = iter(["refused", "stale", "taken"])

    async def answer(_: web.Request, __: list[str]) -> web.StreamResponse:
        withdrawn.add(len(line.server.sends) - 1)
        return web.Response(text=next(answers))

    line.server.answer = answer

    outcomes = await line.send("a", "b", "c", "d", withdrawn=lambda: withdrawn)

    assert line.server.sends == [["a", "b", "c", "d"], ["b"], ["c", "d"]]
    assert outcomes == [Withdrawn(), Withdrawn(), Accepted(), Accepted()]


async def test_an_exchange_may_pause_before_its_call_leaves(line: Line) -> None:
    line.vendor.pauses = 3
    sends_before: list[int] = []
    line.in_a_pause = lambda: sends_before.append(len(line.server.sends))

    assert await line.send("a") == [Accepted()]
    assert sends_before == [0, 0, 0]


async def test_what_is_withdrawn_in_a_pause_does_not_leave(line: Line) -> None:
    line.vendor.pauses = 2
    withdrawn: set[int] = set()
    line.in_a_pause = lambda: withdrawn.add(1)

    outcomes = await line.send("a", "b", "c", withdrawn=lambda: withdrawn)

    assert outcomes == [Accepted(), Withdrawn(), Accepted()]
    assert line.server.sends == [["a", "c"]]


async def test_a_batch_of_which_all_is_withdrawn_in_a_pause_asks_the_vendor_nothing(line: Line) -> None:
    line.vendor.pauses = 1
    withdrawn: set[int] = set()
    line.in_a_pause = lambda: withdrawn.update({0, 1})

    assert await line.send("a", "b", withdrawn=lambda: withdrawn) == [Withdrawn(), Withdrawn()]
    assert line.server.sends == []


async def test_what_is_withdrawn_in_a_pause_after_a_call_left_is_not_sent_twice(line: Line) -> None:
    withdrawn: set[int] = set()

    def exchange(pushes: Sequence[Push], _: object, access_token: AccessToken | None, *, now: datetime) -> Exchange:
        for each in pushes:
            yield send_request([each], access_token)
            yield PAUSE
        assert now == NOW
        return [Accepted()] * len(pushes)

    line.vendor.exchange = exchange  # type: ignore[method-assign]
    line.in_a_pause = lambda: withdrawn.add(1)

    assert await line.send("a", "b", withdrawn=lambda: withdrawn) == [Accepted(), Accepted()]
    assert line.server.sends == [["a"], ["b"]]


async def test_a_refused_connection_is_known_not_to_have_arrived() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with open_session() as session:
        line = Line(VendorServer(), address, session)
        line.vendor.has_sign_in = False

        [outcome] = await line.send("a")

        assert isinstance(outcome, Unavailable)
        assert not outcome.ambiguous
        assert "Cannot connect" in outcome.vendor_reason
        assert outcome.advice == "no answer from the vendor; it is tried again by itself"
        line.vendor.has_sign_in = True
        assert isinstance(await line.sender.sign_in(line.account), Unavailable)


async def hang_up(request: web.Request, _: list[str]) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stop_half_way(request: web.Request, _: list[str]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"taken")
    assert request.transport is not None
    request.transport.close()
    return response


async def nonsense(request: web.Request, _: list[str]) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
    request.transport.close()
    return web.Response()


async def false_gzip(_: web.Request, __: list[str]) -> web.StreamResponse:
    return web.Response(body=b"taken, but not packed", headers={"Content-Encoding": "gzip"})


async def two_mebibytes(_: web.Request, __: list[str]) -> web.StreamResponse:
    return web.Response(body=b"x" * 2 * MIB)


@pytest.mark.parametrize("fault", [hang_up, stop_half_way, nonsense, false_gzip, two_mebibytes])
async def test_a_request_without_a_usable_answer_may_have_been_taken(line: Line, fault: Answer) -> None:
    line.server.answer = fault

    outcomes = await line.send("a", "b")

    assert len(line.server.sends) == 1
    for outcome in outcomes:
        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous
        assert outcome.vendor_reason
    line.server.answer = line.server.taken
    assert await line.send("a") == [Accepted()]


async def test_a_vendor_that_hangs_is_left_when_the_time_is_over() -> None:
    async with connected(timeout_seconds=0.1) as line:
        line.vendor.has_sign_in = False

        async def hang(_: web.Request, __: list[str]) -> web.StreamResponse:
            await line.server.may_end.wait()
            return web.Response()

        line.server.answer = hang

        [outcome] = await asyncio.wait_for(line.send("a"), 5)

        assert isinstance(outcome, Unavailable)
        assert outcome.ambiguous
        assert outcome.advice == "no answer from the vendor; it is tried again by itself"


async def test_an_answer_of_just_the_limit_is_read_and_one_byte_more_is_not(line: Line) -> None:
    line.server.answer = answering("x" * MIB, status=500)
    assert await line.send("a") == [MessageRejected(vendor_code="500")]

    line.server.answer = answering("x" * (MIB + 1), status=500)
    assert await line.send("a") == [
        Unavailable(vendor_reason="the answer is longer than 1048576 bytes", ambiguous=True)
    ]


async def test_an_answer_that_unpacks_without_end_costs_little_memory(line: Line) -> None:
    bomb = gzip.compress(bytes(96 * MIB), compresslevel=1)

    async def answer(_: web.Request, __: list[str]) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    line.server.answer = answer
    tracemalloc.start()
    try:
        [outcome] = await line.send("a")
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(outcome, Unavailable)
    assert outcome.ambiguous
    assert most_bytes < 16 * MIB


async def test_a_redirect_is_an_answer_and_not_followed(line: Line) -> None:
    async def elsewhere(_: web.Request, __: list[str]) -> web.StreamResponse:
        raise web.HTTPFound("/elsewhere")

    line.server.answer = elsewhere

    assert await line.send("a") == [MessageRejected(vendor_code="302")]
    assert line.server.requests == ["POST /auth", "POST /send"]
    assert line.vendor.seen[0].headers["location"] == "/elsewhere"


async def test_a_vendors_cookies_are_not_kept(line: Line) -> None:
    cookies: list[str | None] = []

    async def answer(request: web.Request, _: list[str]) -> web.StreamResponse:
        cookies.append(request.headers.get("cookie"))
        return web.Response(text="taken", headers={"Set-Cookie": "a=b; Path=/"})

    line.server.answer = answer
    # No client keeps the cookies of a bare address.
    line.account = replace_host(line.account, "localhost")
    await line.send("a")
    await line.send("b")

    assert cookies == [None, None]


async def test_a_plug_in_that_raises_before_its_request_spoils_only_the_push_at_fault(line: Line) -> None:
    ours = line.vendor.exchange

    def exchange(pushes: Sequence[Push], _: object, access_token: AccessToken | None, *, now: datetime) -> Exchange:
        if any(push.registration_id == "c" for push in pushes):
            raise ValueError("c is odd")
        return (yield from ours(pushes, None, access_token, now=now))

    line.vendor.exchange = exchange  # type: ignore[method-assign]  # a plug-in of this test's own

    outcomes = await line.send("a", "b", "c", "d")

    assert outcomes == [
        Accepted(),
        Accepted(),
        MessageRejected(
            vendor_reason="the stub plug-in failed: ValueError: c is odd",
            advice="report it to the plug-in's author",
            whole_call=True,
        ),
        Accepted(),
    ]
    assert line.server.received == {"a": 1, "b": 1, "d": 1}


def raising(response: HttpResponse, _: Sequence[Push]) -> Sequence[Outcome]:
    raise KeyError(response.status)


def too_few(_: HttpResponse, pushes: Sequence[Push]) -> Sequence[Outcome]:
    return [Accepted()] * (len(pushes) - 1)


def nothing(_: HttpResponse, __: Sequence[Push]) -> Sequence[Outcome]:
    return cast("Sequence[Outcome]", None)


@pytest.mark.parametrize(
    ("classify", "words"),
    [
        (raising, "the stub plug-in failed: KeyError: 200"),
        (too_few, "the stub plug-in failed: ValueError: 1 outcomes for 2 pushes"),
        (nothing, "the stub plug-in failed: ValueError: 0 outcomes for 2 pushes"),
    ],
)
async def test_a_plug_in_that_fails_after_its_request_leaves_the_outcome_unknown(
    line: Line, classify: Callable[[HttpResponse, Sequence[Push]], Sequence[Outcome]], words: str
) -> None:
    def exchange(pushes: Sequence[Push], _: object, access_token: AccessToken | None, *, now: datetime) -> Exchange:
        assert now == NOW
        response = yield send_request(pushes, access_token)
        return classify(response, pushes)

    line.vendor.exchange = exchange  # type: ignore[method-assign]  # a plug-in of this test's own

    outcomes = await line.send("a", "b")

    expected = Unavailable(vendor_reason=words, advice="report it to the plug-in's author", ambiguous=True)
    assert outcomes == [expected, expected]
    assert line.server.sends == [["a", "b"]]


async def test_a_plug_in_of_two_steps_keeps_what_the_first_achieved_when_the_second_gets_no_answer(line: Line) -> None:
    def exchange(pushes: Sequence[Push], _: object, access_token: AccessToken | None, *, now: datetime) -> Exchange:
        assert now == NOW
        outcomes: list[Outcome] = []
        for each in pushes:
            try:
                yield send_request([each], access_token)
            except NoResponse as failure:
                outcomes.append(failure.outcome)
            else:
                outcomes.append(Accepted())
        return outcomes

    async def answer(request: web.Request, registration_ids: list[str]) -> web.StreamResponse:
        step = hang_up if registration_ids == ["b"] else line.server.taken
        return await step(request, registration_ids)

    line.vendor.exchange = exchange  # type: ignore[method-assign]  # a plug-in of this test's own
    line.server.answer = answer

    first, second, third = await line.send("a", "b", "c")

    assert (first, third) == (Accepted(), Accepted())
    assert isinstance(second, Unavailable)
    assert second.ambiguous


async def test_a_sign_in_to_see_what_the_vendor_says_is_not_kept(line: Line) -> None:
    said = await line.sender.sign_in(line.account)

    assert isinstance(said, AccessToken)
    assert said.value == "token-1"
    assert line.tokens.kept == {}
    got = await line.sender.access_token(line.account)
    assert isinstance(got, AccessToken)
    assert got.value == "token-2"


@pytest.mark.parametrize(
    ("base_url", "url", "moved"),
    [
        ("", "https://vendor.example/a?b=1", "https://vendor.example/a?b=1"),
        ("http://127.0.0.1:9090/oppo", "https://vendor.example/a/b", "http://127.0.0.1:9090/oppo/a/b"),
        ("http://127.0.0.1:9090/oppo/", "https://vendor.example/a", "http://127.0.0.1:9090/oppo/a"),
        ("https://proxy.example", "http://vendor.example:8080/a?b=%2F&c", "https://proxy.example/a?b=%2F&c"),
        ("https://proxy.example", "https://vendor.example", "https://proxy.example"),
        ("https://proxy.example", "https://vendor.example?b=1", "https://proxy.example?b=1"),
    ],
)
def test_a_base_url_takes_the_place_of_the_vendors_host_and_nothing_else(base_url: str, url: str, moved: str) -> None:
    assert under(base_url, url) == moved
