"""Huawei's codes: what each means for the pushes of a call.

Source: Huawei developers, `HMSCore-References/https-send-api-0000001050986197`, return codes; for those that newer
pages added, `harmonyos-references/push-scenariozed-api-response`. The numbers below 1000 are HTTP statuses, for an
answer without a code.
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

SUCCESS = 80000000
PARTIAL_SUCCESS = 80100000
# "Check Parameter Error": its wording hints at a wrong token, so it may be one phone's fault.
PARAMETER_ERROR = 80100001
TEST_QUOTA_SPENT = 80300029

OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    80000000: (Accepted, ""),
    80100000: (Unavailable, "Huawei took a part of the call and does not say which; it is tried again by itself"),
    80100001: (MessageRejected, "Huawei finds a parameter wrong; its text may say which"),
    80100002: (MessageRejected, "such a message takes one token, which the service never asks for; look it up"),
    80100003: (MessageRejected, "Huawei finds the structure of the message wrong; its text may say where"),
    80100004: (MessageRejected, "Huawei does not take the time to live, which the service keeps in range; look it up"),
    80100013: (MessageRejected, "Huawei does not take collapse_key; correct it where it is set, message or cert"),
    80100016: (MessageRejected, "Huawei found sensitive words; change title and body"),
    80100017: (Throttled, "too many topic tasks at once; it is tried again by itself, later each time"),
    80100018: (MessageRejected, "the signature of a content review does not match; the service never sends one"),
    80100022: (MessageRejected, "Huawei has not checked the image; have it checked, or leave it out"),
    80200001: (AccessTokenExpired, "Huawei refuses the access token; the service signs in again"),
    80200003: (AccessTokenExpired, "the access token has expired; the service signs in again"),
    80200005: (AccessTokenExpired, "the access token has expired; the service signs in again"),
    80300002: (
        CredentialRejected,
        "the app may not push to these phones; switch the push service on in AppGallery Connect, for overseas too",
    ),
    80300007: (RegistrationInvalid, "the token is no longer valid; the app must register anew"),
    80300008: (MessageRejected, "the message is longer than 4096 bytes; shorten body or ext"),
    80300010: (
        MessageRejected,
        "more than 1000 tokens in one call, which the service prevents; see what is in between",
    ),
    80300011: (MessageRejected, "the app has no right to high priority; leave out the option that asks for it"),
    80300013: (
        MessageRejected,
        "Huawei can't use the receipt address; correct receipt_id or its set-up in the console",
    ),
    80300029: (Throttled, "the app's test messages of the day are spent; goes on at 00:00 GMT+8"),
    80300030: (MessageRejected, "too many tokens for a test message; leave out target_user_type"),
    80300036: (
        CredentialRejected,
        "the credential's token lives too long for Huawei; the service never makes such a one",
    ),
    80300037: (CredentialRejected, "Huawei has switched the app's push off as a penalty; see the console"),
    80600003: (Unavailable, "Huawei's sign-in service has a fault; it is tried again by itself"),
    81000001: (Unavailable, "Huawei has a fault of its own; it is tried again by itself"),
    400: (MessageRejected, "Huawei finds a parameter wrong; its text may say which"),
    401: (AccessTokenExpired, "Huawei refuses the access token; the service signs in again"),
    403: (AccessTokenExpired, "Huawei refuses the access token; the service signs in again"),
    404: (CredentialRejected, "Huawei knows no such path or app; check app_id, and see where the base URL leads"),
    429: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    503: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    500: (Unavailable, "Huawei has a fault of its own; it is tried again by itself"),
    502: (Unavailable, "Huawei has a fault of its own; it is tried again by itself"),
    504: (Unavailable, "Huawei has a fault of its own; it is tried again by itself"),
}

# What is not listed, by the class that its first digits name (ours).
UNLISTED_AUTHENTICATION = range(80200000, 80300000)
UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up at Huawei")
UNLISTED_ACCESS = (AccessTokenExpired, "the code is unlisted, of the class of refused access tokens; signs in again")


def outcome_of(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code other than success means.

    Args:
        code: as received, or the HTTP status of an answer without one.
        reason: Huawei's text, at most a line.
        now: the time, for a quota that lasts until the end of the day.
    """
    kind, advice = OUTCOMES.get(code, UNLISTED_ACCESS if code in UNLISTED_AUTHENTICATION else UNLISTED)
    if code == TEST_QUOTA_SPENT:
        return Throttled(vendor_code=str(code), vendor_reason=reason, advice=advice, retry_after=until_next_day(now))
    if kind is Unavailable:
        # A fault inside Huawei may strike after the message was taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=True)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)
