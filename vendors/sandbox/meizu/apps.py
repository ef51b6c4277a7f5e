"""Apps as Meizu's console would hold them, and what each has used up (§7, §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from vendors.sandbox.meizu.codes import APP_DAY_SPENT, TOO_FAST, not_their_fault
from vendors.sandbox.simulator import UnusableApp

MAX_APPS = 1000
MAX_CALLBACKS = 100
GMT_8 = 8 * 3600
DAY = 24 * 3600


def day_of(now: float) -> int:
    """Number of the day in China, where daily limits begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_id: names the app in each call.
        app_secret: signs each call.
        enabled: else code 110009.
        vip: may show a big picture, else 1005.
        callbacks: receipt addresses registered in the console; any other is 1005.
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
    daily_limit: int | None = None
    device_daily_cap: int | None = 3
    device_minute_cap: int | None = 5
    qps: int | None = None


DEMO_APP = Terms(app_id="100999", app_secret="sandbox-app-secret")  # noqa: S106 - printed in the docs for all to use
LIMITS = ("daily_limit", "device_daily_cap", "device_minute_cap", "qps")
TRUTHS = ("enabled", "vip")


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        allowance: calls it may still make in this second.
        paid_at: when the allowance was last added to.
        day: the day `pushes` counts.
        pushes: pushes taken on that day.
    """

    terms: Terms
    allowance: float = 0
    paid_at: float = 0
    day: int = 0
    pushes: int = 0

    def charge_call(self, now: float) -> None:
        """Takes one call from the allowance of the second.

        Raises:
            Refused: 110010 if there is none left.
        """
        qps = self.terms.qps
        if qps is None:
            return
        self.allowance = min(float(qps), self.allowance + (now - self.paid_at) * qps)
        self.paid_at = now
        if self.allowance < 1:
            raise not_their_fault(TOO_FAST)
        self.allowance -= 1

    def charge_pushes(self, count: int, now: float) -> None:
        """Takes the pushes of a call from the allowance of the day; the call that crosses the limit still passes.

        Raises:
            Refused: 110019 if there is none left.
        """
        if self.day != day_of(now):
            self.day, self.pushes = day_of(now), 0
        if self.terms.daily_limit is not None and self.pushes >= self.terms.daily_limit:
            raise not_their_fault(APP_DAY_SPENT)
        self.pushes += count


class Apps:
    """The apps by their number."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.app_id: App(DEMO_APP)}

    def find(self, app_id: str) -> App | None:
        """The app of a number."""
        return self._apps.get(app_id)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that number; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_id = edit.get("app_id")
        if not isinstance(app_id, str) or not (app_id.isascii() and app_id.isdigit()):
            raise UnusableApp("app_id is missing or not a text of digits: it says which app is meant")
        app = self._apps.get(app_id)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"app_id: there can be at most {MAX_APPS} apps")
            if not edit.get("app_secret"):
                raise UnusableApp("app_secret is missing: a new app needs one")
            app = App(Terms(app_id=app_id, app_secret=""))
        _check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[app_id] = app
        return _shown(app.terms)


def _shown(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "app_secret"}


def _check(edit: Mapping[str, object]) -> None:
    known = [spec.name for spec in fields(Terms)]
    for name, value in edit.items():
        if name not in known:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
        if name in LIMITS:
            if value is not None and (type(value) is not int or value < 0):
                raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
        elif name in TRUTHS:
            if not isinstance(value, bool):
                raise UnusableApp(f"{name} must be true or false")
        elif name == "callbacks":
            _check_callbacks(value)
        elif not isinstance(value, str) or not value:
            raise UnusableApp(f"{name} must be a JSON string, not empty")


def _check_callbacks(value: object) -> None:
    fits = isinstance(value, list) and all(isinstance(address, str) for address in value)
    if not fits or len(cast("list[str]", value)) > MAX_CALLBACKS:
        raise UnusableApp(f"callbacks must be a list of at most {MAX_CALLBACKS} addresses")
