from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.pieces import AT_ONCE, in_pieces, parts, pause


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 5 * AT_ONCE])
async def test_all_is_made_in_order(count: int) -> None:
    assert await in_pieces(number for number in range(count)) == list(range(count))


async def test_others_are_served_after_each_piece() -> None:
    made = 0
    seen: list[int] = []

    def work() -> int:
        nonlocal made
        made += 1
        return made

    async def other() -> None:
        while made < 3 * AT_ONCE:
            seen.append(made)
            await asyncio.sleep(0)

    watching = asyncio.create_task(other())
    await asyncio.sleep(0)
    await in_pieces(work() for _ in range(3 * AT_ONCE))
    await watching

    assert set(seen) == {0, AT_ONCE, 2 * AT_ONCE}


async def test_what_fits_into_one_piece_is_made_at_once() -> None:
    others = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(others.set_result, None)

    await in_pieces(range(AT_ONCE - 1))

    assert not others.done()


async def test_of_those_who_paused_one_goes_on_in_each_turn_of_the_loop() -> None:
    turn = 0
    went_on: list[tuple[str, int]] = []

    async def count_turns() -> None:
        nonlocal turn
        while True:
            await asyncio.sleep(0)
            turn += 1

    async def work(name: str) -> None:
        for _ in range(2):
            await pause()
            went_on.append((name, turn))

    counting = asyncio.create_task(count_turns())
    await asyncio.gather(*(work(name) for name in "abc"))
    counting.cancel()

    assert [name for name, _ in went_on] == list("abcabc")
    turns = [at for _, at in went_on]
    assert turns == sorted(set(turns))


async def test_who_gives_up_while_it_pauses_holds_up_nobody() -> None:
    one, other = (asyncio.create_task(pause()) for _ in range(2))
    await asyncio.sleep(0)

    one.cancel()
    await other

    assert one.cancelled()


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_parts_keep_the_order_and_weigh_no_more_than_allowed_unless_one_alone_does(items: list[int], most: int) -> None:
    made = list(parts(items, lambda item: item, most))

    assert [item for part in made for item in part] == items
    assert all(part and (sum(part) <= most or len(part) == 1) for part in made)
    assert all(sum(one) + other[0] > most for one, other in pairwise(made))
