from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.delivery.batcher import ENOUGH, Batcher
from pushsvc.delivery.gathering import Gathering, Moment
from pushsvc.errors import Full

MINUTE = 60.0


class Work:
    """Does batches when a test lets it, and writes down what they held."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.fault: Exception | None = None
        self._may_finish = asyncio.Semaphore(0)

    async def run(self, items: Sequence[int]) -> Sequence[str]:
        self.batches.append(list(items))
        fault = self.fault
        await self._may_finish.acquire()
        if fault is not None:
            raise fault
        return [f"done {item}" for item in items]

    def finish(self, batches: int = 1) -> None:
        for _ in range(batches):
            self._may_finish.release()


class Patience(Gathering):
    """Lets a batch wait as long as a test says, on a loop that is as busy as it says."""

    def __init__(self, seconds: float, *, busy: bool = False) -> None:
        super().__init__(lambda: 0.0, lambda: 0.0)
        self.asked = 0
        self.busy = busy
        self.looked = asyncio.Event()
        self._seconds = seconds

    def seconds(self) -> float:
        self.asked += 1
        return self._seconds

    def had_time_to_spare(self, since: Moment) -> bool:
        del since
        self.looked.set()
        return not self.busy


def batcher(
    work: Work, *, max_batch: int = 100, max_waiting: int = 1_000, gathering: Gathering | None = None
) -> Batcher[int, str]:
    """Each item weighs what it is."""
    return Batcher(
        work.run,
        weight=lambda item: item,
        max_batch=max_batch,
        max_waiting=max_waiting,
        what="things",
        gathering=gathering,
    )


async def settled() -> None:
    """Lets everything run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


def submit(to: Batcher[int, str], *items: int) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(to.submit(item)) for item in items]


async def test_a_lone_item_goes_at_once() -> None:
    work = Work()

    [call] = submit(batcher(work), 1)
    await settled()

    assert work.batches == [[1]]
    work.finish()
    assert await call == "done 1"


async def test_what_comes_while_a_batch_runs_makes_the_next_one() -> None:
    work = Work()
    batching = batcher(work)
    calls = submit(batching, 1)
    await settled()

    calls += submit(batching, 2, 3)
    await settled()
    calls += submit(batching, 4)
    await settled()
    work.finish(2)

    assert await asyncio.gather(*calls) == ["done 1", "done 2", "done 3", "done 4"]
    assert work.batches == [[1], [2, 3, 4]]


async def test_a_batch_takes_no_more_once_it_weighs_enough() -> None:
    work = Work()
    calls = submit(batcher(work, max_batch=10), 4, 5, 6, 7, 50, 1)
    work.finish(9)

    await asyncio.gather(*calls)

    assert work.batches == [[4, 5, 6], [7, 50], [1]]


async def test_past_the_bound_callers_are_refused_and_nobody_is_lost() -> None:
    work = Work()
    batching = batcher(work, max_batch=1, max_waiting=10)
    calls = submit(batching, 1)
    await settled()
    calls += submit(batching, 6, 6)
    await settled()

    with pytest.raises(Full, match="12 things are waiting already") as refused:
        await batching.submit(1)

    assert refused.value.retry_after == timedelta(seconds=1)
    work.finish(3)
    assert await asyncio.gather(*calls) == ["done 1", "done 6", "done 6"]
    assert work.batches == [[1], [6], [6]]
    work.finish()
    assert await batching.submit(2) == "done 2"


async def test_with_company_a_batch_waits_for_more_and_a_lone_caller_does_not() -> None:
    work = Work()
    patience = Patience(0.001)
    batching = batcher(work, gathering=patience)
    work.finish(9)

    for item in (1, 2, 3):
        await batching.submit(item)
    assert patience.asked == 0

    await asyncio.gather(*submit(batching, 4, 5))
    assert patience.asked == 1
    assert work.batches == [[1], [2], [3], [4, 5]]


async def test_what_comes_while_a_batch_waits_joins_it() -> None:
    work = Work()
    batching = batcher(work, gathering=Patience(MINUTE))
    work.finish(2)
    calls = submit(batching, 1, 2)
    await settled()
    assert work.batches == []

    calls += submit(batching, 3)

    await asyncio.gather(*calls)
    assert work.batches == [[1, 2, 3]]


async def test_while_the_loop_is_busy_a_batch_waits_for_what_it_has_not_read_yet() -> None:
    work = Work()
    patience = Patience(MINUTE, busy=True)
    batching = batcher(work, gathering=patience)
    work.finish(2)
    calls = submit(batching, 1, 2)
    async with asyncio.timeout(10):
        await patience.looked.wait()
    assert work.batches == []

    calls += submit(batching, 3)
    patience.busy = False

    await asyncio.gather(*calls)
    assert work.batches == [[1, 2, 3]]


