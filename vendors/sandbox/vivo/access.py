"""The sign-in and the access tokens it gives (§1.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import md5

from vendors.sandbox.vivo.apps import App, Apps
from vendors.sandbox.vivo.codes import (
    APP_ID_EMPTY,
    APP_KEY_EMPTY,
    BAD_REQUEST,
    INVALID_AUTH_TOKEN,
    SIGN_EMPTY,
    TIMESTAMP_EMPTY,
    TOKEN_OF_ANOTHER_APP,
    UNKNOWN_APP_ID,
    WRONG_APP_KEY,
    WRONG_SIGN,
    WRONG_TIMESTAMP,
    Refused,
    not_their_fault,
)
from vendors.sandbox.words import masked, quoted

Body = Mapping[str, object]

SKEW_MS = 600_000
TOKEN_LIFE = 24 * 3600
MAX_TOKENS = 10_000
MILLISECONDS = range(10**12, 10**13)
EMPTY_CODES = {
    "appId": APP_ID_EMPTY,
    "appKey": APP_KEY_EMPTY,
    "timestamp": TIMESTAMP_EMPTY,
    "sign": SIGN_EMPTY,
}


@dataclass(slots=True)
class Issued:
    """An access token that was given out.

    Attributes:
        app_id: whose.
        at: Unix time in seconds.
        is_ended: the control API or a fault ended it before its time.
    """

    app_id: str
    at: float
    is_ended: bool = False


class Access:
    """Who may send. An app may hold several tokens at once: a new one leaves the older ones good."""

    def __init__(self, apps: Apps, nonce: Callable[[], str]) -> None:
        self._apps = apps
        self._nonce = nonce
        self._tokens: dict[str, Issued] = {}

    def signed_in(self, body: Body, now: float) -> App:
        """The app whose signature the body carries.

        Raises:
            Refused: 10200, 10201, 10203, 10204, 10205, 10202, 10207, 10206 or 10093, in this order.
        """
        for name, code in EMPTY_CODES.items():
            if body.get(name) in (None, ""):
                raise Refused(code, name, "a value", "nothing")
        if unknown := body.keys() - EMPTY_CODES:
            raise Refused(BAD_REQUEST, min(unknown)[:40], "only the fields of the page", "this one")
        app = self._apps.find(id_text(body["appId"]))
        if app is None:
            raise Refused(UNKNOWN_APP_ID, "appId", "an id of one of the sandbox's apps", quoted(body["appId"]))
        app_key, sign = body["appKey"], body["sign"]
        if app_key != app.terms.app_key:
            got = masked(app_key) if isinstance(app_key, str) else quoted(app_key)
            raise Refused(WRONG_APP_KEY, "appKey", "the app's key", got)
        _check_timestamp(body["timestamp"], now)
        if sign != signature(app, body["timestamp"]):
            right = "the lower-case hex of MD5 over appId, appKey, timestamp and appSecret"
            raise Refused(WRONG_SIGN, "sign", right, masked(sign) if isinstance(sign, str) else quoted(sign))
        app.check_sign_in_rate(now)
        return app

    def issue(self, app: App, now: float) -> str:
        """A new access token."""
        if len(self._tokens) >= MAX_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        token = self._nonce()
        self._tokens[token] = Issued(app.terms.app_id, now)
        return token

    def admitted(self, token: str | None, body: Body, now: float) -> App:
        """The app that a call's access token stands for.

        Raises:
            Refused: 10000 or 10094, in this order.
        """
        issued = self._tokens.get(token) if token else None
        app = self._apps.find(issued.app_id) if issued else None
        if issued is None or app is None:
            raise Refused(INVALID_AUTH_TOKEN, "authToken", "a header with an access token", masked(token or ""))
        if issued.is_ended:
            raise not_their_fault(INVALID_AUTH_TOKEN)
        if now - issued.at >= TOKEN_LIFE:
            age = f"one of {(now - issued.at) / 3600:.1f} hours"
            raise Refused(INVALID_AUTH_TOKEN, "authToken", "an access token younger than 24 hours", age)
        if "appId" in body and id_text(body["appId"]) != app.terms.app_id:
            raise Refused(TOKEN_OF_ANOTHER_APP, "appId", "the access token's app", quoted(body["appId"]))
        return app

    def expire(self) -> int:
        """Ends every token, and says how many were good."""
        good = [issued for issued in self._tokens.values() if not issued.is_ended]
        for issued in good:
            issued.is_ended = True
        return len(good)


def signature(app: App, timestamp: object) -> str:
    """By §1.1: each part trimmed, no separators."""
    parts = (app.terms.app_id, app.terms.app_key, str(timestamp), app.terms.app_secret)
    return md5("".join(part.strip() for part in parts).encode(), usedforsecurity=False).hexdigest()


def id_text(app_id: object) -> str:
    """An app id, which may come as a number or as a numeric string; empty for anything else."""
    if isinstance(app_id, str):
        return app_id.strip()
    return str(app_id) if type(app_id) is int else ""


def _check_timestamp(stamp: object, now: float) -> None:
    if type(stamp) is not int or stamp not in MILLISECONDS:
        raise Refused(WRONG_TIMESTAMP, "timestamp", "a number of 13 digits: Unix time in milliseconds", quoted(stamp))
    skew_ms = stamp - round(now * 1000)
    if abs(skew_ms) > SKEW_MS:
        raise Refused(WRONG_TIMESTAMP, "timestamp", "at most 600000 ms off", f"{skew_ms:+d} ms")
