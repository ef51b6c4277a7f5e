from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from vendors.access_tokens import AccessTokens, AccountKey, AnyAccount
from vendors.contract import AccessToken
from vendors.outcomes import CredentialRejected, Outcome, Unavailable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = cast("AnyAccount", SimpleNamespace(key=(7, 1)))
EDITED = cast("AnyAccount", SimpleNamespace(key=(7, 2)))
DOWN = Unavailable(vendor_reason="no route", ambiguous=False)


def token(value: str, *, made_at: datetime = NOW) -> AccessToken:
    """Lives two hours, refreshed after one."""
    return AccessToken(value=value, refresh_at=made_at + timedelta(hours=1), expires_at=made_at + timedelta(hours=2))


class MemoryTokens:
    """A token store that takes its time over everything."""

    def __init__(self) -> None:
        self.kept: dict[AccountKey, AccessToken] = {}
        self.loads = 0

    async def load(self, key: AccountKey) -> AccessToken | None:
        self.loads += 1
        await asyncio.sleep(0)
        return self.kept.get(key)

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        await pause()
        self.kept[key] = token

    async def forget(self, key: AccountKey) -> None:
        await pause()
        self.kept.pop(key, None)


async def pause() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Desk:
    """The vendor's sign-in: answers what lies in `answers`, in order; the last one for ever."""

    def __init__(self, *answers: AccessToken | Outcome | None) -> None:
        self.answers = list(answers)
        self.sign_ins: list[AccountKey] = []
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def __call__(self, account: AnyAccount) -> AccessToken | Outcome | None:
        self.sign_ins.append(account.key)
        await self.is_open.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def value_of(got: AccessToken | Outcome | None) -> str:
    assert isinstance(got, AccessToken)
    return got.value


async def test_a_hundred_who_want_a_token_sign_in_once(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"))
    tokens = AccessTokens(desk, store, clock)

    got = await asyncio.gather(*(tokens.get(ACCOUNT) for _ in range(100)))

    assert got == [token("one")] * 100
    assert len(desk.sign_ins) == 1
    assert store.kept == {(7, 1): token("one")}


async def test_a_token_is_used_until_it_is_time_to_refresh_it(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"))
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)

    clock.now += timedelta(minutes=59)
    assert await tokens.get(ACCOUNT) == token("one")
    clock.now += timedelta(minutes=1)
    assert await tokens.get(ACCOUNT) == token("two")

    assert len(desk.sign_ins) == 2
    assert store.kept == {(7, 1): token("two")}


async def test_one_who_gives_up_does_not_take_the_sign_in_from_the_others(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"))
    desk.is_open.clear()
    tokens = AccessTokens(desk, store, clock)
    callers = [asyncio.create_task(tokens.get(ACCOUNT)) for _ in range(3)]
    await pause()

    callers[0].cancel()
    await pause()
    desk.is_open.set()

    got = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(got[0], asyncio.CancelledError)
    assert got[1:] == [token("one")] * 2
    assert len(desk.sign_ins) == 1


async def test_a_hundred_refusals_of_one_token_renew_it_once(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"), token("three"))
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)

    renewed = await asyncio.gather(*(tokens.renew(ACCOUNT, token("one")) for _ in range(100)))

    assert renewed == [token("two")] * 100
    assert len(desk.sign_ins) == 2
    assert store.kept == {(7, 1): token("two")}


async def test_a_late_refusal_of_the_former_token_keeps_the_new_one(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"), token("three"))
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)
    await tokens.renew(ACCOUNT, token("one"))

    assert await tokens.renew(ACCOUNT, token("one")) == token("two")
    assert len(desk.sign_ins) == 2
    assert store.loads == 2


async def test_a_refused_token_is_not_taken_from_the_store_again(store: MemoryTokens, clock: Clock) -> None:
    store.kept[7, 1] = token("kept")
    desk = Desk(DOWN)
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)

    assert await tokens.renew(ACCOUNT, token("kept")) == DOWN
    assert await tokens.get(ACCOUNT) == DOWN
    assert store.kept == {}


async def test_a_token_refused_while_its_refresh_fails_is_not_handed_out_again(
    store: MemoryTokens, clock: Clock
) -> None:
    desk = Desk(token("one"), DOWN)
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)
    clock.now += timedelta(minutes=90)
    desk.is_open.clear()
    refreshing = asyncio.create_task(tokens.get(ACCOUNT))
    await pause()

    renewing = asyncio.create_task(tokens.renew(ACCOUNT, token("one")))
    await pause()
    desk.is_open.set()

    assert await renewing == DOWN
    assert await refreshing == DOWN


