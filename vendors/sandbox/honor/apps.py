"""Apps as Honor's console would hold them, and what each has used up (§1, §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.honor.codes import PARTIAL_SUCCESS, SUCCESS, TEST_QUOTA, TOO_FAST, not_their_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_id: App ID, in the path of a send.
        client_id: Client ID, of the sign-in.
        client_secret: Client Secret, of the sign-in.
        receipt_id: the only `receiptId` it takes, else 80200020.
        may_notify: else code 80200022.
        token_life: seconds an access token lives.
        receipt_url: where the console has pushes reported on; empty: nowhere.
        device_daily_cap: marketing notifications a day and phone, then accepted and dropped; None: no limit.
        daily_test_limit: test messages a day, then code 80200047; None: no limit.
        qps: tokens a second, then 503; None: no limit.
        auth_status: HTTP status and code of a refused access token: 403 or 401.
        partial_code: the code of a call that reached only some tokens: 200 or 80100000.
        errors_as_400: a refusal comes with HTTP 400, not 200.
    """

    app_id: str
    client_id: str
    client_secret: str = field(repr=False)
    receipt_id: str = "sandbox-receipt"
    may_notify: bool = True
    token_life: int = 3600
    receipt_url: str = ""
    device_daily_cap: int | None = 2
    daily_test_limit: int | None = 1000
    qps: int | None = None
    auth_status: int = 403
    partial_code: int = SUCCESS
    errors_as_400: bool = False


DEMO_APP = Terms(app_id="104000000", client_id="sandbox-client", client_secret="sandbox-client-secret")  # noqa: S106 - printed in the docs for all to use
LIMITS = ("device_daily_cap", "daily_test_limit", "qps")
CHOICES: Mapping[str, Sequence[int]] = {"auth_status": (403, 401), "partial_code": (SUCCESS, PARTIAL_SUCCESS)}


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
            raise not_their_fault(TOO_FAST)

    def count_test(self, now: float) -> None:
        """Lets a test message pass while the app's day allows it.

        Raises:
            Refused: 80200047.
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
        required=("client_id", "client_secret"),
        secrets=("client_secret",),
        limits=LIMITS,
        choices=CHOICES,
    )
