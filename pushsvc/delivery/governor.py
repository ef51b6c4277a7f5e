"""What a vendor lets a lane do at a moment, learnt from its answers: breaker, pace, stopped classes, exchanges at once.

Pure, time and randomness passed in. The lane asks before each exchange and tells what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pushsvc import retry
from pushsvc.delivery.breaker import Breaker
from pushsvc.delivery.in_flight import InFlight
from pushsvc.delivery.pace import Pace
from pushsvc.delivery.stops import Stop, Stops
from pushsvc.domain import StoppedClass
from vendors.contract import Push
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    Outcome,
    Throttled,
    ThrottleScope,
    Unavailable,
    Withdrawn,
)

# So many exchanges in a row without a usable answer, and the vendor is down: only a probe leaves now and then.
DOWN_AFTER = 5


@dataclass(frozen=True, slots=True)
class Started:
    """An exchange under way, as breaker and in-flight cap know it."""

    trips: int
    round: int


class Governor:
    """What one lane may do.

    Args:
        most_exchanges: at a time, never more.
        targets_per_second: of its own; 0: no limit but what the vendor asks for.
        random: gives a number from 0 to below 1.
    """

    def __init__(self, *, most_exchanges: int, targets_per_second: int, random: Callable[[], float]) -> None:
        self._breaker = Breaker()
        self._pace = Pace(targets_per_second)
        self._stops = Stops()
        self._in_flight = InFlight(most_exchanges)
        self._random = random
        self._unanswered = 0

    # Before an exchange

    def admits(self, under_way: int, now_ms: int) -> bool:
        """Whether an exchange may start beside those under way."""
        is_free = under_way < self._in_flight.cap
        return is_free and self._breaker.admits(now_ms) and self._pace.room(now_ms) > 0

    def room(self, now_ms: int) -> int:
        """How many targets an admitted exchange may have: a single one while it is a probe."""
        return self._pace.room(now_ms) if self._breaker.is_closed else 1

    def next_ms(self, under_way: int, now_ms: int) -> int | None:
        """When to ask again; None: when an exchange ends."""
        if under_way >= self._in_flight.cap:
            return None
        times = [self._breaker.next_probe_ms, None if self._pace.room(now_ms) else self._pace.next_ms]
        return min((time_ms for time_ms in times if time_ms is not None), default=None)

    def begin(self, targets: int) -> Started:
        """An admitted exchange starts."""
        self._pace.spend(targets)
        return Started(self._breaker.begin(), self._in_flight.begin())

    def stops_of(self, pushes: Sequence[Push], now_ms: int) -> Sequence[Stop | None]:
        """What stops the class of each push, None where nothing does; empty if no class is stopped."""
        return [self._stops.of(push, now_ms) for push in pushes] if self._stops else []

    # After it

    def learn(
        self, started: Started, pushes: Sequence[Push], outcomes: Sequence[Outcome], *, seconds: float, now_ms: int
    ) -> None:
        """What an exchange took and brought: how fast the vendor is, and what it takes no more of."""
        if _are_accepted(outcomes):
            self._in_flight.answered(seconds, round_begun=started.round)
            self._pace.taken(len(outcomes), now_ms)
            return
        if _keeps_up(outcomes):
            self._in_flight.answered(seconds, round_begun=started.round)
        else:
            self._in_flight.failed(round_begun=started.round)
        for push, outcome in zip(pushes, outcomes, strict=True):
            if isinstance(outcome, Throttled) and outcome.scope is ThrottleScope.CLASS:
                self._stops.stop(push, outcome, now_ms + retry.asked_ms(outcome))
        taken = sum(isinstance(outcome, Accepted) for outcome in outcomes)
        # One that says how long to wait speaks of a quota, not of the pace.
        too_fast = sum(isinstance(outcome, Throttled) and outcome.retry_after is None for outcome in outcomes)
        if taken:
            self._pace.taken(taken, now_ms)
        if too_fast:
            self._pace.too_fast(too_fast, now_ms)

    def verdict(self, outcomes: Sequence[Outcome]) -> Outcome | None:
        """What outcomes say of the cert or the vendor: refused, to wait, taken, down, or nothing.

        Only a few exchanges in a row without an answer say nothing yet.
        """
        verdict = _verdict(outcomes)
        if not isinstance(verdict, Unavailable) or verdict.retry_after is not None:
            self._unanswered = 0
            return verdict
        self._unanswered += 1
        return None if self._breaker.is_closed and self._unanswered < DOWN_AFTER else verdict

    def rest(self, outcome: Outcome, started: Started, now_ms: int) -> None:
        """Nothing but probes leaves from here on."""
        pause_ms = retry.pause_ms(outcome, failures=self._breaker.failures + 1, jitter=self._random())
        self._breaker.trip(now_ms + pause_ms, begun=started.trips)

    def pass_on(self, started: Started) -> None:
        """An exchange ended before it reached the vendor."""
        self._breaker.pass_on(begun=started.trips)

    def resume(self) -> None:
        """Everything may leave."""
        self._breaker.close()

    def edited(self, targets_per_second: int) -> None:
        """Its cert was edited: stopped classes are tried again, at another pace."""
        self._stops.clear()
        self._pace.allow(targets_per_second)

    # For people

    @property
    def is_resting(self) -> bool:
        """Whether only probes leave."""
        return not self._breaker.is_closed

    @property
    def next_probe_ms(self) -> int | None:
        """When the next probe may go; None while there is no need, or while one is under way."""
        return self._breaker.next_probe_ms

    @property
    def per_second(self) -> float:
        """Targets a second, since the vendor asked to slow down; 0: no limit."""
        return self._pace.per_second or 0.0

    @property
    def max_exchanges(self) -> int:
        """How many may be under way at present."""
        return self._in_flight.cap

    def stopped(self, now_ms: int) -> Sequence[StoppedClass]:
        """The stopped classes."""
        return self._stops.classes(now_ms)


def _are_accepted(outcomes: Sequence[Outcome]) -> bool:
    """Whether all is well, as it nearly always is: found out at once, and nothing else has to be."""
    return set(map(type, outcomes)) == {Accepted}


def _verdict(outcomes: Sequence[Outcome]) -> Outcome | None:
    if _are_accepted(outcomes):
        return outcomes[0]
    refused = next((outcome for outcome in outcomes if isinstance(outcome, CredentialRejected)), None)
    waits = next((outcome for outcome in outcomes if _is_of_cert(outcome)), None)
    taken = next((outcome for outcome in outcomes if isinstance(outcome, Accepted)), None)
    answered = next((outcome for outcome in outcomes if not isinstance(outcome, Unavailable | Withdrawn)), None)
    down = next((outcome for outcome in outcomes if isinstance(outcome, Unavailable)), None)
    return refused or waits or taken or (down if answered is None else None)


def _is_of_cert(outcome: Outcome) -> bool:
    return isinstance(outcome, Throttled) and outcome.scope is ThrottleScope.CERT


def _keeps_up(outcomes: Sequence[Outcome]) -> bool:
    """Whether a vendor answered and did not ask to slow down; a quota says nothing of that."""
    too_fast = any(isinstance(outcome, Throttled) and outcome.retry_after is None for outcome in outcomes)
    return not too_fast and not all(isinstance(outcome, Unavailable) for outcome in outcomes)
