from __future__ import annotations

import asyncio
from itertools import groupby
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct

from pushsvc import sending
from pushsvc.convert import requests
from pushsvc.sending import Order
from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, PHONE_B, Sandbox, Service, ServiceStarter
from tests.service.makers import MAKES, host
from tests.service.refusals import refusal_of, violations_of


def one(*user_ids: str, title: str = "Hi", **fields: object) -> pb.SendOfflineRequest:
    notification = notification_pb2.Notification(title=title, body="text")
    return pb.SendOfflineRequest(app_id="im", user_ids=user_ids, notification=notification, **fields)  # type: ignore[arg-type]


async def send_batch(service: Service, *requests: pb.SendOfflineRequest) -> list[pb.SendOfflineResult]:
    return list((await service.stub.SendOfflineBatch(pb.SendOfflineBatchRequest(requests=requests))).results)


async def drained(start_service: ServiceStarter) -> Service:
    """The service started anew: what was under way has ended, and what waits is taken up."""
    return await start_service()


async def titles(sandbox: Sandbox, phone: str) -> list[str]:
    return sorted(shown["title"] for shown in await sandbox.bar(phone))


async def test_each_of_a_batch_gets_its_own_message_in_order(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.register("bob", cert_id, PHONE_B)

    results = await send_batch(
        service, one("alice", title="a"), one("bob", "carol", title="b"), one("alice", title="c")
    )

    users = [[each.user_id for each in result.accepted.deliveries] for result in results]
    assert users == [["alice"], ["bob"], ["alice"]]
    assert list(results[1].accepted.unreachable_user_ids) == ["carol"]
    assert len({result.accepted.message_id for result in results}) == 3
    await drained(start_service)
    assert await titles(service.sandbox, PHONE_A) == ["a", "c"]
    assert await titles(service.sandbox, PHONE_B) == ["b"]


async def test_long_batches_are_read_one_after_the_other_past_a_few_at_a_time(
    start_service: ServiceStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    check = requests.order

    def noted(request: pb.SendOfflineRequest, **options: Any) -> Order:
        read.append(request.user_ids[0])
        return check(request, **options)

    monkeypatch.setattr(requests, "order", noted)
    monkeypatch.setattr(sending, "LONG_AT_A_TIME", 1)
    service = await start_service()
    users = ("alice", "bob", "carol")

    answers = await asyncio.gather(*(send_batch(service, *[one(user)] * 1000) for user in users))

    assert [len(results) for results in answers] == [1000] * 3
    assert [user for user, _ in groupby(read)] == sorted(set(read), key=read.index)


async def test_what_is_wrong_with_one_is_nothing_to_the_others(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    options = Struct()
    options.update({"notify_level": 3})
    bad_option = one("alice")
    bad_option.notification.vendor_options["oppo"].CopyFrom(options)
    used = one("alice", title="first", idempotency_key="k")
    [first] = await send_batch(service, used)

    results = await send_batch(
        service,
        one("alice", title=""),
        one("alice", wait=True),
        bad_option,
        one("alice", title="other", idempotency_key="k"),
        used,
        one("alice", title="good"),
    )

    refused = [(each.refused.code, [field.field for field in each.refused.field_violations]) for each in results[:4]]
    invalid, exists = grpc.StatusCode.INVALID_ARGUMENT.value[0], grpc.StatusCode.ALREADY_EXISTS.value[0]
    assert refused == [
        (invalid, ["notification.title"]),
        (invalid, ["wait"]),
        (invalid, ["notification.vendor_options.oppo.notify_level"]),
        (exists, []),
    ]
    assert results[3].refused.message == "idempotency_key k was used with other content"
    assert (results[4].accepted.deduplicated, results[4].accepted.message_id) == (True, first.accepted.message_id)
    assert results[5].WhichOneof("result") == "accepted"


async def test_two_of_one_key_in_a_batch_are_one_message(service: Service) -> None:
    await service.register("alice", await service.host_oppo(), PHONE_A)

    first, second = await send_batch(service, one("alice", idempotency_key="k"), one("alice", idempotency_key="k"))

    assert first.accepted.message_id == second.accepted.message_id
    assert (first.accepted.deduplicated, second.accepted.deduplicated) == (False, True)


async def test_a_batch_has_its_limits(service: Service) -> None:
    none = await refusal_of(send_batch(service))
    too_many = await refusal_of(send_batch(service, *[one("alice")] * 1001))
    crowd = one(*(f"user-{number}" for number in range(1000)))
    too_many_users = await refusal_of(send_batch(service, *[crowd] * 10, one("alice")))

    assert violations_of(none) == {"requests": "has 0 entries; 1 to 1000 are allowed"}
    assert violations_of(too_many) == {"requests": "has 1001 entries; 1 to 1000 are allowed"}
    assert violations_of(too_many_users) == {"requests": "has 10001 user_ids in all; at most 10000 are allowed"}


async def test_a_batch_of_10000_users_is_taken_in_parts_and_answered_in_order(service: Service) -> None:
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    await asyncio.gather(*(service.register(f"user-{at}", cert_id, f"phone-{at}") for at in range(100)))
    users = [f"user-{at}" for at in range(100)]

    results = await send_batch(service, *(one(*users, title=f"m{at}") for at in range(100)))

    assert [len(result.accepted.deliveries) for result in results] == [100] * 100
    ids = [int(result.accepted.message_id) for result in results]
    assert ids == sorted(set(ids))


async def test_equal_contents_of_a_batch_share_the_makers_calls(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await host(service, "honor")
    phones = [MAKES["honor"].phone(at) for at in range(300)]
    await asyncio.gather(*(service.register(f"user-{at}", cert_id, phone) for at, phone in enumerate(phones)))

    await send_batch(service, *(one(f"user-{at}", title="今晚八点开会") for at in range(300)))

    await drained(start_service)
    counters = await service.sandbox.counters("honor")
    assert (counters["delivered"], counters["calls"] - counters["logins"]) == (300, 1)
