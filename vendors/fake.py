"""A vendor without a network: the registration id says what becomes of a push.

| registration id                                    | outcome                                                       |
|----------------------------------------------------|---------------------------------------------------------------|
| `invalid`, `rejected`, `credential`, `unavailable` | the outcome of that name                                      |
| `throttled`, `throttled:30`                        | Throttled, the second for 30 seconds                          |
| `unavailable:ambiguous`                            | Unavailable, and it may have been taken                       |
| `batch-rejected`                                   | the whole batch is refused, until this push stands alone      |
| any other text                                     | Accepted                                                      |

What follows a `#` makes many distinct ids of one fate: `throttled:30#7`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vendors.contract import (
    AccessToken,
    BadgeKind,
    Batching,
    Capabilities,
    Category,
    ClickKind,
    CredentialField,
    HttpRequest,
    HttpResponse,
    Push,
    VendorOption,
    Violation,
    check_credential,
    no_recall,
    no_receipts,
)
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.truncation import shorten

NAME = "fake"
LABEL = "Fake (no network)"
CAPABILITIES = Capabilities(
    batching=Batching.ANY_CONTENT,
    max_targets=1000,
    title_limit=200,
    body_limit=1000,
    ext_limit=4000,
    max_ttl=timedelta(days=30),
    click_actions=frozenset(ClickKind),
    categories=frozenset(Category),
    channels=True,
    channel_required=False,
    collapse=True,
    badges=frozenset(BadgeKind),
    sound=True,
    dedup=True,
)
CREDENTIAL_FIELDS: Sequence[CredentialField] = ()
OPTIONS: Sequence[VendorOption] = ()

parse_receipts = no_receipts
recall = no_recall

FATES: Mapping[str, Outcome] = {
    "invalid": RegistrationInvalid(vendor_code="invalid", advice="the id asked for it; the app must register anew"),
    "rejected": MessageRejected(vendor_code="rejected", advice="the id asked for it; change the message"),
    "credential": CredentialRejected(vendor_code="credential", advice="the id asked for it; mend the cert"),
    "throttled": Throttled(vendor_code="throttled", advice="the id asked for it; wait"),
    "unavailable": Unavailable(vendor_code="unavailable", advice="the id asked for it; wait", ambiguous=False),
    "unavailable:ambiguous": Unavailable(
        vendor_code="unavailable:ambiguous", advice="the id asked for it; wait", ambiguous=True
    ),
}
BATCH_REJECTED = "batch-rejected"

_THROTTLED = re.compile(r"throttled:([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class FakeCredential:
    """Nothing to hold."""


def parse_credential(raw: Mapping[str, str]) -> FakeCredential:
    """The empty credential.

    Raises:
        InvalidCredential: if there is any field.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return FakeCredential()


def check_registration_id(credential: FakeCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if not registration_id:
        return "is empty"
    if any(character.isspace() for character in registration_id):
        return "has white space in it"
    return ""


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """There are no options, so each one is a violation."""
    return [Violation(name, "is not an option of fake; it has none") for name in options]


def auth_request(credential: FakeCredential, *, now: datetime) -> HttpRequest | None:  # noqa: ARG001 - the contract's
    """There is no sign-in."""
    return None


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:  # noqa: ARG001 - the contract's
    """Never asked, as there is no sign-in."""
    return CredentialRejected(vendor_reason="no sign-in", advice="the fake vendor has no sign-in; do not ask it")


def exchange(
    pushes: Sequence[Push],
    credential: FakeCredential,  # noqa: ARG001 - the contract's
    access_token: AccessToken | None,  # noqa: ARG001 - the contract's
    *,
    now: datetime,  # noqa: ARG001 - the contract's
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch without a request; one outcome per push, in order."""
    yield from ()
    fates = [push.registration_id.partition("#")[0] for push in pushes]
    if BATCH_REJECTED in fates:
        refusal = MessageRejected(
            vendor_code=BATCH_REJECTED,
            advice="an id in the batch asked for it; change the message",
            whole_call=len(pushes) > 1,
        )
        return [refusal] * len(pushes)
    return [_outcome(fate, push) for fate, push in zip(fates, pushes, strict=True)]


def _outcome(fate: str, push: Push) -> Outcome:
    if fate in FATES:
        return FATES[fate]
    if throttled := _THROTTLED.fullmatch(fate):
        wait = timedelta(seconds=int(throttled[1]))
        return Throttled(vendor_code="throttled", advice="the id asked for it; wait", retry_after=wait)
    return Accepted(vendor_code="ok", vendor_message_id=f"fake-{push.dedup_id}", truncated=_truncated(push))


def _truncated(push: Push) -> tuple[str, ...]:
    given = {"title": push.notification.title, "body": push.notification.body}
    limits = {"title": CAPABILITIES.title_limit, "body": CAPABILITIES.body_limit}
    return tuple(name for name, text in given.items() if shorten(text, limits[name]) != text)
