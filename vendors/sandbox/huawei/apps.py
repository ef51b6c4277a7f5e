"""Apps as AppGallery Connect would hold them, and what each has used up (§1, §6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.huawei.codes import FLOW_CONTROL, TEST_QUOTA, not_their_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_id: App ID: client id of the sign-in, and in the path of a send.
        app_secret: App Secret, of the sign-in.
        receipt_id: the only `receipt_id` it takes, else 80300013.
        may_push: else 80300002.
        may_classify: else every category counts as marketing, with no error.
        token_life: seconds an access token lives.
        receipt_url: where the console has pushes reported on; empty: nowhere.
        receipt_user: signs reports together with `receipt_secret`; empty: they are not signed.
        receipt_secret: as the console has it.
        device_daily_cap: marketing notifications a day and phone, then accepted and dropped; None: no limit.
        daily_test_limit: test messages a day, then code 80300029; None: no limit.
        qps: tokens a second, then 503; None: no limit.
        errors_as_200: a refusal comes with HTTP 200, as in Huawei's samples, not with the status of its class.
    """

    app_id: str
    app_secret: str = field(repr=False)
    receipt_id: str = "sandbox-receipt"
    may_push: bool = True
    may_classify: bool = True
    token_life: int = 3600
    receipt_url: str = ""
    receipt_user: str = ""
    receipt_secret: str = field(default="", repr=False)
    device_daily_cap: int | None = 2
    daily_test_limit: int | None = 500
    qps: int | None = None
    errors_as_200: bool = False


DEMO_APP = Terms(app_id="100000000", app_secret="sandbox-app-secret")  # noqa: S106 - printed in the docs for all to use


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        rate: tokens of this second.
        tests: test messages of the day.
    """

    terms: Terms
    rate: Rate = field(default_factory=Rate)
    tests: Daily = field(default_factory=Daily)

    def check_rate(self, now: float) -> None:
        """Lets a call pass while there is allowance left.

        Raises:
            Refused: 503.
        """
        if not self.rate.has_room(self.terms.qps, now):
            raise not_their_fault(FLOW_CONTROL)

    def count_test(self, now: float) -> None:
        """Lets a test message pass while the app's day allows it.

        Raises:
            Refused: 80300029.
        """
        if not self.tests.take(self.terms.daily_test_limit, now):
            raise not_their_fault(TEST_QUOTA)


Apps = AppRegistry[App, Terms]


def apps() -> Apps:
    """The apps by their App ID."""
    return AppRegistry(
        DEMO_APP,
        App,
        key="app_id",
        required=("app_secret",),
        secrets=("app_secret", "receipt_secret"),
        limits=("device_daily_cap", "daily_test_limit", "qps"),
    )
