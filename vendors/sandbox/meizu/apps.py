"""Apps as Meizu's console would hold them, and what each has used up (§7, §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.meizu.codes import APP_DAY_SPENT, TOO_FAST, not_their_fault
from vendors.sandbox.simulator import UnusableApp

MAX_CALLBACKS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_id: names the app in each call.
        app_secret: signs each call.
        enabled: else code 110009.
        vip: may show a big picture, else 1005.
        callbacks: receipt addresses registered in the console; any other is 1005.
        receipt_token: goes with every report, as registered beside the addresses.
        daily_limit: pushes of the app a day, then 110019; None: no limit.
        device_daily_cap: public messages a day and phone, then 110011; None: no limit.
        device_minute_cap: messages a minute and phone, then 520; None: no limit.
        qps: calls a second, then 110010; None: no limit.
    """

    app_id: str
    app_secret: str = field(repr=False)
    enabled: bool = True
    vip: bool = False
    callbacks: Sequence[str] = ()
    receipt_token: str = "sandbox-receipt-token"  # noqa: S105 - printed in the docs for all to use
    daily_limit: int | None = None
    device_daily_cap: int | None = 3
    device_minute_cap: int | None = 5
    qps: int | None = None


DEMO_APP = Terms(app_id="100999", app_secret="sandbox-app-secret")  # noqa: S106 - printed in the docs for all to use


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        rate: calls of this second.
        pushes: pushes taken on the day.
    """

    terms: Terms
    rate: Rate = field(default_factory=Rate)
    pushes: Daily = field(default_factory=Daily)

    def charge_call(self, now: float) -> None:
        """Takes one call from the allowance of the second.

        Raises:
            Refused: 110010 if there is none left.
        """
        if not self.rate.has_room(self.terms.qps, now):
            raise not_their_fault(TOO_FAST)
        self.rate.charge(1)

    def charge_pushes(self, count: int, now: float) -> None:
        """Takes the pushes of a call from the allowance of the day; the call that crosses the limit still passes.

        Raises:
            Refused: 110019 if there is none left.
        """
        if not self.pushes.has_room(self.terms.daily_limit, now):
            raise not_their_fault(APP_DAY_SPENT)
        self.pushes.count += count


class Apps(AppRegistry[App, Terms]):
    """The apps by their number."""

    def __init__(self) -> None:
        super().__init__(
            DEMO_APP,
            App,
            key="app_id",
            required=("app_secret",),
            secrets=("app_secret",),
            limits=("daily_limit", "device_daily_cap", "device_minute_cap", "qps"),
            unchecked=("callbacks",),
        )

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that number; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_id = edit.get("app_id")
        if not isinstance(app_id, str) or not (app_id.isascii() and app_id.isdigit()):
            raise UnusableApp("app_id is missing or not a text of digits: it says which app is meant")
        if "callbacks" in edit:
            _check_callbacks(edit["callbacks"])
        return super().put(edit)


def _check_callbacks(value: object) -> None:
    fits = isinstance(value, list) and all(isinstance(address, str) for address in value)
    if not fits or len(cast("list[str]", value)) > MAX_CALLBACKS:
        raise UnusableApp(f"callbacks must be a list of at most {MAX_CALLBACKS} addresses")
