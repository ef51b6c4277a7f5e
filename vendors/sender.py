"""Hands pushes to vendors over HTTP: the only I/O on the vendors' side.

Drives a plug-in's `exchange`: gets the access token, answers each request the plug-in yields, signs in once more when
the token is refused, and splits a batch that is refused as a whole until the push at fault stands alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from vendors.access_tokens import AccessTokens, AnyAccount, TokenStore
from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Pause, Push
from vendors.outcomes import AccessTokenExpired, CredentialRejected, MessageRejected, Outcome, Unavailable, Withdrawn

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=5)
MAX_ANSWER_BYTES = 1 << 20

Steps = Generator[HttpRequest | Pause, HttpResponse, Sequence[Outcome]]
SignedIn = Callable[[AnyAccount, AccessToken | Outcome], None]


def open_session() -> aiohttp.ClientSession:
    """The HTTP client for all vendors: keep-alive, no cookies, no proxy from the environment."""
    return aiohttp.ClientSession(
        timeout=TIMEOUT,
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=128),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class Sender:
    """Hands pushes to vendors.

    Args:
        session: from `open_session`; closed by whoever opened it.
        token_store: where access tokens outlive the process.
        clock: the time, with its zone.
        signed_in: told what came of each sign-in.
        pause: returns when others were served.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token_store: TokenStore,
        clock: Callable[[], datetime],
        *,
        signed_in: SignedIn = lambda _account, _answer: None,
        pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0),
    ) -> None:
        self._session = session
        self._signed_in = signed_in
        self._clock = clock
        self._pause = pause
        self._tokens = AccessTokens(self._ask_vendor, token_store, clock)

    async def access_token(self, account: AnyAccount) -> AccessToken | Outcome | None:
        """A token to send with, None for a vendor without sign-in, or why there is none."""
        return await self._tokens.get(account)

    async def sign_in(self, account: AnyAccount) -> AccessToken | Outcome | None:
        """What the vendor's sign-in says now; the access token it may give is not kept."""
        return await self._ask_vendor(account)

    async def send(
        self,
        account: AnyAccount,
        pushes: Sequence[Push],
        access_token: AccessToken | None,
        *,
        withdrawn: Callable[[], Collection[int]] = lambda: (),
    ) -> Sequence[Outcome]:
        """Hands over one batch.

        Args:
            account: whose pushes these are.
            pushes: at most the vendor's `max_targets`.
            access_token: from `access_token`.
            withdrawn: the positions of pushes that are no longer wanted; asked each time before some would leave.

        Returns:
            One outcome per push, in order; never `AccessTokenExpired`.
        """
        outcomes: list[Outcome] = [Withdrawn()] * len(pushes)
        attempt = _Attempt(pushes, outcomes, withdrawn)
        await self._hand_over(account, attempt, range(len(pushes)), access_token)
        expired = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, AccessTokenExpired)]
        if expired and access_token is not None:
            await self._send_again(account, attempt, expired, access_token)
        return [_refusal(outcome) if isinstance(outcome, AccessTokenExpired) else outcome for outcome in outcomes]

    async def recall(self, account: AnyAccount, pushes: Sequence[Push]) -> Sequence[Outcome]:
        """Takes back what was sent; one outcome per push, in order: `Accepted` for what is off the phone."""
        access_token = await self._tokens.get(account)
        if isinstance(access_token, Outcome):
            return [access_token] * len(pushes)
        steps = account.vendor.recall(pushes, account.credential, access_token, now=self._clock())
        return await self._drive(account, pushes, steps)

    async def _send_again(
        self, account: AnyAccount, attempt: _Attempt, positions: Sequence[int], refused: AccessToken
    ) -> None:
        renewed = await self._tokens.renew(account, refused)
        if isinstance(renewed, Outcome):
            attempt.settle(positions, [renewed] * len(positions))
            return
        await self._hand_over(account, attempt, positions, renewed)

    async def _hand_over(
        self, account: AnyAccount, attempt: _Attempt, positions: Sequence[int], access_token: AccessToken | None
    ) -> None:
        wanted, outcomes = await self._exchange(account, attempt, positions, access_token)
        attempt.settle(wanted, outcomes)
        unclear = [at for at in wanted if _is_whole_call(attempt.outcomes[at])]
        if len(unclear) > 1:
            middle = len(unclear) // 2
            await self._hand_over(account, attempt, unclear[:middle], access_token)
            await self._hand_over(account, attempt, unclear[middle:], access_token)

    async def _exchange(
        self, account: AnyAccount, attempt: _Attempt, positions: Sequence[int], access_token: AccessToken | None
    ) -> tuple[Sequence[int], Sequence[Outcome]]:
        """Which positions were still to leave, and what came of them; begins anew where some are withdrawn before."""
        while wanted := attempt.wanted(positions):
            pushes = [attempt.pushes[at] for at in wanted]
            steps = account.vendor.exchange(pushes, account.credential, access_token, now=self._clock())
            outcomes = await self._drive(account, pushes, steps, is_wanted=partial(attempt.wants_all, wanted))
            if outcomes:
                return wanted, outcomes
        return (), ()

    async def _drive(
        self,
        account: AnyAccount,
        pushes: Sequence[Push],
        steps: Steps,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Sequence[Outcome]:
        """One outcome per push; none at all where, before anything left, some were no longer wanted."""
        left = False
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    await self._pause()
                    if not left and not is_wanted():
                        return ()
                    step = next(steps)
                    continue
                left = True
                try:
                    response = await self._fetch(step, account.base_url)
                except NoResponse as failure:
                    step = steps.throw(failure)
                else:
                    step = steps.send(response)
        except StopIteration as done:
            return _one_each(account, pushes, done.value)
        except NoResponse as failure:
            return [failure.outcome] * len(pushes)
        except Exception as error:  # noqa: BLE001 - a plug-in's fault must not take the lane with it
            return [_plug_in_fault(account, error, left=left)] * len(pushes)

    async def _ask_vendor(self, account: AnyAccount) -> AccessToken | Outcome | None:
        answer = await self._sign_in_answer(account)
        if answer is not None:
            self._signed_in(account, answer)
        return answer

    async def _sign_in_answer(self, account: AnyAccount) -> AccessToken | Outcome | None:
        now = self._clock()
        try:
            request = account.vendor.auth_request(account.credential, now=now)
            if request is None:
                return None
            response = await self._fetch(request, account.base_url)
            return account.vendor.parse_auth(response, now=now)
        except NoResponse as failure:
            return failure.outcome
        except Exception as error:  # noqa: BLE001 - a plug-in's fault must not take the lane with it
            return _plug_in_fault(account, error, left=True)

    async def _fetch(self, request: HttpRequest, base_url: str) -> HttpResponse:
        url = under(base_url, request.url)
        try:
            try:
                return await self._post(request, url)
            except aiohttp.ClientConnectorError:
                return await self._reconnect(request, url)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NoResponse(_unreachable(error, ambiguous=False)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoResponse(_unreachable(error, ambiguous=True)) from error

    @retry(
        retry=retry_if_exception_type(aiohttp.ClientConnectorError),
        stop=stop_after_attempt(2),
        wait=wait_random_exponential(multiplier=0.1, max=0.5),
        reraise=True,
    )
    async def _reconnect(self, request: HttpRequest, url: str) -> HttpResponse:
        """Off the hot path: only after a connect that failed before a byte was sent."""
        return await self._post(request, url)

    async def _post(self, request: HttpRequest, url: str) -> HttpResponse:
        async with self._session.request(
            request.method, url, data=request.body, headers=request.headers, allow_redirects=False
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    response.close()
                    raise NoResponse(
                        Unavailable(vendor_reason=f"the answer is longer than {MAX_ANSWER_BYTES} bytes", ambiguous=True)
                    )
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpResponse(status=response.status, body=bytes(body), headers=headers)


class _Attempt:
    """The pushes of one `send`, with the outcome each has so far."""

    def __init__(
        self, pushes: Sequence[Push], outcomes: list[Outcome], withdrawn: Callable[[], Collection[int]]
    ) -> None:
        self.pushes = pushes
        self.outcomes = outcomes
        self._withdrawn = withdrawn

    def wanted(self, positions: Sequence[int]) -> Sequence[int]:
        """Those of the positions that are still to leave; the others are settled as withdrawn."""
        withdrawn = self._withdrawn()
        if not withdrawn:
            return positions
        for at in positions:
            if at in withdrawn:
                self.outcomes[at] = Withdrawn()
        return [at for at in positions if at not in withdrawn]

    def wants_all(self, positions: Sequence[int]) -> bool:
        """Whether all of these are still to leave."""
        withdrawn = self._withdrawn()
        return not any(at in withdrawn for at in positions)

    def settle(self, positions: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        for at, outcome in zip(positions, outcomes, strict=True):
            self.outcomes[at] = outcome


def under(base_url: str, url: str) -> str:
    """The URL with its scheme and host replaced by a base URL; unchanged if that is empty."""
    if not base_url:
        return url
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return base_url.rstrip("/") + path


def _one_each(account: AnyAccount, pushes: Sequence[Push], outcomes: Sequence[Outcome] | None) -> Sequence[Outcome]:
    if outcomes is not None and len(outcomes) == len(pushes):
        return outcomes
    error = ValueError(f"{len(outcomes or ())} outcomes for {len(pushes)} pushes")
    return [_plug_in_fault(account, error, left=True)] * len(pushes)


def _is_whole_call(outcome: Outcome) -> bool:
    return isinstance(outcome, MessageRejected) and outcome.whole_call


def _refusal(outcome: AccessTokenExpired) -> CredentialRejected:
    return CredentialRejected(
        vendor_code=outcome.vendor_code,
        vendor_reason=outcome.vendor_reason,
        advice="the vendor refuses access tokens it has just given out; check the account in its console",
    )


def _unreachable(error: Exception, *, ambiguous: bool) -> Unavailable:
    return Unavailable(
        vendor_reason=str(error) or type(error).__name__,
        advice="no answer from the vendor; it is tried again by itself",
        ambiguous=ambiguous,
    )


def _plug_in_fault(account: AnyAccount, error: Exception, *, left: bool) -> Outcome:
    words = f"the {account.vendor.NAME} plug-in failed: {type(error).__name__}: {error}"
    if left:
        return Unavailable(vendor_reason=words, advice="report it to the plug-in's author", ambiguous=True)
    return MessageRejected(vendor_reason=words, advice="report it to the plug-in's author", whole_call=True)
