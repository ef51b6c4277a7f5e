"""The sign-in and the access tokens it gives (§1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from vendors.sandbox.bearers import Bearers, Issued
from vendors.sandbox.client_credentials import SignIns, form_of
from vendors.sandbox.huawei.apps import App, Apps
from vendors.sandbox.huawei.codes import (
    AUTHENTICATION_ERROR,
    FLOW_CONTROL,
    TOKEN_EXPIRED,
    Refused,
    not_their_fault,
)
from vendors.sandbox.words import masked, quoted

PARAMETER = "1101"
CLIENT_ID_MALFORMED = f"{PARAMETER}/20002"
CLIENT_SECRET_EMPTY = f"{PARAMETER}/20171"
# The finer number of a wrong secret is not in the page (ours).
WRONG_CREDENTIAL = f"{PARAMETER}/20001"
MAX_CLIENT_ID_DIGITS = 64


class Access:
    """Who may send. A new token leaves the older ones good (ours: the page does not say)."""

    def __init__(self, apps: Apps, nonce: Callable[[], str]) -> None:
        self._apps = apps
        self._bearers = Bearers(nonce)
        self._sign_ins = SignIns()

    def signed_in(self, headers: Mapping[str, str], body: bytes, now: float) -> App:
        """The app whose id and secret the form carries.

        Raises:
            Refused: 503 past 1000 sign-ins in 5 minutes, else "1101/…", main number and finer one.
        """
        if not self._sign_ins.take(now):
            raise not_their_fault(FLOW_CONTROL)
        form = form_of(headers, body, partial(Refused, PARAMETER), partial(Refused, PARAMETER))
        client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
        if not (client_id.isascii() and client_id.isdigit() and len(client_id) <= MAX_CLIENT_ID_DIGITS):
            raise Refused(CLIENT_ID_MALFORMED, "client_id", "1 to 64 digits", masked(client_id))
        if not client_secret:
            raise Refused(CLIENT_SECRET_EMPTY, "client_secret", "the App Secret", "nothing")
        app = self._apps.find(client_id)
        if app is None:
            raise Refused(WRONG_CREDENTIAL, "client_id", "the App ID of one of the sandbox's apps", masked(client_id))
        if client_secret != app.terms.app_secret:
            raise Refused(WRONG_CREDENTIAL, "client_secret", "the app's App Secret", masked(client_secret))
        return app

    def issue(self, app: App, now: float) -> str:
        """A new access token."""
        return self._bearers.issue(app.terms.app_id, now + app.terms.token_life)

    def admitted(self, app_id: str, headers: Mapping[str, str], now: float) -> App:
        """The app that a send is for.

        Raises:
            Refused: 80200001 or 80200003.
        """
        header = headers.get("Authorization", "")
        issued = self._bearers.of_header(header)
        if issued is None:
            got = masked(header.removeprefix("Bearer "))
            raise Refused(AUTHENTICATION_ERROR, "Authorization", '"Bearer " and an access token of the sign-in', got)
        _check_life(issued, now)
        app = self._apps.find(app_id)
        if app is None or issued.app_id != app_id:
            got = f"that of {quoted(issued.app_id)}"
            raise Refused(AUTHENTICATION_ERROR, "Authorization", "an access token of the app in the path", got)
        return app

    def expire(self) -> int:
        """Ends every token, and says how many were good."""
        return self._bearers.expire()


def _check_life(issued: Issued, now: float) -> None:
    if issued.is_ended:
        raise not_their_fault(TOKEN_EXPIRED)
    if now >= issued.ends_at:
        got = f"one that ended {now - issued.ends_at:.0f} s ago"
        raise Refused(TOKEN_EXPIRED, "Authorization", "an access token that lives", got)
