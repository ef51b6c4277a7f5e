"""A push as OPPO's notification object.

Source: OPPO open platform, page 11236 "notification fields", 13189 "message classes", 12391 "private templates".
Quirks: names are snake_case on the wire, whatever the sample on page 11238 shows; `action_parameters` is a string that
holds JSON inside JSON; one character is one code point; there is no field for sound, vibration or a data-only message.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import orjson
from msgspec import Struct

from vendors.contract import Badge, BadgeKind, Batching, Capabilities, Category, ClickAction, ClickKind, Push
from vendors.custom_data import compact_object
from vendors.oppo.form import quoted
from vendors.oppo.options import OFF_LINE, PRIVATE_TEMPLATE, check_options
from vendors.option_rules import whole
from vendors.outcomes import MessageRejected
from vendors.receipts import ReceiptKind
from vendors.truncation import shorten

_COMMA = quoted(b",")
STYLE_LONG_TEXT = 2
MAX_LONG_TEXT = 128
MAX_CHANNEL_ID = 64
MAX_MARKETING_SHOW_TTL_S = 12 * 3600
LEVEL_DRAWER = 1
SET_BADGE, ADD_TO_BADGE = 0, 1

CAPABILITIES = Capabilities(
    batching=Batching.ANY_CONTENT,
    max_targets=500,
    title_limit=50,
    body_limit=50,
    ext_limit=4000,
    max_ttl=timedelta(days=10),
    click_actions=frozenset(ClickKind),
    categories=frozenset(Category),
    channels=True,
    channel_required=True,
    collapse=True,
    badges=frozenset(BadgeKind),
    sound=False,
    dedup=True,
    receipts=frozenset({ReceiptKind.DELIVERED, ReceiptKind.REGISTRATION_INVALID, ReceiptKind.DROPPED}),
    targets_per_second=5_000,
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
MARKETING_CATEGORIES = frozenset({Category.NEWS, Category.CONTENT, Category.MARKETING, Category.SOCIAL})


@dataclass(frozen=True, slots=True)
class Click:
    """How OPPO takes one kind of click action.

    Attributes:
        type: `click_action_type`.
        field: where the value goes.
        limit: code points.
        pattern: what the whole value matches.
    """

    type: int
    field: str
    limit: int
    pattern: re.Pattern[str]


OPEN_APP_TYPE = 0
CLICKS: Mapping[ClickKind, Click] = {
    ClickKind.INTENT_ACTION: Click(1, "click_action_activity", 500, re.compile(r"\S+")),
    ClickKind.URL: Click(2, "click_action_url", 2000, re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)),
    ClickKind.ACTIVITY: Click(4, "click_action_activity", 500, re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")),
    ClickKind.INTENT_URI: Click(
        5,
        "click_action_url",
        2000,
        re.compile(r"(?!(?:javascript|file|content|data):)[a-z][a-z0-9+.-]*:\S*", re.IGNORECASE),
    ),
}

TEMPLATE_OPTIONS = ("private_msg_template_id", "private_title_parameters", "private_content_parameters")
OPTIONS_PASSED_ON = (
    "notify_level",
    "style",
    "sub_title",
    "small_picture_id",
    "network_type",
    "show_ttl",
    "auditResponse",
)


class Content(Struct, frozen=True, gc=False):
    """The part of a notification object that pushes of the same content share.

    Attributes:
        quoted: its members, comma-separated JSON, form-quoted.
        truncated: fields shortened to OPPO's limits.
        off_line: whether OPPO keeps it for a phone that is offline.
    """

    quoted: str
    truncated: tuple[str, ...]
    off_line: bool


def content_of(push: Push) -> Content | MessageRejected:
    """The shared part of a push, or why it can't be sent to OPPO at all."""
    parameters = compact_object(push.notification.ext)
    problems = list(_problems(push, parameters))
    if problems:
        return _not_sent("; ".join(problems))
    title = shorten(push.notification.title, CAPABILITIES.title_limit)
    body = shorten(push.notification.body, _body_limit(push.options))
    off_line = push.options.get(OFF_LINE) is not False
    own: dict[str, object] = {"title": title, "content": body}
    if parameters:
        own["action_parameters"] = parameters
    if push.options:
        own |= _option_members(push, title, body)
    if push.notification.collapse_id:
        own["notify_id"] = notify_id(push.notification.collapse_id)
    if push.notification.badge is not None:
        own |= _badge_members(push.notification.badge)
    try:
        text = _quoted_members(own) + _COMMA + _shared(push.channel_id, push.category, push.click_action, off_line)
    except TypeError:
        return _not_sent("the text holds what JSON can't carry, such as half of a surrogate pair")
    return Content(text, _truncated(push, title, body), off_line)


