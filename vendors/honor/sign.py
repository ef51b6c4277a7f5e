"""Signing in to Honor: OAuth 2 client credentials, nothing to compute.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "access token". Quirks: the secret itself is sent, so it
must be percent-encoded; how long a token lives is in the answer, an hour where it is not; no source says that a new
token ends an older one.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

import orjson

from vendors.answers import line_of
from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.honor.codes import outcome_of
from vendors.honor.credential import HonorCredential
from vendors.honor.response import no_use
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

AUTH_URL = "https://iam.developer.honor.com/auth/token"
DEFAULT_LIFE_S = 3600
MAX_LIFE_S = 30 * 24 * 3600
REFRESH_AHEAD = timedelta(seconds=300)

HTTP_OK = range(200, 300)
HTTP_TRANSIENT = frozenset({429, 500, 502, 503, 504})
# OAuth's own words for a fault of the server (RFC 6749, section 4.1.2.1).
TRANSIENT_ERRORS = frozenset({"server_error", "temporarily_unavailable"})

# Whatever else would break the header it is to stand in.
_ACCESS_TOKEN = re.compile(r"[!-~]+")


def auth_request(credential: HonorCredential, *, now: datetime) -> HttpRequest:  # noqa: ARG001 - nothing is signed
    """The sign-in."""
    form = {
        "grant_type": "client_credentials",
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
    }
    return HttpRequest(
        url=AUTH_URL,
        body=urlencode(form).encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
    """The access token, or why there is none.

    Args:
        response: Honor's answer to `auth_request`.
        now: when the request was made.
    """
    if response.status in HTTP_TRANSIENT:
        return _try_later(response, now)
    content = _object(response.body)
    if error := line_of(content.get("error")):
        return _refused(error, line_of(content.get("error_description")))
    value = content.get("access_token")
    if response.status not in HTTP_OK or not isinstance(value, str) or not _ACCESS_TOKEN.fullmatch(value):
        return no_use(response, f"HTTP {response.status} without an access token", ambiguous=False)
    life = _life(content.get("expires_in"))
    return AccessToken(value=value, refresh_at=now + max(life - REFRESH_AHEAD, life / 2), expires_at=now + life)


def _try_later(response: HttpResponse, now: datetime) -> Outcome:
    outcome = outcome_of(response.status, f"HTTP {response.status}", now=now)
    if isinstance(outcome, Throttled):
        return outcome
    return no_use(response, f"HTTP {response.status}", ambiguous=False)


def _refused(error: str, description: str) -> Outcome:
    """A sign-in carries no message and no phone, so whatever refuses it for good refuses the credential."""
    if error in TRANSIENT_ERRORS:
        return Unavailable(
            vendor_code=error,
            vendor_reason=description,
            advice="Honor has a fault of its own; the service tries again by itself",
            ambiguous=False,
        )
    return CredentialRejected(
        vendor_code=error,
        vendor_reason=description,
        advice="Honor refuses the sign-in; check client_id and client_secret: not App ID and App Secret",
    )


def _life(expires_in: object) -> timedelta:
    """How long a token lives; what is no sensible number of seconds counts as missing."""
    if isinstance(expires_in, int) and not isinstance(expires_in, bool) and 0 < expires_in <= MAX_LIFE_S:
        return timedelta(seconds=expires_in)
    return timedelta(seconds=DEFAULT_LIFE_S)


def _object(body: bytes) -> dict[str, object]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
