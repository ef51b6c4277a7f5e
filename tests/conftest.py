"""Real servers for tests: the sandbox on loopback, the service on a file of its own, a clock that tests turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import hypothesis
import pytest

from pushsvc import app
from pushsvc.settings import Settings
from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from vendors.sandbox import server as sandbox_server

# How long an example takes says more of the machine than of the code; `--hypothesis-profile=thorough` looks longer.
hypothesis.settings.register_profile("pushsvc", deadline=None)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=7_000)
if hypothesis.settings.get_current_profile_name() != "thorough":
    hypothesis.settings.load_profile("pushsvc")

PHONE_A = "CN_0123456789abcdef0123456789abcdef"
PHONE_B = "CN_fedcba9876543210fedcba9876543210"
CREDENTIAL = {"app_key": "sandbox-app-key", "master_secret": "sandbox-master-secret"}


class Clock:
    """The time, as tests turn it; starts at the real one, in whole seconds, so that the sandbox agrees with it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Sandbox:
    """The sandbox, through its control API."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self._http = http

    async def _get(self, path: str) -> Any:
        async with self._http.get(f"{self.url}/_control{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def _post(self, path: str, body: object) -> None:
        async with self._http.post(f"{self.url}/_control{path}", json=body) as response:
            assert response.status == 200, await response.text()

    async def counters(self, vendor: str = "oppo") -> dict[str, Any]:
        return dict((await self._get("/counters"))[vendor])

    async def phone(self, registration_id: str, vendor: str = "oppo") -> dict[str, Any]:
        return dict(await self._get(f"/{vendor}/phones/{registration_id}"))

    async def bar(self, registration_id: str, vendor: str = "oppo") -> list[dict[str, Any]]:
        return list((await self.phone(registration_id, vendor))["notifications"])

    async def apps(self, vendor: str = "oppo") -> list[dict[str, Any]]:
        return list((await self._get(f"/{vendor}/apps"))["apps"])

    async def fault(self, vendor: str = "oppo", /, **rule: object) -> None:
        await self._post(f"/{vendor}/faults", [rule])

    async def demo(self, vendor: str) -> dict[str, Any]:
        return dict(await self._get(f"/{vendor}/demo"))

    async def clear_faults(self, vendor: str = "oppo") -> None:
        async with self._http.delete(f"{self.url}/_control/{vendor}/faults") as response:
            assert response.status == 200

    async def kill_phone(self, registration_id: str, vendor: str = "oppo", *, answer: int | None) -> None:
        await self._post(f"/{vendor}/phones/{registration_id}", {"dead": True, "answer": answer})

    async def expire_tokens(self) -> None:
        await self._post("/oppo/tokens/expire", {})

    async def put_app(self, vendor: str = "oppo", /, **fields: object) -> None:
        await self._post(f"/{vendor}/apps", fields)

    async def tap(self, registration_id: str, vendor: str) -> None:
        await self._post(f"/{vendor}/phones/{registration_id}/tap", {})


@dataclass
class Service:
    """A running service and the few calls every test needs."""

    stub: PushServiceStub
    channel: grpc.aio.Channel
    sandbox: Sandbox
    address: str
    http_url: str

    async def host_oppo(self, app_id: str = "im", **changes: Any) -> int:
        cert = cert_pb2.Cert(
            app_id=app_id,
            vendor="oppo",
            credential=CREDENTIAL,
            base_url=f"{self.sandbox.url}/oppo",
            defaults=cert_pb2.CertDefaults(channel_id="chat"),
        )
        cert.MergeFrom(cert_pb2.Cert(**changes))
        return await self.host(cert)

    async def host(self, cert: cert_pb2.Cert) -> int:
        return (await self.stub.UpsertCert(pb.UpsertCertRequest(cert=cert))).cert.cert_id

    async def register(
        self, user_id: str, cert_id: int, registration_id: str, *, device_id: str = "", app_id: str = "im"
    ) -> pb.Registration:
        request = pb.RegisterTokenRequest(
            app_id=app_id, user_id=user_id, cert_id=cert_id, registration_id=registration_id, device_id=device_id
        )
        return (await self.stub.RegisterToken(request)).registration

    async def send(
        self, *user_ids: str, title: str = "Hi", wait: bool = True, app_id: str = "im", **fields: Any
    ) -> pb.SendOfflineResponse:
        notification = notification_pb2.Notification(title=title, body="text")
        notification.MergeFrom(fields.pop("notification", notification_pb2.Notification()))
        request = pb.SendOfflineRequest(
            app_id=app_id, user_ids=user_ids, notification=notification, wait=wait, **fields
        )
        return await self.stub.SendOffline(request, timeout=20)

    async def message(self, message_id: str, *, app_id: str = "im") -> pb.GetMessageResponse:
        return await self.stub.GetMessage(pb.GetMessageRequest(app_id=app_id, message_id=message_id))

    async def cert(self, cert_id: int, *, app_id: str = "im") -> cert_pb2.Cert:
        return (await self.stub.GetCert(pb.GetCertRequest(app_id=app_id, cert_id=cert_id))).cert


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_server.running() as server, aiohttp.ClientSession() as http:
        yield Sandbox(server.url, http)


class ServiceStarter:
    """Starts the service on one database, as often as a test wants; stops what runs before it starts anew."""

    def __init__(self, folder: Path, sandbox: Sandbox, clock: Clock) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self.clock = clock
        self._stack = AsyncExitStack()

    async def __call__(self, **changes: Any) -> Service:
        await self.stop()
        settings = Settings(
            listen="127.0.0.1:0",
            **{"http_listen": "127.0.0.1:0"} | changes,
            database=f"sqlite:///{self._folder}/pushsvc.db",
            allowed_base_urls=(self._sandbox.url,),
            drain_seconds=5,
        )
        running = await self._stack.enter_async_context(app.running(settings, clock=self.clock))
        channel = await self._stack.enter_async_context(grpc.aio.insecure_channel(running.address))
        return Service(
            PushServiceStub(channel), channel, self._sandbox, running.address, f"http://{running.http_address}"
        )

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def start_service(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> AsyncIterator[ServiceStarter]:
    starter = ServiceStarter(tmp_path, sandbox, clock)
    yield starter
    await starter.stop()


@pytest.fixture
async def service(start_service: ServiceStarter) -> Service:
    return await start_service()
