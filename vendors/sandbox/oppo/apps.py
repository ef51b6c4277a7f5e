"""Apps as OPPO's console would hold them, and what each has used up (§5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.oppo.codes import DAILY_LIMIT, not_their_fault

REGIONS = ("cn", "intl")
RATE_CODES = (13, 55, -2)


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


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        rate: targets of this second.
        marketing: marketing notifications of the day.
    """

    terms: Terms
    rate: Rate = field(default_factory=Rate)
    marketing: Daily = field(default_factory=Daily)

    def check_rate(self, now: float) -> None:
        """Lets a call pass while there is allowance left.

        Raises:
            Refused: the `qps_code`.
        """
        if not self.rate.has_room(self.terms.qps, now):
            raise not_their_fault(self.terms.qps_code)

    def check_daily_limit(self, now: float) -> None:
        """Lets a marketing notification pass while the app's day allows it; what is shown is counted later.

        Raises:
            Refused: 33.
        """
        if not self.marketing.has_room(self.terms.daily_limit, now):
            raise not_their_fault(DAILY_LIMIT)


class Apps(AppRegistry[App, Terms]):
    """The apps by their app key."""

    def __init__(self) -> None:
        super().__init__(
            DEMO_APP,
            App,
            key="app_key",
            required=("master_secret",),
            secrets=("master_secret",),
            limits=("daily_limit", "device_daily_cap", "qps"),
            choices={"region": REGIONS, "qps_code": RATE_CODES},
        )

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that app key; a new one without an app_id has its key for one.

        Raises:
            UnusableApp: naming the field at fault.
        """
        key = edit.get("app_key")
        is_new = isinstance(key, str) and self.find(key) is None
        return super().put({"app_id": key, **edit} if is_new else edit)
