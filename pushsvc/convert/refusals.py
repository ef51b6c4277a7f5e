"""What a use case raises, as a caller is told it: in a status of its own, or for one send among a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import grpc

from pushsvc.errors import (
    Full,
    InvalidRequest,
    KeyReused,
    NotFound,
    NotPossible,
    PushError,
    Stopping,
    StoreFull,
    StoreUnavailable,
)
from vendors.contract import Violation

STATUSES: dict[type[PushError], grpc.StatusCode] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    KeyReused: grpc.StatusCode.ALREADY_EXISTS,
    NotPossible: grpc.StatusCode.FAILED_PRECONDITION,
    Full: grpc.StatusCode.RESOURCE_EXHAUSTED,
    StoreUnavailable: grpc.StatusCode.UNAVAILABLE,
    StoreFull: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Stopping: grpc.StatusCode.UNAVAILABLE,
}

# An error travels in the trailers, of which clients take 8 KiB; names of unknown fields are as long as callers like.
MAX_WORDS = 1_000
MAX_VIOLATIONS = 20
MAX_FIELD = 100
MAX_FAULT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refused request.

    Attributes:
        code: its status.
        words: what is wrong.
        violations: faulty fields, cut to what an answer can carry.
        retry_after: when it is worth asking again; None: nothing is known.
    """

    code: grpc.StatusCode
    words: str
    violations: Sequence[Violation] = ()
    retry_after: timedelta | None = None


def refusal_of(error: PushError) -> Refusal:
    """An error as a refusal."""
    violations = error.violations[:MAX_VIOLATIONS] if isinstance(error, InvalidRequest) else ()
    return Refusal(
        code=STATUSES[type(error)],
        words=_cut(str(error), MAX_WORDS),
        violations=[Violation(_cut(each.field, MAX_FIELD), _cut(each.text, MAX_FAULT)) for each in violations],
        retry_after=error.retry_after if isinstance(error, Full | StoreFull) else None,
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
