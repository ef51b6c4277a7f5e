"""How fast a lane hands over: up to its own limit, and where the vendor asks to slow down about as fast as is taken.

Pure, the time passed in. A token bucket whose rate follows the vendor: what it took of late is what it will take, a
little less after each "too fast", and more for each second without one, the more the longer that is.
"""

from __future__ import annotations

from collections import deque

# Counted over this long, one large call that was let through is not taken for a rate.
MEASURED_MS = 5_000
SHORTEST_MEASURE_MS = 1_000
# Calls under way together are told off together; that is one word, not many.
SHRINK_EVERY_MS = 1_000
SHRUNK = 0.95
# Per second, for each second that the vendor has said nothing: near a limit it creeps, far below it leaps.
GROWTH = 1.05
LOWEST_PER_SECOND = 10
# So long without a word from the vendor, and there is no limit any more.
FORGET_AFTER_MS = 60_000
# Waits for a tenth of a second's worth, so that calls carry more than a target each.
QUANTUM_SECONDS = 0.1
UNLIMITED = 1 << 30


class Pace:
    """Targets per second of one lane.

    Args:
        most: never more; 0: no limit but what the vendor asks for.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._per_second: float | None = None
        self._tokens = 0.0
        self._filled_at_ms = 0
        self._told_at_ms = 0
        self._shrunk_at_ms = 0
        self._taken: deque[tuple[int, int]] = deque()  # when, how many

    @property
    def per_second(self) -> float | None:
        """The limit that the vendor asked for; None: none."""
        return self._per_second

    def allow(self, most: int) -> None:
        """Another limit of its own; 0: none."""
        self._most = most

    def room(self, now_ms: int) -> int:
        """How many targets may leave now; 0: wait until `next_ms`."""
        self._fill(now_ms)
        if self._rate is None:
            return UNLIMITED
        return int(self._tokens) if self._tokens >= self._quantum else 0

    @property
    def next_ms(self) -> int | None:
        """When there will be room, epoch milliseconds; None without a limit."""
        rate = self._rate
        if rate is None:
            return None
        missing = max(0.0, self._quantum - self._tokens)
        return self._filled_at_ms + int(missing * 1000 / rate) + 1

    def spend(self, targets: int) -> None:
        """That many leave."""
        self._tokens -= targets

    def taken(self, targets: int, now_ms: int) -> None:
        """The vendor took that many."""
        self._taken.append((now_ms, targets))
        self._forget_old(now_ms)

    def too_fast(self, targets: int, now_ms: int) -> None:
        """The vendor refused that many because they came too fast."""
        self._told_at_ms = now_ms
        if self._per_second is not None and now_ms - self._shrunk_at_ms < SHRINK_EVERY_MS:
            return
        taken = self._taken_per_second(now_ms)
        before = self._rate if self._rate is not None else max(taken, float(targets))
        self._per_second = max(LOWEST_PER_SECOND, min(taken, before) * SHRUNK if taken else before / 2)
        self._shrunk_at_ms = self._filled_at_ms = now_ms
        self._tokens = 0.0

    @property
    def _rate(self) -> float | None:
        """The lower of its own limit and the vendor's; None: neither."""
        if self._per_second is None:
            return self._most or None
        return min(self._per_second, self._most) if self._most else self._per_second

    @property
    def _quantum(self) -> float:
        return max(1.0, (self._rate or 0.0) * QUANTUM_SECONDS)

    def _fill(self, now_ms: int) -> None:
        if self._per_second is not None and now_ms - self._told_at_ms >= FORGET_AFTER_MS:
            self._per_second = None
        rate = self._rate
        if rate is None:
            return
        passed = max(0, now_ms - self._filled_at_ms) / 1000
        self._tokens = min(2 * self._quantum, self._tokens + passed * rate)
        if self._per_second is not None:
            quiet = max(0, now_ms - self._told_at_ms) / 1000
            self._per_second *= GROWTH ** (passed * quiet)
        self._filled_at_ms = now_ms

    def _taken_per_second(self, now_ms: int) -> float:
        self._forget_old(now_ms)
        if not self._taken:
            return 0.0
        span_ms = max(SHORTEST_MEASURE_MS, now_ms - self._taken[0][0])
        return sum(targets for _, targets in self._taken) * 1000 / span_ms

    def _forget_old(self, now_ms: int) -> None:
        while self._taken and self._taken[0][0] <= now_ms - MEASURED_MS:
            self._taken.popleft()
