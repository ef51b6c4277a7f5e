"""Apps as Huawei's console would hold them, and what each has used up (§1.3, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.harmonyos.codes import TEST_QUOTA, TOO_FAST, not_their_fault
from vendors.sandbox.harmonyos.keys import key_file
from vendors.sandbox.simulator import UnusableApp

MAX_PROJECT_ID_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        project_id: its project, in the path of a send; here each project has one app and one service account.
        client_id: its OAuth client id, in the path of a recall.
        may_classify: has the right to the service categories; else all its messages are MARKETING.
        receipt_url: where the console has pushes reported on; empty: nowhere.
        receipt_user: signs reports together with `receipt_secret`; empty: they are not signed.
        receipt_secret: as the console has it.
        device_daily_cap: marketing notifications a day and phone, then accepted and dropped; None: no limit.
        daily_test_limit: test messages a day, then code 80300029; None: no limit.
        qps: tokens a second, then HTTP 503; None: no limit.
        errors_as_200: a refusal with a code comes with HTTP 200.
    """

    project_id: str
    client_id: str = "100000009"
    may_classify: bool = True
    receipt_url: str = ""
    receipt_user: str = ""
    receipt_secret: str = field(default="", repr=False)
    device_daily_cap: int | None = 2
    daily_test_limit: int | None = 1000
    qps: int | None = None
    errors_as_200: bool = False

    @property
    def key_id(self) -> str:
        """Names the key in a JWT."""
        return f"sandbox-key-{self.project_id}"

    @property
    def sub_account(self) -> str:
        """The service account, a JWT's issuer."""
        return f"sandbox-account-{self.project_id}"

    @property
    def service_account(self) -> str:
        """The text of the service account's key file."""
        return key_file(project_id=self.project_id, key_id=self.key_id, sub_account=self.sub_account)


DEMO_APP = Terms(project_id="100000000000000001")


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
        """Lets a test message pass while the project's day allows it.

        Raises:
            Refused: 80300029.
        """
        if not self.tests.take(self.terms.daily_test_limit, now):
            raise not_their_fault(TEST_QUOTA)


class Apps(AppRegistry[App, Terms]):
    """The apps by their Project ID."""

    def __init__(self) -> None:
        super().__init__(
            DEMO_APP,
            App,
            key="project_id",
            required=(),
            secrets=("receipt_secret",),
            limits=("device_daily_cap", "daily_test_limit", "qps"),
        )

    def of_key(self, key_id: str) -> App | None:
        """The app whose service account has a key."""
        app = self.find(key_id.rpartition("-")[2])
        return app if app is not None and app.terms.key_id == key_id else None

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that Project ID; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        project_id = edit.get("project_id")
        if isinstance(project_id, str) and not _is_project_id(project_id):
            raise UnusableApp(f"project_id must be a string of 1 to {MAX_PROJECT_ID_DIGITS} digits: it says which app")
        return super().put(edit)

    def shown(self, app: App) -> dict[str, object]:
        """An app with its key file, which is nobody's but the sandbox's own."""
        return {**super().shown(app), "service_account": app.terms.service_account}


def _is_project_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_PROJECT_ID_DIGITS
