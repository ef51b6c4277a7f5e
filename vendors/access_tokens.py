"""Access tokens of vendors' sign-ins: one per account, asked for once however many want it, kept across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from vendors.contract import AccessToken, Vendor
from vendors.outcomes import Outcome

C = TypeVar("C")
AccountKey = tuple[int, int]

REFRESH_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Generic[C]):
    """A credential at its vendor.

    Attributes:
        key: cert id and credential version: a new version never gets an old one's access token.
        vendor: the plug-in.
        credential: as the plug-in parsed it.
        base_url: replaces the vendor's own hosts; empty: doesn't.
    """

    key: AccountKey
    vendor: Vendor[C]
    credential: C
    base_url: str = ""


class TokenStore(Protocol):
    """Where access tokens outlive the process, sealed."""

    async def load(self, key: AccountKey) -> AccessToken | None:
        """The token of this very key; None if there is none."""

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        """Keeps the token over any earlier one."""

    async def forget(self, key: AccountKey) -> None:
        """Drops the token."""


# Accounts of all vendors meet here; which credential type belongs to which plug-in, `Account` has checked.
AnyAccount = Account[Any]
SignIn = Callable[[AnyAccount], Awaitable[AccessToken | Outcome | None]]


class AccessTokens:
    """The access tokens in use.

    Args:
        sign_in: asks the vendor; None means it has no sign-in.
        store: where tokens outlive the process.
        clock: the time, with its zone.
    """

    def __init__(self, sign_in: SignIn, store: TokenStore, clock: Callable[[], datetime]) -> None:
        self._sign_in = sign_in
        self._store = store
        self._clock = clock
        self._tokens: dict[AccountKey, AccessToken | None] = {}
        self._refused: dict[AccountKey, str] = {}
        self._flights: dict[AccountKey, asyncio.Task[AccessToken | Outcome | None]] = {}

    async def get(self, account: AnyAccount) -> AccessToken | Outcome | None:
        """A token worth using, None for a vendor without sign-in, or why there is none."""
        if account.key in self._tokens:
            token = self._tokens[account.key]
            if token is None or self._clock() < min(token.refresh_at, token.expires_at):
                return token
        return await self._obtain_once(account)

    async def renew(self, account: AnyAccount, refused: AccessToken) -> AccessToken | Outcome | None:
        """A token other than the one the vendor just refused.

        However many callers come with the same refused token, the vendor is asked once.
        """
        current = self._tokens.get(account.key)
        if current is not None and current.value == refused.value:
            del self._tokens[account.key]
            self._refused[account.key] = refused.value
        return await self.get(account)

    async def _obtain_once(self, account: AnyAccount) -> AccessToken | Outcome | None:
        flight = self._flights.get(account.key)
        if flight is None:
            flight = asyncio.create_task(self._obtain(account))
            self._flights[account.key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(account.key, None))
        # Shielded: one caller giving up must not take the sign-in from the others.
        return await asyncio.shield(flight)

    async def _obtain(self, account: AnyAccount) -> AccessToken | Outcome | None:
        kept = self._tokens.get(account.key) or await self._load(account.key)
        now = self._clock()
        if kept is not None and now < min(kept.refresh_at, kept.expires_at):
            self._tokens[account.key] = kept
            return kept
        answer = await self._sign_in(account)
        if not isinstance(answer, Outcome):
            self._tokens[account.key] = answer
            if answer is not None:
                await self._store.save(account.key, answer)
        elif kept is not None and now < kept.expires_at and not self._is_refused(account.key, kept):
            # Still good: used for a while before the vendor is asked again, so that not every send waits for it.
            self._tokens[account.key] = replace(kept, refresh_at=now + REFRESH_PAUSE)
            return kept
        return answer

    async def _load(self, key: AccountKey) -> AccessToken | None:
        """The stored token, unless the vendor refused it: then it is dropped, before a new one is saved there."""
        kept = await self._store.load(key)
        if kept is None or not self._is_refused(key, kept):
            return kept
        await self._store.forget(key)
        return None

    def _is_refused(self, key: AccountKey, token: AccessToken) -> bool:
        return self._refused.get(key) == token.value
