"""Signing in to OPPO.

Source: OPPO open platform, page 11234 "auth". Quirks: the digest is plain SHA-256, not HMAC; the timestamp is epoch
milliseconds and stays valid for 10 minutes; the access token lives 24 hours, counted here from our own request, because
`create_time` comes from another clock.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.oppo.codes import SUCCESS, outcome_of
from vendors.oppo.credential import OppoCredential
from vendors.oppo.form import HEADERS
from vendors.oppo.response import read_answer
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

AUTH_PATH = "/server/v1/auth"
TOKEN_LIFE = timedelta(hours=24)
REFRESH_AFTER = timedelta(hours=20)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sign(credential: OppoCredential, timestamp_ms: int) -> str:
    """The sign-in's signature: 64 lower-case hex digits."""
    text = f"{credential.app_key}{timestamp_ms}{credential.master_secret}"
    return hashlib.sha256(text.encode()).hexdigest()


def auth_request(credential: OppoCredential, *, now: datetime) -> HttpRequest:
    """The sign-in."""
    timestamp_ms = (now - _EPOCH) // timedelta(milliseconds=1)
    form = {
        "app_key": credential.app_key,
        "sign": sign(credential, timestamp_ms),
        "timestamp": timestamp_ms,
    }
    return HttpRequest(url=credential.host + AUTH_PATH, body=urlencode(form).encode(), headers=HEADERS)


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
    """The access token, or why there is none.

    Args:
        response: OPPO's answer to `auth_request`.
        now: when the request was made.
    """
    answer = read_answer(response, ambiguous=False)
    if isinstance(answer, Unavailable):
        return answer
    if answer.code != SUCCESS:
        return _refused_sign_in(outcome_of(answer.code, answer.reason, now=now))
    value = answer.data.get("auth_token") if isinstance(answer.data, dict) else None
    if not isinstance(value, str) or not value:
        return Unavailable(
            vendor_code="0",
            vendor_reason="the answer has no auth_token",
            advice="OPPO took the sign-in but gave no access token; the service tries again by itself",
            ambiguous=False,
        )
    return AccessToken(value=value, refresh_at=now + REFRESH_AFTER, expires_at=now + TOKEN_LIFE)


def _refused_sign_in(outcome: Outcome) -> Outcome:
    """A sign-in carries no message and no phone, so whatever refuses it for good refuses the credential."""
    if isinstance(outcome, Throttled | Unavailable):
        return outcome
    return CredentialRejected(
        vendor_code=outcome.vendor_code, vendor_reason=outcome.vendor_reason, advice=outcome.advice
    )
