"""What a caller can do wrong, and what can be wrong with us. Each becomes one gRPC status, in `handlers`.

    PushError
    ├── InvalidRequest     INVALID_ARGUMENT    with every faulty field
    ├── NotFound           NOT_FOUND
    ├── KeyReused          ALREADY_EXISTS
    ├── NotPossible        FAILED_PRECONDITION
    ├── Full               RESOURCE_EXHAUSTED  with a retry delay
    ├── StoreUnavailable   UNAVAILABLE
    │   └── StoreFull      RESOURCE_EXHAUSTED  with a retry delay
    └── Stopping           UNAVAILABLE

What a vendor said is data in an answer, never one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from vendors.contract import Violation


class PushError(Exception):
    """Base of everything a caller is told as a status."""


class InvalidRequest(PushError):  # noqa: N818 - reads as what it is, as do all below
    """Fields that can't be taken, all of them at once."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{violation.field} {violation.text}" for violation in violations))
        self.violations = tuple(violations)


class NotFound(PushError):  # noqa: N818
    """What was named does not exist in this app."""


class KeyReused(PushError):  # noqa: N818
    """An idempotency key came again with other content."""


class NotPossible(PushError):  # noqa: N818
    """Well formed, but not in the present state of things."""


class Full(PushError):  # noqa: N818
    """A bound is reached; nothing was taken.

    Attributes:
        retry_after: when it is worth asking again.
    """

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreUnavailable(PushError):  # noqa: N818
    """The store can't be written or read; nothing was half done."""


class StoreFull(StoreUnavailable):
    """The disk has no room for it; nothing was half done.

    Attributes:
        retry_after: when it is worth asking again.
    """

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Stopping(PushError):  # noqa: N818
    """The service ends; the next one goes on."""
