"""Apps as vivo's console would hold them, and what each has used up (§6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.sandbox.allowance import Daily, Rate, hour_of
from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.simulator import UnusableApp
from vendors.sandbox.vivo.codes import (
    OPERATION_QUOTA,
    OUTSIDE_HOURS,
    SAVED_LISTS_QUOTA,
    SIGN_IN_TOO_OFTEN,
    SYSTEM_QUOTA,
    TOO_FAST,
    not_their_fault,
)

MAX_APP_ID_DIGITS = 18
OPERATION_HOURS = range(7, 23)
SIGN_INS_A_SECOND = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        app_id: names the app in the sign-in; decimal digits.
        app_key: goes with it.
        app_secret: signs the sign-in.
        push_open: else code 10043.
        under_audit: formal messages get code 10045.
        system_messages: their switch in the console, else code 10082.
        content_rules: formal texts that look like a test get code 10085.
        operation_hours: operation messages outside 07:00 to 23:00 get code 10071.
        count_chinese_double: a character past ASCII counts as two of title's 40 and content's 100, the older rule.
        devices_for_tests: registration ids, comma-separated, that `pushMode` 1 may reach.
        operation_daily_limit: operation messages of the app a day, then code 10070; None: no limit.
        system_daily_limit: system messages of the app a day, then code 10073; None: no limit.
        saved_lists_daily_limit: messages saved for lists a day, then code 10252; None: no limit.
        device_daily_cap: operation messages a day and phone, then accepted and dropped; None: no limit.
        qps: pushes a second, single or to a list, then code 10072; None: no limit.
        sign_ins_a_second: then code 10093; None: no limit.
    """

    app_id: str
    app_key: str
    app_secret: str = field(repr=False)
    push_open: bool = True
    under_audit: bool = False
    system_messages: bool = True
    content_rules: bool = True
    operation_hours: bool = True
    count_chinese_double: bool = False
    devices_for_tests: str = ""
    operation_daily_limit: int | None = 20_000
    system_daily_limit: int | None = None
    saved_lists_daily_limit: int | None = None
    device_daily_cap: int | None = 2
    qps: int | None = None
    sign_ins_a_second: int | None = SIGN_INS_A_SECOND

    def is_test_device(self, registration_id: str) -> bool:
        """Says whether `pushMode` 1 may reach a phone."""
        return registration_id in self.devices_for_tests.split(",")


DEMO_APP = Terms(app_id="100000001", app_key="sandbox-app-key", app_secret="sandbox-app-secret")  # noqa: S106 - printed in the docs for all to use


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        sending: pushes of this second, one to a list counting as one.
        signing_in: sign-ins of this second.
        sent: phones that formal messages of the day went to, operation (0) and system (1).
        saved: messages saved for lists on the day.
    """

    terms: Terms
    sending: Rate = field(default_factory=Rate)
    signing_in: Rate = field(default_factory=Rate)
    sent: tuple[Daily, Daily] = field(default_factory=lambda: (Daily(), Daily()))
    saved: Daily = field(default_factory=Daily)

    def check_sign_in_rate(self, now: float) -> None:
        """Lets a sign-in pass.

        Raises:
            Refused: 10093.
        """
        if not self.signing_in.take(self.terms.sign_ins_a_second, now):
            raise not_their_fault(SIGN_IN_TOO_OFTEN)

    def check_rate(self, now: float) -> None:
        """Lets a push pass, which may be one to a list.

        Raises:
            Refused: 10072.
        """
        if not self.sending.take(self.terms.qps, now):
            raise not_their_fault(TOO_FAST)

    def check_hours(self, classification: int, now: float) -> None:
        """Lets an operation message pass by day.

        Raises:
            Refused: 10071.
        """
        if not classification and self.terms.operation_hours and hour_of(now) not in OPERATION_HOURS:
            raise not_their_fault(OUTSIDE_HOURS)

    def check_quota(self, classification: int, phones: int, now: float) -> None:
        """Lets a message to so many phones pass while the app's day allows it.

        Raises:
            Refused: 10070 or 10073.
        """
        limit = self.terms.system_daily_limit if classification else self.terms.operation_daily_limit
        if not self.sent[classification].has_room(limit, now, phones):
            raise not_their_fault(SYSTEM_QUOTA if classification else OPERATION_QUOTA)

    def count_saved(self, now: float) -> None:
        """Lets a message be saved for a list while the app's day allows it.

        Raises:
            Refused: 10252.
        """
        if not self.saved.take(self.terms.saved_lists_daily_limit, now):
            raise not_their_fault(SAVED_LISTS_QUOTA)


class Apps(AppRegistry[App, Terms]):
    """The apps by their app id."""

    def __init__(self) -> None:
        super().__init__(
            DEMO_APP,
            App,
            key="app_id",
            required=("app_key", "app_secret"),
            secrets=("app_secret",),
            limits=(
                *("operation_daily_limit", "system_daily_limit", "saved_lists_daily_limit"),
                *("device_daily_cap", "qps", "sign_ins_a_second"),
            ),
            unchecked=("devices_for_tests",),
        )

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that app id; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_id = edit.get("app_id")
        if not isinstance(app_id, str) or not app_id.isdecimal() or len(app_id) > MAX_APP_ID_DIGITS:
            raise UnusableApp("app_id is missing: it says which app is meant, in a string of decimal digits")
        if not isinstance(edit.get("devices_for_tests", ""), str):
            raise UnusableApp("devices_for_tests must be a JSON string")
        return super().put(edit)
