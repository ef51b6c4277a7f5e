"""A push as Meizu's `messageJson`.

Source: Meizu's server API, `messageJson` of a notification. Quirks: truth is written 0 and 1; what the app gets with a
tap is a flat map of texts; one `notifyKey` stands once on a phone; there is no channel, badge or numeric id.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from vendors.contract import Batching, Capabilities, Category, Push
from vendors.meizu.click import CLICK_KINDS, Click, click_of
from vendors.meizu.credential import MeizuCredential
from vendors.meizu.ext import MAX_EXT, UnusableExt, parameters_of
from vendors.meizu.options import (
    BAR_TYPE,
    BIG_PICTURE,
    LONG_TEXT,
    OFF_LINE,
    SHOW_FROM,
    SHOW_UNTIL,
    SIGNALS,
    SWITCHES,
    check_options,
)
from vendors.notify_ids import notify_digest
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten

MAX_PARAMETERS_BYTES = 2000
MIN_TTL = timedelta(hours=1)
EXPANDS_TO_TEXT, EXPANDS_TO_PICTURE = 1, 2

CAPABILITIES = Capabilities(
    batching=Batching.SAME_CONTENT,
    max_targets=100,
    title_limit=32,
    body_limit=100,
    ext_limit=MAX_EXT,
    max_ttl=timedelta(hours=72),
    click_actions=CLICK_KINDS,
    categories=frozenset(Category),
    channels=False,
    channel_required=False,
    collapse=True,
    badges=frozenset(),
    sound=False,
    dedup=False,
    receipts=frozenset({ReceiptKind.DELIVERED, ReceiptKind.CLICKED}),
    targets_per_second=20_000,
)

PUBLIC, PRIVATE = 0, 1
MESSAGE_TYPES: Mapping[Category, int] = {
    Category.IM: PRIVATE,
    Category.ACCOUNT: PRIVATE,
    Category.TODO: PRIVATE,
    Category.ORDER: PRIVATE,
    Category.DEVICE: PRIVATE,
    Category.SUBSCRIPTION: PRIVATE,
    Category.NEWS: PUBLIC,
    Category.CONTENT: PUBLIC,
    Category.MARKETING: PUBLIC,
    Category.SOCIAL: PUBLIC,
}


@dataclass(frozen=True, slots=True)
class Content:
    """A message ready to leave, for however many phones.

    Attributes:
        text: `messageJson`, byte for byte as it is signed and sent.
        truncated: fields shortened to Meizu's limits.
        ignored: fields that reach no app: a web page or a deep link gets no ext.
    """

    text: str
    truncated: tuple[str, ...]
    ignored: tuple[str, ...]


def content_of(push: Push, credential: MeizuCredential, *, now: datetime) -> Content | MessageRejected:
    """The message of a push, or why it can't be sent to Meizu at all."""
    click = click_of(push.click_action)
    try:
        parameters = parameters_of(push.notification.ext)
    except UnusableExt as error:
        return _not_sent(str(error))
    if isinstance(click, str):
        return _not_sent(click)
    if problems := list(_problems(push, click, parameters)):
        return _not_sent("; ".join(problems))
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, CAPABILITIES.body_limit)
    members: dict[str, object] = {
        "noticeBarInfo": {
            "noticeMsgType": MESSAGE_TYPES[push.category],
            "noticeBarType": int(_number(push.options.get(BAR_TYPE, 0))),
            "title": title,
            "content": body,
        },
        **_expanded(push.options),
        "clickTypeInfo": click.members({**click.extras, **parameters}),
        "pushTimeInfo": _kept(push, now),
        "advanceInfo": _advance(push),
        **_receipts(push, credential),
    }
    try:
        text = orjson.dumps(members).decode()
    except TypeError:
        return _not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    return Content(text, _truncated(push, title, body), ("ext",) if parameters and not click.takes_parameters else ())


def notify_key(push: Push) -> str:
    """What a newer notification replaces an older one by: 8 characters, the same on every attempt."""
    return urlsafe_b64encode(notify_digest(push)[:6]).decode()


def ttl_hours(push: Push, now: datetime) -> int:
    """How long Meizu keeps a push for a phone that is offline, in whole hours: at least 1, else not past its expiry."""
    left = max(MIN_TTL, min(CAPABILITIES.max_ttl, push.expires_at - now))
    return left // timedelta(hours=1)


def _problems(push: Push, click: Click, parameters: Mapping[str, str]) -> Iterator[str]:
    if click.takes_parameters:
        size = _size({**click.extras, **parameters})
        if size > MAX_PARAMETERS_BYTES:
            yield f"ext takes {size} bytes, whole and member by member; meizu allows {MAX_PARAMETERS_BYTES}"
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))


def _expanded(options: Mapping[str, object]) -> dict[str, object]:
    if BIG_PICTURE in options:
        return {"noticeExpandInfo": {"noticeExpandType": EXPANDS_TO_PICTURE, BIG_PICTURE: options[BIG_PICTURE]}}
    if LONG_TEXT in options:
        return {"noticeExpandInfo": {"noticeExpandType": EXPANDS_TO_TEXT, LONG_TEXT: options[LONG_TEXT]}}
    return {}


def _kept(push: Push, now: datetime) -> dict[str, object]:
    if push.options.get(OFF_LINE) is False:
        return {OFF_LINE: 0}
    return {OFF_LINE: 1, "validTime": ttl_hours(push, now)}


def _advance(push: Push) -> dict[str, object]:
    options = push.options
    members: dict[str, object] = {name: _switch(options, name) for name in SWITCHES}
    if SHOW_FROM in options:
        members |= {"fixDisplay": 1, SHOW_FROM: options[SHOW_FROM], SHOW_UNTIL: options[SHOW_UNTIL]}
    members["notificationType"] = {name: _switch(options, name) for name in SIGNALS}
    members["notifyKey"] = notify_key(push)
    return members


def _receipts(push: Push, credential: MeizuCredential) -> dict[str, object]:
    """Meizu refuses a push whose address its console does not have; that there is a token says that it has."""
    if not push.receipt_url or not credential.receipt_token:
        return {}
    return {"extra": {"callback": push.receipt_url, "callback.param": push.receipt_parameter, "callback.type": "3"}}


def _switch(options: Mapping[str, object], name: str) -> int:
    return 0 if options.get(name) is False else 1


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _size(parameters: Mapping[str, str]) -> int:
    return len(orjson.dumps(parameters)) if parameters else 0


def _truncated(push: Push, title: str, body: str) -> tuple[str, ...]:
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return tuple(name for name, given, sent in whole_texts if given != sent)


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
