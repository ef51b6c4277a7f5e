"""Honor's codes: what each means for the pushes of a call.

Source: the codes collected from Honor developers, `developer.honor.com/cn/docs/11002`, and from public integrations of
it, with no promise to be complete. 80200003, 429 and 81000001 are there by analogy with Huawei's codes, which Honor's
otherwise repeat. The numbers below 1000 are HTTP statuses, said in the body's `code`, by the status line, or by both.
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
    Unavailable,
)

SUCCESS = frozenset({200, 80000000})
PARTIAL_SUCCESS = 80100000
TEST_QUOTA_SPENT = 80200047
HTTP_BAD_REQUEST = 400

OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    200: (Accepted, ""),
    80000000: (Accepted, ""),
    400: (MessageRejected, "Honor finds a parameter wrong; its text may say which"),
    401: (AccessTokenExpired, "Honor refuses the access token; the service signs in again"),
    403: (AccessTokenExpired, "Honor refuses the access token or the app's right to push; the service signs in again"),
    404: (CredentialRejected, "Honor knows no such path or app; check app_id, and see where the base URL leads"),
    429: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    503: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    500: (Unavailable, "Honor has a fault of its own; it is tried again by itself"),
    502: (Unavailable, "Honor has a fault of its own; it is tried again by itself"),
    504: (Unavailable, "Honor has a fault of its own; it is tried again by itself"),
    80100000: (Unavailable, "Honor took a part of the call and does not say which; it is tried again by itself"),
    80100003: (MessageRejected, "Honor finds the structure of the message wrong; its text may say where"),
    80200001: (AccessTokenExpired, "the access token is wrong; the service signs in again"),
    80200003: (AccessTokenExpired, "the access token has expired; the service signs in again"),
    80200020: (MessageRejected, "receiptId is none of this app's; correct it where it is set, message or cert"),
    80200022: (CredentialRejected, "the app has no right to send such messages; apply for it in Honor's console"),
    80200047: (Throttled, "the app's 1000 test messages of the day are spent; goes on at 00:00 GMT+8"),
    80200050: (MessageRejected, "a marketing message may not have an image; leave it out"),
    80200056: (MessageRejected, "Honor found sensitive words; change title and body"),
    80300006: (MessageRejected, "a token stands twice in one call, which the service prevents; see what is in between"),
    80300007: (RegistrationInvalid, "the token is no longer valid; the app must register anew"),
    80300008: (MessageRejected, "the message is longer than 4096 bytes; shorten body or ext"),
    80300010: (
        MessageRejected,
        "more than 1000 tokens in one call, which the service prevents; see what is in between",
    ),
    81000001: (Unavailable, "Honor has a fault of its own; it is tried again by itself"),
    10001: (MessageRejected, "the timestamp header did not arrive; see whether a proxy drops it"),
    10205: (CredentialRejected, "Honor does not know the app; copy App ID from its console into the cert"),
    10207: (CredentialRejected, "Honor does not take the time of this host; set its clock, for example by NTP"),
    10300: (MessageRejected, "the tokens did not arrive; see whether a proxy changes the body"),
}

UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up at Honor")


def outcome_of(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code other than success means.

    Args:
        code: as received, or the HTTP status of an answer without one.
        reason: Honor's text, at most a line.
        now: the time, for a quota that lasts until the end of the day.
    """
    kind, advice = OUTCOMES.get(code, UNLISTED)
    if code == TEST_QUOTA_SPENT:
        return Throttled(vendor_code=str(code), vendor_reason=reason, advice=advice, retry_after=until_next_day(now))
    if kind is Unavailable:
        # A fault inside Honor may strike after the message was taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=True)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)
