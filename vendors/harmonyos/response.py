"""Reads Huawei's answers of v3: total, whatever status and bytes came.

Source: Huawei developers, HarmonyOS reference push-scenariozed-api-response. Quirks: code, msg and requestId are
strings; a refusal may come with HTTP 200 or with a status of its own, so the body's `code` is asked first; of a part
that failed, `msg` is a text of JSON that names tokens by reason, and in Huawei's own example the reasons have spaces
around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from vendors.answers import asked_to_wait, code_of, line_of, parsed, retry_after
from vendors.contract import HttpResponse
from vendors.harmonyos.codes import (
    ALL_TOKENS_INVALID,
    AUTHENTICATION,
    HTTP_BAD_REQUEST,
    HTTP_UNAUTHORIZED,
    OUTCOMES,
    PARTIAL_SUCCESS,
    SUCCESS,
    WRONG_PARAMETER,
    outcome_of,
    outcome_of_token,
)
from vendors.harmonyos.request import Call
from vendors.outcomes import Accepted, MessageRejected, Outcome, Throttled, Unavailable

HTTP_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """Huawei's envelope, made safe to read.

    Attributes:
        code: as received.
        text: `msg`, at most a line.
        request_id: Huawei's id of the call; empty if there is none.
        illegal: the reason of each token that failed; empty if none is named, or the names can't be read.
        failures: how many failed, as far as Huawei says so.
    """

    code: int
    text: str
    request_id: str
    illegal: Mapping[str, str]
    failures: int | None


def refuses_jwt(response: HttpResponse) -> bool:
    """Says whether an answer refuses the JWT, so that another may help."""
    answer = read_answer(response)
    if answer is None:
        return response.status == HTTP_UNAUTHORIZED
    return answer.code in AUTHENTICATION


def classify(response: HttpResponse, call: Call, *, now: datetime) -> list[Outcome]:
    """One outcome for each push of a call, in order.

    Args:
        response: Huawei's answer.
        call: what was sent.
        now: the time.
    """
    answer = read_answer(response)
    if answer is None:
        return [_without_code(response, call, now)] * len(call.registration_ids)
    rest = _rest(answer, response, call, now)
    named = _named(answer, call)
    return [named.get(token, rest) for token in call.registration_ids]


def recall_outcome(response: HttpResponse, *, now: datetime) -> Outcome:
    """What the answer to a recall means for all of its phones; of one that was taken in part nobody knows which."""
    answer = read_answer(response)
    if answer is None:
        return _no_use(response, f"HTTP {response.status} without a code")
    if answer.code == SUCCESS and response.status in HTTP_OK:
        return Accepted(vendor_code=str(answer.code), vendor_message_id=answer.request_id)
    return outcome_of(answer.code, answer.text, now=now)


def read_answer(response: HttpResponse) -> Answer | None:
    """The envelope; None if there is no code in it."""
    content = parsed(response.body)
    code = code_of(content.get("code")) if isinstance(content, dict) else None
    if code is None or not isinstance(content, dict):
        return None
    details = _details(content.get("msg")) if code in (PARTIAL_SUCCESS, ALL_TOKENS_INVALID) else {}
    return Answer(
        code=code,
        text=line_of(content.get("msg")),
        request_id=line_of(content.get("requestId")),
        illegal=_illegal(details.get("illegalTokens")),
        failures=code_of(details.get("failure")),
    )


def _rest(answer: Answer, response: HttpResponse, call: Call, now: datetime) -> Outcome:
    """What became of the tokens that are not named."""
    is_partly = answer.code == PARTIAL_SUCCESS and _names_its_failures(answer, call)
    if answer.code == SUCCESS or is_partly:
        if response.status in HTTP_OK:
            return Accepted(
                vendor_code=str(answer.code),
                vendor_message_id=answer.request_id,
                truncated=call.content.truncated,
            )
        return _no_use(response, "the answer says yes and no at once", code=answer.code)
    return _refusal(outcome_of(answer.code, answer.text, now=now), answer.code, response, call)


def _names_its_failures(answer: Answer, call: Call) -> bool:
    """Says whether what is not named can be taken for accepted."""
    are_ours = bool(answer.illegal) and answer.illegal.keys() <= set(call.registration_ids)
    return are_ours and answer.failures in (None, len(answer.illegal))


def _named(answer: Answer, call: Call) -> dict[str, Outcome]:
    """The outcomes of the tokens that are named."""
    tokens = set(call.registration_ids)
    are_all_named = answer.illegal.keys() >= tokens
    outcomes = {}
    for token in tokens & answer.illegal.keys():
        reason = answer.illegal[token]
        is_for_all = are_all_named and all(answer.illegal[other] == reason for other in tokens)
        outcomes[token] = outcome_of_token(answer.code, reason, tokens=len(tokens), is_for_all=is_for_all)
    return outcomes


def _without_code(response: HttpResponse, call: Call, now: datetime) -> Outcome:
    """Falls back on the HTTP status."""
    reason = f"HTTP {response.status}"
    if response.status in HTTP_OK or response.status not in OUTCOMES:
        return _no_use(response, f"{reason} without a code")
    return _refusal(outcome_of(response.status, reason, now=now), response.status, response, call)


def _refusal(outcome: Outcome, code: int, response: HttpResponse, call: Call) -> Outcome:
    if isinstance(outcome, Throttled) and outcome.retry_after is None:
        return asked_to_wait(outcome, response)
    # All of a call have one content, so what refuses the content refuses each of them. Only where Huawei does not say
    # what it dislikes may it be a single token, and then the call is worth halving.
    is_vague = code in (HTTP_BAD_REQUEST, WRONG_PARAMETER) or code not in OUTCOMES
    if isinstance(outcome, MessageRejected) and is_vague and len(set(call.registration_ids)) > 1:
        return structs.replace(outcome, whole_call=True)
    return outcome


def _no_use(response: HttpResponse, reason: str, *, code: int | None = None) -> Unavailable:
    """The answer can't be used; the call may have had its effect all the same."""
    return Unavailable(
        vendor_code="" if code is None else str(code),
        vendor_reason=reason,
        advice="Huawei gave no usable answer; the service tries again by itself",
        ambiguous=True,
        retry_after=retry_after(response),
    )


def _details(text: object) -> Mapping[str, object]:
    """The JSON object within a text; empty if there is none."""
    content = parsed(text) if isinstance(text, str) else None
    return content if isinstance(content, dict) else {}


def _illegal(value: object) -> Mapping[str, str]:
    """The reason of each token; empty if any of it can't be read."""
    if not isinstance(value, dict):
        return {}
    illegal: dict[str, str] = {}
    for reason, tokens in value.items():
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            return {}
        illegal |= dict.fromkeys(tokens, reason.strip())
    return illegal
