"""A plug-in's way through the service's sender to the simulated maker on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from tests.vendors.pushes import NOW
from vendors.access_tokens import Account, AccountKey
from vendors.contract import AccessToken, Push
from vendors.outcomes import Outcome
from vendors.sandbox.fault_script import parse_rules
from vendors.sandbox.faults import CallKind
from vendors.sandbox.server import mount, running
from vendors.sandbox.simulator import Mounted
from vendors.sender import Sender, open_session


class Forgetful:
    """Keeps no access token over a restart."""

    async def load(self, key: AccountKey) -> AccessToken | None:  # noqa: ARG002 - the protocol's
        return None

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        pass

    async def forget(self, key: AccountKey) -> None:
        pass


@dataclass
class Line:
    """The way.

    Attributes:
        sender: the service's own.
        account: the app's that the simulator has from the start.
        mounted: the maker.
        phone: whose bar is looked at if none is named.
        app_key: field and value that name the app to the control API.
        now: the sender's time; the maker's stays.
    """

    sender: Sender
    account: Account[Any]
    mounted: Mounted
    phone: str
    app_key: Mapping[str, str]
    now: datetime = NOW

    async def send(self, *pushes: Push, token: AccessToken | None = None) -> Sequence[Outcome]:
        return await self.sender.send(self.account, pushes, token or await self.token())

    async def token(self) -> AccessToken | None:
        token = await self.sender.access_token(self.account)
        assert not isinstance(token, Outcome)
        return token

    def bar(self, phone: str = "") -> list[dict[str, Any]]:
        """What stands on a phone, newest first."""
        found = self.mounted.world.inbox.find(phone or self.phone)
        standing = {} if found is None else found.as_json(self.mounted.simulator.show)
        return cast("list[dict[str, Any]]", standing.get("notifications", []))

    def fault(self, **rule: object) -> None:
        self.mounted.world.faults.add(parse_rules(rule, where="test"))

    def app(self, **terms: object) -> None:
        self.mounted.simulator.put_app({**self.app_key, **terms})

    def count(self, name: str) -> object:
        return getattr(self.mounted.world.counters, name)

    @property
    def calls(self) -> int:
        """Sends that reached the maker."""
        paths = {route.path for route in self.mounted.simulator.routes if route.kind is CallKind.SEND}
        return sum(self.mounted.world.counters.paths[path] for path in paths)

    @property
    def violations(self) -> int:
        return self.mounted.world.counters.violations


@asynccontextmanager
async def line_to(
    mounted: Mounted, vendor: Any, credential: object, *, phone: str, app_key: str
) -> AsyncIterator[Line]:
    """A line to one mounted maker, whose clock stands at NOW.

    Args:
        mounted: the maker.
        vendor: its plug-in.
        credential: of the app that is there, as the plug-in understands it.
        phone: see `Line`.
        app_key: the field that names an app to the control API.
    """
    name = mounted.world.name
    async with running(mounted={name: mounted}) as server, open_session() as session:
        account = Account(key=(1, 1), vendor=vendor, credential=credential, base_url=server.base_url(name))
        [app] = mounted.simulator.apps()
        line: Line
        sender = Sender(session, Forgetful(), lambda: line.now)
        line = Line(sender, account, mounted, phone, {app_key: str(app[app_key])})
        yield line


def maker(name: str) -> Mounted:
    """A maker that is installed, with a clock that stands at NOW."""
    return mount(clock=NOW.timestamp)[name]
