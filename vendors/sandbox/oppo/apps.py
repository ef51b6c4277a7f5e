"""Apps as OPPO's console would hold them, and what each has used up (§5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from vendors.sandbox.oppo.codes import DAILY_LIMIT, not_their_fault
from vendors.sandbox.simulator import UnusableApp

MAX_APPS = 1000
REGIONS = ("cn", "intl")
RATE_CODES = (13, 55, -2)
GMT_8 = 8 * 3600
DAY = 24 * 3600


def day_of(now: float) -> int:
    """Number of the day in China, where OPPO's daily limits begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_key: names the app in the sign-in.
        master_secret: signs the sign-in.
        app_id: begins each message id.
        enabled: else code 28.
        has_api_right: else code 30.
        require_template: private categories need a template id, else code 54.
        strong_reminder: notify_level 16 is allowed, else code 67.
        daily_limit: marketing notifications of the app a day, then code 33; None: no limit.
        device_daily_cap: marketing notifications a day and phone, then accepted and dropped; None: no limit.
        qps: targets a second, then `qps_code`; None: no limit.
        qps_code: 55, 13 or -2.
        region: of its registration ids: cn or intl.
        allow_header_token: the access token may come as an HTTP header.
        allow_all_devices: broadcast takes target_type 1, else code 27.
        shuffle_answers: a batch's answers come in any order, which the page allows.
    """

    app_key: str
    master_secret: str = field(repr=False)
    app_id: str
    enabled: bool = True
    has_api_right: bool = True
    require_template: bool = False
    strong_reminder: bool = False
    daily_limit: int | None = 100_000
    device_daily_cap: int | None = 2
    qps: int | None = None
    qps_code: int = 55
    region: str = "cn"
    allow_header_token: bool = False
    allow_all_devices: bool = False
    shuffle_answers: bool = False


DEMO_APP = Terms(app_key="sandbox-app-key", master_secret="sandbox-master-secret", app_id="sandbox-app")  # noqa: S106 - printed in the docs for all to use
LIMITS = ("daily_limit", "device_daily_cap", "qps")


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        allowance: targets it may still send in this second; below 0 a batch is being paid off.
        paid_at: when the allowance was last added to.
        day: the day `marketing` counts.
        marketing: marketing notifications of that day.
    """

    terms: Terms
    allowance: float = 0
    paid_at: float = 0
    day: int = 0
    marketing: int = 0

    def check_rate(self, now: float) -> None:
        """Lets a call pass while there is allowance left; `charge` makes it pay for its targets.

        Raises:
            Refused: the `qps_code`.
        """
        qps = self.terms.qps
        if qps is None:
            return
        self.allowance = min(float(qps), self.allowance + (now - self.paid_at) * qps)
        self.paid_at = now
        if self.allowance < 1:
            raise not_their_fault(self.terms.qps_code)

    def charge(self, targets: int) -> None:
        """Takes what a call used from the allowance."""
        if self.terms.qps is not None:
            self.allowance -= targets

    def check_daily_limit(self, now: float) -> None:
        """Lets a marketing notification pass while the app's day allows it.

        Raises:
            Refused: 33.
        """
        if self.day != day_of(now):
            self.day, self.marketing = day_of(now), 0
        if self.terms.daily_limit is not None and self.marketing >= self.terms.daily_limit:
            raise not_their_fault(DAILY_LIMIT)


class Apps:
    """The apps by their app key."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.app_key: App(DEMO_APP)}

    def find(self, app_key: str) -> App | None:
        """The app of a key."""
        return self._apps.get(app_key)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that app key; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_key = edit.get("app_key")
        if not isinstance(app_key, str) or not app_key:
            raise UnusableApp("app_key is missing: it says which app is meant")
        app = self._apps.get(app_key)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"app_key: there can be at most {MAX_APPS} apps")
            if not edit.get("master_secret"):
                raise UnusableApp("master_secret is missing: a new app needs one")
            app = App(Terms(app_key=app_key, master_secret="", app_id=app_key))
        _check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[app_key] = app
        return _shown(app.terms)


def _shown(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "master_secret"}


def _check(edit: Mapping[str, object]) -> None:
    known = {spec.name: type(getattr(DEMO_APP, spec.name)) for spec in fields(Terms)}
    for name, value in edit.items():
        if name not in known:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
        if name in LIMITS:
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
        elif type(value) is not known[name] or value == "":
            raise UnusableApp(f"{name} must be a JSON {_JSON_NAMES[known[name]]}, not empty")
    _check_choice(edit, "region", REGIONS)
    _check_choice(edit, "qps_code", RATE_CODES)


def _check_choice(edit: Mapping[str, object], name: str, allowed: Sequence[object]) -> None:
    if name in edit and edit[name] not in allowed:
        raise UnusableApp(f"{name} must be one of {', '.join(map(str, allowed))}")


_JSON_NAMES = {str: "string", bool: "boolean", int: "number"}
