"""A push as Huawei's message, all but the tokens.

Source: Huawei developers, `HMSCore-References/https-send-api-0000001050986197`, and its classes of messages. Quirks:
`data` is a string that holds JSON; title and body have no limit of their own, only the body of the call has: 4096 bytes
without the tokens; big text must repeat title and body; a sound acts only where the phone makes a channel for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson

from vendors.answers import parsed
from vendors.contract import Badge, BadgeKind, Batching, Capabilities, Category, ClickKind, Push
from vendors.huawei.credential import HuaweiCredential
from vendors.huawei.options import (
    ANDROID_RULES,
    BADGE_CLASS,
    NOTIFICATION_RULES,
    STYLE,
    STYLE_BIG_TEXT,
    check_options,
)
from vendors.intent_click import click_members, click_problem
from vendors.notify_ids import notify_id
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten, shorten_to_fit

MAX_CALL_BYTES = 4096
# Whether the key of the tokens counts is not said; it is counted in.
_MAX_JSON_BYTES = MAX_CALL_BYTES - len(',"token":')

# The limits of title, body and ext are ours: with all of them in Chinese a message still has a chance of 4096 bytes.
CAPABILITIES = Capabilities(
    batching=Batching.SAME_CONTENT,
    max_targets=1000,
    title_limit=200,
    body_limit=1000,
    ext_limit=3000,
    max_ttl=timedelta(days=15),
    click_actions=frozenset(ClickKind),
    categories=frozenset(Category),
    channels=True,
    channel_required=False,
    collapse=True,
    badges=frozenset(BadgeKind),
    sound=True,
    dedup=False,
    receipts=frozenset({ReceiptKind.DELIVERED, ReceiptKind.REGISTRATION_INVALID, ReceiptKind.DROPPED}),
    targets_per_second=6_000,
)

CATEGORIES: Mapping[Category, str] = {
    Category.IM: "IM",
    Category.ACCOUNT: "ACCOUNT",
    Category.TODO: "WORK",
    Category.ORDER: "EXPRESS",
    Category.DEVICE: "DEVICE_REMINDER",
    Category.SUBSCRIPTION: "SUBSCRIPTION",
    Category.NEWS: "MARKETING",
    Category.CONTENT: "MARKETING",
    Category.MARKETING: "MARKETING",
    Category.SOCIAL: "MARKETING",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one content share.

    Attributes:
        json: the body of a send as one JSON object, `message` last, without `token` in it.
        truncated: fields shortened on the way.
    """

    json: bytes
    truncated: tuple[str, ...]


def content_of(push: Push, credential: HuaweiCredential, *, ttl_s: int) -> Content | MessageRejected:
    """The message of a push, or why it can't be sent to Huawei at all."""
    problems = list(_problems(push, credential))
    if problems:
        return _not_sent("; ".join(problems))
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, CAPABILITIES.body_limit)
    try:
        fitting = shorten_to_fit(body, lambda body: _json(push, credential, title, body, ttl_s), _MAX_JSON_BYTES)
    except TypeError:
        return _not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    if fitting is None:
        return _not_sent(f"the message has more than {MAX_CALL_BYTES} bytes even without a body; shorten ext")
    json, body = fitting
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return Content(json, tuple(name for name, given, sent in whole_texts if given != sent))


def _problems(push: Push, credential: HuaweiCredential) -> Iterator[str]:
    ext = push.notification.ext
    if ext and not isinstance(parsed(ext), dict):
        yield "ext is not a JSON object"
    elif len(ext) > CAPABILITIES.ext_limit:
        yield f"ext has {len(ext)} characters; huawei allows {CAPABILITIES.ext_limit}"
    if problem := click_problem(push.click_action, credential.package_name, "huawei"):
        yield problem
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))


def _json(push: Push, credential: HuaweiCredential, title: str, body: str, ttl_s: int) -> bytes:
    notification, options = push.notification, push.options
    shown: dict[str, object] = {
        "title": title,
        "body": body,
        "click_action": click_members(push.click_action, credential.package_name),
        "notify_id": notify_id(push),
    }
    if push.channel_id:
        shown["channel_id"] = push.channel_id
    if notification.badge is not None:
        shown["badge"] = _badge_members(notification.badge, options)
    if notification.sound:
        shown |= {"sound": f"/raw/{notification.sound.partition('.')[0]}", "default_sound": False}
    shown |= {name: whole(options[name]) for name in NOTIFICATION_RULES if name in options}
    if shown.get(STYLE) == STYLE_BIG_TEXT:
        shown |= {"big_title": title, "big_body": body}
    android: dict[str, object] = {"ttl": f"{ttl_s}s", "category": CATEGORIES[push.category]}
    if push.receipt_parameter:
        android["bi_tag"] = push.receipt_parameter
    android |= {name: whole(options[name]) for name in ANDROID_RULES if name in options}
    data: dict[str, object] = {"data": notification.ext} if notification.ext else {}
    message = {**data, "android": {**android, "notification": shown}}
    return orjson.dumps({"validate_only": False, "message": message})


def _badge_members(badge: Badge, options: Mapping[str, object]) -> dict[str, object]:
    members: dict[str, object] = {"add_num": 1} if badge.kind is BadgeKind.INCREMENT else {"set_num": badge.count}
    return members | ({"class": options[BADGE_CLASS]} if BADGE_CLASS in options else {})


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
