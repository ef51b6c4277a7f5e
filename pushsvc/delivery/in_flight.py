"""How many exchanges of a lane may be under way: fewer when the vendor gets slow or refuses, more when it keeps up.

Pure. Additive increase, multiplicative decrease, as of a congestion window: each exchange that is answered as fast as
usual adds a part of one, so that a full round adds one; one that is not answered, is refused as too fast, or takes far
longer than usual halves it, once a round.
"""

from __future__ import annotations

# So much longer than usual, and at least so long, is slow: a busy machine alone makes an answer late by less.
SLOW_FACTOR = 4.0
SLOW_SECONDS = 1.0
# The part of the newest answer in what is usual.
WEIGHT = 0.05


class InFlight:
    """The cap of one lane.

    Args:
        most: never more; the cap begins here.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cap = float(most)
        self._usual_seconds: float | None = None
        self._rounds = 0

    @property
    def cap(self) -> int:
        """How many may be under way; at least one."""
        return int(self._cap)

    def begin(self) -> int:
        """An exchange starts; what `answered` and `failed` know its round by."""
        return self._rounds

    def answered(self, seconds: float, *, round_begun: int) -> None:
        """An exchange got a usable answer."""
        usual = seconds if self._usual_seconds is None else self._usual_seconds
        # Also what is slow becomes usual in time: a vendor that is slower for good is no reason to stay at one.
        self._usual_seconds = usual + WEIGHT * (seconds - usual)
        if seconds > max(SLOW_SECONDS, SLOW_FACTOR * usual):
            self.failed(round_begun=round_begun)
        else:
            self._cap = min(self._most, self._cap + 1 / self._cap)

    def failed(self, *, round_begun: int) -> None:
        """An exchange got none, or the vendor asked to slow down. Those of one round are told off together."""
        if round_begun == self._rounds:
            self._rounds += 1
            self._cap = max(1.0, self._cap / 2)
