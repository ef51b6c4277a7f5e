"""Reads Honor's answers: total, whatever status and bytes came.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "send", response. Quirks: a refusal may come with HTTP
200 or with a status of its own, so the body's `code` is asked first; `failTokens` and `expireTokens` may stand beside
any code, 200 too; a token in both is dead, one in `failTokens` alone only failed; `data` may be null or missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from msgspec import structs

from vendors.answers import asked_to_wait, code_of, line_of, retry_after
from vendors.contract import HttpResponse
from vendors.honor.codes import HTTP_BAD_REQUEST, OUTCOMES, PARTIAL_SUCCESS, SUCCESS, outcome_of
from vendors.honor.request import Call
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Throttled, Unavailable

HTTP_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """Honor's envelope, made safe to read.

    Attributes:
        code: one of `SUCCESS` is success.
        reason: Honor's text, at most a line.
        request_id: Honor's id of the message; empty if there is none.
        expired: tokens that are no longer valid.
        failed: tokens it did not send to, for whatever reason.
        is_clear: the lists can be read, and nothing else speaks against success.
    """

    code: int
    reason: str
    request_id: str
    expired: frozenset[str]
    failed: frozenset[str]
    is_clear: bool


def classify(response: HttpResponse, call: Call, *, now: datetime) -> list[Outcome]:
    """One outcome for each push of a call, in order.

    Args:
        response: Honor's answer.
        call: what was sent.
        now: the time.
    """
    answer = read_answer(response)
    if answer is None:
        return [_without_code(response, call, now)] * len(call.registration_ids)
    rest = _rest(answer, response, call, now)
    dead = RegistrationInvalid(
        vendor_code=str(answer.code),
        vendor_reason="expireTokens",
        advice="Honor says that the token is no longer valid; the app must register anew",
    )
    failed = _failed(answer, rest)
    return [
        dead if token in answer.expired else failed if token in answer.failed else rest
        for token in call.registration_ids
    ]


def read_answer(response: HttpResponse) -> Answer | None:
    """The envelope; None if there is no code in it."""
    try:
        content = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
    code = code_of(content.get("code")) if isinstance(content, dict) else None
    if code is None:
        return None
    data = content.get("data")
    data = data if isinstance(data, dict) else {}
    expired, failed = _tokens(data.get("expireTokens")), _tokens(data.get("failTokens"))
    return Answer(
        code=code,
        reason=line_of(content.get("message")),
        request_id=line_of(data.get("requestId")),
        expired=expired or frozenset(),
        failed=failed or frozenset(),
        is_clear=expired is not None and failed is not None and (data.get("sendResult") is not False or bool(failed)),
    )


def _rest(answer: Answer, response: HttpResponse, call: Call, now: datetime) -> Outcome:
    """What became of the tokens that no list names."""
    if answer.code in SUCCESS or (answer.code == PARTIAL_SUCCESS and answer.expired | answer.failed):
        if answer.is_clear and response.status in HTTP_OK:
            return Accepted(
                vendor_code=str(answer.code),
                vendor_message_id=answer.request_id,
                truncated=call.content.truncated,
            )
        return no_use(response, "the answer says yes and no at once", code=answer.code, ambiguous=True)
    return _refusal(outcome_of(answer.code, answer.reason, now=now), answer.code, response, call)


def _failed(answer: Answer, rest: Outcome) -> Outcome:
    """What became of a token in `failTokens` alone; it lives on."""
    if isinstance(rest, RegistrationInvalid) and not answer.expired:
        # All are dead, and only the other list was filled.
        return rest
    if not isinstance(rest, Accepted | RegistrationInvalid) and answer.code != PARTIAL_SUCCESS:
        return rest
    return MessageRejected(
        vendor_code=str(answer.code),
        vendor_reason="failTokens",
        advice="Honor could not send to this token and gives no reason; it is not dead, and trying again seldom helps",
    )


def _without_code(response: HttpResponse, call: Call, now: datetime) -> Outcome:
    """Falls back on the HTTP status."""
    reason = f"HTTP {response.status}"
    if response.status in HTTP_OK or response.status not in OUTCOMES:
        return no_use(response, f"{reason} without a code", ambiguous=True)
    return _refusal(outcome_of(response.status, reason, now=now), response.status, response, call)


def _refusal(outcome: Outcome, code: int, response: HttpResponse, call: Call) -> Outcome:
    if isinstance(outcome, Throttled) and outcome.retry_after is None:
        return asked_to_wait(outcome, response)
    # All of a call have one content, so what refuses the content refuses each of them. Only where Honor does not say
    # what it dislikes may it be a single token, and then the call is worth halving.
    is_vague = code == HTTP_BAD_REQUEST or code not in OUTCOMES
    if isinstance(outcome, MessageRejected) and is_vague and len(set(call.registration_ids)) > 1:
        return structs.replace(outcome, whole_call=True)
    return outcome


def no_use(response: HttpResponse, reason: str, *, ambiguous: bool, code: int | None = None) -> Unavailable:
    """The answer can't be used.

    Args:
        response: any status and any bytes.
        reason: what is wrong with it.
        ambiguous: whether the call may have had its effect all the same.
        code: Honor's, if it gave one.
    """
    return Unavailable(
        vendor_code="" if code is None else str(code),
        vendor_reason=reason,
        advice="Honor gave no usable answer; the service tries again by itself",
        ambiguous=ambiguous,
        retry_after=retry_after(response),
    )


def _tokens(value: object) -> frozenset[str] | None:
    """The tokens of a list, none if it is missing; None if it can't be read."""
    if value is None:
        return frozenset()
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value):
        return frozenset(value)
    return None
