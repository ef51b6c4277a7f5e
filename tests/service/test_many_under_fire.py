from __future__ import annotations

import asyncio
from collections import Counter

from pushsvc.v1 import delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import Clock, Service, ServiceStarter

USERS = 2_500
BATCH = 500
BAD = range(0, USERS, 33)  # 3 %
NO_SUCH_ID = 10000


def phone(number: int) -> str:
    return f"CN_{number:032x}"


async def send_to(service: Service, numbers: range) -> dict[int, str]:
    """One batch of different texts; the message id of each user."""
    requests = [
        pb.SendOfflineRequest(
            app_id="im",
            user_ids=[f"user-{number}"],
            notification=notification_pb2.Notification(title=f"to {number}", body="text"),
        )
        for number in numbers
    ]
    answer = await service.stub.SendOfflineBatch(pb.SendOfflineBatchRequest(requests=requests))
    return {number: result.accepted.message_id for number, result in zip(numbers, answer.results, strict=True)}


async def test_2500_sends_across_an_expired_token_and_bad_ids_each_end_once(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host_oppo(targets_per_second=100_000)  # the clock of tests stands still
    await asyncio.gather(*(service.register(f"user-{number}", cert_id, phone(number)) for number in range(USERS)))
    await asyncio.gather(*(service.sandbox.kill_phone(phone(number), answer=NO_SUCH_ID) for number in BAD))
    messages: dict[int, str] = {}

    for first in range(0, USERS, BATCH):
        if first == 2 * BATCH:
            await service.sandbox.expire_tokens()
        messages |= await send_to(service, range(first, first + BATCH))
    service = await start_service()  # what was under way has ended

    states: Counter[tuple[bool, int, int]] = Counter()
    for number, message_id in messages.items():
        [delivery] = (await service.message(message_id)).deliveries
        states[number in BAD, delivery.state, delivery.reason] += 1
    assert states == {
        (False, delivery_pb2.DELIVERY_STATE_SENT, 0): USERS - len(BAD),
        (True, delivery_pb2.DELIVERY_STATE_FAILED, delivery_pb2.REASON_REGISTRATION_INVALID): len(BAD),
    }
    for number in set(range(USERS)).difference(BAD):
        assert [shown["title"] for shown in await service.sandbox.bar(phone(number))] == [f"to {number}"]
    left = await asyncio.gather(
        *(service.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id=f"user-{number}")) for number in BAD)
    )
    assert [list(each.registrations) for each in left] == [[]] * len(BAD)
    counters = await service.sandbox.counters()
    assert (counters["delivered"], counters["duplicates"], counters["logins"]) == (USERS - len(BAD), 0, 2)


async def test_1000_sends_whose_answer_got_lost_are_sent_again_and_shown_once(service: Service, clock: Clock) -> None:
    cert_id = await service.host_oppo(targets_per_second=100_000)
    users = range(1_000)
    await asyncio.gather(*(service.register(f"user-{number}", cert_id, phone(number)) for number in users))
    await service.sandbox.fault(match={"kind": "send"}, effect={"drop": "after"}, times=4)
    messages: dict[int, str] = {}
    for first in range(0, len(users), 250):
        messages |= await send_to(service, range(first, first + 250))

    # The lane sleeps by the clock of the machine and not by that of the test; an edit of its cert wakes it.
    async with asyncio.timeout(60):
        while (await service.cert(cert_id)).pending_deliveries:
            clock.advance(seconds=1)
            await service.host_oppo(cert_id=cert_id, targets_per_second=100_000)

    counters = await service.sandbox.counters()
    assert (counters["delivered"], counters["violations"]) == (1_000, 0)
    assert counters["duplicates"] > 0  # swallowed by the maker, as it knows the dedup ids
    attempts = [(await service.message(message_id)).deliveries[0].attempts for message_id in messages.values()]
    assert max(attempts) <= 3


async def test_a_maker_that_is_down_for_ten_minutes_is_asked_little_and_loses_nothing(
    service: Service, clock: Clock
) -> None:
    cert_id = await service.host_oppo(targets_per_second=100_000)
    await service.register("alice", cert_id, phone(1))
    await service.sandbox.fault(match={"kind": "send"}, effect={"status": 500}, times=0)
    sends = []
    for _ in range(600):
        sends.append(await service.send("alice", wait=False))
        clock.advance(seconds=1)
    calls, first_attempts = (await service.sandbox.counters())["calls"], len(sends)
    await service.sandbox.clear_faults()

    # Each further send wakes the lane, which sleeps by the clock of the machine and not by that of the test.
    async with asyncio.timeout(60):
        while (await service.cert(cert_id)).pending_deliveries:
            clock.advance(seconds=60)
            sends.append(await service.send("alice", wait=False))

    # At most a fifth as many calls as there were first attempts to make.
    assert calls <= first_attempts // 5
    assert (await service.sandbox.counters())["delivered"] == len(sends)