@lru_cache(maxsize=256)
def _shared(channel_id: str, category: Category, action: ClickAction, off_line: bool) -> str:
    """What most pushes of an app have in common."""
    members: dict[str, object] = {"channel_id": channel_id, "category": CATEGORIES[category], OFF_LINE: off_line}
    return _quoted_members(members | _click_members(action))


def _quoted_members(members: Mapping[str, object]) -> str:
    return quoted(orjson.dumps(members, default=dict)[1:-1])


def notify_id(collapse_id: str) -> int:
    """The number under which a newer notification replaces an older one: 0 to 2**31 - 1, always the same."""
    return int.from_bytes(hashlib.sha256(collapse_id.encode(errors="surrogatepass")).digest()[:4]) & 0x7FFF_FFFF


def _problems(push: Push, parameters: str | None) -> Iterator[str]:
    if not push.channel_id:
        yield "channel_id is empty, and OPPO shows nothing without one; set it in the cert's defaults or in the message"
    elif len(push.channel_id) > MAX_CHANNEL_ID:
        yield f"channel_id has {len(push.channel_id)} characters; oppo allows {MAX_CHANNEL_ID}"
    if parameters is None:
        yield "ext is not a JSON object"
    elif len(parameters) > CAPABILITIES.ext_limit:
        yield f"ext has {len(parameters)} characters; oppo allows {CAPABILITIES.ext_limit}"
    yield from _click_problems(push.click_action)
    if push.options:
        yield from _option_problems(push)


def _click_problems(action: ClickAction) -> Iterator[str]:
    click = CLICKS.get(action.kind)
    if click is None:
        return
    if len(action.value) > click.limit:
        yield f"click_action {action.kind} has {len(action.value)} characters; oppo allows {click.limit}"
    elif not click.pattern.fullmatch(action.value):
        yield f"click_action {action.kind} is badly formed"


def _option_problems(push: Push) -> Iterator[str]:
    violations = check_options(push.options)
    yield from (f"{violation.field} {violation.text}" for violation in violations)
    if violations or push.category not in MARKETING_CATEGORIES:
        return
    if push.options.get("notify_level", LEVEL_DRAWER) != LEVEL_DRAWER:
        yield f"category {push.category} allows only notify_level {LEVEL_DRAWER}"
    show_ttl = whole(push.options.get("show_ttl"))
    if isinstance(show_ttl, int) and show_ttl > MAX_MARKETING_SHOW_TTL_S:
        yield f"category {push.category} allows show_ttl up to {MAX_MARKETING_SHOW_TTL_S}"


def _body_limit(options: Mapping[str, object]) -> int:
    return MAX_LONG_TEXT if options.get("style") == STYLE_LONG_TEXT else CAPABILITIES.body_limit


def _truncated(push: Push, title: str, body: str) -> tuple[str, ...]:
    if title is push.notification.title and body is push.notification.body:
        return ()
    whole_texts = (("title", push.notification.title, title), ("body", push.notification.body, body))
    return tuple(name for name, given, sent in whole_texts if given != sent)


def _option_members(push: Push, title: str, body: str) -> dict[str, object]:
    members = {name: whole(push.options[name]) for name in OPTIONS_PASSED_ON if name in push.options}
    # OPPO ignores the templates of marketing categories.
    if push.category not in MARKETING_CATEGORIES:
        members |= _template_members(push.options, title, body)
    return members


def _click_members(action: ClickAction) -> dict[str, object]:
    click = CLICKS.get(action.kind)
    if click is None:
        return {"click_action_type": OPEN_APP_TYPE}
    return {"click_action_type": click.type, click.field: action.value}


def _badge_members(badge: Badge) -> dict[str, object]:
    if badge.kind is BadgeKind.INCREMENT:
        return {"badge_operation_type": ADD_TO_BADGE}
    return {"badge_operation_type": SET_BADGE, "badge_message_count": badge.count}


def _template_members(options: Mapping[str, object], title: str, body: str) -> dict[str, object]:
    """The message's own approved template, else the default one with its holes filled from title and body."""
    own = {name: options[name] for name in TEMPLATE_OPTIONS if name in options}
    default = options.get(PRIVATE_TEMPLATE)
    if "private_msg_template_id" in own or not isinstance(default, Mapping):
        return own
    filled: dict[str, object] = {"private_msg_template_id": default["id"]}
    if "title_parameter" in default:
        filled["private_title_parameters"] = {default["title_parameter"]: title}
    if "content_parameter" in default:
        filled["private_content_parameters"] = {default["content_parameter"]: body}
    return filled | own


def _not_sent(words: str) -> MessageRejected:
    return MessageRejected(vendor_reason="not sent", advice=words)