async def test_the_busiest_loop_keeps_nobody_longer_than_agreed() -> None:
    work = Work()
    work.finish()

    await asyncio.gather(*submit(batcher(work, gathering=Patience(0.001, busy=True)), 1, 2))

    assert work.batches == [[1, 2]]


@pytest.mark.parametrize("items", [[1] * ENOUGH, [50, 50]], ids=["so many", "so heavy"])
async def test_a_batch_that_has_enough_waits_no_longer(items: Sequence[int]) -> None:
    work = Work()
    calls = submit(batcher(work, gathering=Patience(MINUTE, busy=True)), *items)
    await settled()

    assert work.batches == [items]
    work.finish()
    await asyncio.gather(*calls)


async def test_an_error_reaches_every_caller_of_its_batch_and_no_other() -> None:
    work = Work()
    batching = batcher(work)
    first = submit(batching, 1)
    await settled()
    work.fault = OSError("disk full")
    second = submit(batching, 2, 3)
    await settled()
    work.finish()
    await settled()
    work.fault = None
    third = submit(batching, 4)
    work.finish(2)

    outcomes = await asyncio.gather(*first, *second, *third, return_exceptions=True)

    assert [str(outcome) for outcome in outcomes] == ["done 1", "disk full", "disk full", "done 4"]
    assert work.batches == [[1], [2, 3], [4]]


async def test_results_that_are_not_one_each_are_an_error_for_every_caller() -> None:
    async def forgetful(items: Sequence[int]) -> Sequence[int]:
        return items[:-1]

    batching = Batcher(forgetful, weight=lambda _: 1, max_batch=10, max_waiting=10, what="things")

    outcomes = await asyncio.wait_for(
        asyncio.gather(*(batching.submit(item) for item in (1, 2)), return_exceptions=True), 5
    )

    assert [type(outcome) for outcome in outcomes] == [ValueError, ValueError]


async def test_a_caller_that_gives_up_while_waiting_neither_takes_its_item_out_nor_hurts_others() -> None:
    work = Work()
    batching = batcher(work)
    calls = submit(batching, 1)
    await settled()
    calls += submit(batching, 2, 3)
    await settled()

    calls[1].cancel()
    await settled()
    work.finish(2)

    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    assert [type(outcome) for outcome in outcomes] == [str, asyncio.CancelledError, str]
    assert work.batches == [[1], [2, 3]]


@pytest.mark.parametrize("fault", [None, OSError("disk full")])
async def test_a_caller_that_gives_up_while_its_batch_runs_hurts_nobody(fault: Exception | None) -> None:
    work = Work()
    work.fault = fault
    batching = batcher(work)
    calls = submit(batching, 1, 2)
    await settled()

    calls[0].cancel()
    work.finish()

    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert str(outcomes[1]) == ("done 2" if fault is None else "disk full")


async def test_join_returns_when_nothing_waits_or_runs() -> None:
    work = Work()
    batching = batcher(work, max_batch=1)
    await asyncio.wait_for(batching.join(), 5)
    calls = submit(batching, 1, 2)
    await settled()

    joining = asyncio.create_task(batching.join())
    work.finish()
    await settled()
    assert not joining.done()
    work.finish()
    await asyncio.wait_for(joining, 5)

    assert work.batches == [[1], [2]]
    assert await asyncio.gather(*calls) == ["done 1", "done 2"]


weights = st.lists(st.integers(min_value=0, max_value=30), max_size=40)


@given(arrivals=st.lists(weights, max_size=6), max_batch=st.integers(min_value=1, max_value=60))
def test_every_item_gets_its_own_result_in_batches_of_bounded_weight(arrivals: list[list[int]], max_batch: int) -> None:
    async def all_of_them() -> tuple[list[str], list[list[int]]]:
        work = Work()
        batching = batcher(work, max_batch=max_batch, max_waiting=10_000)
        calls = []
        for items in arrivals:
            calls += submit(batching, *items)
            await settled()
            work.finish()
        work.finish(sum(map(len, arrivals)))
        return await asyncio.gather(*calls), work.batches

    results, batches = asyncio.run(all_of_them())

    items = [item for arrived in arrivals for item in arrived]
    assert results == [f"done {item}" for item in items]
    assert [item for batch in batches for item in batch] == items
    assert all(sum(batch[:-1]) < max_batch for batch in batches)
