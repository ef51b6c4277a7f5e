"""OAuth 2 client credentials (RFC 6749, section 4.4), as Huawei's and Honor's sign-in want them.

The secret itself is sent, so it must be percent-encoded; how long a token lives is in the answer, an hour where it is
not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from vendors.contract import AccessToken, HttpRequest

DEFAULT_LIFE_S = 3600
MAX_LIFE_S = 30 * 24 * 3600
REFRESH_AHEAD = timedelta(seconds=300)

# Whatever else would break the header it is to stand in.
_ACCESS_TOKEN = re.compile(r"[!-~]+")


def token_request(url: str, client_id: str, client_secret: str) -> HttpRequest:
    """The sign-in."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return HttpRequest(
        url=url,
        body=urlencode(form).encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )


def granted(answer: Mapping[str, object], *, now: datetime) -> AccessToken | None:
    """The access token of an answer; None if there is no usable one in it.

    Args:
        answer: the JSON object.
        now: when the request was made.
    """
    value = answer.get("access_token")
    if not isinstance(value, str) or not _ACCESS_TOKEN.fullmatch(value):
        return None
    life = _life(answer.get("expires_in"))
    return AccessToken(value=value, refresh_at=now + max(life - REFRESH_AHEAD, life / 2), expires_at=now + life)


def _life(expires_in: object) -> timedelta:
    """How long a token lives; what is no sensible number of seconds counts as missing."""
    if isinstance(expires_in, int) and not isinstance(expires_in, bool) and 0 < expires_in <= MAX_LIFE_S:
        return timedelta(seconds=expires_in)
    return timedelta(seconds=DEFAULT_LIFE_S)
