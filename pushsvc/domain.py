"""What the service talks about: certs, registrations, messages and their deliveries.

Plain values. Times are epoch milliseconds, as they stand in the store; the edges turn them into the caller's types.
The enums have the numbers of their namesakes in `protos/`, so that converting one is reading it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from msgspec import Struct

from vendors.contract import OPEN_APP, Category, ClickAction, Notification


class DeliveryState(IntEnum):
    """Where a delivery stands."""

    PENDING = 1
    SENT = 2
    FAILED = 3
    EXPIRED = 4
    CANCELLED = 5
    DELIVERED = 6
    CLICKED = 7


class Reason(IntEnum):
    """Why a delivery is in its state."""

    NONE = 0
    REGISTRATION_INVALID = 1
    MESSAGE_REJECTED = 2
    CREDENTIAL_REJECTED = 3
    THROTTLED = 4
    UNAVAILABLE = 5
    UNKNOWN_OUTCOME = 6
    LOGGED_OUT = 7
    CHANGED_HANDS = 8
    CERT_DELETED = 9
    TTL_ENDED = 10
    MESSAGE_CANCELLED = 11
    NOT_SHOWN = 12


class CertState(IntEnum):
    """Whether the vendor takes a cert's credential."""

    UNTRIED = 1
    ACCEPTED = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CertHealth:
    """What the vendor last said about a credential.

    Attributes:
        state: the verdict.
        since_ms: since when it stands.
        vendor_code: the vendor's code for a refusal.
        vendor_reason: the vendor's words.
        advice: what it means and what to do.
        next_probe_ms: when the vendor is asked again by itself; 0 unless REJECTED.
    """

    state: CertState = CertState.UNTRIED
    since_ms: int = 0
    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""
    next_probe_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedClass:
    """A class of messages that a vendor takes no more of for a while.

    Attributes:
        category: of the messages.
        channel_id: of the messages; empty: without one.
        until_ms: when they may be tried again.
    """

    category: Category
    channel_id: str
    until_ms: int
    vendor_code: str
    vendor_reason: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """How the deliveries of a cert are handed over at present.

    Attributes:
        next_probe_ms: when the vendor, refusing or down, is asked again; 0 while everything may leave.
        per_second: phones a second, since the vendor asked to slow down; 0: no limit.
        ready: deliveries that wait in memory.
        exchanges: hand-overs under way.
        max_exchanges: how many of them there may be at present.
        stopped: classes that the vendor takes no more of for a while.
    """

    next_probe_ms: int = 0
    per_second: float = 0.0
    ready: int = 0
    exchanges: int = 0
    max_exchanges: int = 0
    stopped: Sequence[StoppedClass] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertDefaults:
    """What a notification gets from its cert where it says nothing itself."""

    channel_id: str = ""
    click_action: ClickAction = OPEN_APP
    category: Category = Category.IM
    vendor_options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cert:
    """One app's credential at one vendor.

    Attributes:
        cert_id: given by the store; 0 before it is stored.
        app_id: the app it belongs to.
        vendor: the plug-in's name.
        display_name: for people.
        credential: field to value, in the clear; never printed, logged or answered.
        credential_version: raised whenever the credential or the base URL changes, so that an access token got with
            the old ones is not used.
        defaults: for notifications that say nothing.
        base_url: replaces the vendor's own hosts; empty: doesn't.
        health: what the vendor last said about the credential.
        targets_per_second: most phones a second; 0: what the vendor takes of the smallest account.
    """

    cert_id: int
    app_id: str
    vendor: str
    display_name: str
    credential: Mapping[str, str] = field(repr=False)
    credential_version: int
    defaults: CertDefaults
    base_url: str
    health: CertHealth
    created_at_ms: int
    updated_at_ms: int
    targets_per_second: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One phone on which a user is logged in.

    Attributes:
        registration_key: the store's own; a new one for every new binding of user, phone and cert, never used again.
        version: raised whenever the same binding is registered again.
        registered_at_ms: when that was.
    """

    app_id: str
    user_id: str
    device_id: str
    cert_id: int
    vendor: str
    registration_id: str = field(repr=False)
    registration_key: int = 0
    version: int = 1
    registered_at_ms: int = 0


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """One accepted send.

    Attributes:
        message_id: unique for ever, also across databases, because dedup ids are made from it.
        due_at_ms: not handed over before.
        expires_at_ms: not handed over from here on.
        idempotency_key: the caller's; empty: none.
        fingerprint: digest of what was asked, to tell a repeat from a misuse of the key; empty without a key.
        content_id: the id of the message whose content this one shares, its own if it shares none.
    """

    message_id: int
    app_id: str
    user_ids: Sequence[str]
    notification: Notification
    created_at_ms: int
    due_at_ms: int
    expires_at_ms: int
    content_id: int
    idempotency_key: str = ""
    fingerprint: str = ""


class Delivery(Struct, kw_only=True, gc=False):
    """One message on its way to one phone, as a lane holds it.

    Attributes:
        message: shared by all deliveries of the message.
        key: what the store finds it by: message id, and number within the message.
        registration_key: which binding of user and phone it is for.
        registration_version: as it was when this was read; guards the removal of a dead registration.
        attempts: hand-overs so far.
        due_at_ms: not handed over before.
        caller: who sent it; empty where that is not known any more, since the store does not keep it.
    """

    message: Message
    key: tuple[int, int]
    user_id: str
    device_id: str
    vendor: str
    cert_id: int
    registration_key: int
    registration_version: int
    registration_id: str
    attempts: int = 0
    due_at_ms: int = 0
    caller: str = ""

    def __repr__(self) -> str:
        """Names it and no registration id."""
        return f"Delivery({self.key[0]}-{self.key[1]} for {self.user_id} by {self.vendor})"

    @property
    def dedup_id(self) -> str:
        """The same on every attempt, unique to message and phone; 32 hex digits."""
        text = f"{self.message.message_id}:{self.registration_id}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class DeliveryEvent(Struct, frozen=True, kw_only=True, gc=False):
    """One step in the life of a delivery.

    Attributes:
        at_ms: when.
        state: the state after it.
        detail: the step in words.
    """

    at_ms: int
    state: DeliveryState
    reason: Reason = Reason.NONE
    vendor_code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """A delivery as it stands in the store, for people to read.

    Attributes:
        registration_id_prefix: enough to recognise the phone.
        next_attempt_at_ms: 0 unless PENDING.
        timeline: oldest first; empty where it was not asked for.
    """

    message_id: int
    number: int
    user_id: str
    device_id: str
    vendor: str
    cert_id: int
    registration_id_prefix: str
    state: DeliveryState
    reason: Reason = Reason.NONE
    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""
    vendor_message_id: str = ""
    attempts: int = 0
    truncated: Sequence[str] = ()
    ignored: Sequence[str] = ()
    next_attempt_at_ms: int = 0
    updated_at_ms: int = 0
    timeline: Sequence[DeliveryEvent] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """How many deliveries of a cert changed their state in one way."""

    vendor: str
    cert_id: int
    was: DeliveryState
    state: DeliveryState
    reason: Reason
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message with its deliveries as they stand."""

    message: Message
    deliveries: Sequence[DeliveryRecord]
    unreachable_user_ids: Sequence[str]


REGISTRATION_ID_PREFIX_LENGTH = 12


def registration_id_prefix(registration_id: str) -> str:
    """The part of a registration id that may be logged: enough to recognise it, too little to use it."""
    if len(registration_id) >= 2 * REGISTRATION_ID_PREFIX_LENGTH:
        return registration_id[:REGISTRATION_ID_PREFIX_LENGTH]
    return registration_id[: len(registration_id) // 2]
