"""The clock in China, by which the makers count their days.

The hour at which a quota starts anew is documented by hardly any; midnight there is the sensible reading.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CHINA_TIME = timezone(timedelta(hours=8), "GMT+8")


def until_hour(hour: int, now: datetime) -> timedelta:
    """How long until the clock there next strikes an hour, always more than nothing."""
    there = now.astimezone(CHINA_TIME)
    then = there.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (then if then > there else then + timedelta(days=1)) - there


def until_next_day(now: datetime) -> timedelta:
    """How long until the day there ends."""
    return until_hour(0, now)
