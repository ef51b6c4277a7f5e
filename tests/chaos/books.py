"""Compares what callers were told, what the service says in the end, and what stands on the phones. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pushsvc.v1 import delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.chaos.ledger import Ledger, Login

PENDING = delivery_pb2.DELIVERY_STATE_PENDING
SENT = delivery_pb2.DELIVERY_STATE_SENT
DELIVERED = delivery_pb2.DELIVERY_STATE_DELIVERED
FINAL = {
    SENT: "sent",
    DELIVERED: "delivered",
    delivery_pb2.DELIVERY_STATE_FAILED: "failed",
    delivery_pb2.DELIVERY_STATE_EXPIRED: "expired",
    delivery_pb2.DELIVERY_STATE_CANCELLED: "cancelled",
}
REPORTED = frozenset({DELIVERED, delivery_pb2.DELIVERY_STATE_CLICKED})
# What had left when a logout was answered may reach the phone so much later: the longest a maker hangs here.
FLIGHT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification on a phone's bar.

    Attributes:
        title: of the send.
        at: Unix time.
    """

    title: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is there in the end.

    Attributes:
        messages: each message the service knows, by id.
        bars: what stands on each phone, by vendor and registration id.
        registered: the registration ids of each user, as the service lists them.
        violations: requests that broke a maker's rules, by vendor.
        integrity: what the database's own check says; "ok" is good.
    """

    messages: Mapping[str, pb.GetMessageResponse]
    bars: Mapping[tuple[str, str], Sequence[Shown]]
    registered: Mapping[str, frozenset[str]]
    violations: Mapping[str, int] = field(default_factory=dict)
    integrity: str = "ok"


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict.

    Attributes:
        states: how many deliveries ended how.
        faults: each broken promise in words; empty is good.
    """

    states: Mapping[str, int]
    faults: Sequence[str]


def audit(ledger: Ledger, evidence: Evidence) -> Audit:
    """Checks every promise the books can tell of."""
    states = Counter(
        FINAL.get(delivery.state, "pending")
        for message in evidence.messages.values()
        for delivery in message.deliveries
    )
    faults = [
        *(f"a fault of ours: {text}" for text in ledger.faults_of_ours),
        *_lost(ledger, evidence),
        *_unfinished(evidence),
        *_sent_but_not_shown(ledger, evidence),
        *_doubled(evidence),
        *_after_logout(ledger, evidence),
        *_forgotten_phones(ledger, evidence),
        *_unseen(ledger, evidence),
        *(f"{vendor}: {count} requests broke its rules" for vendor, count in evidence.violations.items() if count),
    ]
    if evidence.integrity != "ok":
        faults.append(f"database: {evidence.integrity}")
    return Audit(states, faults)


def _lost(ledger: Ledger, evidence: Evidence) -> Iterator[str]:
    for sent in ledger.sent:
        message = evidence.messages.get(sent.message_id)
        if message is None:
            yield f"lost: {sent.title} was accepted as {sent.message_id} and is gone"
        elif len(message.deliveries) != sent.deliveries:
            yield f"lost: {sent.title} had {sent.deliveries} deliveries and has {len(message.deliveries)}"


def _unfinished(evidence: Evidence) -> Iterator[str]:
    for message in evidence.messages.values():
        for delivery in message.deliveries:
            if delivery.state not in FINAL:
                yield f"unfinished: {delivery.delivery_id} waits: {delivery.timeline[-1].detail}"


def _sent_but_not_shown(ledger: Ledger, evidence: Evidence) -> Iterator[str]:
    phones: dict[str, list[Login]] = {}
    for login in ledger.logins:
        phones.setdefault(login.user_id, []).append(login)
    titles = {phone: {shown.title for shown in bar} for phone, bar in evidence.bars.items()}
    for sent in ledger.sent:
        if sent.message_id in ledger.cancelled:
            continue  # it may have been taken off the phone, also if the maker's answer about that was lost
        message = evidence.messages.get(sent.message_id)
        deliveries = message.deliveries if message is not None else ()
        taken = sum(delivery.state in {SENT, DELIVERED} for delivery in deliveries)
        own = {(login.vendor, login.registration_id) for login in phones.get(sent.user_id, ())}
        shown = sum(sent.title in titles.get(phone, ()) for phone in own)
        may_be_swallowed = sum(login.is_dead for login in phones.get(sent.user_id, ()))
        if shown + may_be_swallowed < taken:
            yield f"lost: {sent.title} went to {taken} phones and stands on {shown}"


def _doubled(evidence: Evidence) -> Iterator[str]:
    for (vendor, registration_id), bar in evidence.bars.items():
        for title, count in Counter(shown.title for shown in bar).items():
            if count > 1:
                yield f"doubled: {title} stands {count} times on {vendor} {registration_id}"


def _after_logout(ledger: Ledger, evidence: Evidence) -> Iterator[str]:
    """What was shown after a logout, and long enough after not to have been on its way."""
    user_of = {sent.title: sent.user_id for sent in ledger.sent}
    last: dict[tuple[str, str, str], Login] = {}
    for login in ledger.logins:
        last[login.vendor, login.registration_id, login.user_id] = login
    for (vendor, registration_id), bar in evidence.bars.items():
        for shown in bar:
            user_id = user_of.get(shown.title)
            if user_id is None:
                continue  # its caller was not answered any more
            found = last.get((vendor, registration_id, user_id))
            if found is None:
                yield f"astray: {shown.title} for {user_id} stands on {vendor} {registration_id}"
            elif found.ended_at is not None and shown.at > found.ended_at + FLIGHT_SECONDS:
                late = f"{shown.at - found.ended_at:.1f} s after {user_id} left"
                yield f"after logout: {shown.title} came to {vendor} {registration_id} {late}"


def _forgotten_phones(ledger: Ledger, evidence: Evidence) -> Iterator[str]:
    for login in ledger.logins:
        is_listed = login.registration_id in evidence.registered.get(login.user_id, ())
        if login.ended_at is None and not login.is_dead and not is_listed:
            yield f"forgotten: {login.vendor} {login.registration_id} of {login.user_id}, which no maker called dead"


def _unseen(ledger: Ledger, evidence: Evidence) -> Iterator[str]:
    """Outcomes the watcher was not told of, or told twice."""
    for message in evidence.messages.values():
        for delivery in message.deliveries:
            seen = ledger.seen.get(delivery.delivery_id, [])
            # A report may have come since the service was asked.
            told = [state for state in seen if state == delivery.state or state not in REPORTED]
            if delivery.state in FINAL and (not told or told[-1] != delivery.state):
                yield f"unseen: {delivery.delivery_id} is {FINAL[delivery.state]}, the watcher saw {seen}"
            if any(before == after for before, after in pairwise(seen)):
                yield f"seen twice: {delivery.delivery_id}: {seen}"
