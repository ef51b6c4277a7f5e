"""What the callers did and were told: the books that everything else is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Sent:
    """A send that was answered OK.

    Attributes:
        title: unique to it, so that a phone tells which one it shows.
        user_id: for whom.
        message_id: as answered.
        deliveries: how many phones, as answered.
    """

    title: str
    user_id: str
    message_id: str
    deliveries: int


@dataclass(slots=True)
class Login:
    """A phone that was a user's for a while.

    Attributes:
        vendor: its maker.
        registration_id: its address.
        user_id: whose it was.
        ended_at: Unix time when the service had answered that it is no longer; None: it still is.
        is_dead: its maker says so since; it may be forgotten.
    """

    vendor: str
    registration_id: str
    user_id: str
    ended_at: float | None = None
    is_dead: bool = False


@dataclass(slots=True)
class Ledger:
    """All of a run.

    Attributes:
        sent: accepted sends.
        logins: phones in the order of their logins.
        cancelled: messages that were asked to be stopped and taken back.
        cert_edits: how many were made.
        faults_of_ours: answers that are nobody's right, such as INTERNAL.
        seen: each change the watcher was told of, by delivery id: its states in order.
    """

    sent: list[Sent] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    cert_edits: int = 0
    faults_of_ours: list[str] = field(default_factory=list)
    seen: dict[str, list[int]] = field(default_factory=dict)
