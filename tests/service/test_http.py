from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from prometheus_client.parser import text_string_to_metric_families

from pushsvc import app
from pushsvc.settings import Settings
from pushsvc.v1 import cert_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Clock, Service, ServiceStarter
from tests.service.refusals import refusal_of

Labels = dict[str, str]


class Pages:
    """The HTTP side of a service."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def get(self, url: str) -> tuple[int, str]:
        async with self._http.get(url) as response:
            return response.status, await response.text()

    async def metrics(self, service: Service) -> list[tuple[str, Labels, float]]:
        status, text = await self.get(f"{service.http_url}/metrics")
        assert status == 200
        return [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    async def value(self, service: Service, name: str, **labels: str) -> float:
        found = [
            value
            for each, its_labels, value in await self.metrics(service)
            if each == name and labels.items() <= its_labels.items()
        ]
        return sum(found)


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with aiohttp.ClientSession() as http:
        yield Pages(http)


async def test_a_running_service_is_alive_and_ready(service: Service, pages: Pages) -> None:
    assert await pages.get(f"{service.http_url}/livez") == (200, "ok\n")
    assert await pages.get(f"{service.http_url}/readyz") == (200, "ok\n")


async def test_a_service_that_drains_is_alive_but_not_ready(start_service: ServiceStarter, pages: Pages) -> None:
    service = await start_service()
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    await service.register("alice", cert_id, "unavailable")
    async with grpc.aio.insecure_channel(service.address) as channel:
        # A call that waits for an outcome keeps the service draining.
        waiting = asyncio.create_task(_long_call(channel))
        while not await pages.value(service, "pushsvc_messages_accepted_total"):
            pass  # each look is a call of its own
        stopping = asyncio.create_task(start_service.stop())
        seen = {(200, "ok\n")}
        while not stopping.done() and len(seen) == 1:
            seen.add(await pages.get(f"{service.http_url}/readyz"))
        alive = await pages.get(f"{service.http_url}/livez")
        waiting.cancel()
        await asyncio.gather(stopping, waiting, return_exceptions=True)

    assert seen == {(200, "ok\n"), (503, "the service is stopping\n")}
    assert alive == (200, "ok\n")


async def _long_call(channel: grpc.aio.Channel) -> None:
    send = channel.unary_unary(
        "/pushsvc.v1.PushService/SendOffline",
        request_serializer=pb.SendOfflineRequest.SerializeToString,
        response_deserializer=pb.SendOfflineResponse.FromString,
    )
    request = pb.SendOfflineRequest(app_id="im", user_ids=["alice"], wait=True)
    request.notification.title, request.notification.body = "Hi", "text"
    await send(request, timeout=20)


async def test_the_books_balance_in_the_metrics(service: Service, pages: Pages, clock: Clock) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    phones = ("phone", "invalid", "rejected", "unavailable#1", "unavailable#2", "unavailable#3")
    for at, phone in enumerate(phones):
        await service.register(f"user-{at}", cert_id, phone)
    later = Timestamp()
    later.FromDatetime(clock.now + timedelta(hours=1))
    await service.send(*(f"user-{at}" for at in range(4)))
    cancelled = await service.send("user-4")
    await service.stub.CancelMessage(pb.CancelMessageRequest(app_id="im", message_id=cancelled.message_id))
    await service.send("user-5")
    await service.stub.UnregisterToken(pb.UnregisterTokenRequest(app_id="im", user_id="user-5"))
    await service.send("user-0", wait=False, deliver_after=later)

    samples = await pages.metrics(service)
    ended: Counter[str] = Counter()
    for name, labels, value in samples:
        if name == "pushsvc_delivery_changes_total":
            assert (labels["was"], labels["vendor"], labels["cert_id"]) == ("pending", "fake", str(cert_id))
            ended[labels["state"]] += int(value)

    assert ended == {"sent": 1, "failed": 2, "cancelled": 2}
    assert await pages.value(service, "pushsvc_deliveries_pending") == 2
    assert await pages.value(service, "pushsvc_deliveries_accepted_total") == sum(ended.values()) + 2
    assert await pages.value(service, "pushsvc_messages_accepted_total") == 4
    # Looking counts nothing twice.
    assert await pages.value(service, "pushsvc_delivery_changes_total") == 5


async def test_hand_overs_sign_ins_calls_and_commits_are_counted(service: Service, pages: Pages) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice")
    await service.send("alice")
    await refusal_of(service.send())

    cert = {"vendor": "oppo", "cert_id": str(cert_id)}
    assert await pages.value(service, "pushsvc_attempts_total", outcome="Accepted", **cert) == 2
    assert await pages.value(service, "pushsvc_sign_ins_total", outcome="AccessToken", **cert) == 1
    assert await pages.value(service, "pushsvc_exchange_seconds_count", vendor="oppo") == 2
    assert await pages.value(service, "pushsvc_queue_wait_seconds_count", vendor="oppo") == 2
    assert await pages.value(service, "pushsvc_calls_total", method="SendOffline", code="OK") == 2
    assert await pages.value(service, "pushsvc_calls_total", method="SendOffline", code="INVALID_ARGUMENT") == 1
    assert await pages.value(service, "pushsvc_store_commit_jobs_sum") >= 4
    assert await pages.value(service, "pushsvc_store_bytes") > 4096


async def test_a_refused_cert_and_its_resting_lane_can_be_alerted_on(service: Service, pages: Pages) -> None:
    cert_id = await service.host_oppo(credential={"master_secret": "wrong"})
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice")

    assert await pages.value(service, "pushsvc_cert_rejected", cert_id=str(cert_id)) == 1
    assert await pages.value(service, "pushsvc_lane_resting", cert_id=str(cert_id)) == 1

    await service.host_oppo(cert_id=cert_id)
    await service.send("alice", title="next")

    assert await pages.value(service, "pushsvc_cert_rejected", cert_id=str(cert_id)) == 0
    assert await pages.value(service, "pushsvc_lane_resting", cert_id=str(cert_id)) == 0


async def test_no_secret_and_no_registration_id_is_in_the_metrics(service: Service, pages: Pages) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice")

    _, text = await pages.get(f"{service.http_url}/metrics")

    for secret in ("sandbox-master-secret", "sandbox-app-key", PHONE_A, "alice"):
        assert secret not in text


async def test_an_address_in_use_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = Settings(listen="127.0.0.1:0", http_listen=address, database=f"sqlite:///{tmp_path}/p.db")

        with pytest.raises(OSError, match=rf"can't listen for HTTP on {address}.*http_listen"):
            async with app.running(settings):
                pass
