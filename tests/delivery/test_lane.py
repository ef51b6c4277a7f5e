from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec import structs

from pushsvc.delivery.lane import MAX_EXCHANGES, MAX_GATHERING_EXCHANGES, Lane, LaneCert
from pushsvc.domain import Cert, CertDefaults, CertHealth, CertState, Delivery, DeliveryState, Reason
from pushsvc.receipt_addresses import ReceiptAddresses
from pushsvc.sealing import Sealer
from pushsvc.store.base import Settlement, Store
from tests.delivery.examples import CERT_ID, NOW, Key, MemoryStore, delivery, message
from vendors import fake
from vendors.access_tokens import AnyAccount
from vendors.contract import OPEN_APP, AccessToken, Batching, Category, ClickAction, ClickKind, Notification, Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    Outcome,
    Throttled,
    ThrottleScope,
    Unavailable,
    Withdrawn,
)
from vendors.sender import Sender

HOUR = 3_600_000
REFUSED = CredentialRejected(vendor_code="15", vendor_reason="bad sign", advice="mend the secret")
WEB_PAGE = ClickAction(ClickKind.URL, "https://example.com")
DOWN = Unavailable(vendor_reason="no route", ambiguous=False)


class Clock:
    def __init__(self) -> None:
        self.now_ms = NOW
        self.asked = 0
        self.jumps: dict[int, int] = {}  # milliseconds that pass before it is asked for the nth time

    def __call__(self) -> datetime:
        self.asked += 1
        self.now_ms += self.jumps.get(self.asked, 0)
        return datetime.fromtimestamp(self.now_ms / 1000, UTC)


class StubSender:
    """Says what a test tells it to, when it lets it."""

    def __init__(self) -> None:
        self.token: Outcome | None = None
        self.outcome: Callable[[Push], Outcome] = lambda _: Accepted()
        self.fault: Exception | None = None
        self.sign_ins = 0
        self.batches: list[list[Push]] = []
        self.accounts: list[AnyAccount] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def access_token(self, _: AnyAccount) -> AccessToken | Outcome | None:
        self.sign_ins += 1
        await asyncio.sleep(0)
        return self.token

    async def send(
        self,
        account: AnyAccount,
        pushes: Sequence[Push],
        access_token: AccessToken | None,
        *,
        withdrawn: Callable[[], Collection[int]],
    ) -> Sequence[Outcome]:
        assert access_token is None
        wanted = set(range(len(pushes))).difference(withdrawn())
        if not wanted:
            return [Withdrawn()] * len(pushes)
        self.accounts.append(account)
        self.batches.append([pushes[at] for at in sorted(wanted)])
        fault, outcome = self.fault, self.outcome
        await self.may_answer.wait()
        if fault is not None:
            raise fault
        return [outcome(push) if at in wanted else Withdrawn() for at, push in enumerate(pushes)]

    @property
    def phones(self) -> list[list[str]]:
        """Each batch that left, by its registration ids."""
        return [[push.registration_id for push in batch] for batch in self.batches]

    @property
    def all_phones(self) -> list[str]:
        return sorted(chain.from_iterable(self.phones))


