from __future__ import annotations

import asyncio

from pushsvc.delivery.watchers import Watcher, Watchers


async def is_waiting(watcher: Watcher, count: int) -> bool:
    """Whether it still waits for that many after everything that can run has run."""
    waiting = asyncio.create_task(watcher.wait(count, timeout_seconds=60))
    for _ in range(5):
        await asyncio.sleep(0)
    is_done = waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return not is_done


async def test_a_watcher_waits_for_every_delivery_of_its_message() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)

    watchers.settled([(5, 0)])
    assert await is_waiting(watcher, 2)
    watchers.settled([(5, 1)])
    assert not await is_waiting(watcher, 2)


async def test_outcomes_before_the_wait_count_too() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)
    watchers.settled([(5, 0), (5, 1)])

    assert not await is_waiting(watcher, 2)


async def test_the_same_delivery_counts_once_however_often_it_is_tried() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)

    watchers.settled([(5, 0)])
    watchers.settled([(5, 0)])

    assert await is_waiting(watcher, 2)


async def test_other_messages_dont_count() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)
    other = watchers.watch(6)

    watchers.settled([(6, 0), (7, 0)])

    assert await is_waiting(watcher, 1)
    assert not await is_waiting(other, 1)


async def test_an_outcome_wakes_who_waits() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)
    waiting = asyncio.create_task(watcher.wait(2, timeout_seconds=60))
    await asyncio.sleep(0)

    watchers.settled([(5, 1)])
    await asyncio.sleep(0)
    watchers.settled([(5, 0)])

    _, still_waiting = await asyncio.wait({waiting}, timeout=5)
    assert not still_waiting


async def test_a_message_without_deliveries_needs_no_waiting() -> None:
    assert not await is_waiting(Watchers().watch(5), 0)


async def test_the_wait_ends_with_its_time() -> None:
    waiting = asyncio.create_task(Watchers().watch(5).wait(1, timeout_seconds=0))

    _, still_waiting = await asyncio.wait({waiting}, timeout=5)

    assert not still_waiting


async def test_a_closed_watcher_is_forgotten() -> None:
    watchers = Watchers()
    watcher = watchers.watch(5)

    watcher.close()
    watcher.close()
    watchers.settled([(5, 0)])

    assert watchers._watchers == {}
    assert await is_waiting(watcher, 1)
