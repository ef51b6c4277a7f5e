"""What the service asks of its store: batches in, batches out, each method one transaction's worth.

`tests/store/contract.py` is the suite every implementation passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from pushsvc.domain import (
    Cert,
    CertHealth,
    ChangeCount,
    Delivery,
    DeliveryEvent,
    DeliveryRecord,
    DeliveryState,
    Message,
    MessageRecord,
    Reason,
    Registration,
)
from vendors.contract import AccessToken


class Accepted(Struct, frozen=True, kw_only=True, gc=False):
    """A message that is on disk now, with a delivery for each registered phone of its users.

    Attributes:
        deliveries: in the order of the message's users; all PENDING.
        unreachable_user_ids: users without a registered phone.
    """

    deliveries: Sequence[Delivery]
    unreachable_user_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A message whose idempotency key was used before: with the same content (`record`) or another (None)."""

    record: MessageRecord | None


class Settlement(Struct, frozen=True, kw_only=True, gc=False):
    """What one attempt, or the end of waiting, made of a delivery.

    Attributes:
        key: message id and number.
        state: PENDING to be tried again at `due_at_ms`, else final.
        attempts: hand-overs so far, this one included.
        due_at_ms: next attempt; only for PENDING.
        truncated: fields that were shortened.
        ignored: fields that the vendor can't do.
        event: the step for the timeline.
        dead_registration: (registration_key, version) to remove if it was not registered again since; None: keep.
    """

    key: tuple[int, int]
    state: DeliveryState
    attempts: int
    event: DeliveryEvent
    reason: Reason = Reason.NONE
    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""
    vendor_message_id: str = ""
    due_at_ms: int = 0
    truncated: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    dead_registration: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A registration as it now stands, and what it displaced.

    Attributes:
        registration: as stored.
        withdrawn_keys: bindings that ended: moved to another user, or replaced by a refreshed id.
        repointed_cert_ids: certs whose pending deliveries now go to this registration and have to be claimed anew.
        cancelled_deliveries: what had not left for the phone's former user.
    """

    registration: Registration
    withdrawn_keys: Sequence[int] = ()
    repointed_cert_ids: Sequence[int] = ()
    cancelled_deliveries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSelector:
    """Which registrations of an app: every field given has to match; empty ones don't count."""

    app_id: str
    user_id: str = ""
    device_id: str = ""
    registration_id: str = ""
    cert_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """What an end of registrations removed."""

    withdrawn_keys: Sequence[int]
    cancelled_deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccessToken:
    """A vendor's access token with the credential version it was got with."""

    credential_version: int
    token: AccessToken


@dataclass(frozen=True, slots=True, order=True)
class ClaimPosition:
    """A place in the order in which a cert's pending deliveries are claimed."""

    due_at_ms: int = -1
    message_id: int = -1
    number: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What a step of a pass over old messages removed.

    Attributes:
        messages: how many were removed.
        last_id: the last message looked at, from which the pass goes on; None: it is at its end.
    """

    messages: int
    last_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Some changes of deliveries' states that follow each other.

    Attributes:
        deliveries: one of the app's for each change, in the order of commits; state, reason and time are those of the
            change, the rest as it stands now.
        position: after all that was looked at, of this app or another.
    """

    deliveries: Sequence[DeliveryRecord]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """Some changes that follow each other, counted; those of messages that were forgotten are left out.

    Attributes:
        position: after all that was looked at.
    """

    counts: Sequence[ChangeCount]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesRange:
    """Which changes there are.

    Attributes:
        oldest: position of the first that is kept; of the next one, if none is.
        newest: position of the last there ever was; 0: there was none.
    """

    oldest: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a vendor reports of a push of ours.

    Attributes:
        cert_id: the cert whose receipt URL it came to.
        content_id: of the message, or the one whose content the message shares.
        registration_id: the phone.
        state: DELIVERED or CLICKED; FAILED or EXPIRED for what was taken and came to nothing.
        reason: REGISTRATION_INVALID has the registration removed.
        at_ms: when it happened, by the vendor's clock; 0: unknown.
        detail: the step for the timeline.
    """

    cert_id: int
    content_id: int
    registration_id: str = field(repr=False)
    state: DeliveryState
    reason: Reason = Reason.NONE
    at_ms: int = 0
    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What came of taking a delivery back.

    Attributes:
        is_recalled: it becomes CANCELLED; else only the step is noted.
        event: the step for the timeline.
    """

    key: tuple[int, int]
    is_recalled: bool
    event: DeliveryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsApplied:
    """What reports changed.

    Attributes:
        matched: reports of deliveries that there are, changed or not.
        changed: deliveries that changed their state.
        removed_keys: registrations that were removed as dead.
    """

    matched: int
    changed: Sequence[tuple[int, int]]
    removed_keys: Sequence[int]


