"""OAuth's client-credentials sign-in as makers take it: a form, and not too often."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from vendors.sandbox.refusal import Refusal
from vendors.sandbox.words import quoted

FORM_TYPE = "application/x-www-form-urlencoded"
GRANT_TYPE = "client_credentials"
SIGN_INS = 1000
SIGN_IN_WINDOW = 300

# Makes the maker's refusal of a field: its name, what is expected, what came.
Wrong = Callable[[str, str, str], Refusal]


class SignIns:
    """When apps signed in of late: at most 1000 times in 5 minutes; ours where the page is silent."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=SIGN_INS)

    def take(self, now: float) -> bool:
        """Counts one, or says that there were too many."""
        if len(self._times) == SIGN_INS and now - self._times[0] < SIGN_IN_WINDOW:
            return False
        self._times.append(now)
        return True


def form_of(headers: Mapping[str, str], body: bytes, request_wrong: Wrong, grant_wrong: Wrong) -> Mapping[str, str]:
    """The sign-in's form.

    Args:
        headers: of the call.
        body: of the call.
        request_wrong: the refusal of what is no form.
        grant_wrong: the refusal of another grant type.

    Raises:
        Refusal: as these make it.
    """
    content_type = headers.get("Content-Type", "")
    if content_type.partition(";")[0] != FORM_TYPE:
        raise request_wrong("Content-Type", FORM_TYPE, quoted(content_type))
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError as error:
        raise request_wrong("", "a form in UTF-8", "none") from error
    if form.get("grant_type") != GRANT_TYPE:
        raise grant_wrong("grant_type", GRANT_TYPE, quoted(form.get("grant_type", "")))
    return form
