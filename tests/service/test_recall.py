from __future__ import annotations

import asyncio

import pytest

from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, Service
from tests.service.makers import MAKES
from vendors.sandbox.simulator import installed

CANCELLED = delivery_pb2.DELIVERY_STATE_CANCELLED
SENT = delivery_pb2.DELIVERY_STATE_SENT
CAN_RECALL = ["harmonyos", "xiaomi"]


async def host(service: Service, vendor: str, **credential: str) -> int:
    demo = installed()[vendor].demo()
    return await service.host(
        cert_pb2.Cert(
            app_id="im",
            vendor=vendor,
            credential={**demo.credential, **credential},
            base_url=f"{service.sandbox.url}/{vendor}",
            defaults=cert_pb2.CertDefaults(channel_id=demo.channel_id),
        )
    )


async def cancel(service: Service, message_id: str) -> tuple[int, int, int]:
    answer = await service.stub.CancelMessage(pb.CancelMessageRequest(app_id="im", message_id=message_id))
    return answer.cancelled_deliveries, answer.recalled_deliveries, answer.remaining_deliveries


@pytest.mark.parametrize("vendor", CAN_RECALL)
async def test_what_was_shown_is_taken_off_every_phone_and_nothing_else_is(service: Service, vendor: str) -> None:
    cert_id = await host(service, vendor, **({"client_id": "100000009"} if vendor == "harmonyos" else {}))
    users = {f"user-{at}": MAKES[vendor].phone(at) for at in range(1, 4)}
    await asyncio.gather(*(service.register(user, cert_id, phone) for user, phone in users.items()))
    stays = await service.send(*users, title="stays")
    goes = await service.send(*users, title="goes")

    assert await cancel(service, goes.message_id) == (0, 3, 0)

    for phone in users.values():
        assert [shown["title"] for shown in await service.sandbox.bar(phone, vendor)] == ["stays"]
    recalled = (await service.message(goes.message_id)).deliveries
    assert {(each.state, each.reason) for each in recalled} == {(CANCELLED, delivery_pb2.REASON_MESSAGE_CANCELLED)}
    assert recalled[0].timeline[-1].detail == "taken back; the vendor takes it off the phone"
    assert {each.state for each in (await service.message(stays.message_id)).deliveries} == {SENT}
    assert (await service.sandbox.counters(vendor))["violations"] == 0
    assert await cancel(service, goes.message_id) == (0, 0, 0)


async def test_what_a_maker_cannot_take_back_stays_sent_and_is_counted(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice")

    assert await cancel(service, sent.message_id) == (0, 0, 1)

    assert (await service.message(sent.message_id)).deliveries[0].state == SENT


async def test_what_a_maker_refuses_to_take_back_stays_and_says_why(service: Service) -> None:
    cert_id = await host(service, "harmonyos")  # without the client id that Huawei wants
    await service.register("alice", cert_id, MAKES["harmonyos"].phone(1))
    sent = await service.send("alice")

    assert await cancel(service, sent.message_id) == (0, 0, 1)

    [delivery] = (await service.message(sent.message_id)).deliveries
    assert delivery.state == SENT
    assert delivery.timeline[-1].detail == "the vendor did not take it back: not asked"


async def test_a_maker_that_does_not_answer_a_recall_leaves_it_sent(service: Service) -> None:
    cert_id = await host(service, "xiaomi")
    await service.register("alice", cert_id, MAKES["xiaomi"].phone(1))
    sent = await service.send("alice")
    await service.sandbox.fault("xiaomi", match={"path": "revoke"}, effect={"drop": "before"})

    assert await cancel(service, sent.message_id) == (0, 0, 1)
    assert await cancel(service, sent.message_id) == (0, 1, 0)


async def test_a_message_that_left_in_part_is_stopped_and_taken_back(service: Service) -> None:
    xiaomi = await host(service, "xiaomi")
    refused = await service.host_oppo(credential={"master_secret": "wrong"})
    await service.register("alice", xiaomi, MAKES["xiaomi"].phone(1))
    await service.register("alice", refused, PHONE_A)
    sent = await service.send("alice")

    assert await cancel(service, sent.message_id) == (1, 1, 0)
