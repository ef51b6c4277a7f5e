from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import structs

from pushsvc.delivery import queue
from pushsvc.delivery.queue import LaneQueue
from pushsvc.domain import Delivery
from pushsvc.errors import StoreUnavailable
from pushsvc.store.base import Store
from tests.delivery.examples import CERT_ID, NOW, Key, MemoryStore, delivery, message

PAGE = 3
MAX_HELD = 6
MAX_IN_FLIGHT = 4
# A refill starts with less than a page ready, and reads at most a page more than what is held.
MOST_HELD = max(MAX_HELD, 2 * (MAX_IN_FLIGHT + PAGE) + PAGE)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", PAGE)
    monkeypatch.setattr(queue, "MAX_HELD", MAX_HELD)


@pytest.fixture
async def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def waiting(store: MemoryStore) -> LaneQueue:
    return LaneQueue(CERT_ID, cast("Store", store))


def some(count: int, *, first: int = 1) -> list[Delivery]:
    return [delivery(message(message_id)) for message_id in range(first, first + count)]


def take_all(waiting: LaneQueue) -> list[Delivery]:
    return waiting.pop(len(waiting), one_content=False)


def wants_refill_at(waiting: LaneQueue, now_ms: int) -> bool:
    waiting.look_at_the_clock(now_ms)
    return waiting.wants_refill


async def drained(waiting: LaneQueue, store: MemoryStore) -> list[Key]:
    """Hands over and settles everything; the keys in the order in which they went."""
    gone = []
    while waiting or waiting.wants_refill:
        if waiting.wants_refill:
            await waiting.refill(now_ms=NOW)
        for each in take_all(waiting):
            gone.append(each.key)
            del store.pending[each.key]
            waiting.release([each])
    return gone


