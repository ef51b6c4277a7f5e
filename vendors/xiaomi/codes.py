"""Xiaomi's return codes: what each means for a push, in the order of their page.

Source: Xiaomi open platform, page 1560 "error codes"; the codes it leaves out are from the Java SDK, 66108 was seen in
production, 80002, 200001 and 200002 stand on other pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vendors.china_time import until_next_day
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    Throttled,
    ThrottleScope,
    Unavailable,
)

SUCCESS = 0
SEND_FAILED = 20301
DAILY_QUOTA_SPENT = frozenset({10034, 200001})
# Refusals that fewer targets may escape: too long a body, and a phone that is not found.
HALVED = frozenset({10018, 65003})

_SLOWER = "it is tried again by itself, later each time"
_AGAIN = "it is tried again by itself under the same jobkey"
_NOT_OURS = "this answers a call the service never makes; see where the base URL leads"
_BUG = "see whether a proxy changes the form; Xiaomi's text says what is wrong"

OUTCOMES: Mapping[int, tuple[type[Outcome], str]] = {
    0: (Accepted, ""),
    -1: (Unavailable, f"Xiaomi has an unknown fault; {_AGAIN}"),
    1: (Unavailable, f"Xiaomi has an internal fault; {_AGAIN}"),
    100: (MessageRejected, f"a parameter is blank; {_BUG}"),
    10001: (Unavailable, f"Xiaomi's system has a fault; {_AGAIN}"),
    10002: (Unavailable, f"Xiaomi's system is busy or suspended; {_AGAIN}"),
    10003: (Unavailable, f"a service behind Xiaomi's has a fault; {_AGAIN}"),
    10004: (
        CredentialRejected,
        "Xiaomi does not take calls from this host's address; check the allowed addresses there",
    ),
    10005: (CredentialRejected, "the app has no right to this API; apply for it in Xiaomi's console"),
    10006: (CredentialRejected, "Xiaomi misses the app key; check app_secret"),
    10007: (MessageRejected, f"Xiaomi does not take the content type; {_BUG}"),
    10008: (MessageRejected, f"a parameter is wrong; {_BUG}"),
    10009: (Unavailable, f"Xiaomi's system is busy; {_AGAIN}"),
    10010: (Unavailable, f"Xiaomi took too long by its own clock; {_AGAIN}"),
    10011: (Unavailable, f"Xiaomi's services could not reach each other; {_AGAIN}"),
    10012: (MessageRejected, f"the request is illegal; {_BUG}"),
    10013: (CredentialRejected, "Xiaomi finds the developer account illegal; see its console"),
    10014: (CredentialRejected, "Xiaomi has limited the app's rights; see its console"),
    10016: (MessageRejected, f"a required parameter is missing; {_BUG}"),
    10017: (MessageRejected, "a parameter has an illegal value; Xiaomi's text says which"),
    10018: (MessageRejected, "the request is too long; the service sends smaller batches of it by itself"),
    10020: (MessageRejected, "Xiaomi does not know the API; see where the base URL leads"),
    10021: (MessageRejected, "Xiaomi refuses the HTTP method; see whether a proxy turns POST into GET"),
    10022: (Throttled, f"too many calls from this host's address; {_SLOWER}"),
    10023: (Throttled, f"too many calls of this developer account; {_SLOWER}"),
    10024: (Throttled, f"too many calls of this developer account to this API; {_SLOWER}"),
    10025: (MessageRejected, f"the callback address is illegal; {_NOT_OURS}"),
    10026: (CredentialRejected, "Xiaomi has blacklisted the app for this API; ask Xiaomi to lift it"),
    10027: (Throttled, f"the app calls this API too often; {_SLOWER}"),
    10028: (Throttled, f"the app makes too many calls in all; {_SLOWER}"),
    10029: (MessageRejected, f"the device is not legal; {_NOT_OURS}"),
    10030: (Throttled, f"invalid ids are fetched too often; {_NOT_OURS}"),
    10031: (CredentialRejected, "Xiaomi has blacklisted the app for sending; ask Xiaomi to lift it"),
    10032: (Throttled, f"invalid aliases are fetched too often; {_NOT_OURS}"),
    10033: (MessageRejected, f"the app is blacklisted for feedback; {_NOT_OURS}"),
    10034: (Throttled, "the app sent too many messages today; goes on at 00:00 GMT+8"),
    10035: (MessageRejected, f"there are no more invalid aliases; {_NOT_OURS}"),
    10036: (CredentialRejected, "the app may not do this; apply for the right in Xiaomi's console"),
    10037: (Unavailable, f"the request arrived too late; {_AGAIN}"),
    10038: (MessageRejected, f"the app may not read statistics; {_NOT_OURS}"),
    10039: (Throttled, f"statistics are read too often; {_NOT_OURS}"),
    20209: (MessageRejected, f"the topic is illegal; {_NOT_OURS}"),
    20215: (Unavailable, f"subscribing failed; {_NOT_OURS}"),
    20216: (Unavailable, f"unsubscribing failed; {_NOT_OURS}"),
    20301: (Unavailable, f"Xiaomi failed to send; {_AGAIN}"),
    20315: (Unavailable, f"deleting a broadcast failed; {_NOT_OURS}"),
    20607: (Unavailable, f"Xiaomi's database has a fault; {_AGAIN}"),
    21301: (CredentialRejected, "Xiaomi does not know the app_secret; copy AppSecret from its console into the cert"),
    21302: (CredentialRejected, "Xiaomi refuses the proof of identity; copy AppSecret from its console into the cert"),
    21303: (CredentialRejected, "Xiaomi restricts the app's requests; see its console"),
    21305: (MessageRejected, f"a required parameter is missing; {_BUG}"),
    22000: (CredentialRejected, "Xiaomi finds the app illegal; see its console"),
    22001: (CredentialRejected, "the app does not exist at Xiaomi; see its console"),
    22002: (CredentialRejected, "the app was revoked at Xiaomi; see its console"),
    22003: (CredentialRejected, "updating the app at Xiaomi failed; see its console"),
    22004: (CredentialRejected, "Xiaomi misses information about the app; complete it in its console"),
    22005: (CredentialRejected, "Xiaomi finds the app's name illegal; see its console"),
    22006: (CredentialRejected, "Xiaomi finds the app id illegal; check app_secret"),
    22007: (CredentialRejected, "Xiaomi finds the app key illegal; check app_secret"),
    22008: (CredentialRejected, "Xiaomi finds the app secret illegal; check app_secret"),
    22020: (CredentialRejected, "Xiaomi finds the app's description illegal; see its console"),
    22021: (CredentialRejected, "the developer did not authorise the app; see Xiaomi's console"),
    22022: (CredentialRejected, "the package is not that of the app; check package_name and app_secret"),
    22100: (MessageRejected, "the notification is badly formed; Xiaomi's text says where"),
    22101: (Throttled, f"too many notifications; {_SLOWER}"),
    22102: (Unavailable, f"Xiaomi failed to send the notification; {_AGAIN}"),
    22103: (MessageRejected, f"the notify id is illegal; {_BUG}"),
    26003: (Unavailable, f"Xiaomi's internal push call failed; {_AGAIN}"),
    26004: (Throttled, f"broadcasts are too frequent; {_NOT_OURS}"),
    26005: (Throttled, f"accounts are set too often; {_NOT_OURS}"),
    26006: (MessageRejected, "Xiaomi wants to review the message; see its console, and avoid words such as test"),
    27001: (
        MessageRejected,
        "the channel is not one of the app's at Xiaomi; register it in its console, or correct it",
    ),
    65003: (MessageRejected, "Xiaomi does not find the phone, mostly because it is offline; the registration is kept"),
    65006: (Throttled, f"aliases are set too often; {_NOT_OURS}"),
    65007: (MessageRejected, f"the alias is blacklisted; {_NOT_OURS}"),
    65008: (MessageRejected, f"the alias is too long; {_NOT_OURS}"),
    65009: (MessageRejected, "the message is too long for Xiaomi; shorten ext"),
    65010: (MessageRejected, f"the topic is too long; {_NOT_OURS}"),
    65011: (MessageRejected, "a parameter such as title or body is empty; Xiaomi's text says which"),
    65012: (MessageRejected, f"the alias is empty; {_NOT_OURS}"),
    65013: (MessageRejected, f"the topic is empty; {_NOT_OURS}"),
    65014: (MessageRejected, "too many extra pairs; take some out of the option extra"),
    65015: (MessageRejected, "the extra pairs are too long; shorten the click action or the options"),
    65016: (MessageRejected, f"the user account is empty; {_NOT_OURS}"),
    65017: (MessageRejected, f"the user account is too long; {_NOT_OURS}"),
    65028: (MessageRejected, f"there is no such message; {_NOT_OURS}"),
    65029: (Unavailable, f"a service behind Xiaomi's failed; {_AGAIN}"),
    65030: (MessageRejected, "Xiaomi can't make JSON of the message; look for odd characters in it"),
    65035: (MessageRejected, f"there are too many topics; {_NOT_OURS}"),
    65036: (MessageRejected, f"the callback's parameter is too long; {_NOT_OURS}"),
    65037: (MessageRejected, f"the callback's address is too long; {_NOT_OURS}"),
    65038: (MessageRejected, f"the callback's address is illegal; {_NOT_OURS}"),
    65040: (Unavailable, f"unregistering failed; {_NOT_OURS}"),
    65041: (MessageRejected, f"the device number is empty; {_NOT_OURS}"),
    66108: (CredentialRejected, "the package is not that of the app; check package_name and app_secret"),
    80002: (MessageRejected, f"the queue is empty; {_NOT_OURS}"),
    200001: (Throttled, "the daily quota of the app or channel is spent; goes on at 00:00 GMT+8"),
    200002: (Throttled, f"the app makes too many requests a second; {_SLOWER}"),
}

UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up in Xiaomi's current table")


def outcome_of(code: int, reason: str, *, targets: int, now: datetime) -> Outcome:
    """What a code other than success means for every push of a call.

    Args:
        code: as received.
        reason: Xiaomi's text, at most a line.
        targets: how many phones the call named.
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
        # A fault behind Xiaomi's front may strike after the message was taken.
        return Unavailable(vendor_code=str(code), vendor_reason=reason, advice=advice, ambiguous=True)
    if code in HALVED and targets > 1:
        return MessageRejected(vendor_code=str(code), vendor_reason=reason, advice=advice, whole_call=True)
    return kind(vendor_code=str(code), vendor_reason=reason, advice=advice)
