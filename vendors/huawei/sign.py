"""Signing in to Huawei: OAuth 2 client credentials, nothing to compute.

Source: Huawei developers, `HMSCore-Guides/oauth2-0000001212610981`, and the codes of its account server. Quirks: 1000
sign-ins in five minutes at most, then 503 until the window turns; a refusal has a number in `error` and a finer one in
`sub_error`. No source says that a new token ends an older one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from vendors.answers import code_of, line_of, parsed, retry_after
from vendors.client_credentials import granted, token_request
from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.huawei.credential import HuaweiCredential
from vendors.huawei.response import HTTP_OK, no_use
from vendors.outcomes import CredentialRejected, Outcome, Throttled

AUTH_URL = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
FLOW_CONTROL = frozenset({429, 503})
HTTP_REFUSED = range(400, 500)
FLOW_CONTROL_PAUSE = timedelta(seconds=60)


def auth_request(credential: HuaweiCredential, *, now: datetime) -> HttpRequest:  # noqa: ARG001 - nothing is signed
    """The sign-in."""
    return token_request(AUTH_URL, credential.app_id, credential.app_secret)


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
    """The access token, or why there is none.

    Args:
        response: Huawei's answer to `auth_request`.
        now: when the request was made.
    """
    if response.status in FLOW_CONTROL:
        return Throttled(
            vendor_reason=f"HTTP {response.status}",
            advice="too many sign-ins of this app; the service tries again by itself",
            retry_after=retry_after(response) or FLOW_CONTROL_PAUSE,
        )
    answer = parsed(response.body)
    content = answer if isinstance(answer, dict) else {}
    if response.status in HTTP_OK and (access_token := granted(content, now=now)):
        return access_token
    error = code_of(content.get("error"))
    if error is None or response.status not in (*HTTP_OK, *HTTP_REFUSED):
        return no_use(response, f"HTTP {response.status} without an access token", ambiguous=False)
    sub_error = code_of(content.get("sub_error"))
    return CredentialRejected(
        vendor_code=str(error) if sub_error is None else f"{error}/{sub_error}",
        vendor_reason=line_of(content.get("error_description")),
        advice="Huawei refuses the sign-in; check app_id and app_secret: those of the app, not of the project",
    )
