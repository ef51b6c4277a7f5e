"""A push as the fields of vivo's message.

Source: vivo developer centre, docs 362 "push API", 359 "message classes" and 788 "badge". Quirks: a class goes as a
name and as a number, which must match; custom data is a map of texts, so `ext` is one text in it; there is no
notification channel; adding to the badge needs a right from vivo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import orjson

from vendors.contract import Badge, BadgeKind, Batching, Capabilities, Category, ClickKind, Push
from vendors.custom_data import compact_object
from vendors.notify_ids import notify_id
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten
from vendors.vivo.click import click_members, click_problems
from vendors.vivo.credential import VivoCredential
from vendors.vivo.options import (
    CALLBACK,
    CALLBACK_PARAMETER,
    EXTRA,
    NOTIFY_TYPE,
    PUSH_MODE,
    check_options,
    is_single_only,
)

RING_AND_VIBRATE = 4
OPERATION = 0
SYSTEM = 1
EXT_KEY = "ext"
MAX_CUSTOM_MAP = 1024
INCREMENT = Badge(BadgeKind.INCREMENT)

CAPABILITIES = Capabilities(
    batching=Batching.SAME_CONTENT,
    max_targets=1000,
    title_limit=40,
    body_limit=100,
    ext_limit=MAX_CUSTOM_MAP - len(EXT_KEY),
    max_ttl=timedelta(days=1),
    click_actions=frozenset(ClickKind),
    categories=frozenset(Category),
    channels=False,
    channel_required=False,
    collapse=True,
    badges=frozenset({BadgeKind.INCREMENT}),
    sound=False,
    dedup=False,
    receipts=frozenset(ReceiptKind) - {ReceiptKind.CLICKED},
)

CATEGORIES: Mapping[Category, str] = {
    Category.IM: "IM",
    Category.ACCOUNT: "ACCOUNT",
    Category.TODO: "TODO",
    Category.ORDER: "ORDER",
    Category.DEVICE: "DEVICE_REMINDER",
    Category.SUBSCRIPTION: "SUBSCRIPTION",
    Category.NEWS: "NEWS",
    Category.CONTENT: "CONTENT",
    Category.MARKETING: "MARKETING",
    Category.SOCIAL: "SOCIAL",
}
OPERATION_CATEGORIES = frozenset({Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL})


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one message share, as vivo takes it.

    Attributes:
        members: fields of the message but its TTL, as the text of a JSON object.
        single_members: the same for a single push, the only one of which vivo reports to a URL.
        left_s: seconds until the pushes expire.
        push_mode: 1 for a test.
        is_single_only: no list call may carry it.
        truncated: fields shortened to vivo's limits.
    """

    members: bytes
    single_members: bytes
    left_s: int
    push_mode: int
    is_single_only: bool
    truncated: tuple[str, ...]


def content_of(push: Push, credential: VivoCredential, *, now: datetime) -> Content | MessageRejected:
    """The content of a push, or why it can't be sent to vivo at all."""
    ext = compact_object(push.notification.ext)
    problems = list(_problems(push, ext, credential.package_name))
    if problems:
        return not_sent("; ".join(problems))
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, CAPABILITIES.body_limit)
    members: dict[str, object] = {
        NOTIFY_TYPE: RING_AND_VIBRATE,
        "title": title,
        "content": body,
        "classification": OPERATION if push.category in OPERATION_CATEGORIES else SYSTEM,
        "category": CATEGORIES[push.category],
        "notifyId": notify_id(push),
    }
    members |= click_members(push.click_action, credential.package_name)
    if ext:
        members["clientCustomMap"] = {EXT_KEY: ext}
    if push.notification.badge == INCREMENT:
        members["addBadge"] = True
    options = {name: whole(value) for name, value in push.options.items()}
    receipts: dict[str, object] = {}
    if push.receipt_url and EXTRA not in options:
        receipts = {EXTRA: {CALLBACK: push.receipt_url, CALLBACK_PARAMETER: push.receipt_parameter}}
    try:
        text = orjson.dumps(members | options, default=dict)
        single_text = orjson.dumps(members | options | receipts, default=dict)
    except TypeError:
        return not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    return Content(
        members=text,
        single_members=single_text,
        left_s=int((push.expires_at - now).total_seconds()),
        push_mode=cast("int", options.get(PUSH_MODE, 0)),
        is_single_only=is_single_only(push.options),
        truncated=_truncated(push, title, body),
    )


def not_sent(words: str) -> MessageRejected:
    """The outcome of a push that does not leave."""
    return MessageRejected(vendor_reason="not sent", advice=words)


def _problems(push: Push, ext: str | None, package_name: str) -> Iterator[str]:
    if ext is None:
        yield "ext is not a JSON object"
    elif len(ext) > CAPABILITIES.ext_limit:
        yield f"ext has {len(ext)} characters; vivo allows {CAPABILITIES.ext_limit}"
    yield from click_problems(push.click_action, package_name)
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))


def _truncated(push: Push, title: str, body: str) -> tuple[str, ...]:
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return tuple(name for name, given, sent in whole_texts if given != sent)
