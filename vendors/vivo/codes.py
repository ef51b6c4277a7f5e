"""vivo's return codes: what each means for a push, in the order of their page.

Source: vivo developer centre, doc 362 "push API" and 896; 10040 was only ever seen in another server's source, 11000
only in vivo's own SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from vendors.china_time import until_hour, until_next_day
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
OUTSIDE_HOURS = 10071
SIGN_INS_TOO_FREQUENT = 10093
UNKNOWN_TASK = 10155
INVALID_REGISTRATION = 10302
# One phone of a list is enough for them.
ONE_PHONE_AT_FAULT = frozenset({INVALID_REGISTRATION, 10311})
# vivo asks to stop for the day: going on can shrink the quota.
DAILY_QUOTA_SPENT = frozenset({10070, 10073, 10252, 10254})
OPERATION_OPENS_AT_HOUR = 7
SIGN_IN_PAUSE = timedelta(seconds=1)

OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    0: (Accepted, ""),
    10000: (AccessTokenExpired, "the access token is missing, wrong or has expired; the service signs in again"),
    10040: (Unavailable, "a code vivo does not explain; it is tried again by itself"),
    10043: (CredentialRejected, "push is closed for this app; open it in vivo's console"),
    10045: (CredentialRejected, "the app is under audit: until it has passed, vivo takes only pushMode 1"),
    10050: (MessageRejected, "the registration id did not arrive; see whether a proxy changes the body"),
    10051: (MessageRejected, "vivo does not support the classification; report it to the plug-in's author"),
    10054: (MessageRejected, "notifyType is wrong; it is one of 1, 2, 3, 4"),
    10055: (MessageRejected, "vivo finds the title empty; give it some text"),
    10056: (MessageRejected, "vivo finds the title too long; older rules count a Chinese character as two of 40"),
    10057: (MessageRejected, "vivo finds the body empty; give it some text"),
    10058: (MessageRejected, "vivo finds the body too long; older rules count a Chinese character as two of 100"),
    10059: (MessageRejected, "timeToLive is wrong; report it to the plug-in's author"),
    10060: (MessageRejected, "skipType is wrong; report it to the plug-in's author"),
    10061: (MessageRejected, "the click action's URL is empty"),
    10062: (MessageRejected, "the click action's URL is too long; shorten it"),
    10063: (MessageRejected, "the custom click text is empty; the service never sends one"),
    10064: (MessageRejected, "the custom click text is too long; the service never sends one"),
    10065: (MessageRejected, "networkType is wrong; it is -1 or 1"),
    10066: (MessageRejected, "clientCustomMap has too many pairs; report it to the plug-in's author"),
    10067: (MessageRejected, "vivo does not take ext as clientCustomMap; shorten ext"),
    10068: (MessageRejected, "the click action's page inside the app is empty"),
    10069: (MessageRejected, "the click action's page inside the app is too long; shorten it"),
    10070: (Throttled, "the app's daily quota of operation messages is spent; goes on at 00:00 GMT+8"),
    10071: (Throttled, "operation messages are taken from 07:00 to 23:00 GMT+8 only; goes on at 07:00"),
    10072: (Throttled, "the app sends too fast; it is tried again by itself, later each time"),
    10073: (Throttled, "the app's daily quota of system messages is spent; goes on at 00:00 GMT+8"),
    10082: (CredentialRejected, "system messages are switched off for this app; open them in vivo's console"),
    10085: (MessageRejected, "the text looks like a test to vivo; reword it, or use pushMode 1"),
    10104: (MessageRejected, "the text looks like a test to vivo; reword it, or use pushMode 1"),
    10093: (Throttled, "the app signs in too often; it is tried again by itself, later each time"),
    10094: (CredentialRejected, "the access token is of another app; check app_id against app_key in the cert"),
    10095: (MessageRejected, "notifyId is illegal; report it to the plug-in's author"),
    10096: (MessageRejected, "vivo does not know the category or does not allow it to this app; apply for it"),
    10097: (MessageRejected, "category and classification do not match; report it to the plug-in's author"),
    10103: (MessageRejected, "vivo finds the text sensitive; reword it"),
    10150: (MessageRejected, "the list of phones did not arrive; see whether a proxy changes the body"),
    10151: (MessageRejected, "the list's taskId did not arrive; see whether a proxy changes the body"),
    10152: (MessageRejected, "vivo refuses the taskId it gave; report it to the plug-in's author"),
    10153: (MessageRejected, "the list has too few or too many phones; report it to the plug-in's author"),
    10154: (MessageRejected, "the list has too few or too many aliases; the service never sends to one"),
    10155: (MessageRejected, "vivo lost a list's message twice, right after saving it; send it anew later"),
    10200: (CredentialRejected, "the app_id did not arrive; copy AppID from vivo's console into the cert"),
    10201: (CredentialRejected, "the app_key did not arrive; copy AppKey from vivo's console into the cert"),
    10202: (CredentialRejected, "the app_key is wrong; copy AppKey from vivo's console into the cert"),
    10203: (MessageRejected, "the timestamp did not arrive; see whether a proxy changes the body"),
    10204: (MessageRejected, "the signature did not arrive; see whether a proxy changes the body"),
    10205: (CredentialRejected, "vivo does not know the app_id; copy AppID from its console into the cert"),
    10206: (CredentialRejected, "the signature is wrong; copy AppSecret from vivo's console into the cert"),
    10207: (CredentialRejected, "the clock of this host is more than 10 minutes off; set it, for example by NTP"),
    10252: (Throttled, "the app's daily number of saved list messages is spent; goes on at 00:00 GMT+8"),
    10254: (Throttled, "the app's daily push to all users is spent; goes on at 00:00 GMT+8"),
    10301: (MessageRejected, "the alias is illegal; the service never sends to one"),
    10302: (RegistrationInvalid, "the registration id is of no phone of this app; the app must register anew"),
    10303: (MessageRejected, "requestId is illegal; report it to the plug-in's author"),
    10304: (MessageRejected, "the option extra has a key vivo does not know; leave it out"),
    10305: (MessageRejected, "the receipt URL in the option extra is too long; shorten it"),
    10306: (MessageRejected, "the receipt parameter in the option extra is too long; shorten it"),
    10311: (MessageRejected, "the phone can't be pushed to now: notifications are off, or it is long unused"),
    10352: (MessageRejected, "requestId did not arrive; see whether a proxy changes the body"),
    10353: (MessageRejected, "requestId is too long; report it to the plug-in's author"),
    10471: (MessageRejected, "the statistics call has no taskIds; the service never makes it"),
    10473: (MessageRejected, "the statistics call has too many taskIds; the service never makes it"),
    10601: (MessageRejected, "a code of the tag calls; the service never makes them"),
    10609: (MessageRejected, "a code of the tag calls; the service never makes them"),
    10614: (MessageRejected, "a code of the tag calls; the service never makes them"),
    10616: (MessageRejected, "a code of the tag calls; the service never makes them"),
    10800: (MessageRejected, "a code of a newer API the service does not use; see where the base URL leads"),
    10801: (MessageRejected, "a code of a newer API the service does not use; see where the base URL leads"),
    11000: (MessageRejected, "vivo finds the classification wrong; report it to the plug-in's author"),
}

UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up in vivo's current table")


def outcome_of(code: int, reason: str, *, now: datetime) -> Outcome:
    """What a code other than success means.

    Args:
        code: as received.
        reason: vivo's text, at most a line.
        now: the time, for quotas that last until the end of the day.
    """
    kind, advice = OUTCOMES.get(code, UNLISTED)
    if kind is Throttled:
        is_of_class = code in DAILY_QUOTA_SPENT or code == OUTSIDE_HOURS
        return Throttled(
            vendor_code=str(code),
            vendor_reason=reason,
            advice=advice,
            retry_after=_wait(code, now),
            scope=ThrottleScope.CLASS if is_of_class else ThrottleScope.PUSH,
        )
    if kind is Unavailable:
        # Nobody says what the code means, so the push may have been taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=True)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)


def _wait(code: int, now: datetime) -> timedelta | None:
    if code in DAILY_QUOTA_SPENT:
        return until_next_day(now)
    if code == OUTSIDE_HOURS:
        return until_hour(OPERATION_OPENS_AT_HOUR, now)
    return SIGN_IN_PAUSE if code == SIGN_INS_TOO_FREQUENT else None
