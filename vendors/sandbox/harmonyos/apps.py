"""Apps as Huawei's console would hold them, and what each has used up (§1.3, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, cast

from vendors.sandbox.harmonyos.codes import TEST_QUOTA, TOO_FAST, not_their_fault
from vendors.sandbox.harmonyos.keys import key_file
from vendors.sandbox.simulator import UnusableApp

MAX_APPS = 1000
MAX_PROJECT_ID_DIGITS = 64
GMT_8 = 8 * 3600
DAY = 24 * 3600


def day_of(now: float) -> int:
    """Number of the day in China, where daily limits begin anew at midnight (the hour is ours)."""
    return int(now + GMT_8) // DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an app is and may do.

    Attributes:
        project_id: its project, in the path of a send; here each project has one app and one service account.
        may_classify: has the right to the service categories; else all its messages are MARKETING.
        device_daily_cap: marketing notifications a day and phone, then accepted and dropped; None: no limit.
        daily_test_limit: test messages a day, then code 80300029; None: no limit.
        qps: tokens a second, then HTTP 503; None: no limit.
        errors_as_200: a refusal with a code comes with HTTP 200.
    """

    project_id: str
    may_classify: bool = True
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
LIMITS = ("device_daily_cap", "daily_test_limit", "qps")


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
        """Lets a test message pass while the project's day allows it.

        Raises:
            Refused: 80300029.
        """
        if self.day != day_of(now):
            self.day, self.tests = day_of(now), 0
        if self.terms.daily_test_limit is not None and self.tests >= self.terms.daily_test_limit:
            raise not_their_fault(TEST_QUOTA)
        self.tests += 1


class Apps:
    """The apps by their Project ID."""

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, with its day fresh."""
        self._apps = {DEMO_APP.project_id: App(DEMO_APP)}

    def find(self, project_id: str) -> App | None:
        """The app of a Project ID."""
        return self._apps.get(project_id)

    def of_key(self, key_id: str) -> App | None:
        """The app whose service account has a key."""
        app = self._apps.get(key_id.rpartition("-")[2])
        return app if app is not None and app.terms.key_id == key_id else None

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them: with the key, which is nobody's but the sandbox's own."""
        return [_shown(app.terms) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that Project ID; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        project_id = edit.get("project_id")
        if not isinstance(project_id, str) or not _is_project_id(project_id):
            raise UnusableApp(f"project_id must be a string of 1 to {MAX_PROJECT_ID_DIGITS} digits: it says which app")
        app = self._apps.get(project_id)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"project_id: there can be at most {MAX_APPS} apps")
            app = App(Terms(project_id=project_id))
        _check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[project_id] = app
        return _shown(app.terms)


def _is_project_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_PROJECT_ID_DIGITS


def _shown(terms: Terms) -> dict[str, object]:
    return {**asdict(terms), "service_account": terms.service_account}


def _check(edit: Mapping[str, object]) -> None:
    known = [spec.name for spec in fields(Terms)]
    for name, value in edit.items():
        if name not in known:
            raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
        if name in LIMITS:
            if value is not None and (type(value) is not int or value < 0):
                raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
        elif name != "project_id" and not isinstance(value, bool):
            raise UnusableApp(f"{name} must be true or false")
