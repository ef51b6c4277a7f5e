"""Circuit breaker of one cert: pure, the time passed in, exactly one probe per open period."""

from __future__ import annotations


class Breaker:
    """Closed until tripped, then open for a while, then it admits one probe, which closes it or trips it again."""

    def __init__(self) -> None:
        self._open_until_ms = 0
        self._probing = False
        self._trips = 0
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

    def begin(self) -> int:
        """An admitted exchange starts; while not closed, it is the probe. Gives back what the others know it by."""
        self._probing = not self.is_closed
        return self._trips

    def trip(self, until_ms: int, *, begun: int) -> None:
        """An exchange failed: open until a time. Those that were under way when it tripped don't count again."""
        if begun != self._trips:
            return
        self._trips += 1
        self.failures += 1
        self._open_until_ms = until_ms
        self._probing = False

    def pass_on(self, *, begun: int) -> None:
        """An exchange ended before it reached the vendor; if it was the probe, the next one is."""
        if begun == self._trips:
            self._probing = False

    def close(self) -> None:
        """An exchange got through, or there is reason to believe the next will."""
        self.failures = 0
        self._open_until_ms = 0
        self._probing = False
