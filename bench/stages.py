"""`python -m bench.stages`: what each stage of a send costs by itself, in one thread without network.

The stages are those of `servicer → Batcher → Store.accept → Lane → vendor.exchange → retry.plan → Store.settle`, each
run over a batch as it would be under load. Microseconds for a notification; the median of several runs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from pushsvc import retry, sealing
from pushsvc.contents import Contents
from pushsvc.convert import answers, requests
from pushsvc.delivery.pushes import push_of
from pushsvc.delivery.queue import LaneQueue
from pushsvc.delivery.settling import settlement
from pushsvc.domain import Cert, CertDefaults, CertHealth, Delivery, Registration
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.sending import MessageIds, Receipt, _message, _Numbered
from pushsvc.store.base import Accepted, Settlement
from pushsvc.store.sqlite import SqliteStore
from pushsvc.store.sqlite.connection import at_once
from pushsvc.store.sqlite.deliveries import settle
from pushsvc.store.sqlite.sends import accept
from pushsvc.v1 import notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from vendors import oppo
from vendors.contract import AccessToken, HttpResponse, Push
from vendors.driving import without_pauses
from vendors.outcomes import Outcome

APP = "im"
RUNS = 15
CREDENTIAL = {"app_key": "bench-app-key", "master_secret": "bench-master-secret"}
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Stages:
    """One batch on its way through the stages, with how long each took.

    Args:
        store: with a phone for each user.
        cert: whose phones they are.
        users: of each message.
        messages: in a batch.
    """

    def __init__(self, store: SqliteStore, cert: Cert, *, users: int, messages: int) -> None:
        self._store = store
        self._cert = cert
        self._users = users
        self._messages = messages
        self._connection = store._writer._connection._conn  # noqa: SLF001 - what runs inside a transaction is measured
        self._ids = MessageIds(random.random)
        self._addresses = ReceiptAddresses("", sealing.Sealer([bytes(32)]))
        self._token = AccessToken(value="bench-token", refresh_at=FAR, expires_at=FAR)
        self.seconds: dict[str, list[float]] = {}

    async def run(self) -> None:
        """Once through all stages."""
        now = datetime.now(UTC)
        now_ms = int(now.timestamp() * 1000)
        wire = self._wire()
        read = self._timed("read the request", lambda: [pb.SendOfflineRequest.FromString(each) for each in wire])
        orders = self._timed("check it", lambda: [requests.order(each, now_ms=now_ms) for each in read])
        numbered = [_Numbered(self._ids.next(now_ms), order, "bench") for order in orders]

        def build() -> Sequence[Any]:
            contents = Contents()
            return [_message(each, contents, now_ms) for each in numbered]

        messages = self._timed("make messages", build)
        accepted: Sequence[Any] = self._in_transaction(
            "accept: SQL", lambda: at_once(accept(self._connection, messages, now_ms))
        )
        deliveries = [each for answer in accepted if isinstance(answer, Accepted) for each in answer.deliveries]
        self._timed("answer", lambda: self._answers(messages, accepted))
        popped = self._timed("queue", lambda: self._queued(deliveries, now_ms))
        pushes = self._timed("make pushes", lambda: self._pushes(popped))
        steps = without_pauses(oppo.exchange(pushes, oppo.parse_credential(CREDENTIAL), self._token, now=now))
        self._timed("vendor: build", lambda: next(steps))
        response = _maker(pushes)
        outcomes = self._timed("vendor: read", lambda: _finish(steps, response))
        settlements = self._timed("plan", lambda: self._settlements(popped, outcomes, now_ms))
        self._in_transaction("settle: SQL", lambda: at_once(settle(self._connection, settlements)))

    def _wire(self) -> Sequence[bytes]:
        numbers = iter(random.sample(range(self._users * self._messages), self._users * self._messages))
        return [
            pb.SendOfflineRequest(
                app_id=APP,
                user_ids=[f"user-{next(numbers)}" for _ in range(self._users)],
                notification=notification_pb2.Notification(
                    title="小明", body=f"今晚一起吃饭吗？我在 {number} 号门等你", ext='{"room":"42"}'
                ),
            ).SerializeToString()
            for number in range(self._messages)
        ]

    def _answers(self, messages: Sequence[Any], accepted: Sequence[Any]) -> Sequence[bytes]:
        return [
            answers.sent(
                Receipt(
                    message_id=message.message_id,
                    deliveries=answer.deliveries,
                    unreachable_user_ids=answer.unreachable_user_ids,
                )
            ).SerializeToString()
            for message, answer in zip(messages, accepted, strict=True)
        ]

    def _queued(self, deliveries: Sequence[Delivery], now_ms: int) -> Sequence[Delivery]:
        queue = LaneQueue(self._cert.cert_id, self._store)
        for delivery in deliveries:
            queue.offer(delivery, now_ms=now_ms)
        popped = queue.pop(len(deliveries), one_content=False)
        queue.release(popped)
        return popped

    def _pushes(self, deliveries: Sequence[Delivery]) -> Sequence[Push]:
        return [push_of(each, self._cert, oppo.CAPABILITIES, self._addresses) for each in deliveries]

    def _settlements(
        self, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome], now_ms: int
    ) -> Sequence[Settlement]:
        settlements = []
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            plan = retry.plan(
                outcome, attempts=1, now_ms=now_ms, expires_at_ms=delivery.message.expires_at_ms, jitter=0.5
            )
            settlements.append(settlement(delivery, outcome, plan, oppo.CAPABILITIES, now_ms=now_ms))
        return settlements

    def _in_transaction(self, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - any result
        self._connection.execute("BEGIN IMMEDIATE")
        result = self._timed(name, work)
        self._connection.execute("COMMIT")
        return result

    def _timed(self, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - any result
        began = time.perf_counter()
        result = work()
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)
        return result


def _maker(pushes: Sequence[Push]) -> HttpResponse:
    items = [{"messageId": f"bench-{at:032}", "registrationId": each.registration_id} for at, each in enumerate(pushes)]
    data: object = items if len(items) > 1 else items[0]
    return HttpResponse(status=200, body=orjson.dumps({"code": 0, "message": "", "data": data}), headers={})


def _finish(steps: Any, response: HttpResponse) -> Sequence[Outcome]:  # noqa: ANN401 - a generator
    try:
        steps.send(response)
    except StopIteration as done:
        outcomes: Sequence[Outcome] = done.value
        return outcomes
    raise RuntimeError("a second call for one batch")


async def measure(folder: Path, *, users: int, messages: int) -> dict[str, float]:
    """Microseconds for a notification, by stage."""
    store = await SqliteStore.open(folder / f"{users}-{messages}.db", sealing.Sealer([bytes(32)]))
    try:
        cert = await store.add_cert(
            Cert(
                cert_id=0,
                app_id=APP,
                vendor="oppo",
                display_name="bench",
                credential=CREDENTIAL,
                credential_version=1,
                defaults=CertDefaults(channel_id="chat"),
                base_url="",
                health=CertHealth(),
                created_at_ms=1,
                updated_at_ms=1,
            )
        )
        phones = [
            Registration(
                app_id=APP,
                user_id=f"user-{number}",
                device_id="",
                cert_id=cert.cert_id,
                vendor="oppo",
                registration_id=f"CN_{number:032x}",
            )
            for number in range(users * messages)
        ]
        await store.register(phones, now_ms=1)
        stages = Stages(store, cert, users=users, messages=messages)
        gc.collect()
        gc.freeze()
        gc.disable()
        for _ in range(RUNS):
            await stages.run()
        gc.enable()
    finally:
        await store.close()
    count = users * messages
    return {name: 1e6 * statistics.median(runs) / count for name, runs in stages.seconds.items()}


async def compare() -> None:
    """Prints a table with a column for each kind of batch."""
    kinds = {"48 sends": (1, 48), "500 sends": (1, 500), "1 send to 500": (500, 1)}
    with tempfile.TemporaryDirectory() as folder:
        columns = [await measure(Path(folder), users=users, messages=messages) for users, messages in kinds.values()]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
    rows.append(("all", *(sum(column.values()) for column in columns)))
    _print("µs for a notification", *kinds)
    _print(*["---"] * (1 + len(kinds)))
    for name, *numbers in rows:
        _print(name, *(f"{number:.1f}" for number in numbers))


def _print(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)  # noqa: T201 - it is a command


def main() -> int:
    """Measures and prints."""
    argparse.ArgumentParser(prog="python -m bench.stages", description=__doc__).parse_args()
    asyncio.run(compare())
    return 0


if __name__ == "__main__":
    sys.exit(main())
