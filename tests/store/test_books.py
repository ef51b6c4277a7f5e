"""The books balance: whatever happens in whatever order, the store agrees with a model of a page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pushsvc.domain import Delivery, DeliveryEvent, DeliveryState, Registration
from pushsvc.sealing import Sealer
from pushsvc.store.base import Accepted, ClaimPosition, RegistrationSelector, Repeated, Report, Settlement
from pushsvc.store.sqlite import SqliteStore
from tests.store.contract import HOUR_MS, NOW_MS, make_cert, make_message, make_registration

T = TypeVar("T")

PENDING, SENT, FAILED, EXPIRED, CANCELLED, DELIVERED, CLICKED = DeliveryState
USERS = ("alice", "bob")
PHONES = ("CN_1", "CN_2", "CN_3")
DEVICES = ("", "d1")
CERTS = 2
DAY_MS = 24 * HOUR_MS


@dataclass
class Entry:
    """A delivery as the model has it."""

    cert_id: int
    registration_key: int
    due_at_ms: int
    expires_at_ms: int
    registration_id: str
    state: DeliveryState = PENDING
    is_reported: bool = False


@dataclass(frozen=True)
class FirstUse:
    """The message that holds an idempotency key."""

    message_id: int
    content: str
    at_ms: int


class Books(RuleBasedStateMachine):
    """Sends, registers, settles, expires and deletes at random, and keeps its own books beside the store's."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.store = self.run(SqliteStore.open(Path(self.folder.name) / "pushsvc.db", Sealer([b"k" * 32])))
        self.now_ms = NOW_MS
        self.last_message_id = 0
        self.certs: list[int] = []
        self.phones: dict[int, Registration] = {}
        self.entries: dict[tuple[int, int], Entry] = {}
        self.held: list[Delivery] = []
        self.first_uses: dict[str, FirstUse] = {}
        self.accepted_at_ms: dict[int, int] = {}
        self.told: dict[tuple[int, int], DeliveryState] = {}
        self.told_until = 0

    def run(self, call: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await call

        return self.runner.run(awaited())

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def add_certs(self) -> None:
        self.certs = [self.run(self.store.add_cert(make_cert())).cert_id for _ in range(CERTS)]

    # What the model does

    def end(self, registration_keys: Sequence[int], state: DeliveryState) -> int:
        ended = [e for e in self.entries.values() if e.state is PENDING and e.registration_key in registration_keys]
        for entry in ended:
            entry.state = state
        return len(ended)

    def displaced_by(self, new: Registration) -> list[Registration]:
        return [
            phone
            for phone in self.phones.values()
            if phone.registration_id == new.registration_id
            or (phone.user_id == new.user_id and phone.device_id == new.device_id != "")
        ]

    # What happens

    @rule(at=st.sampled_from(range(CERTS)), user=st.sampled_from(USERS), device=st.sampled_from(DEVICES),
          phone=st.sampled_from(PHONES))  # fmt: skip
    def register(self, at: int, user: str, device: str, phone: str) -> None:
        new = make_registration(user, phone, cert_id=self.certs[at], device_id=device)
        (answer,) = self.run(self.store.register([new], now_ms=self.now_ms))

        stored = answer.registration
        displaced = [each for each in self.displaced_by(new) if each.registration_key != stored.registration_key]
        cancelled = 0
        for each in displaced:
            del self.phones[each.registration_key]
            if each.user_id != user:
                cancelled += self.end([each.registration_key], CANCELLED)
        for entry in self.entries.values():
            if entry.state is PENDING and entry.registration_key in {each.registration_key for each in displaced}:
                entry.registration_key, entry.cert_id = stored.registration_key, stored.cert_id
                entry.registration_id = stored.registration_id
        self.phones[stored.registration_key] = stored
        assert sorted(answer.withdrawn_keys) == sorted(each.registration_key for each in displaced)
        assert answer.cancelled_deliveries == cancelled

    @rule(user=st.sampled_from(USERS))
    def log_out(self, user: str) -> None:
        (answer,) = self.run(
            self.store.unregister([RegistrationSelector(app_id="im", user_id=user)], now_ms=self.now_ms)
        )

        keys = [key for key, phone in self.phones.items() if phone.user_id == user]
        assert list(answer.withdrawn_keys) == sorted(keys)
        assert answer.cancelled_deliveries == self.end(keys, CANCELLED)
        self.phones = {key: phone for key, phone in self.phones.items() if key not in keys}

    @rule(groups=st.lists(st.lists(st.sampled_from(USERS), min_size=1, unique=True), min_size=1, max_size=3),
          delay_ms=st.sampled_from((0, 50)))  # fmt: skip
    def send(self, groups: Sequence[Sequence[str]], delay_ms: int) -> None:
        messages = [
            make_message(self.last_message_id + n, *users, due_at_ms=self.now_ms + delay_ms, now_ms=self.now_ms)
            for n, users in enumerate(groups, start=1)
        ]
        self.last_message_id += len(messages)
        self.accepted_at_ms |= {message.message_id: self.now_ms for message in messages}
        answers = self.run(self.store.accept(messages, now_ms=self.now_ms))

        for message, answer in zip(messages, answers, strict=True):
            assert isinstance(answer, Accepted)
            asked = [key for user in message.user_ids for key in sorted(self.phones) if self.is_of(key, user)]
            assert [delivery.registration_key for delivery in answer.deliveries] == asked
            for delivery in answer.deliveries:
                key = delivery.registration_key
                self.entries[delivery.key] = Entry(
                    delivery.cert_id, key, message.due_at_ms, message.expires_at_ms, delivery.registration_id
                )
            self.held += answer.deliveries

    def is_of(self, registration_key: int, user: str) -> bool:
        return self.phones[registration_key].user_id == user

    @rule(key=st.sampled_from(("k1", "k2")), content=st.sampled_from(("f", "g")))
    def send_to_nobody_under_a_key(self, key: str, content: str) -> None:
        self.last_message_id += 1
        message = make_message(self.last_message_id, "nobody", key=key, fingerprint=content, now_ms=self.now_ms)
        (answer,) = self.run(self.store.accept([message], now_ms=self.now_ms))

        first = self.first_uses.get(key)
        if first is None or first.at_ms + DAY_MS <= self.now_ms:
            assert isinstance(answer, Accepted)
            self.first_uses[key] = FirstUse(message.message_id, content, self.now_ms)
        elif first.content != content:
            assert answer == Repeated(record=None)
        else:
            assert isinstance(answer, Repeated)
            assert answer.record is not None
            assert answer.record.message.message_id == first.message_id

    @rule(at=st.sampled_from(range(CERTS)), limit=st.sampled_from((1, 3, 100)))
    def claim_page_by_page(self, at: int, limit: int) -> None:
        claimed: list[Delivery] = []
        after = ClaimPosition()
        while page := self.run(self.store.claim(self.certs[at], after=after, now_ms=self.now_ms, limit=limit)):
            claimed += page
            after = ClaimPosition(page[-1].due_at_ms, *page[-1].key)

        due = [
            (entry.due_at_ms, *key)
            for key, entry in self.entries.items()
            if entry.state is PENDING and entry.cert_id == self.certs[at] and entry.due_at_ms <= self.now_ms
        ]
        assert [(delivery.due_at_ms, *delivery.key) for delivery in claimed] == sorted(due)
        self.held += claimed

    @precondition(lambda self: self.held)
    @rule(data=st.data(), state=st.sampled_from((SENT, SENT, PENDING, FAILED)))
    def settle(self, data: st.DataObject, state: DeliveryState) -> None:
        """Also what is stale by now: settled before, cancelled, or moved to another phone."""
        delivery = data.draw(st.sampled_from(self.held))
        due_at_ms = self.now_ms + 10
        event = DeliveryEvent(at_ms=self.now_ms, state=state)
        self.run(
            self.store.settle([Settlement(key=delivery.key, state=state, attempts=1, due_at_ms=due_at_ms, event=event)])
        )

        entry = self.entries[delivery.key]
        if entry.state is PENDING and state is PENDING:
            entry.due_at_ms = due_at_ms
        if not entry.is_reported and (entry.state is PENDING or state is SENT):
            entry.state = state

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def settle_as_dead(self, data: st.DataObject) -> None:
        delivery = data.draw(st.sampled_from(self.held))
        key, version = delivery.registration_key, delivery.registration_version
        event = DeliveryEvent(at_ms=self.now_ms, state=FAILED)
        removed = self.run(
            self.store.settle(
                [Settlement(key=delivery.key, state=FAILED, attempts=1, event=event, dead_registration=(key, version))]
            )
        )

        entry = self.entries[delivery.key]
        if entry.state is PENDING and entry.registration_key == key:
            entry.state = FAILED
        if key in self.phones and self.phones[key].version == version:
            assert removed == [key]
            del self.phones[key]
            self.end([key], FAILED)
        else:
            assert removed == []

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), state=st.sampled_from((DELIVERED, CLICKED, FAILED, EXPIRED)))
    def report(self, data: st.DataObject, state: DeliveryState) -> None:
        """Also of what never left, or was told before: a vendor's word moves a delivery forward or not at all."""
        message_id, _ = key = data.draw(st.sampled_from(sorted(self.entries)))
        entry = self.entries[key]
        report = Report(
            cert_id=entry.cert_id, content_id=message_id, registration_id=entry.registration_id, state=state
        )
        applied = self.run(self.store.apply_receipts([report], now_ms=self.now_ms))

        before = {DELIVERED: {DELIVERED, CLICKED}, CLICKED: {CLICKED}}.get(state, set(DeliveryState) - {PENDING, SENT})
        moved = []
        for at, each in self.entries.items():
            is_meant = (at[0], each.cert_id, each.registration_id) == (message_id, entry.cert_id, entry.registration_id)
            if is_meant and each.state not in before:
                moved.append(at)
        for at in moved:
            self.entries[at].state, self.entries[at].is_reported = state, True
        assert (applied.matched, sorted(applied.changed), applied.removed_keys) == (1, sorted(moved), [])

    @rule(passed_ms=st.sampled_from((10, 60, HOUR_MS, DAY_MS - HOUR_MS)), limit=st.sampled_from((1, 100)))
    def let_time_pass(self, passed_ms: int, limit: int) -> None:
        self.now_ms += passed_ms
        keys = self.run(self.store.expire(now_ms=self.now_ms, limit=limit))

        outlived = [
            key for key, entry in self.entries.items() if entry.state is PENDING and entry.expires_at_ms <= self.now_ms
        ]
        assert len(keys) == min(limit, len(outlived))
        assert set(keys) <= set(outlived)
        for key in keys:
            self.entries[key].state = EXPIRED

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        message_id = data.draw(st.sampled_from(sorted({message_id for message_id, _ in self.entries})))
        keys = self.run(self.store.cancel("im", message_id, now_ms=self.now_ms))

        pending = [key for key, e in self.entries.items() if key[0] == message_id and e.state is PENDING]
        assert keys == sorted(pending)
        for key in pending:
            self.entries[key].state = CANCELLED

    @rule(limit=st.sampled_from((1, 3, 100)))
    def forget_what_is_over(self, limit: int) -> None:
        before_ms = self.now_ms - DAY_MS
        after_id: int | None = 0
        while after_id is not None:
            after_id = self.run(self.store.forget(after_id=after_id, before_ms=before_ms, limit=limit)).last_id

        waiting = {key[0] for key, entry in self.entries.items() if entry.state is PENDING}
        over = {at for at, accepted_at_ms in self.accepted_at_ms.items() if accepted_at_ms < before_ms} - waiting
        for message_id in over:
            del self.accepted_at_ms[message_id]
            assert self.run(self.store.message("im", message_id)) is None
        self.entries = {key: entry for key, entry in self.entries.items() if key[0] not in over}
        self.held = [delivery for delivery in self.held if delivery.key[0] not in over]

    @rule(at=st.sampled_from(range(CERTS)))
    def replace_a_cert(self, at: int) -> None:
        cert_id = self.certs[at]
        answer = self.run(self.store.delete_cert(cert_id, now_ms=self.now_ms))

        keys = [key for key, phone in self.phones.items() if phone.cert_id == cert_id]
        assert sorted(answer.withdrawn_keys) == sorted(keys)
        assert answer.cancelled_deliveries == self.end(keys, CANCELLED)
        self.phones = {key: phone for key, phone in self.phones.items() if key not in keys}
        self.certs[at] = self.run(self.store.add_cert(make_cert())).cert_id

    # What always holds

    @invariant()
    def every_delivery_is_in_the_state_its_story_gave_it(self) -> None:
        stored: dict[tuple[int, int], DeliveryState] = {}
        for message_id in {message_id for message_id, _ in self.entries}:
            record = self.run(self.store.message("im", message_id))
            assert record is not None
            stored |= {(message_id, delivery.number): delivery.state for delivery in record.deliveries}

        assert stored == {key: entry.state for key, entry in self.entries.items()}

    @invariant()
    def each_change_of_state_is_told_once(self) -> None:
        changes = self.run(self.store.changes("im", after=self.told_until, limit=1000))
        self.told_until = changes.position

        before = {key: self.told.get(key, PENDING) for key in self.entries}
        self.told = {key: entry.state for key, entry in self.entries.items()}
        changed = [(key, state) for key, state in self.told.items() if state is not before[key]]
        told = [((each.message_id, each.number), each.state) for each in changes.deliveries]
        assert sorted(told) == sorted(changed)

    @invariant()
    def pending_ones_are_counted(self) -> None:
        pending = [entry.cert_id for entry in self.entries.values() if entry.state is PENDING]

        assert self.run(self.store.count_pending(self.certs)) == [pending.count(cert_id) for cert_id in self.certs]
        assert self.run(self.store.certs_with_pending()) == sorted(set(pending))

    @invariant()
    def the_registrations_are_the_models(self) -> None:
        stored = self.run(self.store.registrations(RegistrationSelector(app_id="im")))

        assert stored == [self.phones[key] for key in sorted(self.phones)]


TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
