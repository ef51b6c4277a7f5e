"""Meizu's return codes: what each means for a push, in the order of the page.

Source: Meizu's server API of 2025-04-09, "return codes"; Java SDK, `ErrorCode` and `PushResponseCode`. There are two
tables: one for the `code` of an answer, one for the keys of its `value`. A number may stand in both and mean two
things, as 110010 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from vendors.china_time import until_next_day
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    ThrottleScope,
    Unavailable,
)

SUCCESS = 200
REDIRECTED = 300
TOO_FAST = 110010
FOLDED = 520

Meaning = tuple[type[Outcome], str]

CALL_OUTCOMES: Mapping[int, Meaning] = {
    200: (Accepted, ""),
    300: (Unavailable, "Meizu sends the call elsewhere, and not to a host of its own; it is tried again by itself"),
    500: (Unavailable, "a fault at Meizu, its text may say which; the service tries again by itself"),
    1001: (Unavailable, "a fault of Meizu's system; the service tries again by itself"),
    1003: (Unavailable, "Meizu is busy; the service tries again by itself"),
    1005: (MessageRejected, "an argument is wrong; Meizu's text may say which"),
    1006: (CredentialRejected, "the signature is wrong; check app_secret: it is App Secret, not App Key"),
    110000: (CredentialRejected, "Meizu does not know the app_id; copy App ID from its console into the cert"),
    110001: (CredentialRejected, "Meizu does not take the App Key of this app; see its console"),
    110002: (RegistrationInvalid, "the push id is not registered any more; the app must register anew"),
    110003: (RegistrationInvalid, "the push id is invalid; the app must register anew"),
    110004: (MessageRejected, "a required argument is empty; see whether a proxy changes the form"),
    110009: (CredentialRejected, "Meizu has put the app on its black list; ask Meizu to lift it"),
    110010: (Throttled, "the app calls too often; it is tried again by itself, later each time"),
    110019: (Throttled, "the app's pushes of the day are spent; goes on at 00:00 GMT+8"),
    110031: (CredentialRejected, "Meizu does not know the app's package name; see its console"),
    110032: (MessageRejected, "the task id is wrong; the service never sends by task"),
    110033: (CredentialRejected, "the app_secret is wrong; copy App Secret from Meizu's console into the cert"),
    110051: (Throttled, "the app's calls of the day are spent; goes on at 00:00 GMT+8"),
    110053: (MessageRejected, "Meizu takes no more pass-through messages; the service never sends one"),
    -1: (Unavailable, "a fault at Meizu that has no name; the service tries again by itself"),
}
PHONE_OUTCOMES: Mapping[int, Meaning] = {
    201: (CredentialRejected, "the app has no right to push to this phone; see Meizu's console"),
    501: (Unavailable, "a fault of Meizu's database; the service tries again by itself"),
    513: (Unavailable, "a fault inside Meizu; the service tries again by itself"),
    518: (Throttled, "faster than the app is set to send; it is tried again by itself, later each time"),
    519: (Unavailable, "Meizu is overloaded; the service tries again by itself"),
    520: (Throttled, "the phone got more than 5 messages of the app within a minute; tried again after it"),
    110002: (RegistrationInvalid, "the phone is no longer subscribed; the app must register anew"),
    110003: (RegistrationInvalid, "the push id is invalid; the app must register anew"),
    110005: (MessageRejected, "the alias is not subscribed; the service never sends to one"),
    110010: (MessageRejected, "the user has switched notifications off; the registration stays, as they may return"),
    110011: (Throttled, "the phone got its public messages of the day; goes on at 00:00 GMT+8"),
}
UNLISTED: Meaning = (MessageRejected, "the code is unlisted, so it counts as refused; look it up in Meizu's own table")

UNTIL_NEXT_DAY_CALL = frozenset({110019, 110051})
UNTIL_NEXT_DAY_PHONE = frozenset({110011})
# Faults that may have struck after the call was carried out; "busy" was said before.
MAY_BE_TAKEN = frozenset({500, 1001, -1})


def call_outcome(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code at the top of an answer means, other than success.

    Args:
        code: as received.
        reason: Meizu's text, at most a line.
        now: the time, for quotas that last until the end of the day.
    """
    if code in UNTIL_NEXT_DAY_CALL:
        _, advice = CALL_OUTCOMES[code]
        return Throttled(
            vendor_code=str(code),
            vendor_reason=reason,
            advice=advice,
            retry_after=until_next_day(now),
            scope=ThrottleScope.CERT,
        )
    wait = timedelta(seconds=1) if code == TOO_FAST else None
    return _outcome(code, CALL_OUTCOMES.get(code, UNLISTED), reason, wait, ambiguous=code in MAY_BE_TAKEN)


def phone_outcome(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a key of `value` means for a phone it lists."""
    wait = None
    if code in UNTIL_NEXT_DAY_PHONE:
        wait = until_next_day(now)
    elif code == FOLDED:
        wait = timedelta(seconds=60)
    return _outcome(code, PHONE_OUTCOMES.get(code, UNLISTED), reason, wait, ambiguous=False)


def _outcome(code: int, meaning: Meaning, reason: str, wait: timedelta | None, *, ambiguous: bool) -> Outcome:
    kind, advice = meaning
    if kind is Throttled:
        return Throttled(vendor_code=str(code), vendor_reason=reason, advice=advice, retry_after=wait)
    if kind is Unavailable:
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=ambiguous)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)
