"""Reads vivo's answers: total, whatever status and bytes came.

Source: vivo developer centre, doc 362 "push API", answers and codes. Quirks: errors ride in `result` with HTTP 200;
`invalidUser` says why a registration id is no good, and not every reason means that it is dead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from vendors.answers import code_of, line_of, retry_after
from vendors.contract import HttpResponse
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Unavailable
from vendors.vivo.codes import INVALID_REGISTRATION, SUCCESS, outcome_of
from vendors.vivo.request import Element

HTTP_OK = range(200, 300)
HTTP_RETRY_AFTER = frozenset({429, 503})

INVALID_USER: Mapping[int, tuple[type[Outcome], str]] = {
    1: (RegistrationInvalid, "no phone of this app has the registration id; the app must register anew"),
    2: (RegistrationInvalid, "the app was uninstalled, unsubscribed or cleared; it must register anew"),
    3: (MessageRejected, "vivo refuses the phone for a reason it does not document; the registration stays"),
    4: (MessageRejected, "the phone is no test phone; add it in vivo's console, or leave pushMode 1 out"),
}
UNKNOWN_USER = (MessageRejected, "vivo refuses the phone for an unlisted reason; the registration stays")


@dataclass(frozen=True, slots=True)
class Answer:
    """vivo's envelope, made safe to read.

    Attributes:
        code: `result`; 0 is success.
        reason: vivo's text, at most a line.
        members: all of the answer.
    """

    code: int
    reason: str
    members: Mapping[str, object]


def classify(response: HttpResponse, element: Element, *, now: datetime) -> Outcome:
    """What became of a push.

    Args:
        response: vivo's answer.
        element: what was sent.
        now: the time.
    """
    answer = read_answer(response, ambiguous=True)
    if isinstance(answer, Unavailable):
        return answer
    user = answer.members.get("invalidUser")
    if isinstance(user, dict) and answer.code in (SUCCESS, INVALID_REGISTRATION):
        return _invalid_user(answer, user, element)
    if answer.code == SUCCESS:
        task_id = answer.members.get("taskId")
        return Accepted(
            vendor_code="0",
            vendor_message_id=task_id if isinstance(task_id, str) else "",
            truncated=element.truncated,
        )
    return outcome_of(answer.code, answer.reason, now=now)


def read_answer(response: HttpResponse, *, ambiguous: bool) -> Answer | Unavailable:
    """The envelope, or that the answer can't be used.

    Args:
        response: any status and any bytes.
        ambiguous: whether the call may have had its effect although the answer is no use.
    """
    if response.status not in HTTP_OK:
        return _no_use(response, f"HTTP {response.status}", ambiguous=ambiguous)
    try:
        content = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        return _no_use(response, "the answer is not a JSON object", ambiguous=ambiguous)
    code = code_of(content.get("result"))
    if code is None:
        return _no_use(response, "the answer has no result", ambiguous=ambiguous)
    return Answer(code, line_of(content.get("desc")), content)


def _invalid_user(answer: Answer, user: Mapping[str, object], element: Element) -> Outcome:
    """What the reason beside a registration id means; only of the very phone of this push is it believed to be dead."""
    status = code_of(user.get("status"))
    kind, advice = UNKNOWN_USER if status is None else INVALID_USER.get(status, UNKNOWN_USER)
    if kind is RegistrationInvalid and user.get("userid") != element.push.registration_id:
        kind, advice = UNKNOWN_USER
    return kind(vendor_code=str(answer.code), vendor_reason=answer.reason, advice=advice)


def _no_use(response: HttpResponse, reason: str, *, ambiguous: bool) -> Unavailable:
    return Unavailable(
        vendor_reason=reason,
        advice="vivo gave no usable answer; the service tries again by itself",
        ambiguous=ambiguous,
        retry_after=retry_after(response) if response.status in HTTP_RETRY_AFTER else None,
    )
