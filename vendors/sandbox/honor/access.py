"""The sign-in and the access tokens it gives (§1.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from vendors.sandbox.bearers import Bearers, Issued
from vendors.sandbox.client_credentials import SignIns, form_of
from vendors.sandbox.honor.apps import App, Apps
from vendors.sandbox.honor.codes import (
    NO_RIGHT,
    TIMESTAMP_EMPTY,
    TIMESTAMP_ILLEGAL,
    TOO_FAST,
    UNKNOWN_APP,
    Refused,
    not_their_fault,
)
from vendors.sandbox.words import masked, quoted

SKEW_MS = 600_000
TIMESTAMP = re.compile(r"[0-9]{13}")


class Access:
    """Who may send. A new token leaves the older ones good (ours: the page does not say)."""

    def __init__(self, apps: Apps, nonce: Callable[[], str]) -> None:
        self._apps = apps
        self._bearers = Bearers(nonce)
        self._sign_ins = SignIns()

    def signed_in(self, headers: Mapping[str, str], body: bytes, now: float) -> App:
        """The app whose Client ID and Client Secret the form carries.

        Raises:
            Refused: 503 past 1000 sign-ins in 5 minutes (ours), else an OAuth error.
        """
        if not self._sign_ins.take(now):
            raise not_their_fault(TOO_FAST)
        form = form_of(headers, body, partial(Refused, "invalid_request"), partial(Refused, "unsupported_grant_type"))
        app = self._apps.find_by("client_id", form.get("client_id", ""))
        if app is None:
            expected = "the Client ID of one of the sandbox's apps"
            raise Refused("invalid_client", "client_id", expected, masked(form.get("client_id", "")))
        if form.get("client_secret") != app.terms.client_secret:
            expected = "the app's Client Secret"
            raise Refused("unauthorized_client", "client_secret", expected, masked(form.get("client_secret", "")))
        return app

    def issue(self, app: App, now: float) -> str:
        """A new access token."""
        return self._bearers.issue(app.terms.app_id, now + app.terms.token_life)

    def admitted(self, app_id: str, headers: Mapping[str, str], now: float) -> App:
        """The app that a send is for: access token, timestamp and App ID, in this order.

        Raises:
            Refused: 403 or 401, 10001, 10207, 10205.
        """
        issued = self._issued(headers.get("Authorization", ""), now)
        app = self._apps.find(app_id)
        if app is not None and issued.app_id != app_id:
            raise Refused(self._auth_code(issued), "Authorization", "an access token of this app", "another app's")
        _check_timestamp(headers.get("timestamp", ""), now)
        if app is None:
            raise Refused(UNKNOWN_APP, "appId", "the App ID of one of the sandbox's apps", quoted(app_id))
        return app

    def expire(self) -> int:
        """Ends every token, and says how many were good."""
        return self._bearers.expire()

    def _issued(self, header: str, now: float) -> Issued:
        issued = self._bearers.of_header(header)
        if issued is None:
            got = masked(header.removeprefix("Bearer "))
            raise Refused(NO_RIGHT, "Authorization", '"Bearer " and an access token of the sign-in', got)
        if issued.is_ended:
            raise not_their_fault(self._auth_code(issued))
        if now >= issued.ends_at:
            got = f"one that ended {now - issued.ends_at:.0f} s ago"
            raise Refused(self._auth_code(issued), "Authorization", "an access token that lives", got)
        return issued

    def _auth_code(self, issued: Issued) -> int:
        app = self._apps.find(issued.app_id)
        return NO_RIGHT if app is None else app.terms.auth_status


def _check_timestamp(stamp: str, now: float) -> None:
    if not stamp:
        raise Refused(TIMESTAMP_EMPTY, "timestamp", "Unix time in milliseconds", "nothing")
    if not TIMESTAMP.fullmatch(stamp):
        raise Refused(TIMESTAMP_ILLEGAL, "timestamp", "13 digits: Unix time in milliseconds", quoted(stamp))
    skew_ms = int(stamp) - round(now * 1000)
    if abs(skew_ms) > SKEW_MS:
        raise Refused(TIMESTAMP_ILLEGAL, "timestamp", "at most 600000 ms off", f"{skew_ms:+d} ms")
