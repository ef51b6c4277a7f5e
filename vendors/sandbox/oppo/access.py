"""The sign-in and the access tokens it gives (§1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from vendors.sandbox.oppo.apps import App, Apps
from vendors.sandbox.oppo.codes import (
    APP_DISABLED,
    INVALID_APP_KEY,
    INVALID_AUTH_TOKEN,
    INVALID_SIGNATURE,
    INVALID_TIMESTAMP,
    MISSING_APP_KEY,
    MISSING_AUTH_TOKEN,
    MISSING_SIGNATURE,
    MISSING_TIMESTAMP,
    PERMISSION_DENIED,
    Refused,
    not_their_fault,
)
from vendors.sandbox.oppo.form import Form
from vendors.sandbox.words import masked, quoted

SKEW_MS = 600_000
TOKEN_LIFE = 24 * 3600
MAX_TOKENS = 10_000
TIMESTAMP = re.compile(r"[0-9]{13}")


@dataclass(slots=True)
class Issued:
    """An access token that was given out.

    Attributes:
        app_key: whose.
        at: Unix time in seconds.
        is_ended: the control API or a fault ended it before its time.
    """

    app_key: str
    at: float
    is_ended: bool = False


class Access:
    """Who may send. A new token leaves the older ones good (ours: the page does not say)."""

    def __init__(self, apps: Apps, nonce: Callable[[], str]) -> None:
        self._apps = apps
        self._nonce = nonce
        self._tokens: dict[str, Issued] = {}

    def signed_in(self, form: Form, now: float) -> App:
        """The app whose signature the form carries; step 2 of §3.3.

        Raises:
            Refused: 15, 14, 18, 19, 17, 16 or 28, in this order.
        """
        app_key, stamp, sign = form.get("app_key"), form.get("timestamp"), form.get("sign")
        if not app_key:
            raise Refused(MISSING_APP_KEY, "app_key", "the app's key", "nothing")
        app = self._apps.find(app_key)
        if app is None:
            raise Refused(INVALID_APP_KEY, "app_key", "a key of one of the sandbox's apps", masked(app_key))
        if not stamp:
            raise Refused(MISSING_TIMESTAMP, "timestamp", "Unix time in milliseconds", "nothing")
        _check_timestamp(stamp, now)
        if not sign:
            raise Refused(MISSING_SIGNATURE, "sign", "64 lower-case hex digits", "nothing")
        if sign != sha256(f"{app_key}{stamp}{app.terms.master_secret}".encode()).hexdigest():
            right = "the lower-case hex of SHA-256 over app_key, timestamp and master secret"
            raise Refused(INVALID_SIGNATURE, "sign", right, masked(sign))
        if not app.terms.enabled:
            raise not_their_fault(APP_DISABLED)
        return app

    def issue(self, app: App, now: float) -> str:
        """A new access token."""
        if len(self._tokens) >= MAX_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        token = self._nonce()
        self._tokens[token] = Issued(app.terms.app_key, now)
        return token

    def admitted(self, form: Form, header: str | None, now: float) -> App:
        """The app that a call's access token stands for; step 3 of §3.3.

        Raises:
            Refused: 29, 11, 28 or 30, in this order.
        """
        token = form.get("auth_token")
        by_header = not token and bool(header)
        token = token or header
        issued = self._tokens.get(token) if token else None
        app = self._apps.find(issued.app_key) if issued else None
        if not token or (by_header and (app is None or not app.terms.allow_header_token)):
            got = "it as an HTTP header" if by_header else "nothing"
            raise Refused(MISSING_AUTH_TOKEN, "auth_token", "the access token as a form field", got)
        if issued is None or app is None:
            raise Refused(INVALID_AUTH_TOKEN, "auth_token", "an access token of the sign-in", masked(token))
        if issued.is_ended:
            raise not_their_fault(INVALID_AUTH_TOKEN)
        if now - issued.at >= TOKEN_LIFE:
            age = f"one of {(now - issued.at) / 3600:.1f} hours"
            raise Refused(INVALID_AUTH_TOKEN, "auth_token", "an access token younger than 24 hours", age)
        if not app.terms.enabled:
            raise not_their_fault(APP_DISABLED)
        if not app.terms.has_api_right:
            raise not_their_fault(PERMISSION_DENIED)
        return app

    def expire(self) -> int:
        """Ends every token, and says how many were good."""
        good = [issued for issued in self._tokens.values() if not issued.is_ended]
        for issued in good:
            issued.is_ended = True
        return len(good)


def _check_timestamp(stamp: str, now: float) -> None:
    if not TIMESTAMP.fullmatch(stamp):
        raise Refused(INVALID_TIMESTAMP, "timestamp", "13 digits: Unix time in milliseconds", quoted(stamp))
    skew_ms = int(stamp) - round(now * 1000)
    if abs(skew_ms) > SKEW_MS:
        raise Refused(INVALID_TIMESTAMP, "timestamp", "at most 600000 ms off", f"{skew_ms:+d} ms")
