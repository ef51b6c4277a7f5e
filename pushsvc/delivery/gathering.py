"""How long a batch waits for more: not at all while the event loop has time to spare, longer the busier it is. Pure.

What a batch costs by itself, two transactions' and a vendor's call, is as much as that of several sends: a busy service
halves its work by taking many at a time, an idle one would only answer later.
"""

from __future__ import annotations

from collections.abc import Callable

LONGEST_SECONDS = 0.040
# Shares of the loop's time: below the first nothing waits, above the second as long as it may.
IDLE, BUSY = 0.5, 0.9
SAMPLE_SECONDS = 0.010


class Gathering:
    """Follows how busy the event loop's thread is.

    Args:
        clock: seconds that pass.
        thread_clock: seconds that the event loop's thread has worked.
    """

    def __init__(self, clock: Callable[[], float], thread_clock: Callable[[], float]) -> None:
        self._clock = clock
        self._thread_clock = thread_clock
        self._sampled_at = clock()
        self._worked = thread_clock()
        self._busy = 0.0

    def seconds(self) -> float:
        """How long a batch may wait now."""
        self._sample(self._clock())
        share = (self._busy - IDLE) / (BUSY - IDLE)
        return LONGEST_SECONDS * min(1.0, share) if share > 0 else 0.0

    def _sample(self, now: float) -> None:
        passed = now - self._sampled_at
        if passed >= SAMPLE_SECONDS:
            worked = self._thread_clock()
            # What was long ago counts little: after a pause nothing waits.
            weight = min(1.0, passed / (5 * SAMPLE_SECONDS))
            self._busy += weight * ((worked - self._worked) / passed - self._busy)
            self._sampled_at, self._worked = now, worked
