"""Hands over one batch: groups it by message, sends each message by one list or phone by phone.

A list takes two requests. Until the second one has left, no phone has got anything.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.outcomes import (
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    Throttled,
    Unavailable,
)
from vendors.same_content import grouped
from vendors.vivo.credential import VivoCredential
from vendors.vivo.notification import content_of, not_sent
from vendors.vivo.request import Call, calls_of, last_of, push_request, save_request, send_request
from vendors.vivo.response import classify, classify_list, lost_the_message, saved_task_id

Answers = Mapping[str, Outcome]

_NO_TOKEN = AccessTokenExpired(advice="vivo takes nothing without an access token; the service signs in")
_NO_REGISTRATION_ID = not_sent("the registration id is not one of vivo's")
_SAVES_OF_A_LIST = 2


def exchange(
    pushes: Sequence[Push], credential: VivoCredential, access_token: AccessToken | None, *, now: datetime
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    groups, unsent = grouped(pushes, lambda push: content_of(push, credential, now=now))
    outcomes: dict[int, Outcome] = {**dict.fromkeys(range(len(pushes)), _NO_REGISTRATION_ID), **unsent}
    for_the_rest: Outcome | None = None
    for group in groups:
        answers: dict[str, Outcome] = {}
        for call in calls_of(group, pushes):
            if for_the_rest is None:
                answers |= yield from _one_call(call, credential, access_token, now)
                for_the_rest = _what_the_rest_would_get([answers[phone] for phone in call.phones])
            else:
                answers |= dict.fromkeys(call.phones, for_the_rest)
        phones = zip(group.positions, group.registration_ids, strict=True)
        outcomes.update({at: answers[phone] for at, phone in phones if phone in answers})
    return [outcomes[at] for at in range(len(pushes))]


def _one_call(
    call: Call, credential: VivoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Answers]:
    if len(call.phones) == 1:
        return (yield from _to_phone(call, credential, access_token, now))
    answers = yield from _to_list(call, credential, access_token, now)
    unclear = [phone for phone, outcome in answers.items() if _is_whole_call(outcome)]
    if len(unclear) == 1:
        # All others are known to be at fault. The sender would not try a single one again.
        last = last_of(call, unclear[0])
        return {**answers, **(yield from _to_phone(last, credential, access_token, now))}
    return answers


def _to_phone(
    call: Call, credential: VivoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Answers]:
    try:
        response = yield send_request(call, credential, access_token)
    except NoResponse as failure:
        return dict.fromkeys(call.phones, failure.outcome)
    return dict.fromkeys(call.phones, classify(response, call, now=now))


def _to_list(
    call: Call, credential: VivoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, Answers]:
    """Both requests of a list, and both again should vivo not know the message it has just saved."""
    answers: Answers = {}
    for _ in range(_SAVES_OF_A_LIST):
        task_id = yield from _save(call, credential, access_token, now)
        if isinstance(task_id, Outcome):
            return dict.fromkeys(call.phones, task_id)
        try:
            response = yield push_request(call, task_id, credential, access_token)
        except NoResponse as failure:
            return dict.fromkeys(call.phones, failure.outcome)
        answers = classify_list(response, call, task_id, now=now)
        if not lost_the_message(response):
            break
    return answers


def _save(
    call: Call, credential: VivoCredential, access_token: AccessToken, now: datetime
) -> Generator[HttpRequest, HttpResponse, str | Outcome]:
    try:
        response = yield save_request(call, credential, access_token)
    except NoResponse as failure:
        return structs.replace(failure.outcome, ambiguous=False)
    return saved_task_id(response, now=now)


def _what_the_rest_would_get(answers: Sequence[Outcome]) -> Outcome | None:
    """The outcome of the calls behind one that failed for reasons of no message's and no phone's."""
    first = answers[0]
    if any(answer != first for answer in answers):
        return None
    if isinstance(first, Unavailable):
        # They are spared the wait, and nothing of them has left.
        return structs.replace(first, ambiguous=False)
    return first if isinstance(first, AccessTokenExpired | CredentialRejected | Throttled) else None


def _is_whole_call(outcome: Outcome) -> bool:
    return isinstance(outcome, MessageRejected) and outcome.whole_call
