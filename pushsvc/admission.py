"""Who is let in: a caller that would only wait out its deadline is better told at once, while that costs little.

How long a newcomer would wait is what is inside, divided by how fast it leaves (Little's law). A rule that waits until
somebody has waited too long lets in far too much before, and far too little after. Whoever has little inside comes in
all the same: the crowd is not theirs.
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
        patience_seconds: how long a newcomer may have to wait, if its caller has half as much inside as others on the
            average, or more. Nobody knows how fast a crowd leaves before it does: until then it is held for one that
            leaves within this time.
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
        self._inside_of: dict[str, int] = {}
        self._left = 0.0  # since then
        self._crowded_since = 0.0

    def check(self, caller: str) -> None:
        """Raises Full if `enter` would."""
        is_slow = self._inside >= self._crowd and self._is_slow(self._clock())
        if self._inside >= self._most or (is_slow and self._has_much(caller)):
            raise Full(f"{self._inside} {self._what} are waiting already", retry_after=RETRY_AFTER)

    def enter(self, caller: str, weight: int) -> Visit:
        """Lets so much of a caller's in, until the block ends.

        Raises:
            Full: there is no room.
        """
        self.check(caller)
        weight = max(1, weight)  # a call that carries nothing is one all the same
        self._inside += weight
        self._inside_of[caller] = self._inside_of.get(caller, 0) + weight
        if self._inside - weight < self._crowd <= self._inside:
            self._crowded_since, self._left = self._clock(), 0.0
        return Visit(self, caller, weight)

    def leave(self, caller: str, weight: int) -> None:
        """So much of a caller's is done."""
        self._inside -= weight
        self._left += weight
        self._inside_of[caller] -= weight
        if not self._inside_of[caller]:
            del self._inside_of[caller]

    def _has_much(self, caller: str) -> bool:
        """Half the average suffices: were it the whole, two that take turns in having less would fill the room."""
        return 2 * self._inside_of.get(caller, 0) * len(self._inside_of) >= self._inside

    def _is_slow(self, now: float) -> bool:
        seconds = now - self._crowded_since
        if seconds > REMEMBERED_SECONDS:
            # What was long ago counts for less and less.
            self._crowded_since, self._left = now - seconds / 2, self._left / 2
            seconds /= 2
        return self._inside * seconds > self._patience_seconds * (self._crowd + self._left)


class Visit:
    """So much that is inside, until the end of its block."""

    __slots__ = ("_admission", "_caller", "_weight")

    def __init__(self, admission: Admission, caller: str, weight: int) -> None:
        self._admission = admission
        self._caller = caller
        self._weight = weight

    def __enter__(self) -> None:
        """Was let in already."""

    def __exit__(self, _: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None) -> None:
        self._admission.leave(self._caller, self._weight)
