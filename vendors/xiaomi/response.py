"""Reads Xiaomi's answers: total, whatever status and bytes came.

Source: Xiaomi open platform, pages 1559 and 1560; the SDK's Result for the shape. Quirks: errors ride in `code` with
HTTP 200; code 0 means queued and not shown; refused ids stand in `bad_regids` beside code 0; that every id of a call is
bad comes as code 20301 with a reason; an id whose app is gone is mostly taken, and only a receipt tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from msgspec import structs

from vendors.answers import asked_to_wait, code_of, line_of, retry_after
from vendors.china_time import until_next_day
from vendors.contract import HttpResponse
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
from vendors.xiaomi.codes import SEND_FAILED, SUCCESS, outcome_of
from vendors.xiaomi.request import Call

HTTP_OK = range(200, 300)
HTTP_REFUSED = range(400, 500)
HTTP_UNAUTHORIZED = frozenset({401, 403})
HTTP_TIMEOUT = 408
HTTP_TOO_MANY = 429
# A whole batch of this size or more is not believed to be dead until smaller calls say the same.
SUSPECT_TARGETS = 50

_NO_VALID_TARGETS = re.compile(r"no valid targets", re.IGNORECASE)
_DEAD = "Xiaomi says the registration id is invalid; the app must register anew"
_LISTED = RegistrationInvalid(vendor_code=str(SUCCESS), vendor_reason="listed in bad_regids", advice=_DEAD)
_UNREAD = Unavailable(
    vendor_code=str(SUCCESS),
    vendor_reason="bad_regids or channel_exceed_quota can't be read",
    advice="Xiaomi's answer does not say what it refused; it is tried again under the same jobkey",
    ambiguous=True,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Xiaomi's envelope, made safe to read.

    Attributes:
        code: 0 is success.
        reason: Xiaomi's text, at most a line.
        message_id: Xiaomi's id of the message; empty if it gave none.
        bad_regids: ids refused beside code 0; None if they can't be read.
        over_quota: of several contents, how many were dropped by channel; None if it can't be read.
    """

    code: int
    reason: str
    message_id: str
    bad_regids: frozenset[str] | None
    over_quota: Mapping[str, int] | None


def classify(response: HttpResponse, call: Call, *, now: datetime) -> Mapping[int, Outcome]:
    """One outcome for each push of a call, by its position in the batch.

    Args:
        response: Xiaomi's answer.
        call: what was sent.
        now: the time.
    """
    answer = _read(response)
    if isinstance(answer, Outcome):
        return for_all(call, answer)
    if answer.code == SEND_FAILED and _NO_VALID_TARGETS.search(answer.reason):
        return for_all(call, _all_dead(answer, call.size))
    if answer.code != SUCCESS:
        return for_all(call, _refusal(outcome_of(answer.code, answer.reason, targets=call.size, now=now), call))
    channel_ids = {group.content.channel_id for group in call.groups}
    if answer.bad_regids is None or answer.over_quota is None or not answer.over_quota.keys() <= channel_ids:
        return for_all(call, _UNREAD)
    outcomes: dict[int, Outcome] = {}
    for group in call.groups:
        taken = _over_quota(answer, call, group.content.channel_id, now) or Accepted(
            vendor_code=str(SUCCESS), vendor_message_id=answer.message_id, truncated=group.content.truncated
        )
        for position, phone in zip(group.positions, group.registration_ids, strict=True):
            outcomes[position] = _LISTED if phone in answer.bad_regids else taken
    return outcomes


def recall_outcome(response: HttpResponse, *, targets: int, now: datetime) -> Outcome:
    """What the answer to a recall means for all of its phones."""
    answer = _read(response)
    if isinstance(answer, Outcome):
        return answer
    if answer.code != SUCCESS:
        return outcome_of(answer.code, answer.reason, targets=targets, now=now)
    return Accepted(vendor_code=str(SUCCESS), vendor_message_id=answer.message_id)


def for_all(call: Call, outcome: Outcome) -> Mapping[int, Outcome]:
    """The same outcome for each push of a call."""
    return {position: outcome for group in call.groups for position in group.positions}


