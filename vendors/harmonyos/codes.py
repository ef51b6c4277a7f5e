"""Huawei's codes of v3, and the reasons by token: what each means for the pushes of a call.

Source: Huawei developers, HarmonyOS reference push-scenariozed-api-response. The numbers below 1000 are HTTP statuses,
for an answer that carries no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)

SUCCESS = 80000000
PARTIAL_SUCCESS = 80100000
WRONG_PARAMETER = 80100001
TEST_QUOTA_SPENT = 80300029
ALL_TOKENS_INVALID = 80300007
HTTP_BAD_REQUEST = 400
HTTP_UNAUTHORIZED = 401
AUTHENTICATION = range(80_200_000, 80_300_000)
# Huawei's day; the hour at which a quota starts anew is not documented, midnight there is the sensible reading.
CHINA_TIME = timezone(timedelta(hours=8), "GMT+8")

_OWN_FAULT = "Huawei has a fault of its own; it is tried again by itself"
OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    80000000: (Accepted, ""),
    80100000: (Unavailable, "Huawei took a part of the call and does not say which; it is tried again by itself"),
    80100001: (MessageRejected, "Huawei finds a parameter wrong; its text may say which"),
    80100003: (MessageRejected, "Huawei finds the message wrong; its text may say where"),
    80100004: (MessageRejected, "Huawei does not take the TTL; see whether a proxy changes the body"),
    80100022: (MessageRejected, "the image has not been through Huawei's check; have it checked or leave it out"),
    80200001: (
        CredentialRejected,
        "Huawei refuses the signature even when made anew; check the service account key, its project and the clock",
    ),
    80200005: (
        CredentialRejected,
        "Huawei finds the signature expired even when made anew; set this host's clock, for example by NTP",
    ),
    80300002: (
        CredentialRejected,
        "the app may not push to these phones; switch push on, overseas too where they are, and check the project",
    ),
    80300007: (MessageRejected, "Huawei takes none of the tokens and names none; look for its reason"),
    80300008: (MessageRejected, "the message is longer than 4096 bytes; shorten body or ext"),
    80300010: (MessageRejected, "no token or too many in one call, which the service prevents; see what is in between"),
    80300029: (Throttled, "the project's 1000 test messages of the day are spent; goes on at 00:00 GMT+8"),
    80300030: (
        MessageRejected,
        "too many tokens in a test message, which the service prevents; see what is in between",
    ),
    80300036: (CredentialRejected, "Huawei finds the signature's hour too long; see what is in between"),
    80300037: (CredentialRejected, "the app is under a penalty and may not push; see its messages in Huawei's console"),
    81000001: (Unavailable, _OWN_FAULT),
    400: (MessageRejected, "Huawei finds a parameter wrong and does not say which"),
    401: (CredentialRejected, "Huawei refuses the signature even when made anew; check key, project and clock"),
    404: (
        CredentialRejected,
        "Huawei knows no such path or project; check project_id, and see where the base URL leads",
    ),
    500: (Unavailable, _OWN_FAULT),
    502: (Unavailable, _OWN_FAULT),
    503: (Throttled, "too many calls for this app; it is tried again by itself, later each time"),
    504: (Unavailable, _OWN_FAULT),
}

UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up at Huawei")
UNLISTED_AUTHENTICATION = (
    CredentialRejected,
    "Huawei refuses the signature even when made anew, by an unlisted code; look it up at Huawei",
)

NO_RIGHT = "noRight"
_SEE_PROJECT = "; check the project's rights in AppGallery Connect"
# The page counts countryNotSupport as a fault of the project; but it is by phone, and no cert must rest for one (ours).
REASONS: Mapping[str, tuple[type[Outcome], str]] = {
    "tokenFormatError": (RegistrationInvalid, "the token is malformed; the app must register anew"),
    "tokenPlatformNotSupport": (RegistrationInvalid, "the token is of another platform; the app must register anew"),
    NO_RIGHT: (
        RegistrationInvalid,
        "the token is from before the upgrade to HarmonyOS 5, or of no app of this project; the app must register anew",
    ),
    "noPushTypeRight": (CredentialRejected, f"the app lacks the right to such messages{_SEE_PROJECT}"),
    "notSupportPlayVoice": (MessageRejected, "voice messages are another kind, which the service never sends"),
    "atomicUnableSendUnsubscribedMsg": (MessageRejected, "an atomic service may not send this kind of message"),
    "countryNotSupport": (MessageRejected, f"Huawei does not serve the phone's country for this app{_SEE_PROJECT}"),
    "disableSendHuaweiMsgBecauseOfPenalty": (
        CredentialRejected,
        "the app is under a penalty and may not push; see its messages in Huawei's console",
    ),
    "differentImgVerifyPolicy": (MessageRejected, "the image was checked for another kind of message"),
    "appinfoError": (CredentialRejected, f"Huawei does not know the app yet{_SEE_PROJECT}"),
    "noRightToSendThisLiveNotificationEvent": (CredentialRejected, f"the app has no right to live views{_SEE_PROJECT}"),
}
UNLISTED_REASON = (MessageRejected, "the reason is unlisted, so the token is kept; look it up at Huawei")
NO_RIGHT_FOR_ALL = (
    CredentialRejected,
    "none of the call's tokens is of this project; check that service account key and phones belong to one project",
)
NO_RIGHT_FOR_THE_ONLY = (
    MessageRejected,
    "the token is from before the upgrade to HarmonyOS 5, or the cert is of another project; the token is kept",
)


def outcome_of(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code other than success means.

    Args:
        code: as received, or the HTTP status of an answer without one.
        reason: Huawei's text, at most a line.
        now: the time, for a quota that lasts until the end of the day.
    """
    kind, advice = OUTCOMES.get(code, UNLISTED_AUTHENTICATION if code in AUTHENTICATION else UNLISTED)
    if code == TEST_QUOTA_SPENT:
        return Throttled(vendor_code=str(code), vendor_reason=reason, advice=advice, retry_after=until_next_day(now))
    if kind is Unavailable:
        # A fault inside Huawei may strike after the message was taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=True)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)


def outcome_of_token(code: int, reason: str, *, tokens: int, is_for_all: bool) -> Outcome:
    """What a reason means for a token that is named with it.

    Args:
        code: of the answer.
        reason: Huawei's word.
        tokens: how many the call has.
        is_for_all: all of them are named with it.
    """
    kind, advice = REASONS.get(reason, UNLISTED_REASON)
    if reason == NO_RIGHT and is_for_all:
        kind, advice = NO_RIGHT_FOR_ALL if tokens > 1 else NO_RIGHT_FOR_THE_ONLY
    elif kind is CredentialRejected and not is_for_all:
        # The cert is good for the others; a project has apps with different rights.
        kind = MessageRejected
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)


def until_next_day(now: datetime) -> timedelta:
    """How long until Huawei's day ends."""
    there = now.astimezone(CHINA_TIME)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight - there
