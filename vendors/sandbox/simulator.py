"""What a simulator of one maker is, and what it is given.

A simulator is a module with `create(world) -> Simulator` and `demo() -> Demo`, named in the entry-point group
`pushsvc.sandboxes`:

    [project.entry-points."pushsvc.sandboxes"]
    oppo = "vendors.sandbox.oppo"

The server mounts its routes under `/<name>`, strikes with the faults that concern the transport, and serves the control
API. The simulator is plain functions from call to answer: no I/O, and time and randomness come with the world.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Protocol, cast

import orjson

from vendors.sandbox.counters import Counters, Violation
from vendors.sandbox.faults import CallKind, Faults, Plan
from vendors.sandbox.inbox import Inbox, Kept, Phone
from vendors.sandbox.receipts import Desk, EventKind, ReportsTo
from vendors.sandbox.refusal import Refusal

ENTRY_POINTS = "pushsvc.sandboxes"
MAX_SHOWN_PATH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a simulator stands among.

    Attributes:
        name: the vendor's, and its path prefix.
        clock: Unix time in seconds.
        nonce: 32 fresh hex digits on each call.
        random: for whatever a maker leaves to chance; seeded.
        inbox: its phones.
        counters: its totals.
        faults: its fault rules.
        desk: what it has to report.
    """

    name: str
    clock: Callable[[], float]
    nonce: Callable[[], str]
    random: random.Random
    inbox: Inbox
    counters: Counters
    faults: Faults
    desk: Desk = field(default_factory=Desk)

    def note(self, path: str, refusal: Refusal) -> None:
        """Counts a refusal of a call to a path, and remembers it if the caller was at fault."""
        violation = None
        if refusal.is_violation:
            violation = Violation(
                at=self.clock(),
                path=path[:MAX_SHOWN_PATH],
                code=refusal.code,
                field=refusal.field,
                expected=refusal.expected,
                got=refusal.got,
            )
        self.counters.refuse(refusal.code, violation)

    def is_repeat(self, phone: Phone, key: Hashable) -> bool:
        """Whether a phone had what this key stands for before; counts it as a duplicate, or as distinct."""
        is_repeat = self.inbox.dedup.is_repeat((key, phone.registration_id))
        if is_repeat:
            phone.duplicates += 1
            self.counters.duplicates += 1
        else:
            phone.distinct += 1
        return is_repeat

    def hand_to(
        self,
        phone: Phone,
        kept: Mapping[str, object],
        *,
        message_id: str,
        replaces: str = "",
        has_room: Callable[[], bool] = lambda: True,
        reports_to: ReportsTo | None = None,
    ) -> bool:
        """Puts a notification on a phone's bar, unless the phone is dead or has had enough; counts and says which.

        Args:
            phone: whose bar.
            kept: what the simulator's `show` will read.
            message_id: the maker's id.
            replaces: takes the place of the one standing under the same key; empty: of none.
            has_room: takes from what the phone may still get, or says that nothing is left; asked of living phones.
            reports_to: who is told of it; None: nobody.
        """
        now = self.clock()
        if phone.is_dead:
            self.counters.dead += 1
            self.desk.report(reports_to, EventKind.DEAD, phone.registration_id, message_id, at=now)
            return False
        if not has_room():
            self.counters.capped += 1
            self.desk.report(reports_to, EventKind.CAPPED, phone.registration_id, message_id, at=now)
            return False
        self.counters.delivered += 1
        self.desk.report(reports_to, EventKind.DELIVERED, phone.registration_id, message_id, at=now)
        # A copy: what orjson returns holds on to its 4 KiB buffer for as long as it is kept.
        content = bytes(memoryview(orjson.dumps(kept)))
        kept_one = Kept(at=now, message_id=message_id, content=content, reports_to=reports_to)
        self.inbox.deliver(phone, kept_one, replaces=replaces)
        return True

    def recall(self, registration_ids: Iterable[str], key: str) -> None:
        """Takes what stands under a key off the bars of some phones, where it still does."""
        phones = (self.inbox.find(registration_id) for registration_id in registration_ids)
        self.counters.recalled += sum(self.inbox.take_off(phone, key) for phone in phones if phone is not None)

    def tap(self, phone: Phone) -> Kept | None:
        """The user taps the newest notification, which takes it off the bar; None: there is none."""
        tapped = self.inbox.take_newest(phone)
        if tapped is not None:
            to, message_id = tapped.reports_to, tapped.message_id
            self.desk.report(to, EventKind.CLICKED, phone.registration_id, message_id, at=self.clock())
        return tapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request to a maker.

    Attributes:
        method: in upper case.
        path: without the vendor's prefix.
        headers: found by their name in any case.
        body: complete.
        plan: the faults that strike it. The server sees to those of the transport; what refuses the call
            (`plan.refusal`) or one item (`plan.refusal_of`, `plan.leaves_out`) is the simulator's to apply.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    plan: Plan


@dataclass(frozen=True, slots=True)
class Answer:
    """What the maker answers: a JSON text, with HTTP 200 unless the maker does otherwise."""

    body: bytes
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint of a maker.

    Attributes:
        path: as on the maker's host; `{name}` in it stands for any one segment.
        kind: what fault rules call it.
        handle: answers any call, whatever its method and bytes.
        targets: the registration ids a call names, as far as they can be read; for fault rules only. Never raises.
    """

    path: str
    kind: CallKind
    handle: Callable[[Call], Answer]
    targets: Callable[[Call], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What one needs to push to a simulator as it starts; all of it is made up, and printed for all to use.

    Attributes:
        credential: of the app that is there, as a cert of the vendor holds it.
        registration_id: of a phone; any other of that shape is one too.
        channel_id: that the app has there; empty for a maker without channels.
    """

    credential: Mapping[str, str]
    registration_id: str
    channel_id: str = ""


class UnusableApp(Exception):  # noqa: N818 - reads as what it is
    """An app that can't be added or edited so, in words naming the field."""


class Simulator(Protocol):
    """One maker's HTTP API, simulated."""

    @property
    def routes(self) -> Sequence[Route]:
        """Its endpoints."""

    def show(self, content: bytes) -> Mapping[str, object]:
        """A kept notification in neutral words.

        Returns:
            `title`, `text`, `channel`, `category` (empty if none), `click` (`{"opens": "app" | "url" | "activity" |
            "intent_action" | "intent_uri", "value": …}`), `extras` (an object), and `raw`, the maker's own fields.
        """

    def apps(self) -> Sequence[Mapping[str, object]]:
        """The apps it knows, without their secrets, unless the sandbox made them itself and nobody could know them."""

    def put_app(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Adds an app, or edits the one that the key field names; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """

    def expire_tokens(self) -> int:
        """Ends every access token issued so far, and says how many."""

    def reset(self) -> None:
        """Back to the apps it started with. Access tokens stay good."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """A simulator, the world it was made in, and how to push to it."""

    simulator: Simulator
    world: World
    demo: Callable[[], Demo]


class SimulatorModule(Protocol):
    """A module that an entry point of `pushsvc.sandboxes` names."""

    def create(self, world: World) -> Simulator:
        """A simulator in its world."""

    def demo(self) -> Demo:
        """How to push to it as it starts."""


def installed() -> dict[str, SimulatorModule]:
    """Every simulator that is installed, by name; the names are the path prefixes."""
    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    return {point.name: cast("SimulatorModule", point.load()) for point in found}
