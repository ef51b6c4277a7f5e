"""Hands over one batch: builds what can leave, makes one call for each message, gives each push its outcome."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime

from vendors.contract import AccessToken, HttpRequest, HttpResponse, NoResponse, Push
from vendors.meizu.credential import REGISTRATION_ID, MeizuCredential
from vendors.meizu.notification import Content, content_of
from vendors.meizu.request import PhoneCall, calls_of, send_request
from vendors.meizu.response import classify, redirect_of
from vendors.outcomes import CredentialRejected, MessageRejected, Outcome

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
    outcomes: dict[int, Outcome] = {}
    refused: Outcome | None = None
    for content, positions in _by_message(pushes, outcomes, now).items():
        for call in calls_of(content, [pushes[at].registration_id for at in positions]):
            if refused is None:
                answers = yield from _one_call(call, credential, now)
                refused = _refuses_the_rest(answers)
            else:
                answers = dict.fromkeys(call.phones, refused)
            outcomes.update(
                {at: answers[phone] for at in positions if (phone := pushes[at].registration_id) in answers}
            )
    return [outcomes[at] for at in range(len(pushes))]


def _by_message(pushes: Sequence[Push], outcomes: dict[int, Outcome], now: datetime) -> Mapping[Content, list[int]]:
    """The positions of the pushes that can leave, by message; the outcome of what can't is put down at once.

    Pushes of one message hold the very same objects, so their content is built once and found again by identity.
    """
    contents: dict[tuple[object, ...], Content | MessageRejected] = {}
    messages: dict[Content, list[int]] = {}
    for at, push in enumerate(pushes):
        if not REGISTRATION_ID.fullmatch(push.registration_id):
            outcomes[at] = _NO_PUSH_ID
            continue
        message = push.message_id or push.dedup_id
        key = (message, id(push.notification), id(push.options), push.click_action, push.category, push.expires_at)
        content = contents.get(key)
        if content is None:
            content = contents[key] = content_of(push, now=now)
        if isinstance(content, Content):
            messages.setdefault(content, []).append(at)
        else:
            outcomes[at] = content
    return messages


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
