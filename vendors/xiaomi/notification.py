"""A push's content as Xiaomi's form fields, the same for every phone of a call.

Source: Xiaomi open platform, page 1559 for the fields, 1854 for the time to live. Quirks: one character is one code
point, but the payload is measured in bytes; the page's limits on extra pairs differ by age, and both are kept.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from vendors.contract import BadgeKind, Batching, Capabilities, Category, ClickKind, Push
from vendors.notify_ids import notify_id
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten
from vendors.xiaomi.click import click_extra, is_well_formed
from vendors.xiaomi.credential import XiaomiCredential
from vendors.xiaomi.options import EXTRA, INTENT_EXT, NOTIFY_TYPE, TEMPLATE_ID, TEMPLATE_PARAM, check_options
from vendors.xiaomi.receipts import ALL_EVENTS

MAX_PAYLOAD_BYTES = 4096
MAX_EXTRA = 1024
MAX_EXTRA_WITH_TEMPLATE = 2047
MIN_TTL_MS = 1000
DAY_MS = 24 * 3600 * 1000
MARKETING_CATEGORIES = frozenset({Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL})
TEMPLATE_KEYS = (TEMPLATE_ID, TEMPLATE_PARAM)
CALLBACK_KEYS = ("callback", "callback.param", "callback.type")

CAPABILITIES = Capabilities(
    batching=Batching.ANY_CONTENT,
    max_targets=1000,
    title_limit=49,
    body_limit=127,
    ext_limit=MAX_PAYLOAD_BYTES,
    max_ttl=timedelta(days=10),
    click_actions=frozenset(ClickKind),
    categories=frozenset(Category),
    channels=True,
    channel_required=True,
    collapse=True,
    badges=frozenset({BadgeKind.COUNT}),
    sound=True,
    dedup=True,
    receipts=frozenset(ReceiptKind),
    recall=True,
)


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one content share: all but the phone.

    Attributes:
        fields: name and value of each form field, in the order of the page.
        channel_id: of the notification channel, which has a quota of its own.
        truncated: fields shortened to Xiaomi's limits.
    """

    fields: tuple[tuple[str, str], ...]
    channel_id: str
    truncated: tuple[str, ...]


def content_of(push: Push, credential: XiaomiCredential, *, now: datetime) -> Content | MessageRejected:
    """The content of a push, or why it can't be sent to Xiaomi at all."""
    problems = list(_problems(push))
    if problems:
        return _not_sent("; ".join(problems))
    extra = _extra(push, credential)
    if problem := _extra_problem(extra):
        return _not_sent(problem)
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, CAPABILITIES.body_limit)
    fields = {"restricted_package_name": credential.package_name, "title": title, "description": body}
    if push.notification.ext:
        fields["payload"] = push.notification.ext
    fields |= {
        "pass_through": "0",
        "notify_type": str(whole(push.options.get(NOTIFY_TYPE, -1))),
        "notify_id": str(notify_id(push)),
        "time_to_live": str(ttl_ms(push, now)),
    }
    fields |= {f"extra.{name}": value for name, value in extra.items()}
    if not all(_is_unicode(value) for name_value in fields.items() for value in name_value):
        return _not_sent("the text holds what UTF-8 can't carry, such as half of a surrogate pair")
    return Content(tuple(fields.items()), push.channel_id, _truncated(push, title, body))


def jobkey(push: Push) -> str:
    """The key under which a phone shows a content once: 8 characters, as the stricter of two pages allows."""
    name = push.content_id or push.dedup_id
    return b32encode(sha256(name.encode(errors="surrogatepass")).digest()[:5]).decode()


def ttl_ms(push: Push, now: datetime) -> int:
    """How long Xiaomi keeps a push for a phone that is offline, in milliseconds.

    A channel is public or private at Xiaomi; content and marketing belongs on a public one, which keeps it for a day.
    """
    longest = CAPABILITIES.max_ttl // timedelta(milliseconds=1)
    if push.category in MARKETING_CATEGORIES:
        longest = DAY_MS
    left = (push.expires_at - now) // timedelta(milliseconds=1)
    return max(MIN_TTL_MS, min(longest, left))


def _problems(push: Push) -> Iterator[str]:
    if not push.notification.title.strip() or not push.notification.body.strip():
        yield "title and body must not be blank"
    if not push.channel_id:
        yield "channel_id is empty, and Xiaomi takes nothing without one; set it in the cert's defaults or the message"
    yield from _ext_problems(push.notification.ext)
    if not is_well_formed(push.click_action):
        yield f"click_action {push.click_action.kind} is badly formed"
    yield from (f"{violation.field} {violation.text}" for violation in check_options(push.options))


def _ext_problems(ext: str) -> Iterator[str]:
    if not ext:
        return
    size = len(ext.encode(errors="surrogatepass"))
    if size > MAX_PAYLOAD_BYTES:
        yield f"ext has {size} bytes; xiaomi allows {MAX_PAYLOAD_BYTES}"
        return
    try:
        is_object = isinstance(orjson.loads(ext), dict)
    except orjson.JSONDecodeError:
        is_object = False
    if not is_object:
        yield "ext is not a JSON object"


def _extra(push: Push, credential: XiaomiCredential) -> dict[str, str]:
    """The extra pairs, without the prefix their form fields have."""
    intent_ext = push.notification.ext if push.options.get(INTENT_EXT) else ""
    extra = click_extra(push.click_action, credential.package_name, intent_ext=intent_ext)
    extra |= {"channel_id": push.channel_id, "jobkey": jobkey(push)}
    badge = push.notification.badge
    if badge is not None and badge.kind is BadgeKind.COUNT:
        extra["badge"] = str(badge.count)
    if push.notification.sound:
        extra["sound_uri"] = f"android.resource://{credential.package_name}/raw/{_resource(push.notification.sound)}"
    extra |= {
        name: _option_text(value)
        for name, value in push.options.items()
        if name not in (NOTIFY_TYPE, INTENT_EXT, EXTRA)
    }
    if push.receipt_url:
        extra |= dict(zip(CALLBACK_KEYS, (push.receipt_url, push.receipt_parameter, ALL_EVENTS), strict=True))
    own = push.options.get(EXTRA)
    if isinstance(own, Mapping):
        extra |= {str(name): str(text) for name, text in own.items()}
    return extra


def _resource(sound: str) -> str:
    """The name of a sound as Android's resources have it: without the file's ending."""
    return sound.partition(".")[0]


def _option_text(value: object) -> str:
    """An option as Xiaomi reads it: text, whatever it means."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))
    return str(whole(value))


def _extra_problem(extra: Mapping[str, str]) -> str:
    sizes = {name: len(name) + len(value) for name, value in extra.items()}
    size = sum(sizes.values())
    plain = size - sum(sizes.get(name, 0) for name in (*TEMPLATE_KEYS, *CALLBACK_KEYS))
    if plain > MAX_EXTRA:
        return f"click action and options have {plain} characters; xiaomi allows {MAX_EXTRA}"
    if size > MAX_EXTRA_WITH_TEMPLATE:
        return f"click action, options and template have {size} characters; xiaomi allows {MAX_EXTRA_WITH_TEMPLATE}"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _truncated(push: Push, title: str, body: str) -> tuple[str, ...]:
    texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return tuple(name for name, given, sent in texts if given != sent)


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
