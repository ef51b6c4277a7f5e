"""Checks of one send's body, in the order of §4.3: JSON, tokens, size, fields, and what fields ask of each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

import orjson

from vendors.sandbox.harmonyos.codes import (
    ILLEGAL_PAYLOAD,
    ILLEGAL_TTL,
    TOO_LARGE,
    TOO_MANY_FOR_TEST,
    WRONG_PARAMETER,
    WRONG_TOKEN_COUNT,
    Refused,
)
from vendors.sandbox.harmonyos.fields import (
    BADGE,
    CLICK_ACTION,
    MESSAGE,
    NOTIFICATION,
    PAYLOAD,
    PUSH_OPTIONS,
    TARGET,
    TTL,
)
from vendors.sandbox.json_fields import Object, check_object, part_of, require
from vendors.sandbox.words import quoted

MAX_TOKENS = 1000
MAX_TEST_TOKENS = 10
MAX_BYTES = 4096
CONTENT_TYPE = re.compile(r"application/json(;\s*charset=utf-8)?", re.IGNORECASE)
CLICK_PAGE = 1
STYLE_NEEDS: Mapping[object, tuple[str, ...]] = {1: ("bigTitle", "bigBody"), 3: ("inboxContent",)}

_refused = partial(Refused, ILLEGAL_PAYLOAD)


@dataclass(frozen=True, slots=True)
class Send:
    """A send without a fault.

    Attributes:
        tokens: its phones; one that stands twice is sent to twice.
        notification: `payload.notification`.
        push_options: `pushOptions`.
    """

    tokens: list[str]
    notification: Object
    push_options: Object

    @property
    def is_test(self) -> bool:
        """A test message."""
        return self.push_options.get("testMessage") is True


def read_message(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """The JSON object of a send of a notification.

    Raises:
        Refused: 80100001 for another push-type, 80100003 for what is no JSON object.
    """
    push_type = headers.get("push-type", "")
    if push_type != "0":
        raise Refused(WRONG_PARAMETER, "push-type", "0, the only one simulated", quoted(push_type))
    content_type = headers.get("Content-Type", "")
    if not CONTENT_TYPE.fullmatch(content_type):
        raise Refused(ILLEGAL_PAYLOAD, "Content-Type", "application/json", quoted(content_type))
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(ILLEGAL_PAYLOAD, "", "JSON", f"none ({error})") from error
    if not isinstance(message, dict):
        raise Refused(ILLEGAL_PAYLOAD, "", "a JSON object", quoted(message))
    return message


def check_tokens(message: Object) -> list[str]:
    """The tokens of a send.

    Raises:
        Refused: 80100001 or 80300010.
    """
    target = message.get("target")
    tokens = target.get("token") if isinstance(target, dict) else None
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise Refused(WRONG_PARAMETER, "target.token", "an array of strings", quoted(tokens))
    if not 1 <= len(tokens) <= MAX_TOKENS:
        raise Refused(WRONG_TOKEN_COUNT, "target.token", f"1 to {MAX_TOKENS} tokens", str(len(tokens)))
    return tokens


def check_size(body: bytes, tokens: list[str]) -> None:
    """Everything but the array of tokens counts.

    Raises:
        Refused: 80300008.
    """
    size = len(body) - len(orjson.dumps(tokens))
    if size > MAX_BYTES:
        raise Refused(TOO_LARGE, "", f"at most {MAX_BYTES} bytes without the tokens", str(size))


def check_message(message: Object, tokens: list[str]) -> Send:
    """Checks the fields, and then what they ask of each other.

    Raises:
        Refused: 80100003, 80100004 or 80300030.
    """
    check_object("", message, MESSAGE, _refused)
    part_of(message, "target", "target", TARGET, _refused)
    options = cast("Object", message.get("pushOptions", {}))
    if "ttl" in options and not TTL.accepts(options["ttl"]):
        raise Refused(ILLEGAL_TTL, "pushOptions.ttl", TTL.expected, quoted(options["ttl"]))
    check_object("pushOptions.", options, PUSH_OPTIONS, _refused)
    require(message, "payload", "", _refused)
    payload = part_of(message, "payload", "payload", PAYLOAD, _refused)
    require(payload, "notification", "payload.", _refused)
    notification = part_of(payload, "notification", "payload.notification", NOTIFICATION, _refused)
    _check_notification(notification, "payload.notification.")
    send = Send(tokens, notification, options)
    if send.is_test and len(tokens) > MAX_TEST_TOKENS:
        raise Refused(TOO_MANY_FOR_TEST, "target.token", f"at most {MAX_TEST_TOKENS} in a test", str(len(tokens)))
    return send


def _check_notification(notification: Object, where: str) -> None:
    for name in ("category", "title", "body", "clickAction", *STYLE_NEEDS.get(notification.get("style"), ())):
        require(notification, name, where, _refused)
    click = part_of(notification, "clickAction", f"{where}clickAction", CLICK_ACTION, _refused)
    _check_click(click, f"{where}clickAction")
    badge = part_of(notification, "badge", f"{where}badge", BADGE, _refused)
    if "badge" in notification and not badge:
        raise Refused(ILLEGAL_PAYLOAD, f"{where}badge", "addNum or setNum", "neither")
    if "soundDuration" in notification:
        require(notification, "sound", where, _refused)


def _check_click(click: Object, where: str) -> None:
    require(click, "actionType", f"{where}.", _refused)
    opens = click.keys() & {"action", "uri"}
    if bool(opens) != (click["actionType"] == CLICK_PAGE):
        expected = f"action or uri with actionType {CLICK_PAGE}, and with no other"
        raise Refused(ILLEGAL_PAYLOAD, where, expected, ", ".join(sorted(opens)) or "neither")