class Store(Protocol):
    """Certs, registrations, messages and deliveries on disk; credentials and access tokens sealed.

    Every writing method returns after its change is durable. Calls made while a transaction commits share the next one.
    All raise `pushsvc.errors.StoreUnavailable` when the store can't be written or read; nothing is half done then.
    """

    async def accept(self, messages: Sequence[Message], *, now_ms: int) -> Sequence[Accepted | Repeated]:
        """Looks up the registrations of every message's users and writes messages and deliveries; an answer for each.

        A message whose (app, idempotency key) was accepted less than 24 hours before `now_ms` is not written again;
        neither is the second of two with one key in the same call.
        """

    async def claim(self, cert_id: int, *, after: ClaimPosition, now_ms: int, limit: int) -> Sequence[Delivery]:
        """The first pending deliveries of a cert that are due and stand after a position, in order; marks nothing."""

    async def next_due_ms(self, cert_id: int, *, after_ms: int) -> int | None:
        """When the earliest pending delivery of a cert that is due only after a time is due; None if there is none."""

    async def certs_with_pending(self) -> Sequence[int]:
        """The certs that have pending deliveries, for recovery at start."""

    async def settle(self, settlements: Sequence[Settlement], *, is_awaited: bool = True) -> Sequence[int]:
        """Writes what became of deliveries; the registration keys that were removed as dead.

        What is not awaited by a caller may wait a few milliseconds for a transaction to share.

        A delivery that is not PENDING any more keeps its state, unless the vendor took it: SENT is the truth whatever
        was decided meanwhile, and what was reported stays. Removing a registration fails what else is pending for
        it (REGISTRATION_INVALID).
        """

    async def left(self, message_id: int) -> Sequence[Delivery]:
        """The deliveries of a message that are SENT or DELIVERED: what may still stand on a phone."""

    async def settle_recalls(self, recalls: Sequence[Recall]) -> None:
        """Writes what came of taking deliveries back: recalled ones are CANCELLED (MESSAGE_CANCELLED) for good."""

    async def apply_receipts(self, reports: Sequence[Report], *, now_ms: int) -> ReceiptsApplied:
        """Writes what vendors report, in order; a repeat, or a report of something unknown, changes nothing.

        A state is only left for a later one: any for DELIVERED, DELIVERED for CLICKED, and what did not end yet for
        FAILED or EXPIRED. A report may come before the answer it follows: `settle` then changes no state any more.
        A registration is removed if it was not registered again since its delivery was SENT; what else is pending for
        it fails (REGISTRATION_INVALID).
        """

    async def expire(self, *, now_ms: int, limit: int) -> Sequence[tuple[int, int]]:
        """Ends pending deliveries whose TTL is over (EXPIRED), keeping the vendor's last word; their keys."""

    async def cancel(self, app_id: str, message_id: int, *, now_ms: int) -> Sequence[tuple[int, int]] | None:
        """Cancels what is pending of an app's message (MESSAGE_CANCELLED); their keys. None: no such message."""

    async def forget(self, *, after_id: int, before_ms: int, limit: int) -> Forgotten:
        """Removes messages accepted before a time, with their deliveries, if none of these is PENDING.

        A step of a pass in the order of ids, which rise with time: it looks at what stands after `after_id` and ends
        at about `limit` messages or as many deliveries, whichever is first. A step also removes the oldest changes of
        before that time, at most as many as `limit` deliveries can have had.
        """

    async def changes(self, app_id: str, *, after: int, limit: int) -> Changes:
        """The changes of an app's deliveries behind a position; looks at so many of all apps' at most."""

    async def change_counts(self, *, after: int, limit: int) -> ChangeCounts:
        """The same of all apps, counted and not told one by one."""

    async def changes_range(self) -> ChangesRange:
        """From where to where changes are kept."""

    async def register(self, registrations: Sequence[Registration], *, now_ms: int) -> Sequence[Registered]:
        """Stores registrations (`registration_key` and `version` given are ignored), in order; an answer for each.

        The same binding (app, user, device, cert, registration id) again: only its version rises. A registration id
        that was another user's: that binding ends and its pending deliveries are CANCELLED (CHANGED_HANDS). Another
        registration id, cert or device id of the same user's phone: the old binding ends and its pending deliveries
        follow to the new one. The same phone is: the same (app, vendor, registration id), or the same user and
        non-empty device id.
        """

    async def unregister(self, selectors: Sequence[RegistrationSelector], *, now_ms: int) -> Sequence[Unregistered]:
        """Removes registrations and cancels their pending deliveries (LOGGED_OUT); an answer for each selector."""

    async def registrations(self, selector: RegistrationSelector) -> Sequence[Registration]:
        """The registrations that match, oldest first; at most 1000."""

    async def add_cert(self, cert: Cert) -> Cert:
        """Stores a new cert and gives it back with its id."""

    async def replace_cert(self, cert: Cert) -> None:
        """Stores an edited cert under its id."""

    async def set_cert_health(self, cert_id: int, health: CertHealth, *, credential_version: int) -> None:
        """Stores what the vendor said about a cert, if the cert still has that credential."""

    async def certs(self) -> Sequence[Cert]:
        """All certs, by id, credentials opened."""

    async def delete_cert(self, cert_id: int, *, now_ms: int) -> Unregistered:
        """Removes a cert with its registrations and access token; what is pending is CANCELLED (CERT_DELETED)."""

    async def count_pending(self, cert_ids: Sequence[int]) -> Sequence[int]:
        """How many deliveries of each cert are PENDING."""

    async def count_registrations(self, cert_id: int) -> int:
        """How many phones are registered under a cert."""

    async def message(self, app_id: str, message_id: int) -> MessageRecord | None:
        """A message of an app with its deliveries and their timelines; None if there is none."""

    async def access_token(self, cert_id: int) -> StoredAccessToken | None:
        """The cert's access token; None if there is none."""

    async def put_access_token(self, cert_id: int, token: StoredAccessToken) -> None:
        """Stores the cert's access token over any earlier one."""

    async def delete_access_token(self, cert_id: int) -> None:
        """Forgets the cert's access token."""

    async def size_bytes(self) -> int:
        """How much of the disk it takes."""

    async def probe(self) -> None:
        """Returns if the store takes calls at present."""

    async def close(self) -> None:
        """Finishes what is being written and lets go of the file."""
