"""Who is let in: a caller that would only wait out its deadline is better told at once, while that costs little.

How long a newcomer would wait is what is inside, divided by how fast it leaves (Little's law); a rule that waits until
somebody has waited too long lets in far too much before, and far too little after.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from pushsvc.errors import Full

RETRY_AFTER = timedelta(seconds=1)
REMEMBERED_SECONDS = 2.0


class Admission:
    """Counts what came in and is not done.

    Args:
        most: with so much inside, callers are refused.
        crowd: with less inside, they never are for how long they would wait.
        patience_seconds: how long a newcomer may have to wait. Nobody knows how fast a crowd leaves before it does:
            until then it is held for one that leaves within this time.
        what: is counted, in words for the refusal.
        clock: seconds that only go forward.
    """

    def __init__(
        self, *, most: int, crowd: int, patience_seconds: float, what: str, clock: Callable[[], float]
    ) -> None:
        self._most = most
        self._crowd = crowd
        self._patience_seconds = patience_seconds
        self._what = what
        self._clock = clock
        self._inside = 0
        self._left = 0.0  # since then
        self._crowded_since = 0.0

    def check(self) -> None:
        """Raises Full if `enter` would."""
        if self._inside >= self._most or (self._inside >= self._crowd and self._is_slow(self._clock())):
            raise Full(f"{self._inside} {self._what} are waiting already", retry_after=RETRY_AFTER)

    def enter(self, weight: int) -> Visit:
        """Lets so much in, until the block ends.

        Raises:
            Full: there is no room.
        """
        self.check()
        self._inside += weight
        if self._inside - weight < self._crowd <= self._inside:
            self._crowded_since, self._left = self._clock(), 0.0
        return Visit(self, weight)

    def leave(self, weight: int) -> None:
        """So much is done."""
        self._inside -= weight
        self._left += weight

    def _is_slow(self, now: float) -> bool:
        seconds = now - self._crowded_since
        if seconds > REMEMBERED_SECONDS:
            # What was long ago counts for less and less.
            self._crowded_since, self._left = now - seconds / 2, self._left / 2
            seconds /= 2
        return self._inside * seconds > self._patience_seconds * (self._crowd + self._left)


class Visit:
    """So much that is inside, until the end of its block."""

    __slots__ = ("_admission", "_weight")

    def __init__(self, admission: Admission, weight: int) -> None:
        self._admission = admission
        self._weight = weight

    def __enter__(self) -> None:
        """Was let in already."""

    def __exit__(self, _: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None) -> None:
        self._admission.leave(self._weight)
