"""Reads OPPO's answers: total, whatever status and bytes came.

Source: OPPO open platform, page 11235 for the envelope, 11238 for unicast and unicast_batch. Quirks: errors ride in
`code` with HTTP 200; `data` may be missing, null, an object, an array or a string that holds JSON; `code` 0 means taken
and not shown; the items of a batch come in any order and echo their `registrationId`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vendors.answers import code_of, line_of, parsed, retry_after
from vendors.contract import HttpResponse
from vendors.oppo.codes import INVALID_ARGUMENTS, SUCCESS, outcome_of
from vendors.oppo.credential import REGISTRATION_ID
from vendors.oppo.request import Element
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Unavailable

HTTP_OK = range(200, 300)
HTTP_RETRY_AFTER = frozenset({429, 503})

_NAMES_THE_REGISTRATION = re.compile(r"registration|regid|target_value", re.IGNORECASE)

_NOT_MENTIONED = Unavailable(
    advice="OPPO's answer does not mention this phone; tried again under the same app_message_id, it shows only once",
    ambiguous=True,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """OPPO's envelope, made safe to read.

    Attributes:
        code: 0 is success.
        reason: OPPO's text, at most a line.
        data: any JSON value.
    """

    code: int
    reason: str
    data: object


def classify(response: HttpResponse, call: Sequence[Element], *, now: datetime) -> list[Outcome]:
    """One outcome for each push of a call, in order.

    Args:
        response: OPPO's answer.
        call: what was sent; a single push went by unicast, several by unicast_batch.
        now: the time.
    """
    answer = read_answer(response, ambiguous=True)
    if isinstance(answer, Unavailable):
        return [answer] * len(call)
    if answer.code != SUCCESS:
        return _refused(answer, call, now)
    if len(call) == 1:
        return [_item_outcome(_only_item(answer.data), call[0], now)]
    return _batch_outcomes(answer.data, call, now)


def read_answer(response: HttpResponse, *, ambiguous: bool) -> Answer | Unavailable:
    """The envelope, or that the answer can't be used.

    Args:
        response: any status and any bytes.
        ambiguous: whether the call may have had its effect although the answer is no use.
    """
    if response.status not in HTTP_OK:
        return _no_use(response, f"HTTP {response.status}", ambiguous=ambiguous)
    content = parsed(response.body)
    if not isinstance(content, dict):
        return _no_use(response, "the answer is not a JSON object", ambiguous=ambiguous)
    code = code_of(content.get("code"))
    if code is None:
        return _no_use(response, "the answer has no code", ambiguous=ambiguous)
    data = content.get("data")
    return Answer(code, line_of(content.get("message")), parsed(data) if isinstance(data, str) else data)


def _refused(answer: Answer, call: Sequence[Element], now: datetime) -> list[Outcome]:
    if len(call) == 1:
        return [_refusal(answer.code, answer.reason, call[0], now)]
    outcome = outcome_of(answer.code, answer.reason, now=now)
    if isinstance(outcome, MessageRejected | RegistrationInvalid):
        # It does not say which push is at fault, and on a guess no phone is struck off.
        outcome = MessageRejected(
            vendor_code=outcome.vendor_code,
            vendor_reason=outcome.vendor_reason,
            advice=outcome.advice,
            whole_call=True,
        )
    return [outcome] * len(call)


def _batch_outcomes(data: object, call: Sequence[Element], now: datetime) -> list[Outcome]:
    """Matches items by registration id; several for the same one are taken in order."""
    items: dict[str, list[Mapping[str, object]]] = {}
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict) and isinstance(item.get("registrationId"), str):
            items.setdefault(item["registrationId"], []).append(item)
    outcomes: list[Outcome] = []
    for element in call:
        own = items.get(element.push.registration_id)
        outcomes.append(_item_outcome(own.pop(0), element, now) if own else _NOT_MENTIONED)
    return outcomes


def _item_outcome(item: Mapping[str, object], element: Element, now: datetime) -> Outcome:
    error = item.get("errorCode")
    if error is None:
        return _accepted(item, element)
    code = code_of(error)
    if code is None:
        return Unavailable(
            vendor_reason=line_of(item.get("errorMessage")),
            advice="OPPO's errorCode is not a number; it is tried again under the same app_message_id",
            ambiguous=True,
        )
    if code == SUCCESS:
        return _accepted(item, element)
    return _refusal(code, line_of(item.get("errorMessage")), element, now)


def _accepted(item: Mapping[str, object], element: Element) -> Accepted:
    message_id = item.get("messageId")
    return Accepted(
        vendor_code="0",
        vendor_message_id=message_id if isinstance(message_id, str) else "",
        truncated=element.truncated,
    )


def _refusal(code: int, reason: str, element: Element, now: datetime) -> Outcome:
    """What a code said of one push means.

    41 is the general argument error, but some of OPPO's servers say it of a dead registration id: believed only if the
    text names it and the id is ill-formed by our own measure too.
    """
    if (
        code == INVALID_ARGUMENTS
        and _NAMES_THE_REGISTRATION.search(reason)
        and not REGISTRATION_ID.fullmatch(element.push.registration_id)
    ):
        return RegistrationInvalid(
            vendor_code=str(code), vendor_reason=reason, advice="the registration id is badly formed; register anew"
        )
    return outcome_of(code, reason, now=now)


def _only_item(data: object) -> Mapping[str, object]:
    if isinstance(data, list) and data:
        data = data[0]
    return data if isinstance(data, dict) else {}


def _no_use(response: HttpResponse, reason: str, *, ambiguous: bool) -> Unavailable:
    return Unavailable(
        vendor_reason=reason,
        advice="OPPO gave no usable answer; the service tries again by itself",
        ambiguous=ambiguous,
        retry_after=retry_after(response) if response.status in HTTP_RETRY_AFTER else None,
    )
