"""Checks of one send's body, in the order of §4.3: JSON, targets, size, fields, and what fields ask of each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import orjson

from vendors.sandbox.huawei.apps import Terms
from vendors.sandbox.huawei.codes import (
    ILLEGAL_COLLAPSE_KEY,
    ILLEGAL_PAYLOAD,
    ILLEGAL_TTL,
    NO_PERMISSION,
    PARAMETER_ERROR,
    TOKEN_COUNT,
    TOO_LARGE,
    WRONG_RECEIPT,
    Refused,
    not_their_fault,
)
from vendors.sandbox.huawei.fields import (
    ANDROID,
    BADGE,
    BODY,
    BUTTON,
    CLICK_ACTION,
    MAX_TTL_S,
    MESSAGE,
    NOTIFICATION,
    OUTER_NOTIFICATION,
)
from vendors.sandbox.json_fields import Object, check_object, is_https_url, part_of, require
from vendors.sandbox.words import quoted

MAX_TOKENS = 1000
MAX_BYTES = 4096
CONTENT_TYPE = re.compile(r"application/json(;\s*charset=utf-8)?", re.IGNORECASE)
TTL = re.compile(r"(?P<seconds>[0-9]{1,9})(\.[0-9]{1,9})?[sS]?")
MIN_COLLAPSE_KEY, MAX_COLLAPSE_KEY = -1, 100
# The text of Android's Intent.toUri, as far as the page shows it.
INTENT = re.compile(r"intent:\S*#Intent;(\S+;)?end")
CLICK_INTENT, CLICK_URL = 1, 2
STYLE_BIG_TEXT, STYLE_INBOX = 1, 3
BUTTON_PAGE, BUTTON_WEB, BUTTON_SHARE = 1, 2, 4
SERVICE_CATEGORIES = frozenset(
    {
        *("IM", "VOIP", "SUBSCRIPTION", "TRAVEL", "HEALTH", "WORK", "ACCOUNT", "EXPRESS", "FINANCE"),
        *("DEVICE_REMINDER", "MAIL", "PLAY_VOICE"),
    }
)
CATEGORIES = SERVICE_CATEGORIES | {"MARKETING", "SYSTEM_REMINDER"}
TARGETS = ("token", "topic", "condition")

_refused = partial(Refused, ILLEGAL_PAYLOAD)


@dataclass(frozen=True, slots=True)
class Send:
    """A send without a fault.

    Attributes:
        tokens: its phones; one that stands twice gets it twice.
        android: the `android` object.
        notification: `android.notification`, with what it leaves to the outer one.
        data: the JSON text for the app; empty if none.
        is_marketing: it counts as such, declared or not.
        is_checked_only: nothing is sent.
    """

    tokens: Sequence[str]
    android: Object
    notification: Object
    data: str
    is_marketing: bool
    is_checked_only: bool

    @property
    def is_test(self) -> bool:
        """Sent to test users."""
        return self.android.get("target_user_type", 0) == 1


def read_body(content_type: str, body: bytes) -> Object:
    """The JSON object of a send.

    Raises:
        Refused: 80100003.
    """
    if not CONTENT_TYPE.fullmatch(content_type):
        raise _refused("Content-Type", "application/json in UTF-8", quoted(content_type))
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _refused("", "JSON", f"none ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("message"), dict):
        raise _refused("message", "an object", "none")
    return content


def check_tokens(content: Object) -> list[str]:
    """The tokens of a send.

    Raises:
        Refused: 80100001 or 80300010.
    """
    message = cast("Object", content["message"])
    given = [name for name in TARGETS if name in message]
    if given != ["token"]:
        raise Refused(PARAMETER_ERROR, "message", "token, and no topic or condition", ", ".join(given) or "no target")
    tokens = message["token"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise Refused(PARAMETER_ERROR, "message.token", "an array of strings", quoted(tokens))
    if not 1 <= len(tokens) <= MAX_TOKENS:
        raise Refused(TOKEN_COUNT, "message.token", f"1 to {MAX_TOKENS} tokens", str(len(tokens)))
    return tokens


def check_size(body: bytes, tokens: list[str]) -> None:
    """Everything but the array of tokens counts.

    Raises:
        Refused: 80300008.
    """
    size = len(body) - len(orjson.dumps(tokens))
    if size > MAX_BYTES:
        raise Refused(TOO_LARGE, "", f"at most {MAX_BYTES} bytes without the tokens", str(size))


def check_message(content: Object, tokens: list[str], terms: Terms) -> Send:
    """Checks the fields, and then what they ask of each other and of the app.

    Raises:
        Refused: 80100003, 80100004, 80100013, 80300013 or 80300002.
    """
    check_object("", content, BODY, _refused)
    message = cast("Object", content["message"])
    check_object("message.", message, MESSAGE, _refused)
    outer = part_of(message, "notification", "message.notification", OUTER_NOTIFICATION, _refused)
    require(message, "android", "message.", _refused)
    android = part_of(message, "android", "message.android", ANDROID, _refused)
    _check_ttl(android.get("ttl", "86400s"))
    _check_collapse_key(android.get("collapse_key", MIN_COLLAPSE_KEY))
    require(android, "notification", "message.android.", _refused)
    inner = part_of(android, "notification", "message.android.notification", NOTIFICATION, _refused)
    notification = {**outer, **inner}
    _check_notification(notification)
    category = android.get("category", "MARKETING")
    if category not in CATEGORIES:
        raise _refused("message.android.category", "a category of the page, in upper case", quoted(category))
    if android.get("receipt_id", terms.receipt_id) != terms.receipt_id:
        raise Refused(WRONG_RECEIPT, "message.android.receipt_id", "the app's", quoted(android["receipt_id"]))
    if not terms.may_push:
        raise not_their_fault(NO_PERMISSION)
    return Send(
        tokens=tokens,
        android=android,
        notification=notification,
        data=cast("str", android.get("data") or message.get("data") or ""),
        is_marketing=category not in SERVICE_CATEGORIES or not terms.may_classify,
        is_checked_only=content.get("validate_only") is True,
    )


def _check_ttl(value: object) -> None:
    match = TTL.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match["seconds"]) <= MAX_TTL_S:
        raise Refused(ILLEGAL_TTL, "message.android.ttl", f'seconds such as "86400s", up to {MAX_TTL_S}', quoted(value))


def _check_collapse_key(value: object) -> None:
    if type(value) is not int or not MIN_COLLAPSE_KEY <= value <= MAX_COLLAPSE_KEY:
        raise Refused(ILLEGAL_COLLAPSE_KEY, "message.android.collapse_key", "-1 to 100", quoted(value))


def _check_notification(notification: Object) -> None:
    where = "message.android.notification."
    for name in ("title", "body", "click_action"):
        require(notification, name, where, _refused)
    click = part_of(notification, "click_action", f"{where}click_action", CLICK_ACTION, _refused)
    _check_click(click, f"{where}click_action.")
    for at, button in enumerate(cast("list[object]", notification.get("buttons", []))):
        _check_button(button, f"{where}buttons[{at}]")
    part_of(notification, "badge", f"{where}badge", BADGE, _refused)
    for name, needs in _needs(notification).items():
        if name not in notification:
            raise _refused(f"{where}{name}", f"one with {needs}", "none")


def _needs(notification: Object) -> Mapping[str, str]:
    """Fields that others ask for."""
    needs: dict[str, str] = {}
    if notification.get("style") == STYLE_BIG_TEXT:
        needs |= dict.fromkeys(("big_title", "big_body"), "style 1")
    if notification.get("style") == STYLE_INBOX:
        needs["inbox_content"] = "style 3"
    if notification.get("default_sound") is False:
        needs["sound"] = "default_sound false"
    for name in ("title_loc", "body_loc"):
        if f"{name}_args" in notification:
            needs[f"{name}_key"] = f"{name}_args"
    return needs


def _check_click(click: Object, where: str) -> None:
    require(click, "type", where, _refused)
    kind = cast("int", click["type"])
    allowed = {CLICK_INTENT: {"intent", "action"}, CLICK_URL: {"url"}}.get(kind, set())
    given = click.keys() - {"type"}
    if given - allowed or bool(given) != bool(allowed):
        expected = " or ".join(sorted(allowed)) or "nothing else"
        raise _refused(where[:-1], f"with type {kind} {expected}", ", ".join(sorted(given)) or "nothing")
    if "intent" in click and not INTENT.fullmatch(cast("str", click["intent"])):
        raise _refused(f"{where}intent", "the text of an intent URI", quoted(click["intent"]))


def _check_button(button: object, where: str) -> None:
    if not isinstance(button, dict):
        raise _refused(where, "an object", quoted(button))
    check_object(f"{where}.", button, BUTTON, _refused)
    for name in ("name", "action_type"):
        require(button, name, f"{where}.", _refused)
    if button["action_type"] == BUTTON_PAGE:
        for name in ("intent_type", "intent"):
            require(button, name, f"{where}.", _refused)
    if button["action_type"] == BUTTON_WEB and not is_https_url(button.get("intent")):
        raise _refused(f"{where}.intent", "an https URL", quoted(button.get("intent")))
    if button["action_type"] == BUTTON_SHARE:
        require(button, "data", f"{where}.", _refused)
