"""Callers: they send, log in and out, cancel and edit certs at random, and ask again until they are answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub
from tests.chaos.ledger import Ledger, Login, Sent
from tests.conftest import Sandbox
from tests.service.makers import MAKES

APP = "im"
T = TypeVar("T")

# Whoever gets one of these may ask again; anything else is wrong.
AGAIN = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.05
# A phone keeps the newest 50: a user who has got nearly as many gets no more, so that none drops out unseen.
MOST_PER_USER = 40
CALLERS = 16


class Traffic:
    """Everything callers do, written down in a ledger.

    Args:
        stub: the service.
        sandbox: the makers, to have phones die.
        certs: cert by vendor, with credential.
        luck: every choice.
    """

    def __init__(
        self, stub: PushServiceStub, sandbox: Sandbox, certs: dict[str, cert_pb2.Cert], luck: random.Random
    ) -> None:
        self.ledger = Ledger()
        self.saw_more = asyncio.Event()
        self._stub = stub
        self._sandbox = sandbox
        self._certs = certs
        self._luck = luck
        self._users: dict[str, int] = {}  # user to sends so far
        self._busy: set[str] = set()  # users who log in or out at this moment
        self._phones = 0
        self._sends = 0
        self._is_over = False

    async def run(self) -> None:
        """Calls until `stop`; a caller that gets an answer it can't make sense of leaves, and the ledger says why."""
        await asyncio.gather(*(self._caller() for _ in range(CALLERS)), return_exceptions=True)

    def stop(self) -> None:
        """Lets each caller finish what it does."""
        self._is_over = True

    async def watch(self) -> None:
        """Follows the app for ever, across everything."""
        cursor = "0"
        while True:
            try:
                async for response in self._stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id=APP, cursor=cursor)):
                    for delivery in response.deliveries:
                        self.ledger.seen.setdefault(delivery.delivery_id, []).append(delivery.state)
                    cursor = response.cursor
                    self.saw_more.set()
            except grpc.aio.AioRpcError as error:
                self._judge(error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _caller(self) -> None:
        while not self._is_over:
            if len(self._open_to()) < 2 * CALLERS:
                await self._log_in(f"user-{self._luck.randrange(1 << 40):x}")
                continue
            [action] = self._luck.choices(
                [self._send, self._send_many, self._log_out, self._refresh, self._move, self._cancel, self._edit_cert],
                [80, 5, 5, 3, 2, 4, 1],
            )
            await action()

    async def _send(self) -> None:
        await self._send_one(self._a_send())

    async def _send_many(self) -> None:
        requests = [self._a_send() for _ in range(self._luck.randint(2, 10))]
        batch = pb.SendOfflineBatchRequest(requests=requests)
        answer = await self._until_answered(lambda: self._stub.SendOfflineBatch(batch, timeout=PATIENCE_SECONDS))
        for request, result in zip(requests, answer.results, strict=True):
            if result.HasField("refused"):
                # The store was away for this part of the batch; the same key gives the first answer if it was not.
                await self._send_one(request)
            else:
                self._note(request, result.accepted)

    async def _send_one(self, request: pb.SendOfflineRequest) -> None:
        answer = await self._until_answered(lambda: self._stub.SendOffline(request, timeout=PATIENCE_SECONDS))
        self._note(request, answer)

    async def _log_in(self, user_id: str) -> None:
        self._phones += 1
        vendor = self._luck.choice(sorted(self._certs))
        await self._register(Login(vendor, MAKES[vendor].phone(self._phones), user_id))
        self._users.setdefault(user_id, 0)

    async def _log_out(self) -> None:
        user_id = self._a_user()
        if user_id is None:
            return
        await self._unregister(pb.UnregisterTokenRequest(app_id=APP, user_id=user_id))
        self._end(login for login in self.ledger.logins if login.user_id == user_id)
        self._users.pop(user_id)
        self._busy.discard(user_id)

    async def _refresh(self) -> None:
        """The phone's registration id changes: a new one for the same user; the old one is logged out."""
        user_id = self._a_user()
        if user_id is None:
            return
        old = [login for login in self.ledger.logins if login.user_id == user_id and login.ended_at is None]
        await self._log_in(user_id)
        for login in old:
            await self._unregister(pb.UnregisterTokenRequest(app_id=APP, registration_id=login.registration_id))
        self._end(old)
        self._busy.discard(user_id)

    async def _move(self) -> None:
        """A phone changes hands."""
        former, next_owner = self._a_user(), self._a_user()
        if former is not None and next_owner is not None:
            own = [login for login in self.ledger.logins if login.user_id == former and login.ended_at is None]
            if own:
                phone = self._luck.choice(own)
                await self._register(Login(phone.vendor, phone.registration_id, next_owner, is_dead=phone.is_dead))
                self._end([phone])
                # What the phone shows already counts for its new owner.
                self._users[next_owner] += self._users[former]
        self._busy -= {former, next_owner}

    async def _cancel(self) -> None:
        if not self.ledger.sent:
            return
        sent = self._luck.choice(self.ledger.sent[-200:])
        request = pb.CancelMessageRequest(app_id=APP, message_id=sent.message_id)
        # Written down first: it may have been taken back though nobody was answered.
        self.ledger.cancelled.add(sent.message_id)
        await self._until_answered(lambda: self._stub.CancelMessage(request, timeout=PATIENCE_SECONDS))

    async def _edit_cert(self) -> None:
        cert = self._certs[self._luck.choice(sorted(self._certs))]
        edit = cert_pb2.Cert()
        edit.CopyFrom(cert)
        edit.display_name = f"edit {self.ledger.cert_edits}"
        request = pb.UpsertCertRequest(cert=edit)
        await self._until_answered(lambda: self._stub.UpsertCert(request, timeout=PATIENCE_SECONDS))
        self.ledger.cert_edits += 1

    async def kill_a_phone(self) -> None:
        """A maker learns that an app was removed."""
        living = [login for login in self.ledger.logins if login.ended_at is None and not login.is_dead]
        if living:
            login = self._luck.choice(living)
            for each in self.ledger.logins:
                each.is_dead |= each.registration_id == login.registration_id
            answer = MAKES[login.vendor].dead
            await self._sandbox.kill_phone(login.registration_id, login.vendor, answer=answer)

    def _a_send(self) -> pb.SendOfflineRequest:
        self._sends += 1
        user_id = self._luck.choice(self._open_to())
        self._users[user_id] += 1
        request = pb.SendOfflineRequest(
            app_id=APP,
            user_ids=[user_id],
            notification=notification_pb2.Notification(title=f"send {self._sends}", body="text"),
            ttl=Duration(seconds=3600),
            idempotency_key=f"key-{self._sends}",
        )
        kind = self._luck.random()
        if kind < 0.05:
            request.ttl.seconds = self._luck.randint(1, 3)
        elif kind < 0.1:
            now = time.time() + self._luck.uniform(0, 2)
            request.deliver_after.CopyFrom(Timestamp(seconds=int(now), nanos=int(now % 1 * 1e9)))
        elif kind < 0.2:
            request.wait = True
        return request

    def _open_to(self) -> list[str]:
        return [user_id for user_id, count in self._users.items() if count < MOST_PER_USER]

    def _a_user(self) -> str | None:
        """Someone who does not log in or out already, and does now."""
        idle = [user_id for user_id in self._users if user_id not in self._busy]
        if len(idle) <= CALLERS:
            return None
        user_id = self._luck.choice(idle)
        self._busy.add(user_id)
        return user_id

    async def _register(self, login: Login) -> None:
        # Written down first: a notification may come before the answer.
        self.ledger.logins.append(login)
        request = pb.RegisterTokenRequest(
            app_id=APP,
            user_id=login.user_id,
            cert_id=self._certs[login.vendor].cert_id,
            registration_id=login.registration_id,
        )
        await self._until_answered(lambda: self._stub.RegisterToken(request, timeout=PATIENCE_SECONDS))

    async def _unregister(self, request: pb.UnregisterTokenRequest) -> None:
        await self._until_answered(lambda: self._stub.UnregisterToken(request, timeout=PATIENCE_SECONDS))

    def _note(self, request: pb.SendOfflineRequest, answer: pb.SendOfflineResponse) -> None:
        self.ledger.sent.append(
            Sent(
                request.notification.title,
                request.user_ids[0],
                answer.message_id,
                len(answer.deliveries),
            )
        )

    @staticmethod
    def _end(logins: Iterable[Login]) -> None:
        now = time.time()
        for login in logins:
            if login.ended_at is None:
                login.ended_at = now

    async def _until_answered(self, call: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                self._judge(error)
                await asyncio.sleep(PAUSE_SECONDS)

    def _judge(self, error: grpc.aio.AioRpcError) -> None:
        if error.code() not in AGAIN:
            self.ledger.faults_of_ours.append(f"{error.code().name}: {error.details()}")
            raise error
