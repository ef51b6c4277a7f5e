"""Hands over one batch: builds what can leave, makes one call for each message, gives each push its outcome."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.meizu.credential import REGISTRATION_ID, MeizuCredential
from vendors.meizu.notification import content_of
from vendors.meizu.request import PhoneCall, calls_of, send_request
from vendors.meizu.response import classify, redirect_of
from vendors.outcomes import CredentialRejected, MessageRejected, Outcome
from vendors.same_content import grouped

# Its comma, or worse, would name other phones.
_NO_PUSH_ID = MessageRejected(vendor_reason="not sent", advice="the registration id is not a Meizu push id")


def exchange(
    pushes: Sequence[Push],
    credential: MeizuCredential,
    access_token: AccessToken | None,  # noqa: ARG001 - the contract's
    *,
    now: datetime,
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    groups, unsent = grouped(pushes, lambda push: content_of(push, credential, now=now))
    outcomes: dict[int, Outcome] = {**dict.fromkeys(range(len(pushes)), _NO_PUSH_ID), **unsent}
    refused: Outcome | None = None
    for group in groups:
        for call in calls_of(group.content, filter(REGISTRATION_ID.fullmatch, group.registration_ids)):
            if refused is None:
                answers = yield from _one_call(call, credential, now)
                refused = _refuses_the_rest(answers)
            else:
                answers = dict.fromkeys(call.phones, refused)
            phones = zip(group.positions, group.registration_ids, strict=True)
            outcomes.update({at: answers[phone] for at, phone in phones if phone in answers})
    return [outcomes[at] for at in range(len(pushes))]


def _one_call(
    call: PhoneCall, credential: MeizuCredential, now: datetime
) -> Generator[HttpRequest, HttpResponse, Mapping[str, Outcome]]:
    """One call, repeated once where Meizu redirects it."""
    try:
        response = yield send_request(call, credential)
        if address := redirect_of(response):
            response = yield send_request(call, credential, url=address)
    except NoResponse as failure:
        return dict.fromkeys(call.phones, failure.outcome)
    return classify(response, call, now=now)


def _refuses_the_rest(answers: Mapping[str, Outcome]) -> Outcome | None:
    """The outcome that later calls with this credential would get too."""
    first = next(iter(answers.values()))
    refuses_all = isinstance(first, CredentialRejected) and all(one is first for one in answers.values())
    return first if refuses_all else None
