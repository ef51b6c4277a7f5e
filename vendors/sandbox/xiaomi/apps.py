"""Apps as Xiaomi's console would hold them, and what each has used up (§7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from vendors.sandbox.simulator import UnusableApp
from vendors.sandbox.xiaomi.codes import QUOTA_SPENT, TOO_FAST, not_their_fault

MAX_APPS = 1000
MAX_CHANNELS = 30
PRIVATE, PUBLIC = "private", "public"
GMT_8 = 8 * 3600
DAY = 24 * 3600


def day_of(now: float) -> int:
    """Number of the day in China, where quotas begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        package_name: names the app.
        app_secret: what its calls must carry.
        channels: channel id to "private" or "public".
        templates: template id to the names of its variables.
        require_channel: a message without a channel is refused with 27001, else it counts as public.
        require_template: messages on private channels need a template.
        daily_quota: notifications delivered a day on public channels, then code 200001; None: no limit.
        device_daily_cap: the same for each phone, then accepted and dropped; None: no limit.
        qps: requests a second, then code 200002; None: no limit.
    """

    package_name: str
    app_secret: str = field(repr=False)
    channels: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, list[str]] = field(default_factory=dict)
    require_channel: bool = True
    require_template: bool = False
    daily_quota: int | None = 50_000
    device_daily_cap: int | None = 5
    qps: int | None = None


DEMO_APP = Terms(
    package_name="com.example.app",
    app_secret="sandbox-app-secret",  # noqa: S106 - printed in the docs for all to use
    channels={"100001": PRIVATE, "100002": PUBLIC},
    templates={"P10001": ["who", "what"]},
)


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        allowance: requests it may still make in this second.
        paid_at: when the allowance was last added to.
        day: the day `acked` counts.
        acked: notifications delivered that day on public channels.
    """

    terms: Terms
    allowance: float = 0
    paid_at: float = 0
    day: int = 0
    acked: int = 0

    def check_rate(self, now: float) -> None:
        """Takes one request from the allowance.

        Raises:
            Refused: 200002.
        """
        qps = self.terms.qps
        if qps is None:
            return
        self.allowance = min(float(qps), self.allowance + (now - self.paid_at) * qps)
        self.paid_at = now
        if self.allowance < 1:
            raise not_their_fault(TOO_FAST)
        self.allowance -= 1

    def check_quota(self, now: float) -> None:
        """Lets a call on a public channel pass while the app's day allows it.

        Raises:
            Refused: 200001.
        """
        self.begin_day(now)
        quota = self.terms.daily_quota
        if quota is not None and self.acked >= quota:
            raise not_their_fault(QUOTA_SPENT, f"exceed quota, quota: {quota}, have acked: {self.acked}")

    def begin_day(self, now: float) -> None:
        """Starts the count of a new day."""
        if self.day != day_of(now):
            self.day, self.acked = day_of(now), 0


class Apps:
    """The apps by their package name."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.package_name: App(DEMO_APP)}

    def of_secret(self, app_secret: str) -> App | None:
        """The app of a secret."""
        return next((app for app in self._apps.values() if app.terms.app_secret == app_secret), None)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that package name; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        package_name = edit.get("package_name")
        if not isinstance(package_name, str) or not package_name:
            raise UnusableApp("package_name is missing: it says which app is meant")
        _check(edit)
        app = self._apps.get(package_name)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"package_name: there can be at most {MAX_APPS} apps")
            if "app_secret" not in edit:
                raise UnusableApp("app_secret is missing: a new app needs one")
            app = App(Terms(package_name=package_name, app_secret=""))
        owner = self.of_secret(str(edit.get("app_secret", "")))
        if owner not in (None, app):
            raise UnusableApp("app_secret is another app's: it is what tells apps apart")
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[package_name] = app
        return _shown(app.terms)


def _shown(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "app_secret"}


def _check(edit: Mapping[str, object]) -> None:
    for name, value in edit.items():
        rule = _RULES.get(name)
        if rule is None:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(_RULES)}")
        expected, accepts = rule
        if not accepts(value):
            raise UnusableApp(f"{name} must be {expected}")


def _is_limit(value: object) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _are_channels(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MAX_CHANNELS
        and all(kind in (PRIVATE, PUBLIC) for kind in value.values())
    )


def _are_templates(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in value.values()
    )


_TEXT = ("a JSON string, not empty", lambda value: isinstance(value, str) and value != "")
_BOOLEAN = ("a JSON boolean", lambda value: isinstance(value, bool))
_LIMIT = ("a whole number, 0 or more, or null for no limit", _is_limit)
_RULES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "package_name": _TEXT,
    "app_secret": _TEXT,
    "channels": (f'an object of at most {MAX_CHANNELS} channel ids, each "private" or "public"', _are_channels),
    "templates": ("an object of template ids, each a list of its variables' names", _are_templates),
    "require_channel": _BOOLEAN,
    "require_template": _BOOLEAN,
    "daily_quota": _LIMIT,
    "device_daily_cap": _LIMIT,
    "qps": _LIMIT,
}
