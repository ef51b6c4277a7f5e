"""Signing in to Honor: OAuth 2 client credentials, nothing to compute.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "access token". No source says that a new token ends an
older one.
"""

from __future__ import annotations

from datetime import datetime

from vendors.answers import line_of, parsed
from vendors.client_credentials import granted, token_request
from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.honor.codes import outcome_of
from vendors.honor.credential import HonorCredential
from vendors.honor.response import no_use
from vendors.outcomes import CredentialRejected, Outcome, Throttled, Unavailable

AUTH_URL = "https://iam.developer.honor.com/auth/token"

HTTP_OK = range(200, 300)
HTTP_TRANSIENT = frozenset({429, 500, 502, 503, 504})
# OAuth's own words for a fault of the server (RFC 6749, section 4.1.2.1).
TRANSIENT_ERRORS = frozenset({"server_error", "temporarily_unavailable"})


def auth_request(credential: HonorCredential, *, now: datetime) -> HttpRequest:  # noqa: ARG001 - nothing is signed
    """The sign-in."""
    return token_request(AUTH_URL, credential.client_id, credential.client_secret)


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
    access_token = granted(content, now=now) if response.status in HTTP_OK else None
    return access_token or no_use(response, f"HTTP {response.status} without an access token", ambiguous=False)


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


def _object(body: bytes) -> dict[str, object]:
    content = parsed(body)
    return content if isinstance(content, dict) else {}