class StubEvents:
    """Writes results down in the store of a test."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.settlements: list[Settlement] = []
        self.stalled_keys: list[Key] = []
        self.verdicts: list[CertHealth] = []
        self.waits: list[tuple[int, float | None]] = []
        self.fault: Exception | None = None
        self.may_write = asyncio.Event()
        self.may_write.set()

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        await self.may_write.wait()
        self.settlements += settlements
        for each in settlements:
            if each.state is not DeliveryState.PENDING:
                self._store.pending.pop(each.key, None)
            elif each.key in self._store.pending:
                self._store.pending[each.key] = structs.replace(
                    self._store.pending[each.key], due_at_ms=each.due_at_ms, attempts=each.attempts
                )

    def handed_over(
        self, cert: Cert, outcomes: Sequence[Outcome], *, seconds: float, waited_seconds: float | None
    ) -> None:
        assert (cert.cert_id, seconds >= 0) == (CERT_ID, True)
        self.waits.append((len(outcomes), waited_seconds))

    def stalled(self, keys: Sequence[Key]) -> None:
        self.stalled_keys += keys

    async def cert_judged(self, cert: Cert, health: CertHealth) -> None:
        assert cert.cert_id == CERT_ID
        self.verdicts.append(health)
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault

    @property
    def states(self) -> list[tuple[Key, DeliveryState]]:
        return [(each.key, each.state) for each in self.settlements]


def lane_cert(
    *,
    version: int = 1,
    batching: Batching = Batching.ANY_CONTENT,
    max_targets: int = 100,
    health: CertHealth = CertHealth(),  # noqa: B008 - frozen
    defaults: CertDefaults = CertDefaults(),  # noqa: B008 - frozen
    **can: Any,
) -> LaneCert:
    capabilities = replace(fake.CAPABILITIES, batching=batching, max_targets=max_targets, **can)
    vendor = SimpleNamespace(CAPABILITIES=capabilities)
    cert = Cert(
        cert_id=CERT_ID,
        app_id="im",
        vendor="stub",
        display_name="",
        credential={},
        credential_version=version,
        defaults=defaults,
        base_url="",
        health=health,
        created_at_ms=NOW,
        updated_at_ms=NOW,
    )
    return LaneCert(cert=cert, account=cast("AnyAccount", SimpleNamespace(key=(CERT_ID, version), vendor=vendor)))


class Bench:
    """A lane and all it talks to."""

    def __init__(self, **cert: Any) -> None:
        self.clock = Clock()
        self.store = MemoryStore()
        self.sender = StubSender()
        self.events = StubEvents(self.store)
        self.lane = Lane(
            lane_cert(**cert),
            sender=cast("Sender", self.sender),
            store=cast("Store", self.store),
            addresses=ReceiptAddresses("", Sealer([bytes(32)])),
            events=self.events,
            clock=self.clock,
            random=lambda: 0.0,
        )

    async def accept(self, *deliveries: Delivery) -> None:
        self.store.add(*(structs.replace(each) for each in deliveries))
        self.lane.offer(deliveries)
        await settled()

    async def advance(self, by_ms: int) -> None:
        self.clock.now_ms += by_ms
        await self.wake()

    async def wake(self) -> None:
        """As a timer would."""
        self.lane.offer([])
        await settled()


@asynccontextmanager
async def bench(**cert: Any) -> AsyncIterator[Bench]:
    running = Bench(**cert)
    try:
        yield running
    finally:
        running.sender.may_answer.set()
        running.events.may_write.set()
        running.events.fault = None
        await asyncio.wait_for(running.lane.close(grace_seconds=5), 10)


async def settled() -> None:
    """Lets everything run that can."""
    for _ in range(60):
        await asyncio.sleep(0)


def some(count: int, *, first: int = 1) -> list[Delivery]:
    return [delivery(message(message_id)) for message_id in range(first, first + count)]


def phone(message_id: int) -> str:
    return f"phone-{message_id}-0"


async def test_an_idle_lane_sends_at_once_and_settles_what_came_of_it() -> None:
    async with bench() as b:
        await b.accept(*some(1))

        assert b.sender.phones == [[phone(1)]]
        assert b.events.states == [((1, 0), DeliveryState.SENT)]
        assert b.events.verdicts == [CertHealth(state=CertState.ACCEPTED, since_ms=NOW)]


async def test_the_wait_of_a_hand_over_is_that_of_its_first_delivery_and_of_first_attempts_only() -> None:
    async with bench() as b:
        await b.accept(delivery(message(1), due_at_ms=NOW - 1_500))
        await b.accept(structs.replace(delivery(message(2)), attempts=1))

        assert b.events.waits == [(1, 1.5), (1, None)]


async def test_what_comes_while_all_exchanges_are_out_gathers_into_one_batch() -> None:
    async with bench() as b:
        b.sender.may_answer.clear()
        for each in some(MAX_GATHERING_EXCHANGES):
            await b.accept(each)
        await b.accept(*some(1, first=10))
        await b.accept(*some(2, first=20))
        assert len(b.sender.batches) == 4

        b.sender.may_answer.set()
        await settled()

        assert b.sender.phones == [
            [phone(1)],
            [phone(2)],
            [phone(3)],
            [phone(4)],
            [phone(10), phone(20), phone(21)],
        ]


async def test_different_contents_share_a_call_up_to_the_vendors_limit() -> None:
    async with bench(max_targets=3) as b:
        await b.accept(*some(7))

        assert b.sender.phones == [
            [phone(1), phone(2), phone(3)],
            [phone(4), phone(5), phone(6)],
            [phone(7)],
        ]


async def test_where_a_call_has_one_content_only_phones_of_one_message_share_it() -> None:
    async with bench(batching=Batching.SAME_CONTENT, max_targets=2) as b:
        one, two = message(1), message(2)

        await b.accept(delivery(one, 0), delivery(one, 1), delivery(one, 2), delivery(two, 0))

        assert b.sender.phones == [["phone-1-0", "phone-1-1"], ["phone-2-0"], ["phone-1-2"]]


async def test_messages_of_one_content_share_a_call_whatever_came_in_between() -> None:
    async with bench(batching=Batching.SAME_CONTENT) as b:
        one, other, same = message(1), message(2), message(3, content_id=1)

        await b.accept(delivery(one, 0), delivery(other, 0), delivery(same, 0))

        assert b.sender.phones == [["phone-1-0", "phone-3-0"], ["phone-2-0"]]
        assert [push.content_id for push in b.sender.batches[0]] == ["1", "1"]


async def test_contents_that_need_a_call_each_do_not_wait_for_one_another() -> None:
    async with bench(batching=Batching.SAME_CONTENT) as b:
        b.sender.may_answer.clear()

        await b.accept(*some(MAX_EXCHANGES + 1))

        assert len(b.sender.batches) == MAX_EXCHANGES


async def test_a_tap_that_the_vendor_can_not_do_opens_the_app() -> None:
    async with bench(click_actions=frozenset({ClickKind.OPEN_APP})) as b:
        to_a_page = structs.replace(
            message(1), notification=structs.replace(message(1).notification, click_action=WEB_PAGE)
        )

        await b.accept(delivery(to_a_page))

        assert [push.click_action for push in b.sender.batches[0]] == [OPEN_APP]
        assert b.events.settlements[0].ignored == ("click_action",)


async def test_a_vendor_of_single_sends_gets_many_at_a_time() -> None:
    async with bench(batching=Batching.SINGLE, max_targets=1) as b:
        b.sender.may_answer.clear()

        await b.accept(*some(MAX_EXCHANGES + 6))

        assert b.sender.phones == [[phone(n)] for n in range(1, MAX_EXCHANGES + 1)]
        b.sender.may_answer.set()
        await settled()
        assert len(b.sender.batches) == MAX_EXCHANGES + 6


async def test_a_push_has_what_the_cert_adds_where_the_notification_says_nothing() -> None:
    defaults = CertDefaults(
        channel_id="chat",
        click_action=ClickAction(ClickKind.URL, "https://example.com"),
        category=Category.TODO,
        vendor_options={"a": 1, "b": 2},
    )
    spoken = Notification(
        title="t",
        body="b",
        channel_id="calls",
        click_action=ClickAction(ClickKind.ACTIVITY, "com.example.Chat"),
        category=Category.ORDER,
        vendor_options={"stub": {"b": 3}, "other": {"c": 4}},
    )
    async with bench(defaults=defaults) as b:
        silent = delivery(message(1, expires_at_ms=NOW + HOUR))

        await b.accept(silent, delivery(structs.replace(message(2), notification=spoken)))

        [[first, second]] = b.sender.batches
        assert (first.channel_id, first.category, first.options) == ("chat", Category.TODO, {"a": 1, "b": 2})
        assert first.click_action == ClickAction(ClickKind.URL, "https://example.com")
        assert first.expires_at == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1)
        assert first.dedup_id == silent.dedup_id
        assert (second.channel_id, second.category, second.options) == ("calls", Category.ORDER, {"a": 1, "b": 3})
        assert second.click_action == ClickAction(ClickKind.ACTIVITY, "com.example.Chat")


async def test_what_expired_before_its_turn_is_never_sent_and_left_to_the_sweep() -> None:
    async with bench() as b:
        await b.accept(delivery(message(1, expires_at_ms=NOW)), delivery(message(2, expires_at_ms=NOW + 1)))

        assert b.sender.phones == [[phone(2)]]
        assert b.events.states == [((2, 0), DeliveryState.SENT)]
        assert list(b.store.pending) == [(1, 0)]


async def test_what_was_withdrawn_before_its_turn_is_neither_sent_nor_settled() -> None:
    async with bench() as b:
        gone, wanted = delivery(message(1), registration_key=1), delivery(message(2), registration_key=2)
        b.store.add(wanted)
        b.lane.offer([gone, wanted])

        b.lane.withdraw([1])
        await settled()

        assert b.sender.phones == [[phone(2)]]
        assert b.events.states == [((2, 0), DeliveryState.SENT)]


async def test_what_was_cancelled_before_its_turn_is_neither_sent_nor_settled() -> None:
    async with bench() as b:
        wanted = delivery(message(2))
        b.store.add(wanted)
        b.lane.offer([delivery(message(1)), wanted])

        b.lane.cancel(1)
        await settled()

        assert b.sender.phones == [[phone(2)]]
        assert b.events.states == [((2, 0), DeliveryState.SENT)]


async def test_a_vendor_that_says_too_fast_slows_its_lane_down() -> None:
    async with bench(max_targets=100) as b:
        b.sender.outcome = lambda _: Throttled()
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))
        assert [len(batch) for batch in b.sender.batches] == [100]
        assert b.lane.state.per_second == 50

        b.sender.outcome = lambda _: Accepted()
        await b.accept(*(delivery(message(at)) for at in range(101, 201)))
        assert len(b.sender.batches) == 1

        await b.advance(101)
        assert len(b.sender.batches[1]) == 5
        assert [state for _, state in b.events.states[-5:]] == 5 * [DeliveryState.SENT]


async def test_a_spent_quota_says_nothing_of_the_pace() -> None:
    async with bench(max_targets=1) as b:
        b.sender.outcome = lambda _: Throttled(retry_after=timedelta(hours=1))
        await b.accept(*(delivery(message(at, expires_at_ms=NOW + 2 * HOUR)) for at in range(1, 21)))

        assert len(b.sender.batches) == 20
        assert b.lane.state.per_second == 0


async def test_a_vendor_that_is_down_is_asked_by_one_probe_at_a_time() -> None:
    async with bench(max_targets=1) as b:
        b.sender.outcome = lambda _: DOWN
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))
        assert len(b.sender.batches) < 20
        assert b.lane.state.next_probe_ms > NOW

        tried = len(b.sender.batches)
        await b.advance(b.lane.state.next_probe_ms - b.clock.now_ms)
        assert len(b.sender.batches) == tried + 1
        await b.advance(0)
        assert len(b.sender.batches) == tried + 1


async def test_a_sign_in_that_is_down_is_asked_once_a_pause() -> None:
    async with bench(max_targets=1) as b:
        b.sender.token = DOWN
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))
        asked = b.sender.sign_ins
        assert asked <= MAX_GATHERING_EXCHANGES
        assert b.lane.state.next_probe_ms > NOW

        await b.advance(b.lane.state.next_probe_ms - b.clock.now_ms)
        assert b.sender.sign_ins == asked + 1


async def test_a_lane_that_rests_asks_nothing_of_the_store() -> None:
    async with bench(max_targets=1) as b:
        b.sender.outcome = lambda _: DOWN
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))
        claims = len(b.store.limits)

        b.clock.now_ms = b.lane.state.next_probe_ms - 1
        await b.accept(*(delivery(message(at), due_at_ms=b.clock.now_ms) for at in range(101, 121)))
        b.lane.recover()
        await settled()

        assert b.lane.state.next_probe_ms > b.clock.now_ms
        assert len(b.store.limits) == claims


async def test_a_vendor_that_is_back_gets_everything_again() -> None:
    async with bench(max_targets=10) as b:
        b.sender.outcome = lambda _: DOWN
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))

        b.sender.outcome = lambda _: Accepted()
        await b.advance(HOUR // 2)
        await b.wake()

        assert b.store.pending == {}
        assert b.lane.state.next_probe_ms == 0


async def test_a_few_unanswered_calls_between_answered_ones_do_not_stop_a_lane() -> None:
    async with bench(max_targets=1) as b:
        b.sender.outcome = lambda push: DOWN if int(push.registration_id.split("-")[1]) % 4 else Accepted()
        await b.accept(*(delivery(message(at)) for at in range(1, 101)))
        for _ in range(10):
            await b.wake()

        assert len(b.sender.batches) == 100
        assert b.lane.state.next_probe_ms == 0


async def test_a_vendor_that_does_not_answer_gets_fewer_calls_at_a_time_and_more_again_once_it_does() -> None:
    async with bench(max_targets=1, batching=Batching.SINGLE) as b:
        usual = b.lane.state.max_exchanges
        b.sender.outcome = lambda _: DOWN
        await b.accept(*some(4))
        reduced = b.lane.state.max_exchanges
        b.sender.outcome = lambda _: Accepted()
        await b.advance(10_000)
        await b.accept(*some(3_000, first=10))
        for _ in range(100):
            await b.wake()

        assert usual == MAX_EXCHANGES
        assert reduced < usual
        assert reduced < b.lane.state.max_exchanges <= usual


QUOTA = Throttled(
    vendor_code="33",
    vendor_reason="daily limit",
    retry_after=timedelta(hours=8),
    scope=ThrottleScope.CLASS,
)


def of_class(message_id: int, category: Category, *, ttl_ms: int = 20 * HOUR) -> Delivery:
    notification = Notification(title="t", body="b", category=category)
    return delivery(structs.replace(message(message_id, expires_at_ms=NOW + ttl_ms), notification=notification))


async def test_a_lane_whose_exchanges_are_all_out_sleeps_though_it_has_a_limit_and_a_backlog() -> None:
    async with bench(batching=Batching.SINGLE, max_targets=1, targets_per_second=1_000) as b:
        b.sender.may_answer.clear()
        await b.accept(*some(MAX_EXCHANGES + 10))
        assert len(b.sender.batches) == MAX_EXCHANGES
        await b.advance(10_000)
        b.clock.asked = 0

        await settled()

        assert b.clock.asked == 0


@pytest.mark.parametrize("looks", range(1, 5))
async def test_what_is_allowed_a_moment_after_the_lane_looked_is_not_forgotten(looks: int) -> None:
    async with bench(targets_per_second=1_000) as b:
        await b.accept(*some(200))
        assert sum(map(len, b.sender.batches)) == 200
        b.clock.asked = 0
        b.clock.jumps = {looks: 1_000}

        await b.accept(*some(1, first=201))
        await settled()

        assert b.sender.batches[-1][0].registration_id == phone(201)


async def test_a_spent_quota_stops_its_class_without_asking_again_and_nothing_else() -> None:
    async with bench() as b:
        b.sender.outcome = lambda push: QUOTA if push.category is Category.NEWS else Accepted()
        await b.accept(of_class(1, Category.NEWS))
        await b.accept(*(of_class(at, Category.NEWS) for at in range(2, 50)))
        await b.accept(of_class(60, Category.IM))

        assert b.sender.phones == [[phone(1)], [phone(60)]]
        waits = [each for each in b.events.settlements if each.state is DeliveryState.PENDING]
        assert {each.due_at_ms for each in waits} == {NOW + 8 * HOUR}
        assert [each.attempts for each in waits] == [1] + [0] * 48
        [stopped] = b.lane.state.stopped
        assert (stopped.category, stopped.until_ms, stopped.vendor_code) == (Category.NEWS, NOW + 8 * HOUR, "33")


async def test_what_a_stopped_class_would_outlive_expires_at_once_and_says_why() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: QUOTA
        await b.accept(of_class(1, Category.NEWS))
        await b.accept(of_class(2, Category.NEWS, ttl_ms=HOUR))

        [_, expired] = b.events.settlements
        assert (expired.state, expired.reason, expired.attempts) == (DeliveryState.EXPIRED, Reason.TTL_ENDED, 0)
        assert "daily limit" in expired.event.detail


async def test_a_stopped_class_goes_on_when_its_time_is_over_or_its_cert_is_edited() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: QUOTA
        await b.accept(of_class(1, Category.NEWS))
        b.sender.outcome = lambda _: Accepted()
        b.lane.replace_cert(lane_cert())
        await b.accept(of_class(2, Category.NEWS))
        assert b.sender.phones == [[phone(1)], [phone(2)]]

        await b.advance(8 * HOUR)

        assert b.sender.phones == [[phone(1)], [phone(2)], [phone(1)]]
        assert b.lane.state.stopped == []


async def test_a_vendor_that_asks_all_of_a_cert_to_wait_is_not_called_before() -> None:
    wait = Throttled(retry_after=timedelta(seconds=30), scope=ThrottleScope.CERT)
    async with bench() as b:
        b.sender.outcome = lambda _: wait
        await b.accept(*some(1))
        b.sender.outcome = lambda _: Accepted()
        await b.accept(*some(50, first=10))
        await b.advance(29_999)
        assert b.sender.phones == [[phone(1)]]

        await b.advance(1)
        await b.advance(1_000)

        assert b.lane.state.next_probe_ms == 0
        assert sum(len(batch) for batch in b.sender.batches) == 1 + 51


async def test_what_moved_to_another_registration_goes_there() -> None:
    async with bench() as b:
        moved = delivery(message(1), registration_key=1)
        b.store.add(structs.replace(moved, registration_key=2, registration_id="new-phone"))
        b.lane.offer([moved])

        b.lane.withdraw([1])
        b.lane.recover()
        await settled()

        assert b.sender.phones == [["new-phone"]]
        assert b.events.states == [((1, 0), DeliveryState.SENT)]


async def test_what_is_not_due_yet_goes_when_it_is() -> None:
    async with bench() as b:
        await b.accept(delivery(message(1, expires_at_ms=NOW + 2 * HOUR), due_at_ms=NOW + HOUR))
        await b.advance(HOUR - 1)
        assert b.sender.batches == []

        await b.advance(1)

        assert b.sender.phones == [[phone(1)]]


async def test_a_failed_delivery_is_tried_again_when_its_pause_is_over() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: Throttled(retry_after=timedelta(hours=1))
        await b.accept(delivery(message(1, expires_at_ms=NOW + 3 * HOUR)))
        b.sender.outcome = lambda _: Accepted()
        await b.advance(HOUR - 1)
        assert len(b.sender.batches) == 1

        await b.advance(1)

        assert b.sender.phones == [[phone(1)], [phone(1)]]
        assert [(each.state, each.attempts) for each in b.events.settlements] == [
            (DeliveryState.PENDING, 1),
            (DeliveryState.SENT, 2),
        ]


async def test_a_retry_that_falls_due_while_the_disk_is_slow_is_not_forgotten() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: Unavailable(ambiguous=True)
        b.events.may_write.clear()
        await b.accept(*some(1))
        b.sender.outcome = lambda _: Accepted()
        await b.advance(60_000)

        b.events.may_write.set()
        await b.wake()

        assert b.sender.phones == [[phone(1)], [phone(1)]]


async def test_a_refused_sign_in_settles_nothing_and_keeps_the_order() -> None:
    async with bench() as b:
        b.sender.token = REFUSED

        await b.accept(*some(3))

        assert b.sender.batches == []
        assert b.events.settlements == []
        assert b.events.stalled_keys == [(1, 0), (2, 0), (3, 0)]
        assert b.events.verdicts == [
            CertHealth(
                state=CertState.REJECTED,
                since_ms=NOW,
                vendor_code="15",
                vendor_reason="bad sign",
                advice="mend the secret",
                next_probe_ms=NOW + 30_000,
            )
        ]

        b.sender.token = None
        b.lane.replace_cert(lane_cert(version=2))
        await settled()

        assert b.sender.phones == [[phone(1), phone(2), phone(3)]]
        assert [each.key for each in b.events.settlements] == [(1, 0), (2, 0), (3, 0)]
        assert b.events.verdicts[-1].state is CertState.ACCEPTED


async def test_a_refused_cert_is_probed_once_each_time_and_ever_more_rarely() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        await b.accept(*some(30))
        sign_ins = []

        for pause_ms in (29_999, 1, 59_999, 1, 119_999, 1):
            await b.advance(pause_ms)
            await b.accept(*some(1, first=1_000 + b.clock.now_ms % 1_000))
            sign_ins.append(b.sender.sign_ins)

        assert sign_ins == [1, 2, 2, 3, 3, 4]
        assert [health.since_ms for health in b.events.verdicts] == [NOW] * 4


async def test_a_probe_that_gets_through_lets_everything_out() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        await b.accept(*some(5))
        b.sender.token = None

        await b.advance(30_000)

        assert b.sender.phones == [[phone(1)], [phone(2), phone(3), phone(4), phone(5)]]
        assert b.events.verdicts[-1].state is CertState.ACCEPTED


async def test_a_cert_that_proves_good_when_verified_lets_everything_out_at_once() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        await b.accept(*some(2))
        b.sender.token = None

        b.lane.replace_cert(lane_cert(health=CertHealth(state=CertState.ACCEPTED, since_ms=NOW)))
        await settled()

        assert b.sender.phones == [[phone(1), phone(2)]]


async def test_an_edit_that_mends_nothing_lets_nothing_out() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        await b.accept(*some(2))

        b.lane.replace_cert(lane_cert(health=b.events.verdicts[-1]))
        await settled()

        assert b.sender.sign_ins == 1


async def test_what_arrives_while_the_cert_is_refused_is_told_to_wait() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        await b.accept(*some(1))

        await b.accept(*some(1, first=2))

        assert b.events.stalled_keys == [(1, 0), (2, 0)]


async def test_a_vendor_that_is_down_gets_a_pause_and_the_cert_no_blame() -> None:
    async with bench() as b:
        b.sender.token = DOWN
        await b.accept(*some(3))
        b.sender.token = None

        await b.advance(100)

        assert b.sender.phones == [[phone(1)], [phone(2), phone(3)]]
        assert [health.state for health in b.events.verdicts] == [CertState.ACCEPTED]


async def test_a_cert_refused_at_the_send_keeps_its_deliveries_pending_and_probes_with_one() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: REFUSED
        await b.accept(*some(4))
        assert [(each.state, each.reason) for each in b.events.settlements] == [
            (DeliveryState.PENDING, Reason.CREDENTIAL_REJECTED)
        ] * 4
        await b.advance(30_000)

        b.sender.outcome = lambda _: Accepted()
        await b.advance(60_000)

        assert [len(batch) for batch in b.sender.phones] == [4, 1, 1, 3]
        assert b.store.pending == {}


async def test_an_expired_probe_proves_nothing_about_a_refused_cert() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: REFUSED
        short_lived = [delivery(message(n, expires_at_ms=NOW + 20_000)) for n in (1, 2)]
        await b.accept(*short_lived, *some(3, first=3))

        await b.advance(30_000)

        assert [len(batch) for batch in b.sender.phones] == [5, 1]
        assert b.sender.phones[1] == [phone(3)]


async def test_a_verdict_about_a_replaced_credential_counts_for_nothing() -> None:
    async with bench() as b:
        b.sender.outcome = lambda _: REFUSED
        b.sender.may_answer.clear()
        await b.accept(*some(1))
        b.lane.replace_cert(lane_cert(version=2))

        b.sender.outcome = lambda _: Accepted()
        b.sender.may_answer.set()
        await b.wake()

        assert [account.key for account in b.sender.accounts] == [(CERT_ID, 1), (CERT_ID, 2)]
        assert [health.state for health in b.events.verdicts] == [CertState.ACCEPTED]
        assert b.store.pending == {}


async def test_an_unexpected_fault_of_the_sender_loses_nothing() -> None:
    async with bench() as b:
        b.sender.fault = RuntimeError("nobody expected this")
        await b.accept(*some(3))
        assert b.events.settlements == []
        b.sender.fault = None

        await b.advance(100)

        assert [len(batch) for batch in b.sender.phones] == [3, 1, 2]
        assert b.store.pending == {}


async def test_an_unexpected_fault_after_a_refusal_hands_nothing_out_twice() -> None:
    async with bench() as b:
        b.sender.token = REFUSED
        b.events.fault = RuntimeError("nobody expected this")
        await b.accept(*some(3))
        b.sender.token, b.events.fault = None, None

        await b.advance(30_000)

        assert b.sender.all_phones == [phone(1), phone(2), phone(3)]


async def test_a_store_that_fails_is_asked_again() -> None:
    async with bench() as b:
        b.store.fails = True
        b.store.add(*some(2))
        b.lane.recover()
        await settled()
        assert b.sender.batches == []

        b.store.fails = False
        await b.wake()

        assert b.sender.phones == [[phone(1), phone(2)]]


async def test_a_lane_that_closes_lets_what_is_in_flight_finish_and_starts_nothing_more() -> None:
    async with bench(max_targets=1) as b:
        b.sender.may_answer.clear()
        await b.accept(*some(MAX_GATHERING_EXCHANGES + 2))

        closing = asyncio.create_task(b.lane.close(grace_seconds=5))
        await settled()
        assert not closing.done()
        b.sender.may_answer.set()
        await asyncio.wait_for(closing, 5)

        assert len(b.sender.batches) == MAX_GATHERING_EXCHANGES
        assert list(b.store.pending) == [(5, 0), (6, 0)]


async def test_a_lane_that_closes_waits_no_longer_than_its_grace() -> None:
    async with bench() as b:
        b.sender.may_answer.clear()
        await b.accept(*some(1))

        await asyncio.wait_for(b.lane.close(grace_seconds=0), 5)

        assert b.events.settlements == []
        assert list(b.store.pending) == [(1, 0)]


@pytest.mark.parametrize("batching", list(Batching))
async def test_a_backlog_of_any_length_leaves_completely(batching: Batching) -> None:
    async with bench(batching=batching, max_targets=10) as b:
        b.store.add(*some(2_500))

        b.lane.recover()
        for _ in range(100):
            await settled()

        assert b.store.pending == {}
        assert b.sender.all_phones == sorted(phone(n) for n in range(1, 2_501))
