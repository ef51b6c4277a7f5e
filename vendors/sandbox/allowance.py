"""Rates and days as makers count them."""

from __future__ import annotations

from dataclasses import dataclass

GMT_8 = 8 * 3600
HOUR = 3600
DAY = 24 * HOUR


def day_of(now: float) -> int:
    """Number of the day in China, where daily limits begin anew at midnight."""
    return int(now + GMT_8) // DAY


def hour_of(now: float) -> int:
    """Hour of the day in China."""
    return int(now + GMT_8) % DAY // HOUR


@dataclass(slots=True)
class Rate:
    """So many targets a second: a call passes while there is allowance left, and then pays for all of its targets.

    Attributes:
        allowance: targets that may still be sent to in this second; below 0 a call is being paid off.
        paid_at: when the allowance was last added to.
    """

    allowance: float = 0
    paid_at: float = 0

    def has_room(self, per_second: int | None, now: float) -> bool:
        """Whether a call may pass; None: no limit."""
        if per_second is None:
            return True
        self.allowance = min(float(per_second), self.allowance + (now - self.paid_at) * per_second)
        self.paid_at = now
        return self.allowance >= 1

    def charge(self, targets: int) -> None:
        """Takes what a call used."""
        self.allowance -= targets

    def take(self, per_second: int | None, now: float) -> bool:
        """Takes one, or says that there is none left."""
        if not self.has_room(per_second, now):
            return False
        self.charge(1)
        return True


@dataclass(slots=True)
class Daily:
    """A count that begins anew each day.

    Attributes:
        day: the day it counts.
        count: of that day.
    """

    day: int = 0
    count: int = 0

    def has_room(self, limit: int | None, now: float, amount: int = 1) -> bool:
        """Whether so many more stay within the limit; None: no limit."""
        if self.day != day_of(now):
            self.day, self.count = day_of(now), 0
        return limit is None or self.count + amount <= limit

    def take(self, limit: int | None, now: float, amount: int = 1) -> bool:
        """Counts, unless it would pass the limit; None: no limit."""
        has_room = self.has_room(limit, now, amount)
        self.count += amount if has_room else 0
        return has_room
