"""Apps as vivo's console would hold them, and what each has used up (§6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

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

MAX_APPS = 1000
MAX_APP_ID_DIGITS = 18
GMT_8 = 8 * 3600
HOUR = 3600
DAY = 24 * HOUR
OPERATION_HOURS = range(7, 23)
SIGN_INS_A_SECOND = 10


def day_of(now: float) -> int:
    """Number of the day in China, where vivo's daily limits begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


def hour_of(now: float) -> int:
    """Hour of the day in China."""
    return int(now + GMT_8) % DAY // HOUR


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
LIMITS = (
    *("operation_daily_limit", "system_daily_limit", "saved_lists_daily_limit"),
    *("device_daily_cap", "qps", "sign_ins_a_second"),
)


@dataclass(slots=True)
class Allowance:
    """What may still happen in this second."""

    left: float = 0
    paid_at: float = 0

    def spend(self, rate: int | None, now: float) -> bool:
        """Takes one, or says that there is none left."""
        if rate is None:
            return True
        self.left = min(float(rate), self.left + (now - self.paid_at) * rate)
        self.paid_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(slots=True)
class App:
    """An app and what it has used up.

    Attributes:
        terms: what it may do.
        sending: of pushes.
        signing_in: of sign-ins.
        day: the day that `sent` and `saved` count.
        sent: phones that formal messages of that day went to, operation (0) and system (1).
        saved: messages saved for lists that day.
    """

    terms: Terms
    sending: Allowance = field(default_factory=Allowance)
    signing_in: Allowance = field(default_factory=Allowance)
    day: int = 0
    sent: list[int] = field(default_factory=lambda: [0, 0])
    saved: int = 0

    def check_sign_in_rate(self, now: float) -> None:
        """Lets a sign-in pass.

        Raises:
            Refused: 10093.
        """
        if not self.signing_in.spend(self.terms.sign_ins_a_second, now):
            raise not_their_fault(SIGN_IN_TOO_OFTEN)

    def check_rate(self, now: float) -> None:
        """Lets a push pass, which may be one to a list.

        Raises:
            Refused: 10072.
        """
        if not self.sending.spend(self.terms.qps, now):
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
        self._begin_day(now)
        limit = self.terms.system_daily_limit if classification else self.terms.operation_daily_limit
        if limit is not None and self.sent[classification] + phones > limit:
            raise not_their_fault(SYSTEM_QUOTA if classification else OPERATION_QUOTA)

    def count_saved(self, now: float) -> None:
        """Lets a message be saved for a list while the app's day allows it.

        Raises:
            Refused: 10252.
        """
        self._begin_day(now)
        limit = self.terms.saved_lists_daily_limit
        if limit is not None and self.saved >= limit:
            raise not_their_fault(SAVED_LISTS_QUOTA)
        self.saved += 1

    def _begin_day(self, now: float) -> None:
        if self.day != day_of(now):
            self.day, self.sent, self.saved = day_of(now), [0, 0], 0


class Apps:
    """The apps by their app id."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.app_id: App(DEMO_APP)}

    def find(self, app_id: str) -> App | None:
        """The app of an id."""
        return self._apps.get(app_id)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that app id; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_id = edit.get("app_id")
        if not isinstance(app_id, str) or not app_id.isdecimal() or len(app_id) > MAX_APP_ID_DIGITS:
            raise UnusableApp("app_id is missing: it says which app is meant, in a string of decimal digits")
        app = self._apps.get(app_id)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"app_id: there can be at most {MAX_APPS} apps")
            for name in ("app_key", "app_secret"):
                if not edit.get(name):
                    raise UnusableApp(f"{name} is missing: a new app needs one")
            app = App(Terms(app_id=app_id, app_key="", app_secret=""))
        _check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[app_id] = app
        return _shown(app.terms)


def _shown(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "app_secret"}


def _check(edit: Mapping[str, object]) -> None:
    known = {spec.name: type(getattr(DEMO_APP, spec.name)) for spec in fields(Terms)}
    for name, value in edit.items():
        if name not in known:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
        if name in LIMITS:
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
        elif type(value) is not known[name] or (value == "" and name != "devices_for_tests"):
            raise UnusableApp(f"{name} must be a JSON {_JSON_NAMES[known[name]]}, not empty")


_JSON_NAMES = {str: "string", bool: "boolean"}
