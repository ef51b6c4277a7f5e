"""Classes of messages that a vendor takes no more of for a while, such as until its day ends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pushsvc.domain import StoppedClass
from vendors.contract import Category, Push
from vendors.outcomes import Throttled

# What a vendor counts together is its own affair; what it refused, it refuses to the same category and channel.
ClassKey = tuple[Category, str]


@dataclass(frozen=True, slots=True)
class Stop:
    """A class that is stopped.

    Attributes:
        outcome: what the vendor said.
        until_ms: when it may be tried again, epoch milliseconds.
    """

    outcome: Throttled
    until_ms: int


class Stops:
    """The stopped classes of one lane."""

    def __init__(self) -> None:
        self._stops: dict[ClassKey, Stop] = {}

    def __bool__(self) -> bool:
        """Whether anything is, or was not long ago."""
        return bool(self._stops)

    def stop(self, push: Push, outcome: Throttled, until_ms: int) -> None:
        """The vendor refused a push and all of its class until a time."""
        self._stops[class_of(push)] = Stop(outcome, until_ms)

    def of(self, push: Push, now_ms: int) -> Stop | None:
        """What stops a push; None: nothing does."""
        key = class_of(push)
        stop = self._stops.get(key)
        if stop is not None and stop.until_ms <= now_ms:
            del self._stops[key]
            return None
        return stop

    def clear(self) -> None:
        """Lets everything be tried again."""
        self._stops.clear()

    def classes(self, now_ms: int) -> Sequence[StoppedClass]:
        """What is stopped at a time, for people to read."""
        return [
            StoppedClass(
                category=category,
                channel_id=channel_id,
                until_ms=stop.until_ms,
                vendor_code=stop.outcome.vendor_code,
                vendor_reason=stop.outcome.vendor_reason,
                advice=stop.outcome.advice,
            )
            for (category, channel_id), stop in self._stops.items()
            if stop.until_ms > now_ms
        ]


def class_of(push: Push) -> ClassKey:
    """The class of a push."""
    return (push.category, push.channel_id)