def _refusal(outcome: Outcome, call: Call) -> Outcome:
    """Of several contents one may be at fault, and smaller calls find out which."""
    if isinstance(outcome, MessageRejected) and len(call.groups) > 1:
        return structs.replace(outcome, whole_call=True)
    return outcome


def _over_quota(answer: Answer, call: Call, channel_id: str, now: datetime) -> Outcome | None:
    """What became of the messages of a channel whose quota was spent by some of them; None if it was not.

    Xiaomi says how many it dropped and not which.
    """
    dropped = (answer.over_quota or {}).get(channel_id, 0)
    if not dropped:
        return None
    reason = f"channel_exceed_quota {channel_id}:{dropped}"
    if dropped >= sum(group.content.channel_id == channel_id for group in call.groups):
        return Throttled(
            vendor_code=str(SUCCESS),
            vendor_reason=reason,
            advice="the channel's daily quota is spent; goes on at 00:00 GMT+8",
            retry_after=until_next_day(now),
            scope=ThrottleScope.CLASS,
        )
    return Unavailable(
        vendor_code=str(SUCCESS),
        vendor_reason=reason,
        advice="Xiaomi dropped some of the channel's messages, unnamed; tried again under the same jobkey",
        ambiguous=True,
    )


def _all_dead(answer: Answer, targets: int) -> Outcome:
    """That every phone of a call is bad, believed only of a call small enough not to hide another fault."""
    if targets < SUSPECT_TARGETS:
        return RegistrationInvalid(vendor_code=str(answer.code), vendor_reason=answer.reason, advice=_DEAD)
    return MessageRejected(
        vendor_code=str(answer.code),
        vendor_reason=answer.reason,
        advice="Xiaomi calls a whole large batch invalid; smaller calls find out, and check package_name",
        whole_call=True,
    )


def _read(response: HttpResponse) -> Answer | Outcome:
    """The envelope, or what an answer without a usable one means."""
    answer = _envelope(response.body)
    if response.status in HTTP_OK:
        return answer or _no_use("the answer is not a JSON object with a code")
    # Whether a refusal comes with HTTP 200 is not documented for every code; a success always does.
    if response.status in HTTP_REFUSED and answer is not None and answer.code != SUCCESS:
        return answer
    return _by_status(response)


def _by_status(response: HttpResponse) -> Outcome:
    reason = f"HTTP {response.status}"
    if response.status in HTTP_UNAUTHORIZED:
        return CredentialRejected(vendor_reason=reason, advice="Xiaomi refuses the app_secret, or a proxy the call")
    if response.status == HTTP_TOO_MANY:
        return asked_to_wait(Throttled(vendor_reason=reason, advice="too many calls; it is tried again"), response)
    if response.status in HTTP_REFUSED and response.status != HTTP_TIMEOUT:
        return MessageRejected(vendor_reason=reason, advice="Xiaomi refuses the request; see where the base URL leads")
    return _no_use(reason, retry_after(response))


def _envelope(body: bytes) -> Answer | None:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict):
        return None
    code = code_of(content.get("code"))
    if code is None:
        return None
    data = content.get("data")
    data = data if isinstance(data, dict) else {}
    reason = line_of(content.get("reason")) or line_of(content.get("description"))
    message_id = _text(data.get("id")) or _text(content.get("trace_id"))
    return Answer(code, reason, message_id, _bad_regids(data), _over_quota_by_channel(data))


def _bad_regids(data: Mapping[str, object]) -> frozenset[str] | None:
    listed = data.get("bad_regids")
    if listed is None:
        return frozenset()
    return frozenset(listed.split(",")) if isinstance(listed, str) else None


def _over_quota_by_channel(data: Mapping[str, object]) -> Mapping[str, int] | None:
    """Such as "no_channel:2 100001:3"."""
    listed = data.get("channel_exceed_quota", "")
    if not isinstance(listed, str):
        return None
    dropped: dict[str, int] = {}
    for part in listed.split():
        channel_id, _, count = part.rpartition(":")
        if not channel_id or code_of(count) is None:
            return None
        dropped[channel_id] = int(count)
    return dropped


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _no_use(reason: str, retry_after: timedelta | None = None) -> Unavailable:
    return Unavailable(
        vendor_reason=reason,
        advice="Xiaomi gave no usable answer; the service tries again by itself",
        ambiguous=True,
        retry_after=retry_after,
    )
