"""A push as Honor's message, all but the tokens.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "send" and "notification-class". Quirks: `data` is a
string that holds JSON; title and body have no limit of their own, only the message as a whole has: 4096 bytes without
the tokens; big text must repeat title and body; a marketing message may not have an image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson

from vendors.contract import Badge, BadgeKind, Batching, Capabilities, Category, ClickKind, Push
from vendors.honor.credential import HonorCredential
from vendors.honor.options import BADGE_CLASS, check_options
from vendors.intent_click import click_members, click_problem
from vendors.notify_ids import notify_id
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten, shorten_to_fit

MAX_MESSAGE_BYTES = 4096
# Whether the key of the tokens counts is not said; it is counted in.
_MAX_JSON_BYTES = MAX_MESSAGE_BYTES - len(',"token":')
STYLE_BIG_TEXT = 1

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
    channels=False,
    channel_required=False,
    collapse=True,
    badges=frozenset(BadgeKind),
    sound=False,
    dedup=False,
    receipts=frozenset({ReceiptKind.DELIVERED, ReceiptKind.REGISTRATION_INVALID, ReceiptKind.DROPPED}),
)

SERVICE = "NORMAL"
MARKETING = "LOW"
IMPORTANCE: Mapping[Category, str] = {
    Category.IM: SERVICE,
    Category.ACCOUNT: SERVICE,
    Category.TODO: SERVICE,
    Category.ORDER: SERVICE,
    Category.DEVICE: SERVICE,
    Category.SUBSCRIPTION: SERVICE,
    Category.NEWS: MARKETING,
    Category.CONTENT: MARKETING,
    Category.MARKETING: MARKETING,
    Category.SOCIAL: MARKETING,
}
ANDROID_OPTIONS = ("biTag", "targetUserType", "receiptId")
NOTIFICATION_OPTIONS = ("image", "style", "when", "buttons", "group")


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one message share.

    Attributes:
        json: the body of a send as one JSON object, without `token`.
        truncated: fields shortened on the way.
    """

    json: bytes
    truncated: tuple[str, ...]


def content_of(push: Push, credential: HonorCredential, *, ttl_s: int) -> Content | MessageRejected:
    """The message of a push, or why it can't be sent to Honor at all."""
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
        return _not_sent(f"the message has more than {MAX_MESSAGE_BYTES} bytes even without a body; shorten ext")
    json, body = fitting
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return Content(json, tuple(name for name, given, sent in whole_texts if given != sent))


def _problems(push: Push, credential: HonorCredential) -> Iterator[str]:
    ext = push.notification.ext
    if ext and not _is_object(ext):
        yield "ext is not a JSON object"
    elif len(ext) > CAPABILITIES.ext_limit:
        yield f"ext has {len(ext)} characters; honor allows {CAPABILITIES.ext_limit}"
    if problem := click_problem(push.click_action, credential.package_name, "honor"):
        yield problem
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))
    if "image" in push.options and IMPORTANCE[push.category] == MARKETING:
        yield f"category {push.category} is marketing at honor, which may not have an image"


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _json(push: Push, credential: HonorCredential, title: str, body: str, ttl_s: int) -> bytes:
    options = {name: whole(value) for name, value in push.options.items()}
    notification: dict[str, object] = {
        "title": title,
        "body": body,
        "importance": IMPORTANCE[push.category],
        "clickAction": click_members(push.click_action, credential.package_name),
        "notifyId": notify_id(push),
    }
    notification |= {name: options[name] for name in NOTIFICATION_OPTIONS if name in options}
    if push.notification.badge is not None:
        notification["badge"] = _badge_members(push.notification.badge, options)
    if options.get("style") == STYLE_BIG_TEXT:
        notification |= {"bigTitle": title, "bigBody": body}
    android: dict[str, object] = {"ttl": f"{ttl_s}s"}
    if push.receipt_parameter:
        android["biTag"] = push.receipt_parameter
    android |= {name: options[name] for name in ANDROID_OPTIONS if name in options}
    message: dict[str, object] = {"data": push.notification.ext} if push.notification.ext else {}
    return orjson.dumps({**message, "android": {**android, "notification": notification}})


def _badge_members(badge: Badge, options: Mapping[str, object]) -> dict[str, object]:
    members: dict[str, object] = {"addNum": 1} if badge.kind is BadgeKind.INCREMENT else {"setNum": badge.count}
    return members | ({BADGE_CLASS: options[BADGE_CLASS]} if BADGE_CLASS in options else {})


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