async def test_what_is_offered_is_handed_out_in_order_without_asking_the_store(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    for each in some(3):
        waiting.offer(each, now_ms=NOW)

    assert [each.key for each in take_all(waiting)] == [(1, 0), (2, 0), (3, 0)]
    assert not waiting.wants_refill
    assert store.limits == []


@pytest.mark.usefixtures("small")
async def test_past_its_bound_the_rest_stays_in_the_store_and_is_claimed_by_the_page(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    deliveries = some(20)
    store.add(*deliveries)
    for each in deliveries:
        waiting.offer(each, now_ms=NOW)

    assert len(waiting) == MAX_HELD // 2
    assert await drained(waiting, store) == [(n, 0) for n in range(1, 21)]
    assert store.limits == [MAX_HELD // 2 + PAGE, *6 * [PAGE]]


@pytest.mark.usefixtures("small")
async def test_a_caller_that_fills_its_part_of_the_room_leaves_some_to_others(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    flood = [delivery(message(n), caller="flood") for n in range(1, 21)]
    chat = delivery(message(30), caller="chat")
    store.add(*flood, chat)
    for each in (*flood, chat):
        waiting.offer(each, now_ms=NOW)

    assert chat.key in [each.key for each in waiting.pop(2, one_content=False)]


@pytest.mark.usefixtures("small")
async def test_a_caller_with_a_backlog_in_the_store_lines_up_behind_it_and_others_do_not(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    flood = [delivery(message(n), caller="flood") for n in range(1, 11)]
    store.add(*flood)
    for each in flood[:9]:
        waiting.offer(each, now_ms=NOW)
    waiting.release(take_all(waiting))

    waiting.offer(flood[9], now_ms=NOW)
    waiting.offer(delivery(message(30), caller="chat"), now_ms=NOW)

    assert [each.key for each in take_all(waiting)] == [(30, 0)]


@pytest.mark.usefixtures("small")
async def test_what_is_in_the_store_is_claimed_however_much_others_offer(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    store.add(delivery(message(1)))
    waiting.claim_later()
    for each in some(PAGE, first=2):
        waiting.offer(each, now_ms=NOW)

    assert len(waiting) == PAGE
    assert waiting.wants_refill


@pytest.mark.usefixtures("small")
async def test_what_was_committed_behind_the_cursor_is_found_before_the_pass_ends(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    store.add(*some(4, first=10))
    waiting.claim_later()
    await waiting.refill(now_ms=NOW)
    late = delivery(message(1))
    store.add(late)
    waiting.offer(late, now_ms=NOW)

    gone = await drained(waiting, store)

    assert sorted(gone) == [(1, 0), (10, 0), (11, 0), (12, 0), (13, 0)]


async def test_what_is_not_due_yet_waits_in_the_store_until_it_is(waiting: LaneQueue, store: MemoryStore) -> None:
    later = delivery(message(1), due_at_ms=NOW + 5_000)
    store.add(later)
    waiting.offer(later, now_ms=NOW)

    assert (len(waiting), waiting.next_due_ms) == (0, NOW + 5_000)
    assert not wants_refill_at(waiting, NOW + 4_999)
    assert wants_refill_at(waiting, NOW + 5_000)
    await waiting.refill(now_ms=NOW + 5_000)
    assert [each.key for each in take_all(waiting)] == [(1, 0)]


async def test_a_claim_finds_out_when_the_next_one_is_due(waiting: LaneQueue, store: MemoryStore) -> None:
    store.add(delivery(message(1), due_at_ms=NOW + 9_000), delivery(message(2), due_at_ms=NOW + 7_000))
    waiting.claim_later()

    await waiting.refill(now_ms=NOW)

    assert (len(waiting), waiting.next_due_ms, waiting.wants_refill) == (0, NOW + 7_000, False)


async def test_what_is_held_is_not_claimed_again(waiting: LaneQueue, store: MemoryStore) -> None:
    [only] = some(1)
    store.add(only)
    waiting.offer(only, now_ms=NOW)
    in_flight = take_all(waiting)
    waiting.claim_later()

    await waiting.refill(now_ms=NOW)

    assert len(waiting) == 0
    waiting.put_back(in_flight)
    assert waiting.pop(2, one_content=False) == [only]


@pytest.mark.usefixtures("small")
async def test_a_claim_that_finds_only_what_is_held_is_the_last(waiting: LaneQueue, store: MemoryStore) -> None:
    deliveries = some(MAX_HELD)
    store.add(*deliveries)
    for each in deliveries:
        waiting.offer(each, now_ms=NOW)
    take_all(waiting)
    waiting.claim_later()

    await waiting.refill(now_ms=NOW)

    assert not waiting.wants_refill


async def test_what_is_offered_while_a_page_is_read_is_claimed_afterwards(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    waiting.claim_later()
    store.may_answer.clear()
    refill = asyncio.create_task(waiting.refill(now_ms=NOW))
    await asyncio.sleep(0)
    [late] = some(1)
    store.add(late)

    waiting.offer(late, now_ms=NOW)
    store.go_on()
    await refill

    assert await drained(waiting, store) == [(1, 0)]


async def test_what_was_settled_while_the_page_was_read_is_not_handed_out_again(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    [only] = some(1)
    store.add(only)
    waiting.offer(only, now_ms=NOW)
    in_flight = take_all(waiting)
    waiting.claim_later()
    store.may_answer.clear()
    refill = asyncio.create_task(waiting.refill(now_ms=NOW))
    await asyncio.sleep(0)

    del store.pending[only.key]
    waiting.release(in_flight)
    store.go_on()
    await refill

    assert len(waiting) == 0


async def test_what_did_not_leave_returns_to_the_front_in_its_order(waiting: LaneQueue) -> None:
    for each in some(4):
        waiting.offer(each, now_ms=NOW)
    two = waiting.pop(2, one_content=False)

    waiting.put_back(two)

    assert [each.key for each in take_all(waiting)] == [(1, 0), (2, 0), (3, 0), (4, 0)]


async def test_a_withdrawn_registration_is_known_as_long_as_something_of_it_is_held(waiting: LaneQueue) -> None:
    first, second = delivery(message(1), registration_key=1), delivery(message(2), registration_key=2)
    waiting.offer(first, now_ms=NOW)
    waiting.offer(second, now_ms=NOW)

    waiting.withdraw([1])

    assert waiting.withdrawn_of([first])
    assert not waiting.withdrawn_of([second])
    waiting.release(take_all(waiting)[1:])
    assert waiting.withdrawn_of([first])


async def test_a_registration_withdrawn_while_a_page_is_read_is_known_when_it_arrives(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    [only] = some(1)
    store.add(only)
    waiting.claim_later()
    store.may_answer.clear()
    refill = asyncio.create_task(waiting.refill(now_ms=NOW))
    await asyncio.sleep(0)

    waiting.withdraw([1])
    store.go_on()
    await refill

    assert waiting.withdrawn_of(waiting.pop(1, one_content=False))


async def test_a_cancelled_message_is_known_as_long_as_something_is_held(waiting: LaneQueue) -> None:
    first, second = some(2)
    waiting.offer(first, now_ms=NOW)
    waiting.offer(second, now_ms=NOW)

    waiting.cancel(1)

    assert waiting.withdrawn_of([first])
    assert not waiting.withdrawn_of([second])
    waiting.release(take_all(waiting))
    assert not waiting.withdrawn_of([first])


async def test_a_message_cancelled_while_a_page_is_read_is_known_when_it_arrives(
    waiting: LaneQueue, store: MemoryStore
) -> None:
    [only] = some(1)
    store.add(only)
    waiting.claim_later()
    store.may_answer.clear()
    refill = asyncio.create_task(waiting.refill(now_ms=NOW))
    await asyncio.sleep(0)

    waiting.cancel(1)
    store.go_on()
    await refill

    assert waiting.withdrawn_of(waiting.pop(1, one_content=False))


@pytest.mark.usefixtures("small")
async def test_cancels_elsewhere_take_no_memory_however_many(waiting: LaneQueue) -> None:
    for message_id in range(1_000):
        waiting.cancel(message_id)
    assert len(waiting._cancelled) == 0

    [only] = some(1)
    waiting.offer(only, now_ms=NOW)
    for message_id in range(2_000):
        waiting.cancel(message_id)
    assert len(waiting._cancelled) <= 2 * MAX_HELD + 1
    assert waiting.withdrawn_of([only])


@pytest.mark.usefixtures("small")
async def test_logouts_elsewhere_take_no_memory_however_many(waiting: LaneQueue) -> None:
    for registration_key in range(1_000):
        waiting.withdraw([registration_key])
    assert len(waiting._withdrawn) == 0

    [only] = some(1)
    waiting.offer(only, now_ms=NOW)
    for registration_key in range(2_000):
        waiting.withdraw([registration_key])
    assert len(waiting._withdrawn) <= 2 * MAX_HELD + 1
    assert waiting.withdrawn_of([only])


async def test_a_store_that_fails_has_lost_nothing(waiting: LaneQueue, store: MemoryStore) -> None:
    store.add(*some(2))
    waiting.claim_later()
    store.fails = True
    with pytest.raises(StoreUnavailable):
        await waiting.refill(now_ms=NOW)

    store.fails = False
    assert waiting.wants_refill

    assert await drained(waiting, store) == [(1, 0), (2, 0)]


class QueueMachine(RuleBasedStateMachine):
    """A lane's queue between callers, a store that can be stopped in mid-claim, and deliveries in flight.

    `pending` of the store is the truth: what is in it is still to be sent. A delivery is in flight from `pop` until it
    is released, and settled in the store some time before that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(queue, "PAGE", PAGE)
        self.patch.setattr(queue, "MAX_HELD", MAX_HELD)
        self.refill: asyncio.Task[None] | None = None
        self.now_ms = NOW
        self.message_ids: Iterator[int] = iter(range(1, 10_000))
        self.registration_keys: Iterator[int] = iter(range(100, 10_000))
        self.unoffered: list[Delivery] = []
        self.in_flight: dict[Key, Delivery] = {}
        self.settled: dict[Key, int] = {}  # to when it is due again; 0: never

    @initialize()
    def start(self) -> None:
        async def build() -> None:
            self.store = MemoryStore()
            self.queue = LaneQueue(CERT_ID, cast("Store", self.store))

        self.run(build())

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)

    def breathe(self) -> None:
        async def pause() -> None:
            for _ in range(6):
                await asyncio.sleep(0)

        self.run(pause())
        if self.refill is not None and self.refill.done():
            if isinstance(self.refill.exception(), StoreUnavailable):
                self.queue.claim_later()
            else:
                self.refill.result()
            self.refill = None

    @rule(
        registration_keys=st.lists(st.integers(min_value=1, max_value=3), min_size=1, max_size=5),
        due_in_ms=st.sampled_from([0, 0, 0, -5, -1, 5, 50]),
        is_offered=st.booleans(),
        content_id=st.sampled_from([0, 0, 10_001, 10_002]),
    )
    def a_message_is_committed(
        self, registration_keys: list[int], due_in_ms: int, is_offered: bool, content_id: int = 0
    ) -> None:
        """In any order of due times, so also behind the cursor; the lane may hear of it later."""
        of = message(next(self.message_ids), content_id=content_id)
        for number, registration_key in enumerate(registration_keys):
            fresh = delivery(of, number, due_at_ms=self.now_ms + due_in_ms, registration_key=registration_key)
            self.store.add(fresh)
            self.unoffered.append(structs.replace(fresh))
        if is_offered:
            self.what_was_committed_is_offered()

    @precondition(lambda self: bool(self.unoffered))
    @rule()
    def what_was_committed_is_offered(self) -> None:
        for fresh in self.unoffered:
            self.queue.offer(fresh, now_ms=self.now_ms)
        self.unoffered.clear()

    @rule()
    def the_lane_is_told_to_claim(self) -> None:
        self.queue.claim_later()

    @precondition(lambda self: self.refill is None and self.queue.wants_refill)
    @rule(how_far=st.sampled_from([0, 1, 1, 2]), fails=st.sampled_from([False] * 7 + [True]))
    def a_claim_begins(self, how_far: int, fails: bool) -> None:
        self.store.stop()
        self.store.fails = fails
        self.refill = self.loop.create_task(self.queue.refill(now_ms=self.now_ms))
        self.breathe()
        for _ in range(how_far):
            self.the_claim_goes_on()

    @precondition(lambda self: self.refill is not None)
    @rule()
    def the_claim_goes_on(self) -> None:
        if self.store.may_read.is_set():
            self.store.go_on()
        else:
            self.store.may_read.set()
        self.breathe()

    @precondition(lambda self: self.refill is None and len(self.queue) < PAGE)
    @rule(
        happening=st.sampled_from(["outcomes", "outcomes", "a commit", "a logout", "a move"]),
        due_in_ms=st.sampled_from([-1, -1, 0, 3]),
    )
    def something_happens_while_a_page_is_read(self, happening: str, due_in_ms: int) -> None:
        """Nothing new, but what goes wrong most easily."""
        self.queue.claim_later()
        self.a_claim_begins(how_far=1, fails=False)
        if happening == "outcomes":
            self.outcomes_are_written(count=MAX_IN_FLIGHT, due_in_ms=due_in_ms, is_released=True)
        elif happening == "a commit":
            self.a_message_is_committed(registration_keys=[1, 2], due_in_ms=due_in_ms, is_offered=True)
        else:
            self.a_registration_ends(registration_key=1, is_move=happening == "a move")
        if self.refill is not None:
            self.the_claim_goes_on()

    @precondition(lambda self: len(self.queue) > 0 and len(self.in_flight) < MAX_IN_FLIGHT)
    @rule(count=st.integers(min_value=1, max_value=MAX_IN_FLIGHT), one_content=st.booleans())
    def some_are_handed_out(self, count: int, one_content: bool) -> None:
        limit = min(count, MAX_IN_FLIGHT - len(self.in_flight))
        ready = len(self.queue)
        batch = self.queue.pop(limit, one_content=one_content)
        assert 1 <= len(batch) <= limit
        assert len(self.queue) == ready - len(batch)
        assert not one_content or len({each.message.content_id for each in batch}) == 1
        for each in batch:
            self.is_handed_out(each)

    def is_handed_out(self, taken: Delivery) -> None:
        assert taken.key not in self.in_flight, "handed out twice at the same time"
        still_wanted = self.store.pending.get(taken.key)
        is_current = still_wanted is not None and still_wanted.registration_key == taken.registration_key
        assert is_current or self.queue.withdrawn_of([taken]), "handed out after it was settled, cancelled or moved"
        self.in_flight[taken.key] = taken

    def candidates(self) -> list[Key]:
        """Those in flight without an outcome yet; none gets one before the lane has heard of it."""
        unoffered = {each.key for each in self.unoffered}
        return [key for key in self.in_flight if key not in self.settled and key not in unoffered]

    @precondition(lambda self: self.candidates())
    @rule(
        count=st.integers(min_value=1, max_value=MAX_IN_FLIGHT),
        due_in_ms=st.sampled_from([-1, -1, 0, 3, 60]),
        is_released=st.booleans(),
    )
    def outcomes_are_written(self, count: int, due_in_ms: int, is_released: bool) -> None:
        """Final, or to be tried again; the lane may let go of them later."""
        for key in self.candidates()[:count]:
            self.settled[key] = 0 if due_in_ms < 0 else self.now_ms + due_in_ms
            if due_in_ms < 0:
                self.store.pending.pop(key, None)
            elif key in self.store.pending:
                self.store.pending[key] = structs.replace(self.store.pending[key], due_at_ms=self.settled[key])
        if is_released:
            self.the_settled_are_released()

    @precondition(lambda self: self.settled)
    @rule()
    def the_settled_are_released(self) -> None:
        batch = [self.in_flight.pop(key) for key in self.settled]
        if self.queue.withdrawn_of(batch):
            self.queue.claim_later()
        self.queue.release(batch)
        for due_at_ms in self.settled.values():
            if due_at_ms:
                self.queue.note_due(due_at_ms)
        self.settled.clear()

    @precondition(lambda self: self.candidates())
    @rule(count=st.integers(min_value=1, max_value=MAX_IN_FLIGHT), is_lost=st.booleans())
    def some_do_not_leave(self, count: int, is_lost: bool) -> None:
        """Put back because nobody signed in, or lost to a fault and to be claimed again."""
        batch = [self.in_flight.pop(key) for key in self.candidates()[:count]]
        if is_lost:
            self.queue.release(batch)
            self.queue.claim_later()
        else:
            self.queue.put_back(batch)

    @precondition(lambda self: self.store.pending)
    @rule(data=st.data())
    def a_message_is_cancelled(self, data: st.DataObject) -> None:
        """Offers on their way come first, as for registrations."""
        self.what_was_committed_is_offered()
        message_id = data.draw(st.sampled_from(sorted({message_id for message_id, _ in self.store.pending})))
        self.store.pending = {key: each for key, each in self.store.pending.items() if key[0] != message_id}
        self.queue.cancel(message_id)

    @rule(registration_key=st.integers(min_value=1, max_value=3), is_move=st.booleans())
    def a_registration_ends(self, registration_key: int, is_move: bool) -> None:
        """Its deliveries are cancelled, or follow to a new registration; offers on their way come first."""
        self.what_was_committed_is_offered()
        new_key = next(self.registration_keys)
        for key, each in list(self.store.pending.items()):
            if each.registration_key != registration_key:
                continue
            if is_move:
                self.store.pending[key] = structs.replace(each, registration_key=new_key)
            else:
                del self.store.pending[key]
        self.queue.withdraw([registration_key])
        if is_move:
            self.queue.claim_later()

    @rule(by_ms=st.sampled_from([0, 1, 4, 100]))
    def time_passes(self, by_ms: int) -> None:
        self.now_ms += by_ms
        self.queue.look_at_the_clock(self.now_ms)

    @invariant()
    def memory_is_bounded(self) -> None:
        if hasattr(self, "queue"):
            assert len(self.queue._held) <= MOST_HELD

    def teardown(self) -> None:
        """Once everything is answered and due, nothing is left behind."""
        try:
            if hasattr(self, "queue"):
                self.everything_leaves()
        finally:
            self.patch.undo()
            self.loop.close()

    def everything_leaves(self) -> None:
        self.store.fails = False
        self.store.go_on()
        self.breathe()
        self.what_was_committed_is_offered()
        for key in self.candidates():
            self.store.pending.pop(key, None)
            self.settled[key] = 0
        self.the_settled_are_released()
        self.what_is_due_leaves()
        assert not [each for each in self.store.pending.values() if each.due_at_ms <= self.now_ms], "left behind"
        self.now_ms += 1_000
        self.what_is_due_leaves()
        assert self.store.pending == {}, "never came due"

    def what_is_due_leaves(self) -> None:
        self.queue.look_at_the_clock(self.now_ms)
        for _ in range(1_000):
            if self.queue.wants_refill:
                self.run(self.queue.refill(now_ms=self.now_ms))
            elif not self.queue:
                return
            self.empty()
        raise AssertionError("claims for ever")

    def empty(self) -> None:
        while self.queue:
            self.is_handed_out(*self.queue.pop(1, one_content=False))
            for key in list(self.in_flight):
                if not self.queue.withdrawn_of([self.in_flight[key]]):
                    self.store.pending.pop(key, None)
                self.settled[key] = 0
            self.the_settled_are_released()


TestAnyInterleaving = QueueMachine.TestCase
TestAnyInterleaving.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
