"""Reads Huawei's answers: total, whatever status and bytes came.

Source: Huawei developers, `HMSCore-References/https-send-api-0000001050986197`, response. Quirks: a refusal may come
with HTTP 200 or with a status of its own, so the body's `code` is asked first; of a part taken, `msg` is a string that
holds JSON with the illegal tokens in it, without reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from vendors.answers import asked_to_wait, code_of, line_of, parsed, retry_after
from vendors.contract import HttpResponse
from vendors.huawei.codes import OUTCOMES, PARAMETER_ERROR, PARTIAL_SUCCESS, SUCCESS, outcome_of
from vendors.huawei.request import Call
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Throttled, Unavailable

HTTP_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """Huawei's envelope, made safe to read.

    Attributes:
        code: 80000000 is success.
        message: Huawei's text, whole.
        request_id: Huawei's id of the call; empty if there is none.
    """

    code: int
    message: str
    request_id: str

    @property
    def illegal_tokens(self) -> frozenset[str] | None:
        """The tokens that the text names as illegal; None if it does not say."""
        told = parsed(self.message)
        tokens = told.get("illegal_tokens") if isinstance(told, dict) else None
        if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
            return frozenset(tokens)
        return None


def classify(response: HttpResponse, call: Call, *, now: datetime) -> list[Outcome]:
    """One outcome for each push of a call, in order.

    Args:
        response: Huawei's answer.
        call: what was sent.
        now: the time.
    """
    answer = read_answer(response)
    tokens = call.registration_ids
    if answer is None:
        return [_without_code(response, call, now)] * len(tokens)
    if answer.code == PARTIAL_SUCCESS and answer.illegal_tokens:
        taken = _taken(answer, response, call)
        dead = RegistrationInvalid(
            vendor_code=str(answer.code),
            vendor_reason="illegal_tokens",
            advice="Huawei says that the token is illegal; the app must register anew",
        )
        return [dead if token in answer.illegal_tokens else taken for token in tokens]
    if answer.code == SUCCESS:
        return [_taken(answer, response, call)] * len(tokens)
    refusal = outcome_of(answer.code, line_of(answer.message), now=now)
    return [_refusal(refusal, answer.code, response, call)] * len(tokens)


def read_answer(response: HttpResponse) -> Answer | None:
    """The envelope; None if there is no code in it."""
    content = parsed(response.body)
    code = code_of(content.get("code")) if isinstance(content, dict) else None
    if code is None or not isinstance(content, dict):
        return None
    message = content.get("msg")
    return Answer(code, message if isinstance(message, str) else "", line_of(content.get("requestId")))


def no_use(response: HttpResponse, reason: str, *, ambiguous: bool, code: int | None = None) -> Unavailable:
    """The answer can't be used.

    Args:
        response: any status and any bytes.
        reason: what is wrong with it.
        ambiguous: whether the call may have had its effect all the same.
        code: Huawei's, if it gave one.
    """
    return Unavailable(
        vendor_code="" if code is None else str(code),
        vendor_reason=reason,
        advice="Huawei gave no usable answer; the service tries again by itself",
        ambiguous=ambiguous,
        retry_after=retry_after(response),
    )


def _taken(answer: Answer, response: HttpResponse, call: Call) -> Outcome:
    if response.status not in HTTP_OK:
        return no_use(response, "the answer says yes and no at once", code=answer.code, ambiguous=True)
    return Accepted(vendor_code=str(answer.code), vendor_message_id=answer.request_id, truncated=call.content.truncated)


def _without_code(response: HttpResponse, call: Call, now: datetime) -> Outcome:
    """Falls back on the HTTP status."""
    reason = f"HTTP {response.status}"
    if response.status in HTTP_OK or response.status not in OUTCOMES:
        return no_use(response, f"{reason} without a code", ambiguous=True)
    return _refusal(outcome_of(response.status, reason, now=now), response.status, response, call)


def _refusal(outcome: Outcome, code: int, response: HttpResponse, call: Call) -> Outcome:
    if isinstance(outcome, Throttled) and outcome.retry_after is None:
        return asked_to_wait(outcome, response)
    # All of a call have one content, so what refuses the content refuses each of them. Only where Huawei does not say
    # what it dislikes may it be a single token, and then the call is worth halving.
    is_vague = code in (PARAMETER_ERROR, 400) or code not in OUTCOMES
    if isinstance(outcome, MessageRejected) and is_vague and len(set(call.registration_ids)) > 1:
        return structs.replace(outcome, whole_call=True)
    return outcome
