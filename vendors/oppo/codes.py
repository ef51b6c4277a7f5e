"""OPPO's return codes: what each means for a push, in the order of their page.

Source: OPPO open platform, page 11235 "addresses, common parameters, codes"; 10001 to 10005 are from older copies of
it, 54 was only ever seen in production. The same codes stand at the top of an answer and at each item of a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vendors.china_time import until_next_day
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    ThrottleScope,
    Unavailable,
)

SUCCESS = 0
INVALID_ARGUMENTS = 41
DAILY_QUOTA_SPENT = frozenset({33, 34})

OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    -3: (MessageRejected, "only OPPO's own SDK makes this code, never its server; see who answers under the base URL"),
    -2: (Throttled, "OPPO's flow control is at work; it is tried again by itself, later each time"),
    -1: (Unavailable, "OPPO asks to try later; the service does"),
    0: (Accepted, ""),
    11: (AccessTokenExpired, "the access token is wrong or has expired; the service signs in again"),
    12: (MessageRejected, "OPPO refuses the HTTP method; see whether a proxy turns POST into GET"),
    13: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    14: (CredentialRejected, "OPPO does not know the app_key; copy AppKey from its console into the cert"),
    15: (MessageRejected, "the app_key did not arrive; see whether a proxy changes the form"),
    16: (CredentialRejected, "the signature is wrong; check master_secret: it is MasterSecret, not AppSecret"),
    17: (MessageRejected, "the signature did not arrive; see whether a proxy changes the form"),
    18: (MessageRejected, "the timestamp did not arrive; see whether a proxy changes the form"),
    19: (CredentialRejected, "the clock of this host is more than 10 minutes off; set it, for example by NTP"),
    20: (MessageRejected, "OPPO does not know the API method; see where the base URL leads"),
    21: (MessageRejected, "OPPO misses the API method; see where the base URL leads"),
    22: (MessageRejected, "OPPO misses the API version; see where the base URL leads"),
    23: (MessageRejected, "OPPO finds the API version invalid; see where the base URL leads"),
    24: (MessageRejected, "OPPO no longer takes this API version; see where the base URL leads"),
    25: (MessageRejected, "the form did not arrive as UTF-8; see whether a proxy recodes it"),
    26: (CredentialRejected, "OPPO blocks the address this host calls from; ask OPPO to lift it"),
    27: (MessageRejected, "the app has no right to a feature of this message, such as pictures; leave it out"),
    28: (CredentialRejected, "OPPO has disabled the app; see its console"),
    29: (AccessTokenExpired, "the access token did not arrive; the service signs in again"),
    30: (CredentialRejected, "the app has no right to push by API; apply for it in OPPO's console"),
    31: (MessageRejected, "what the message refers to does not exist at OPPO, such as a picture id"),
    32: (MessageRejected, "OPPO has stored this very message before; send a new one"),
    33: (Throttled, "the app's daily total of content and marketing messages is spent; goes on at 00:00 GMT+8"),
    34: (Throttled, "the app's daily number of picture uploads is spent; goes on at 00:00 GMT+8"),
    40: (MessageRejected, "a required argument is missing; OPPO's text says which"),
    41: (MessageRejected, "an argument has a wrong type, range or format; OPPO's text says which"),
    51: (MessageRejected, "OPPO does not take the picture: format, size or resolution"),
    54: (MessageRejected, "the category needs an approved template: set private_template or private_msg_template_id"),
    55: (Throttled, "the app calls too often; it is tried again by itself, later each time"),
    59: (MessageRejected, "the app has no right to a fallback link; leave it out or apply for it"),
    67: (MessageRejected, "category or notify_level is not granted to the app; 16 needs the strong-reminder right"),
    10000: (RegistrationInvalid, "the registration id is badly formed or invalid; the app must register anew"),
    10001: (RegistrationInvalid, "the phone is not subscribed, perhaps because push is switched off there"),
    10002: (MessageRejected, "the alias is invalid; the service never sends to one"),
    10003: (MessageRejected, "the alias is not subscribed; the service never sends to one"),
    10004: (MessageRejected, "an old code OPPO does not explain; ask OPPO with the vendor's text"),
    10005: (MessageRejected, "an old code OPPO does not explain; ask OPPO with the vendor's text"),
}

UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up in OPPO's current table")


def outcome_of(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code other than success means.

    Args:
        code: as received.
        reason: OPPO's text, at most a line.
        now: the time, for quotas that last until the end of the day.
    """
    kind, advice = OUTCOMES.get(code, UNLISTED)
    if code in DAILY_QUOTA_SPENT:
        wait = until_next_day(now)
        return Throttled(
            vendor_code=str(code),
            vendor_reason=reason,
            advice=advice,
            retry_after=wait,
            scope=ThrottleScope.CLASS,
        )
    if kind is Unavailable:
        # An answered "try later" says that nothing was taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=False)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)