async def test_a_refresh_ahead_keeps_the_old_token_while_the_vendor_is_down(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), DOWN, token("two"))
    tokens = AccessTokens(desk, store, clock)
    await tokens.get(ACCOUNT)

    clock.now += timedelta(minutes=90)
    assert await tokens.get(ACCOUNT) == token("one")
    assert value_of(await tokens.get(ACCOUNT)) == "one"
    assert len(desk.sign_ins) == 2

    clock.now += timedelta(minutes=1)
    assert value_of(await tokens.get(ACCOUNT)) == "two"


async def test_an_old_token_kept_for_a_failed_refresh_still_ends_in_time(store: MemoryTokens, clock: Clock) -> None:
    tokens = AccessTokens(Desk(token("one"), DOWN), store, clock)
    await tokens.get(ACCOUNT)
    clock.now += timedelta(minutes=119, seconds=30)
    assert value_of(await tokens.get(ACCOUNT)) == "one"

    clock.now += timedelta(seconds=30)

    assert await tokens.get(ACCOUNT) == DOWN


async def test_a_token_past_its_end_is_not_used_though_the_vendor_is_down(store: MemoryTokens, clock: Clock) -> None:
    tokens = AccessTokens(Desk(token("one"), DOWN), store, clock)
    await tokens.get(ACCOUNT)

    clock.now += timedelta(hours=2)

    assert await tokens.get(ACCOUNT) == DOWN


async def test_after_a_restart_the_kept_token_serves_without_a_sign_in(store: MemoryTokens, clock: Clock) -> None:
    await AccessTokens(Desk(token("one")), store, clock).get(ACCOUNT)
    desk = Desk(token("two"))
    restarted = AccessTokens(desk, store, clock)

    got = await asyncio.gather(*(restarted.get(ACCOUNT) for _ in range(10)))

    assert got == [token("one")] * 10
    assert desk.sign_ins == []
    assert store.loads == 2


async def test_a_kept_token_that_is_due_for_a_refresh_is_refreshed_after_a_restart(
    store: MemoryTokens, clock: Clock
) -> None:
    store.kept[7, 1] = token("kept")
    clock.now += timedelta(minutes=90)

    assert await AccessTokens(Desk(token("one")), store, clock).get(ACCOUNT) == token("one")
    store.kept[7, 1] = token("kept")
    assert await AccessTokens(Desk(DOWN), store, clock).get(ACCOUNT) == token("kept")


async def test_a_vendor_without_a_sign_in_is_asked_once(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(None)
    tokens = AccessTokens(desk, store, clock)

    assert [await tokens.get(ACCOUNT) for _ in range(3)] == [None, None, None]
    assert len(desk.sign_ins) == 1
    assert store.kept == {}


@pytest.mark.parametrize("refusal", [CredentialRejected(vendor_code="15"), DOWN])
async def test_a_failed_sign_in_reaches_all_who_waited_and_nobody_after(
    store: MemoryTokens, clock: Clock, refusal: Outcome
) -> None:
    desk = Desk(refusal, token("one"))
    tokens = AccessTokens(desk, store, clock)

    got = await asyncio.gather(*(tokens.get(ACCOUNT) for _ in range(10)))

    assert got == [refusal] * 10
    assert len(desk.sign_ins) == 1
    assert await tokens.get(ACCOUNT) == token("one")


async def test_an_edited_credential_never_gets_the_former_ones_token(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"))
    tokens = AccessTokens(desk, store, clock)

    assert await tokens.get(ACCOUNT) == token("one")
    assert await tokens.get(EDITED) == token("two")
    assert await tokens.get(ACCOUNT) == token("one")
    assert desk.sign_ins == [(7, 1), (7, 2)]


async def test_two_accounts_sign_in_side_by_side(store: MemoryTokens, clock: Clock) -> None:
    desk = Desk(token("one"), token("two"))
    desk.is_open.clear()
    tokens = AccessTokens(desk, store, clock)

    getting = [asyncio.create_task(tokens.get(account)) for account in (ACCOUNT, EDITED)]
    await pause()

    assert desk.sign_ins == [(7, 1), (7, 2)]
    desk.is_open.set()
    assert await asyncio.gather(*getting) == [token("one"), token("two")]
