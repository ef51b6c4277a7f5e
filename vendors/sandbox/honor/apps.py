"""Apps as Honor's console would hold them, and what each has used up (§1, §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from vendors.sandbox.honor.codes import PARTIAL_SUCCESS, SUCCESS, TEST_QUOTA, TOO_FAST, not_their_fault
from vendors.sandbox.simulator import UnusableApp

MAX_APPS = 1000
GMT_8 = 8 * 3600
DAY = 24 * 3600


def day_of(now: float) -> int:
    """Number of the day in China, where daily limits begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


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
        allowance: tokens it may still send to in this second; below 0 a call is being paid off.
        paid_at: when the allowance was last added to.
        day: the day `tests` counts.
        tests: test messages of that day.
    """

    terms: Terms
    allowance: float = 0
    paid_at: float = 0
    day: int = 0
    tests: int = 0

    def check_rate(self, now: float) -> None:
        """Lets a call pass while there is allowance left; `charge` makes it pay for its tokens.

        Raises:
            Refused: 503.
        """
        qps = self.terms.qps
        if qps is None:
            return
        self.allowance = min(float(qps), self.allowance + (now - self.paid_at) * qps)
        self.paid_at = now
        if self.allowance < 1:
            raise not_their_fault(TOO_FAST)

    def charge(self, tokens: int) -> None:
        """Takes what a call used from the allowance."""
        if self.terms.qps is not None:
            self.allowance -= tokens

    def count_test(self, now: float) -> None:
        """Lets a test message pass while the app's day allows it.

        Raises:
            Refused: 80200047.
        """
        if self.day != day_of(now):
            self.day, self.tests = day_of(now), 0
        if self.terms.daily_test_limit is not None and self.tests >= self.terms.daily_test_limit:
            raise not_their_fault(TEST_QUOTA)
        self.tests += 1


class Apps:
    """The apps by their App ID."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.app_id: App(DEMO_APP)}

    def find(self, app_id: str) -> App | None:
        """The app of an App ID."""
        return self._apps.get(app_id)

    def of_client(self, client_id: str) -> App | None:
        """The app of a Client ID."""
        return next((app for app in self._apps.values() if app.terms.client_id == client_id), None)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that App ID; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        app_id = edit.get("app_id")
        if not isinstance(app_id, str) or not app_id:
            raise UnusableApp("app_id is missing: it says which app is meant")
        app = self._apps.get(app_id)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"app_id: there can be at most {MAX_APPS} apps")
            for name in ("client_id", "client_secret"):
                if not edit.get(name):
                    raise UnusableApp(f"{name} is missing: a new app needs one")
            app = App(Terms(app_id=app_id, client_id="", client_secret=""))
        _check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[app_id] = app
        return _shown(app.terms)


def _shown(terms: Terms) -> dict[str, object]:
    return {name: value for name, value in asdict(terms).items() if name != "client_secret"}


def _check(edit: Mapping[str, object]) -> None:
    known = {spec.name: type(getattr(DEMO_APP, spec.name)) for spec in fields(Terms)}
    for name, value in edit.items():
        if name not in known:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
        if name in LIMITS:
            if value is not None and (type(value) is not int or value < 0):
                raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
        elif type(value) is not known[name] or value == "":
            raise UnusableApp(f"{name} must be a JSON {_JSON_NAMES[known[name]]}, not empty")
        if name in CHOICES and value not in CHOICES[name]:
            raise UnusableApp(f"{name} must be one of {', '.join(map(str, CHOICES[name]))}")


_JSON_NAMES = {str: "string", bool: "boolean", int: "number"}
