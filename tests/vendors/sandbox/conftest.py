"""A sandbox on a free port, its clock, and requests written by hand from OPPO's page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import cast
from urllib.parse import urlencode

import aiohttp
import pytest

from vendors.sandbox.fault_script import Script
from vendors.sandbox.server import SandboxServer, mount, running

Json = dict[str, object]

NOW = 1_767_225_600.0  # 2026-01-01 00:00 UTC
FORM = "application/x-www-form-urlencoded"
SENDING = "/server/v1/message/notification"
PHONE = "CN_" + "a" * 32
OTHER_PHONE = "CN_" + "b" * 32


def notification(**fields: object) -> Json:
    """The least a notification has, and what a test adds; None takes a field away."""
    built = {"title": "Hi", "content": "你好", "category": "IM", "channel_id": "im", **fields}
    return {name: value for name, value in built.items() if value is not None}


def message(target: object = PHONE, /, **fields: object) -> Json:
    """What unicast sends, and one element of a batch."""
    return {"target_type": 2, "target_value": target, "notification": notification(**fields)}


def signature(app_key: str, timestamp: str, master_secret: str) -> str:
    """By section 1.2 of the page."""
    return sha256(f"{app_key}{timestamp}{master_secret}".encode()).hexdigest()


def sign_in(now: float = NOW, /, **fields: str) -> dict[str, str]:
    """The form of the demo app's sign-in."""
    stamp = str(int(now * 1000))
    form = {
        "app_key": "sandbox-app-key",
        "timestamp": stamp,
        "sign": signature("sandbox-app-key", stamp, "sandbox-master-secret"),
    }
    return {**form, **fields}


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Maker:
    """OPPO as a client sees it, and the control API."""

    server: SandboxServer
    http: aiohttp.ClientSession
    token: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: {"sdk_version": "JAVA_SDK_V1.1.0"})

    async def post(self, path: str, form: Mapping[str, str]) -> Json:
        """A call, which must be answered with HTTP 200 and JSON."""
        status, answer = await self.post_bytes(path, urlencode(form).encode())
        assert status == 200
        return answer

    async def post_bytes(self, path: str, body: bytes, content_type: str = FORM) -> tuple[int, Json]:
        headers = {"Content-Type": content_type}
        async with self.http.post(self.server.base_url("oppo") + path, data=body, headers=headers) as response:
            return response.status, cast("Json", await response.json())

    async def sign_in(self, now: float = NOW, /, **fields: str) -> Json:
        return await self.post("/server/v1/auth", sign_in(now, **fields))

    async def unicast(self, content: object, **form: str) -> Json:
        text = content if isinstance(content, str) else json.dumps(content)
        return await self.post(f"{SENDING}/unicast", {"auth_token": self.token, **self.extra, "message": text, **form})

    async def batch(self, messages: object, **form: str) -> Json:
        text = messages if isinstance(messages, str) else json.dumps(messages)
        fields = {"auth_token": self.token, **self.extra, "messages": text, **form}
        return await self.post(f"{SENDING}/unicast_batch", fields)

    async def save(self, **fields: str) -> Json:
        form = {"auth_token": self.token, **self.extra, "title": "Sale", "content": "Now", "category": "NEWS", **fields}
        return await self.post(f"{SENDING}/save_message_content", form)

    async def broadcast(self, **fields: str) -> Json:
        return await self.post(f"{SENDING}/broadcast", {"auth_token": self.token, **self.extra, **fields})

    async def control(self, method: str, path: str, content: object = None, *, status: int = 200) -> Json:
        """A call of the control API."""
        body = None if content is None else json.dumps(content)
        async with self.http.request(method, f"{self.server.url}/_control{path}", data=body) as response:
            assert response.status == status, await response.text()
            return cast("Json", await response.json())

    async def app(self, **fields: object) -> None:
        """Edits the demo app."""
        await self.control("POST", "/oppo/apps", {"app_key": "sandbox-app-key", **fields})

    async def fault(self, *rules: Json) -> None:
        await self.control("POST", "/oppo/faults", list(rules))

    async def counters(self) -> Json:
        return cast("Json", (await self.control("GET", "/counters"))["oppo"])

    async def bar(self, registration_id: str = PHONE) -> Sequence[Json]:
        """What stands on a phone."""
        return cast("Sequence[Json]", (await self.control("GET", f"/oppo/phones/{registration_id}"))["notifications"])

    async def violations(self) -> Sequence[Json]:
        return cast("Sequence[Json]", (await self.control("GET", "/oppo/violations"))["violations"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def script() -> Script:
    return Script(seed=7)


@pytest.fixture
async def stranger(clock: Clock, script: Script) -> AsyncIterator[Maker]:
    """A client that has not signed in."""
    nonces = count(1)
    mounted = mount(clock=clock, nonce=lambda: f"{next(nonces):032x}", script=script)
    async with running(mounted=mounted) as server, aiohttp.ClientSession() as http:
        yield Maker(server, http)


@pytest.fixture
async def maker(stranger: Maker) -> Maker:
    """A client with an access token."""
    answer = await stranger.sign_in()
    stranger.token = cast("str", cast("Json", answer["data"])["auth_token"])
    return stranger
