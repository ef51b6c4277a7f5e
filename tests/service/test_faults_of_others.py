from __future__ import annotations

import asyncio

from pushsvc.v1 import delivery_pb2, notification_pb2
from tests.conftest import PHONE_A, Service


async def test_sends_at_the_same_time_never_borrow_each_others_words(service: Service) -> None:
    cert_id = await service.host_oppo()
    phones = [f"CN_{at:032x}" for at in range(60)]
    await asyncio.gather(*(service.register(f"user-{at}", cert_id, phone) for at, phone in enumerate(phones)))

    await asyncio.gather(
        *(
            service.send(
                f"user-{at}",
                title=f"title {at}",
                notification=notification_pb2.Notification(
                    ext=f'{{"room":"{at}"}}' if at % 2 else "",
                    click_action=notification_pb2.ClickAction(url=f"https://example.com/{at}") if at % 3 else None,
                ),
            )
            for at in range(60)
        )
    )

    for at, phone in enumerate(phones):
        [shown] = await service.sandbox.bar(phone)
        assert shown["title"] == f"title {at}"
        assert shown["extras"] == ({"room": f"{at}"} if at % 2 else {})
        assert shown["click"]["value"] == (f"https://example.com/{at}" if at % 3 else "")


async def test_one_layer_retries_so_that_an_attempt_is_one_call(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.fault(match={"kind": "send"}, effect={"status": 503}, times=0)

    sent = await service.send("alice")
    counters = await service.sandbox.counters()

    assert [each.attempts for each in sent.deliveries] == [1]
    assert counters["calls"] - counters["logins"] == 1


async def test_a_push_that_was_skipped_is_not_counted_as_sent(service: Service) -> None:
    cert_id = await service.host_oppo(credential={"master_secret": "wrong"})
    await service.register("alice", cert_id, PHONE_A)
    held = await service.send("alice")
    await service.register("bob", cert_id, PHONE_A)  # the phone changes hands while the push waits
    await service.host_oppo(cert_id=cert_id)
    await service.send("bob")

    [skipped] = (await service.message(held.message_id)).deliveries
    assert skipped.state == delivery_pb2.DELIVERY_STATE_CANCELLED
    assert (await service.sandbox.counters())["delivered"] == 1
