"""How long a batch waits for more: not at all while the event loop has time to spare, longer the busier it is. Pure."""

from __future__ import annotations

from collections.abc import Callable

# A batch costs about as much as eight sends, so that a busy service halves its work by taking many at a time; an idle
# one would only answer later.
LONGEST_SECONDS = 0.010
# Shares of the loop's time: below the first nothing waits, above the second as long as it may.
IDLE, BUSY = 0.2, 0.5
STEPS = 4
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
        """How long to wait from now.

        Whoever waits is woken at the same moments, so that what was gathered in several places shares a transaction.
        """
        now = self._clock()
        self._sample(now)
        step = int(STEPS * (self._busy - IDLE) / (BUSY - IDLE))
        if step <= 0:
            return 0.0
        interval = LONGEST_SECONDS * min(step, STEPS) / STEPS
        return interval - now % interval

    def _sample(self, now: float) -> None:
        passed = now - self._sampled_at
        if passed >= SAMPLE_SECONDS:
            worked = self._thread_clock()
            # What was long ago counts little: after a pause nothing waits.
            weight = min(1.0, passed / (5 * SAMPLE_SECONDS))
            self._busy += weight * ((worked - self._worked) / passed - self._busy)
            self._sampled_at, self._worked = now, worked
