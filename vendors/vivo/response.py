"""Reads vivo's answers: total, whatever status and bytes came.

Source: vivo developer centre, doc 362 "push API", answers and codes. Quirks: errors ride in `result` with HTTP 200;
`invalidUser` says why a registration id is no good, and not every reason means that it is dead; of a list's phones
`invalidUsers` names those that are no good, beside result 0, and all others were taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from msgspec import structs

from vendors.answers import code_of, line_of, retry_after
from vendors.contract import HttpResponse
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Unavailable
from vendors.vivo.codes import INVALID_REGISTRATION, ONE_PHONE_AT_FAULT, SUCCESS, UNKNOWN_TASK, outcome_of
from vendors.vivo.request import Call

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


def classify(response: HttpResponse, call: Call, *, now: datetime) -> Outcome:
    """What became of a single push.

    Args:
        response: vivo's answer.
        call: what was sent.
        now: the time.
    """
    answer = read_answer(response, ambiguous=True)
    if isinstance(answer, Unavailable):
        return answer
    user = answer.members.get("invalidUser")
    if isinstance(user, dict) and answer.code in (SUCCESS, INVALID_REGISTRATION):
        return _invalid_user(answer, user, of_the_phone=user.get("userid") == call.phones[0])
    if answer.code == SUCCESS:
        return Accepted(vendor_code="0", vendor_message_id=_task_id(answer), truncated=call.content.truncated)
    return outcome_of(answer.code, answer.reason, now=now)


def saved_task_id(response: HttpResponse, *, now: datetime) -> str | Outcome:
    """The task id of a message saved for a list, or why there is none. No phone has got anything in either case.

    Args:
        response: vivo's answer to the saving.
        now: the time.
    """
    answer = read_answer(response, ambiguous=False)
    if isinstance(answer, Unavailable):
        return answer
    if answer.code == SUCCESS:
        return _task_id(answer) or _no_use(response, "the answer has no taskId", ambiguous=False)
    outcome = outcome_of(answer.code, answer.reason, now=now)
    if isinstance(outcome, Unavailable):
        return structs.replace(outcome, ambiguous=False)
    # The saving names no phone, so it can't say that one is dead.
    return _rejection(outcome) if isinstance(outcome, RegistrationInvalid) else outcome


def classify_list(response: HttpResponse, call: Call, task_id: str, *, now: datetime) -> Mapping[str, Outcome]:
    """The outcome of each phone of a list.

    Args:
        response: vivo's answer to the pushing.
        call: what was sent.
        task_id: from the saving.
        now: the time.
    """
    answer = read_answer(response, ambiguous=True)
    if isinstance(answer, Unavailable):
        return dict.fromkeys(call.phones, answer)
    invalid = _invalid_users(answer) if answer.code in (SUCCESS, INVALID_REGISTRATION) else {}
    for_the_others: Outcome
    if answer.code == SUCCESS:
        for_the_others = Accepted(vendor_code="0", vendor_message_id=task_id, truncated=call.content.truncated)
    else:
        for_the_others = outcome_of(answer.code, answer.reason, now=now)
        if answer.code in ONE_PHONE_AT_FAULT:
            # It does not say which phone is at fault, and on a guess none is struck off.
            for_the_others = structs.replace(_rejection(for_the_others), whole_call=True)
    return {phone: invalid.get(phone, for_the_others) for phone in call.phones}


def lost_the_message(response: HttpResponse) -> bool:
    """Whether vivo does not know the message a list was to get, so that no phone got it."""
    answer = read_answer(response, ambiguous=True)
    return isinstance(answer, Answer) and answer.code == UNKNOWN_TASK


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


def _task_id(answer: Answer) -> str:
    task_id = answer.members.get("taskId")
    return task_id if isinstance(task_id, str) else ""


def _rejection(outcome: Outcome) -> MessageRejected:
    return MessageRejected(vendor_code=outcome.vendor_code, vendor_reason=outcome.vendor_reason, advice=outcome.advice)


def _invalid_users(answer: Answer) -> Mapping[str, Outcome]:
    """What is said of single phones of a list; whatever can't be read says nothing."""
    users = answer.members.get("invalidUsers")
    named = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    return {
        phone: _invalid_user(answer, user, of_the_phone=True)
        for user in named
        if isinstance(phone := user.get("userid"), str)
    }


def _invalid_user(answer: Answer, user: Mapping[str, object], *, of_the_phone: bool) -> Outcome:
    """What the reason beside a registration id means; only of the very phone of a push is it believed to be dead."""
    status = code_of(user.get("status"))
    kind, advice = UNKNOWN_USER if status is None else INVALID_USER.get(status, UNKNOWN_USER)
    if kind is RegistrationInvalid and not of_the_phone:
        kind, advice = UNKNOWN_USER
    return kind(vendor_code=str(answer.code), vendor_reason=answer.reason, advice=advice)


def _no_use(response: HttpResponse, reason: str, *, ambiguous: bool) -> Unavailable:
    return Unavailable(
        vendor_reason=reason,
        advice="vivo gave no usable answer; the service tries again by itself",
        ambiguous=ambiguous,
        retry_after=retry_after(response) if response.status in HTTP_RETRY_AFTER else None,
    )
