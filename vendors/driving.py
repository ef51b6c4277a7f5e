"""What a vendor's tests fill in, and how they drive its plug-in: pure, without a network."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, ClassVar, TypeVar

from vendors.contract import (
    OPEN_APP,
    AccessToken,
    Category,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Notification,
    Pause,
    Push,
    Vendor,
)
from vendors.outcomes import Outcome
from vendors.receipts import Callback

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCESS_TOKEN = AccessToken(
    value="made-up-access-token", refresh_at=NOW + timedelta(hours=1), expires_at=NOW + timedelta(hours=2)
)
Respond = Callable[[HttpRequest], HttpResponse]
T = TypeVar("T")


def without_pauses(
    steps: Generator[HttpRequest | Pause, HttpResponse, T],
) -> Generator[HttpRequest, HttpResponse, T]:
    """The same exchange where nobody else waits to be served."""
    resume: Callable[[], HttpRequest | Pause] = partial(next, steps)
    while True:
        try:
            step = resume()
        except StopIteration as done:
            result: T = done.value
            return result
        if isinstance(step, Pause):
            resume = partial(next, steps)
            continue
        try:
            response = yield step
        except NoResponse as failure:
            resume = partial(steps.throw, failure)
        else:
            resume = partial(steps.send, response)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange asked for and what came of it."""

    requests: Sequence[HttpRequest]
    outcomes: Sequence[Outcome]


class VendorDriver:
    """Runs a plug-in's exchanges on recorded answers.

    Attributes:
        vendor: the plug-in.
        credential: a well-formed one with made-up values, secrets at least 8 long.
        registration_id: a well-formed one of that credential.
        channel_id: for a vendor that requires one.
        options: for each declared option a legal value; together they must be legal too.
        codes: each documented code of an answer to one push, with what it means.
        undocumented_code: one that is in no table.
        callbacks: an example of each kind of receipt, of `registration_id` and `vendors.testing.RECEIPT_PARAMETER`.
        callback_credential: what they need, where that is more than `credential`; empty: nothing.
        min_ttl_s: the least the vendor keeps a notification, in seconds.
        sign_in_carries_secret: the maker wants the secret itself at sign-in, as OAuth's client credentials do.
        requests_carry_secret: the maker wants it with every request.
    """

    vendor: ClassVar[Vendor[Any]]
    credential: ClassVar[Mapping[str, str]]
    registration_id: ClassVar[str]
    channel_id: ClassVar[str] = "messages"
    options: ClassVar[Mapping[str, object]] = {}
    codes: ClassVar[Mapping[str, type[Outcome]]] = {}
    undocumented_code: ClassVar[str] = ""
    callbacks: ClassVar[Sequence[Callback]] = ()
    callback_credential: ClassVar[Mapping[str, str]] = {}
    min_ttl_s: ClassVar[int] = 1
    sign_in_carries_secret: ClassVar[bool] = False
    requests_carry_secret: ClassVar[bool] = False

    # What only a vendor with a network fills in.

    def answer(self, code: str) -> HttpResponse:
        """A recorded answer that carries the code, to one push."""
        raise NotImplementedError("fill in answer: a recorded answer of the maker's that carries the code")

    def accepted(self, request: HttpRequest, pushes: Sequence[Push]) -> HttpResponse:
        """A recorded answer to one request of the exchange, which takes every push in it."""
        raise NotImplementedError("fill in accepted: a recorded answer that takes every push of a request")

    def signed_in(self, access_token: str) -> HttpResponse:
        """A recorded answer to the sign-in."""
        raise NotImplementedError("fill in signed_in: a recorded answer to the sign-in")

    def ttl_seconds(self, request: HttpRequest) -> Sequence[int]:
        """How long the vendor is asked to keep each push of a request, in seconds."""
        raise NotImplementedError("fill in ttl_seconds: how long a request asks to keep each push")

    def title_of(self, request: HttpRequest) -> str:
        """The title in a request for one push."""
        raise NotImplementedError("fill in title_of: the title in a request for one push")

    def body_of(self, request: HttpRequest) -> str:
        """The body in a request for one push."""
        raise NotImplementedError("fill in body_of: the body in a request for one push")

    # What only a vendor whose requests are never twice the same fills in.

    def fixed_part(self, request: HttpRequest) -> HttpRequest:
        """A request without what may differ when it is built again, such as a signature that is salted."""
        return request

    # How the tests drive the plug-in.

    def parsed_credential(self) -> Any:  # noqa: ANN401 - the vendor's own type
        """The credential as the plug-in understands it; the same object each time, as reading a key may take long."""
        return _parsed(self.vendor.parse_credential, tuple(self.credential.items()))

    def push(self, number: int = 0, *, title: str = "Alice", body: str = "Hello 你好", **fields: Any) -> Push:  # noqa: ANN401 - whatever the field takes
        """One push; those of different numbers differ in their dedup id only."""
        notification = Notification(title=title, body=body, ext='{"chat":"42"}', collapse_id="chat-42")
        values = {
            "registration_id": self.registration_id,
            "notification": notification,
            "click_action": OPEN_APP,
            "channel_id": self.channel_id,
            "category": Category.IM,
            "options": {},
            "dedup_id": f"{number:032x}",
            "expires_at": NOW + timedelta(hours=1),
            "content_id": "made-up-content",
        }
        return Push(**{**values, **fields})

    def run(self, pushes: Sequence[Push], respond: Respond | None = None) -> Exchanged:
        """Drives an exchange to its end.

        Args:
            pushes: what to hand over.
            respond: answers each request, or raises `NoResponse`; None: `accepted` does.
        """
        answer = respond or (lambda request: self.accepted(request, pushes))
        steps = without_pauses(self.vendor.exchange(pushes, self.parsed_credential(), self._access_token(), now=NOW))
        requests: list[HttpRequest] = []
        try:
            request = next(steps)
            while True:
                requests.append(request)
                try:
                    response = answer(request)
                except NoResponse as failure:
                    request = steps.throw(failure)
                else:
                    request = steps.send(response)
        except StopIteration as done:
            return Exchanged(requests, done.value)
        except NoResponse as failure:
            return Exchanged(requests, [failure.outcome] * len(pushes))

    def has_network(self) -> bool:
        """Whether the plug-in makes any request at all."""
        steps = self.vendor.exchange([self.push()], self.parsed_credential(), self._access_token(), now=NOW)
        return next(steps, None) is not None

    def _access_token(self) -> AccessToken | None:
        return None if self.vendor.auth_request(self.parsed_credential(), now=NOW) is None else ACCESS_TOKEN

    def _secrets(self) -> Mapping[str, str]:
        secret = {field.name for field in self.vendor.CREDENTIAL_FIELDS if field.secret}
        return {name: value for name, value in self.credential.items() if name in secret}

    def _batches(self) -> Sequence[Sequence[Push]]:
        several = min(3, self.vendor.CAPABILITIES.max_targets)
        return [[self.push()], [self.push(number) for number in range(several)]]


@lru_cache
def _parsed(parse: Callable[[Mapping[str, str]], object], credential: tuple[tuple[str, str], ...]) -> object:
    return parse(dict(credential))
