"""How long a batch waits for more: not at all while the event loop has time to spare, longer the busier it is. Pure.

What a batch costs by itself, two transactions' and a vendor's call, is as much as that of several sends: a busy service
halves its work by taking many at a time, an idle one would only answer later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

LONGEST_SECONDS = 0.040
# Shares of the loop's time: below the first nothing waits, above the second as long as it may.
IDLE, BUSY = 0.5, 0.9
SAMPLE_SECONDS = 0.010


class Moment(NamedTuple):
    """When something was, in seconds that pass, and how long the event loop's thread had worked by then."""

    at: float
    worked: float


class Gathering:
    """Follows how busy the event loop's thread is.

    Args:
        clock: seconds that pass.
        thread_clock: seconds that the event loop's thread has worked.
    """

    def __init__(self, clock: Callable[[], float], thread_clock: Callable[[], float]) -> None:
        self._clock = clock
        self._thread_clock = thread_clock
        self._sampled = self.moment()
        self._busy = 0.0

    def seconds(self) -> float:
        """How long a batch may wait now."""
        now = self.moment()
        passed = now.at - self._sampled.at
        if passed >= SAMPLE_SECONDS:
            # What was long ago counts little: after a pause nothing waits.
            weight = min(1.0, passed / (5 * SAMPLE_SECONDS))
            self._busy += weight * (_share(self._sampled, now) - self._busy)
            self._sampled = now
        share = (self._busy - IDLE) / (BUSY - IDLE)
        return LONGEST_SECONDS * min(1.0, share) if share > 0 else 0.0

    def moment(self) -> Moment:
        """Now."""
        return Moment(self._clock(), self._thread_clock())

    def had_time_to_spare(self, since: Moment) -> bool:
        """Whether the loop was idle for a good part since then, so that nobody can be waiting for it to be read."""
        return _share(since, self.moment()) < IDLE


def _share(since: Moment, now: Moment) -> float:
    """Of the time from one moment to another, how much was worked."""
    passed = now.at - since.at
    return (now.worked - since.worked) / passed if passed > 0 else 0.0
