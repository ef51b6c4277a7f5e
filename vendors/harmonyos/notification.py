"""A push as HarmonyOS's message, all but the tokens.

Source: Huawei developers, HarmonyOS references push-scenariozed-api-request-struct and -request-param, guide
push-apply-right. Quirks: custom data is a JSON object, not a text; title and body have no limit of their own, only the
message as a whole has: 4096 bytes without the tokens; big text must have its own title and body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson

from vendors.contract import Badge, BadgeKind, Batching, Capabilities, Category, Push
from vendors.custom_data import compact_object
from vendors.harmonyos.click import TYPES, click_members, click_problem
from vendors.harmonyos.options import INBOX_CONTENT, SOUND_DURATION, STYLE, TEST_MESSAGE, check_options
from vendors.notify_ids import notify_id
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten, shorten_to_fit

MAX_MESSAGE_BYTES = 4096
# Whether the keys around the tokens count is not said; they are counted in.
_MAX_JSON_BYTES = MAX_MESSAGE_BYTES - len(',"target":{"token":}')
STYLE_BIG_TEXT = 1
STYLE_LINES = 3

# The limits of title, body and ext are ours: with all of them in Chinese a message still has a chance of 4096 bytes.
CAPABILITIES = Capabilities(
    batching=Batching.SAME_CONTENT,
    max_targets=1000,
    title_limit=200,
    body_limit=1000,
    ext_limit=3000,
    max_ttl=timedelta(seconds=1_296_000),
    click_actions=frozenset(TYPES),
    categories=frozenset(Category),
    channels=False,
    channel_required=False,
    collapse=True,
    badges=frozenset(BadgeKind),
    sound=True,
    dedup=True,
    receipts=frozenset({ReceiptKind.DELIVERED, ReceiptKind.REGISTRATION_INVALID, ReceiptKind.DROPPED}),
    targets_per_second=6_000,
    recall=True,
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
PUSH_OPTIONS = (TEST_MESSAGE, "biTag", "receiptId", "collapseKey")
NOTIFICATION_OPTIONS = ("image", STYLE, INBOX_CONTENT, "profileId", "foregroundShow")


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one message share.

    Attributes:
        json: the body of a send as one JSON object, without `target`.
        truncated: fields shortened on the way.
        is_test: it is a test message, of which a call takes few tokens.
    """

    json: bytes
    truncated: tuple[str, ...]
    is_test: bool


def content_of(push: Push, *, ttl_s: int) -> Content | MessageRejected:
    """The message of a push, or why it can't be sent to HarmonyOS at all."""
    ext = compact_object(push.notification.ext)
    problems = list(_problems(push))
    if ext is None or problems:
        return _not_sent("; ".join([*(["ext is not a JSON object"] if ext is None else []), *problems]))
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, CAPABILITIES.body_limit)
    try:
        fitting = shorten_to_fit(body, lambda body: _json(push, ext, title, body, ttl_s), _MAX_JSON_BYTES)
    except TypeError:
        return _not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    if fitting is None:
        return _not_sent(f"the message has more than {MAX_MESSAGE_BYTES} bytes even without a body; shorten ext")
    json, body = fitting
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    truncated = tuple(name for name, given, sent in whole_texts if given != sent)
    return Content(json, truncated, is_test=push.options.get(TEST_MESSAGE) is True)


def app_message_id(push: Push) -> str:
    """What a phone knows a repeat by: the content's own, on every attempt and for all phones of a call."""
    name = push.content_id or push.dedup_id
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]


def _problems(push: Push) -> Iterator[str]:
    if len(push.notification.ext) > CAPABILITIES.ext_limit:
        yield f"ext has {len(push.notification.ext)} characters; harmonyos allows {CAPABILITIES.ext_limit}"
    if problem := click_problem(push.click_action):
        yield problem
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))


def _json(push: Push, ext: str, title: str, body: str, ttl_s: int) -> bytes:
    options = {name: whole(value) for name, value in push.options.items()}
    click = click_members(push.click_action)
    if ext:
        click["data"] = orjson.Fragment(ext)
    notification: dict[str, object] = {
        "category": CATEGORIES[push.category],
        "title": title,
        "body": body,
        "clickAction": click,
        "notifyId": notify_id(push),
        "appMessageId": app_message_id(push),
    }
    notification |= {name: options[name] for name in NOTIFICATION_OPTIONS if name in options}
    if INBOX_CONTENT in options:
        notification[STYLE] = STYLE_LINES
    elif options.get(STYLE) == STYLE_BIG_TEXT:
        notification |= {"bigTitle": title, "bigBody": body}
    if push.notification.badge is not None:
        notification["badge"] = _badge_members(push.notification.badge)
    if push.notification.sound:
        notification["sound"] = push.notification.sound
        notification |= {SOUND_DURATION: options[SOUND_DURATION]} if SOUND_DURATION in options else {}
    push_options: dict[str, object] = {"ttl": ttl_s}
    if push.receipt_parameter:
        push_options["biTag"] = push.receipt_parameter
    push_options |= {name: options[name] for name in PUSH_OPTIONS if name in options}
    return orjson.dumps({"payload": {"notification": notification}, "pushOptions": push_options})


def _badge_members(badge: Badge) -> dict[str, int]:
    return {"addNum": 1} if badge.kind is BadgeKind.INCREMENT else {"setNum": badge.count}


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
