"""Apps as Xiaomi's console would hold them, and what each has used up (§7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.simulator import UnusableApp
from vendors.sandbox.xiaomi.codes import QUOTA_SPENT, TOO_FAST, not_their_fault

MAX_CHANNELS = 30
PRIVATE, PUBLIC = "private", "public"


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
        rate: requests of this second.
        acked: notifications delivered on the day on public channels.
    """

    terms: Terms
    rate: Rate = field(default_factory=Rate)
    acked: Daily = field(default_factory=Daily)

    def check_rate(self, now: float) -> None:
        """Takes one request from the allowance.

        Raises:
            Refused: 200002.
        """
        if not self.rate.take(self.terms.qps, now):
            raise not_their_fault(TOO_FAST)

    def check_quota(self, now: float) -> None:
        """Lets a call on a public channel pass while the app's day allows it.

        Raises:
            Refused: 200001.
        """
        if not self.has_quota(now):
            quota = self.terms.daily_quota
            raise not_their_fault(QUOTA_SPENT, f"exceed quota, quota: {quota}, have acked: {self.acked.count}")

    def has_quota(self, now: float) -> bool:
        """Whether the app's day allows a message on a public channel."""
        return self.acked.has_room(self.terms.daily_quota, now)


class Apps(AppRegistry[App, Terms]):
    """The apps by their package name."""

    def __init__(self) -> None:
        super().__init__(
            DEMO_APP,
            App,
            key="package_name",
            required=("app_secret",),
            secrets=("app_secret",),
            limits=("daily_quota", "device_daily_cap", "qps"),
            unchecked=("channels", "templates"),
        )

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that package name; what is left out stays, and a new one has no channels.

        Raises:
            UnusableApp: naming the field at fault.
        """
        if not _are_channels(edit.get("channels", {})):
            words = f'an object of at most {MAX_CHANNELS} channel ids, each "private" or "public"'
            raise UnusableApp(f"channels must be {words}")
        if not _are_templates(edit.get("templates", {})):
            raise UnusableApp("templates must be an object of template ids, each a list of its variables' names")
        name = edit.get("package_name")
        app = self.find(name) if isinstance(name, str) else None
        owner = self.find_by("app_secret", str(edit.get("app_secret", "")))
        if owner not in (None, app):
            raise UnusableApp("app_secret is another app's: it is what tells apps apart")
        return super().put(edit if app is not None else {"channels": {}, "templates": {}, **edit})


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
