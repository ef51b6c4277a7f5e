from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from pushsvc.delivery.breaker import Breaker

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
REST = 30_000


def test_a_new_breaker_lets_everything_pass() -> None:
    breaker = Breaker()

    assert breaker.is_closed
    assert breaker.next_probe_ms is None
    for _ in range(10):
        assert breaker.admits(NOW)
        breaker.begin()


def test_a_tripped_breaker_lets_nothing_pass_until_its_time() -> None:
    breaker = Breaker()
    breaker.trip(NOW + REST, begun=breaker.begin())

    assert not breaker.is_closed
    assert breaker.next_probe_ms == NOW + REST
    assert not breaker.admits(NOW + REST - 1)
    assert breaker.admits(NOW + REST)


def test_a_probe_that_gets_through_closes_it() -> None:
    breaker = Breaker()
    breaker.trip(NOW + REST, begun=breaker.begin())
    breaker.begin()

    breaker.close()

    assert (breaker.is_closed, breaker.failures, breaker.next_probe_ms) == (True, 0, None)
    assert breaker.admits(NOW)


def test_a_probe_that_fails_opens_it_anew_and_is_counted() -> None:
    breaker = Breaker()
    breaker.trip(NOW + REST, begun=breaker.begin())

    breaker.trip(NOW + 3 * REST, begun=breaker.begin())

    assert (breaker.failures, breaker.next_probe_ms) == (2, NOW + 3 * REST)
    assert not breaker.admits(NOW + 2 * REST)


def test_what_was_under_way_when_it_tripped_does_not_count_again() -> None:
    breaker = Breaker()
    under_way = [breaker.begin() for _ in range(4)]

    for begun in under_way:
        breaker.trip(NOW + REST, begun=begun)

    assert breaker.failures == 1


def test_a_latecomer_that_fails_while_a_probe_is_out_lets_no_second_probe_go() -> None:
    breaker = Breaker()
    latecomer = breaker.begin()
    breaker.trip(NOW + REST, begun=breaker.begin())
    breaker.begin()

    breaker.trip(NOW + REST, begun=latecomer)

    assert breaker.failures == 1
    assert not breaker.admits(NOW + 100 * REST)


def test_a_latecomer_that_fails_after_the_probe_got_through_opens_nothing() -> None:
    breaker = Breaker()
    latecomer = breaker.begin()
    breaker.trip(NOW + REST, begun=breaker.begin())
    breaker.begin()
    breaker.close()

    breaker.trip(NOW + REST, begun=latecomer)

    assert breaker.is_closed


def test_a_probe_that_never_reached_the_vendor_makes_room_for_another() -> None:
    breaker = Breaker()
    breaker.trip(NOW + REST, begun=breaker.begin())

    breaker.pass_on(begun=breaker.begin())

    assert (breaker.failures, breaker.next_probe_ms) == (1, NOW + REST)
    assert breaker.admits(NOW + REST)


def test_a_latecomer_that_never_left_does_not_end_the_probe() -> None:
    breaker = Breaker()
    latecomer = breaker.begin()
    breaker.trip(NOW + REST, begun=breaker.begin())
    breaker.begin()

    breaker.pass_on(begun=latecomer)

    assert not breaker.admits(NOW + REST)


@given(askers=st.integers(min_value=1, max_value=200), late_ms=st.integers(min_value=0, max_value=REST))
def test_however_many_ask_one_probe_goes(askers: int, late_ms: int) -> None:
    breaker = Breaker()
    breaker.trip(NOW + REST, begun=breaker.begin())

    admitted = 0
    for _ in range(askers):
        if breaker.admits(NOW + REST + late_ms):
            breaker.begin()
            admitted += 1

    assert admitted == 1


class BreakerMachine(RuleBasedStateMachine):
    """Any order of exchanges that begin, fail, succeed late or never leave."""

    exchanges: Bundle[tuple[int, bool]] = Bundle("exchanges")

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now_ms = NOW
        self.probes = 0

    @rule(target=exchanges)
    def begin(self) -> tuple[int, bool]:
        if not self.breaker.admits(self.now_ms):
            return (-1, False)
        is_probe = not self.breaker.is_closed
        self.probes += is_probe
        return (self.breaker.begin(), is_probe)

    @rule(exchange=consumes(exchanges), rest_ms=st.integers(min_value=0, max_value=REST))
    def fails(self, exchange: tuple[int, bool], rest_ms: int) -> None:
        failures = self.breaker.failures
        self.breaker.trip(self.now_ms + rest_ms, begun=exchange[0])
        assert self.breaker.failures in {failures, failures + 1}
        if self.breaker.failures > failures:
            self.probes = 0

    @rule(exchange=consumes(exchanges))
    def never_leaves(self, exchange: tuple[int, bool]) -> None:
        begun, is_probe = exchange
        self.breaker.pass_on(begun=begun)
        if is_probe and not self.breaker.is_closed and self.breaker.next_probe_ms is not None:
            self.probes = 0

    @rule()
    def gets_through(self) -> None:
        self.breaker.close()
        self.probes = 0

    @rule(by_ms=st.integers(min_value=0, max_value=2 * REST))
    def time_passes(self, by_ms: int) -> None:
        self.now_ms += by_ms

    @invariant()
    def at_most_one_probe_is_out(self) -> None:
        assert self.probes <= 1


TestAnyOrderOfExchanges = BreakerMachine.TestCase
