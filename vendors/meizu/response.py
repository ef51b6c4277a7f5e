"""Reads Meizu's answers: total, whatever status and bytes came.

Source: Meizu's server API, "answers". Quirks: `code` is text; `value` maps a code to the phones it refuses, and is
missing, null, an empty text or an empty object where there are none; a phone that it does not list was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vendors.answers import code_of, line_of, parsed, retry_after
from vendors.contract import HttpResponse
from vendors.meizu.codes import REDIRECTED, SUCCESS, call_outcome, phone_outcome
from vendors.meizu.request import PhoneCall, is_own_address
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Unavailable

HTTP_OK = range(200, 300)
HTTP_RETRY_AFTER = frozenset({429, 503})


_UNCLEAR = Unavailable(
    vendor_reason="the answer's value can't be read",
    advice="Meizu's answer does not say which phones it took; tried again under the same notifyKey, it shows only once",
    ambiguous=True,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Meizu's envelope, made safe to read.

    Attributes:
        code: 200 is success.
        reason: Meizu's text, at most a line.
        value: any JSON value.
        redirect: where to repeat the call; empty: nowhere.
        message_id: Meizu's id of the message.
    """

    code: int
    reason: str
    value: object
    redirect: str
    message_id: str


def classify(response: HttpResponse, call: PhoneCall, *, now: datetime) -> Mapping[str, Outcome]:
    """The outcome of each phone of a call.

    Args:
        response: Meizu's answer.
        call: what was sent.
        now: the time.
    """
    answer = _read(response)
    if isinstance(answer, Unavailable):
        return dict.fromkeys(call.phones, answer)
    if answer.code != SUCCESS:
        return dict.fromkeys(call.phones, _refusal(answer, call, now))
    refused = _refused_phones(answer.value)
    if refused is None:
        return dict.fromkeys(call.phones, _UNCLEAR)
    return {phone: _phone_outcome(refused.get(phone), answer, call, now) for phone in call.phones}


def redirect_of(response: HttpResponse) -> str:
    """The address at which Meizu wants the call repeated; empty if it wants none, or one that isn't its own."""
    answer = _read(response)
    if isinstance(answer, Unavailable) or answer.code != REDIRECTED or not is_own_address(answer.redirect):
        return ""
    return answer.redirect


def _read(response: HttpResponse) -> Answer | Unavailable:
    if response.status not in HTTP_OK:
        return _no_use(response, f"HTTP {response.status}")
    content = parsed(response.body)
    if not isinstance(content, dict):
        return _no_use(response, "the answer is not a JSON object")
    code = code_of(content.get("code"))
    if code is None:
        return _no_use(response, "the answer has no code")
    redirect, message_id = content.get("redirect"), content.get("msgId")
    return Answer(
        code=code,
        reason=line_of(content.get("message")),
        value=content.get("value"),
        redirect=redirect if isinstance(redirect, str) else "",
        message_id=message_id if isinstance(message_id, str) else "",
    )


def _refusal(answer: Answer, call: PhoneCall, now: datetime) -> Outcome:
    outcome = call_outcome(answer.code, answer.reason, now=now)
    if len(call.phones) > 1 and isinstance(outcome, MessageRejected | RegistrationInvalid):
        # It does not say which phone is at fault, and on a guess none is struck off.
        return MessageRejected(
            vendor_code=outcome.vendor_code,
            vendor_reason=outcome.vendor_reason,
            advice=outcome.advice,
            whole_call=True,
        )
    return outcome


def _refused_phones(value: object) -> Mapping[str, int] | None:
    """The code of each refused phone; None if the value can't be read as such."""
    if value in (None, "", [], {}) and not isinstance(value, bool | int | float):
        return {}
    if not isinstance(value, dict):
        return None
    refused: dict[str, int] = {}
    for key, phones in value.items():
        code = code_of(key)
        if code is None or not isinstance(phones, list) or not all(isinstance(phone, str) for phone in phones):
            return None
        refused.update(dict.fromkeys(phones, code))
    return refused


def _phone_outcome(code: int | None, answer: Answer, call: PhoneCall, now: datetime) -> Outcome:
    if code is None:
        return Accepted(
            vendor_code=str(SUCCESS),
            vendor_message_id=answer.message_id,
            truncated=call.content.truncated,
            ignored=call.content.ignored,
        )
    return phone_outcome(code, answer.reason, now=now)


def _no_use(response: HttpResponse, reason: str) -> Unavailable:
    return Unavailable(
        vendor_reason=reason,
        advice="Meizu gave no usable answer; the service tries again by itself",
        ambiguous=True,
        retry_after=retry_after(response) if response.status in HTTP_RETRY_AFTER else None,
    )
