"""Access tokens that a simulator gave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MAX_TOKENS = 10_000


@dataclass(slots=True)
class Issued:
    """One access token.

    Attributes:
        app_id: whose.
        ends_at: Unix time in seconds.
        is_ended: the control API or a fault ended it before its time.
    """

    app_id: str
    ends_at: float
    is_ended: bool = False


class Bearers:
    """The tokens by their text; a new one leaves the older ones good.

    Args:
        nonce: a fresh text on each call.
    """

    def __init__(self, nonce: Callable[[], str]) -> None:
        self._nonce = nonce
        self._issued: dict[str, Issued] = {}

    def issue(self, app_id: str, ends_at: float) -> str:
        """A new token; the oldest makes room for it where there are too many."""
        if len(self._issued) >= MAX_TOKENS:
            del self._issued[next(iter(self._issued))]
        token = self._nonce()
        self._issued[token] = Issued(app_id, ends_at)
        return token

    def of_header(self, authorization: str) -> Issued | None:
        """The token of an Authorization header, "Bearer " and a text; None if it is none of ours."""
        scheme, _, token = authorization.partition(" ")
        return self._issued.get(token) if scheme == "Bearer" else None

    def expire(self) -> int:
        """Ends every token, and says how many were good."""
        good = [issued for issued in self._issued.values() if not issued.is_ended]
        for issued in good:
            issued.is_ended = True
        return len(good)
