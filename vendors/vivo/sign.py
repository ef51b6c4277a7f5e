"""Signing in to vivo.

Source: vivo developer centre, doc 362 "push API", and the signature of vivo's own Java SDK. Quirks: the digest is plain
MD5 over trimmed parts; the answer does not say how long the access token lives; vivo asks to keep one and to renew it
every one or two hours, and an app may hold several at once.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import orjson

from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable
from vendors.vivo.codes import SUCCESS, outcome_of
from vendors.vivo.credential import HOST, VivoCredential
from vendors.vivo.request import CONTENT_TYPE
from vendors.vivo.response import read_answer

AUTH_PATH = "/message/auth"
REFRESH_AFTER = timedelta(hours=1)
# An hour less than vivo's 24, so that no push leaves with one that ends on the way.
TOKEN_LIFE = timedelta(hours=23)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sign(credential: VivoCredential, timestamp_ms: int) -> str:
    """The sign-in's signature: 32 lower-case hex digits."""
    parts = (credential.app_id, credential.app_key, str(timestamp_ms), credential.app_secret)
    text = "".join(part.strip() for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def auth_request(credential: VivoCredential, *, now: datetime) -> HttpRequest:
    """The sign-in."""
    timestamp_ms = (now - _EPOCH) // timedelta(milliseconds=1)
    fields = {
        "appId": int(credential.app_id),
        "appKey": credential.app_key,
        "timestamp": timestamp_ms,
        "sign": sign(credential, timestamp_ms),
    }
    return HttpRequest(url=HOST + AUTH_PATH, body=orjson.dumps(fields), headers={"content-type": CONTENT_TYPE})


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
    """The access token, or why there is none.

    Args:
        response: vivo's answer to `auth_request`.
        now: when the request was made.
    """
    answer = read_answer(response, ambiguous=False)
    if isinstance(answer, Unavailable):
        return answer
    if answer.code != SUCCESS:
        return _refused_sign_in(outcome_of(answer.code, answer.reason, now=now))
    value = answer.members.get("authToken")
    # It goes into a header, where nothing but visible ASCII may stand.
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value.strip():
        return Unavailable(
            vendor_code="0",
            vendor_reason="the answer has no authToken",
            advice="vivo took the sign-in but gave no access token; the service tries again by itself",
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
