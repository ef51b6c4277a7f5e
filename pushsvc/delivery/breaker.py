"""Circuit breaker of one cert: pure, the time passed in, exactly one probe per open period."""

from __future__ import annotations


class Breaker:
    """Closed until tripped, then open for a while, then it admits one probe, which closes it or trips it again."""

    def __init__(self) -> None:
        self._open_until_ms = 0
        self._probing = False
        self.failures = 0

    @property
    def is_closed(self) -> bool:
        """Whether everything may pass."""
        return self.failures == 0

    @property
    def next_probe_ms(self) -> int | None:
        """When the next probe may go, epoch milliseconds; None while closed or while one is under way."""
        return None if self.is_closed or self._probing else self._open_until_ms

    def admits(self, now_ms: int) -> bool:
        """Whether an exchange may start now: always while closed, else only the one probe that is due."""
        return self.is_closed or (now_ms >= self._open_until_ms and not self._probing)

    def begin(self) -> None:
        """An admitted exchange starts; while not closed, it is the probe."""
        self._probing = not self.is_closed

    def trip(self, until_ms: int) -> None:
        """An exchange failed: open until a time. Those that were under way when it tripped don't count again."""
        if not self.is_closed and not self._probing:
            return
        self.failures += 1
        self._open_until_ms = until_ms
        self._probing = False

    def close(self) -> None:
        """An exchange got through, or there is reason to believe the next will."""
        self.failures = 0
        self._open_until_ms = 0
        self._probing = False
