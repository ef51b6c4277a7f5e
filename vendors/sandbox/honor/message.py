"""Checks of one send's body, in the order of §3: JSON, tokens, size, fields, and what fields ask of each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import cast

import orjson

from vendors.sandbox.honor.apps import Terms
from vendors.sandbox.honor.codes import (
    BAD_REQUEST,
    MARKETING_IMAGE,
    MESSAGE_STRUCTURE,
    NO_RIGHT_FOR_TYPE,
    NO_TOKENS,
    REPEATED_TOKENS,
    TOO_LARGE,
    TOO_MANY_TOKENS,
    WRONG_RECEIPT_ID,
    Refused,
    not_their_fault,
)
from vendors.sandbox.honor.fields import (
    ANDROID,
    BADGE,
    BUTTON,
    CLICK_ACTION,
    MESSAGE,
    NOTIFICATION,
    OUTER_NOTIFICATION,
)
from vendors.sandbox.json_fields import Object, check_object, is_https_url, part_of, require
from vendors.sandbox.words import id_prefix, quoted

MAX_TOKENS = 1000
MAX_BYTES = 4096
CONTENT_TYPE = re.compile(r"application/json(;\s*charset=utf-8)?", re.IGNORECASE)
CLICK_INTENT, CLICK_URL = 1, 2
_refused = partial(Refused, MESSAGE_STRUCTURE)
# The text of Android's Intent.toUri, as far as the page shows it.
INTENT = re.compile(r"intent:\S*#Intent;(\S+;)?end")
COMPONENT = re.compile(r"intent:#Intent;component=[\w.]+/[\w.$]+;(\S*;)?end")
BUTTON_PAGE, BUTTON_WEB = 1, 2


@dataclass(frozen=True, slots=True)
class Send:
    """A send without a fault.

    Attributes:
        tokens: its phones, each once.
        android: the `android` object.
        notification: `android.notification`, with what it leaves to the outer one.
        data: the JSON text for the app; empty if none.
    """

    tokens: list[str]
    android: Object
    notification: Object
    data: str

    @property
    def is_marketing(self) -> bool:
        """Missing importance counts as LOW."""
        return self.notification.get("importance", "LOW") == "LOW"

    @property
    def is_test(self) -> bool:
        """Sent to test users."""
        return self.android.get("targetUserType", 0) == 1


def read_message(content_type: str, body: bytes) -> dict[str, object]:
    """The JSON object of a send.

    Raises:
        Refused: 400 for what is not JSON, 80100003 for what is no object.
    """
    if not CONTENT_TYPE.fullmatch(content_type):
        raise Refused(BAD_REQUEST, "Content-Type", "application/json in UTF-8", quoted(content_type))
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(BAD_REQUEST, "", "JSON", f"none ({error})") from error
    if not isinstance(message, dict):
        raise Refused(MESSAGE_STRUCTURE, "", "a JSON object", quoted(message))
    return message


def check_tokens(message: Object) -> list[str]:
    """The tokens of a send.

    Raises:
        Refused: 10300, 80300010, 80300006 or 80100003.
    """
    tokens = message.get("token")
    if tokens is None or tokens == []:
        raise Refused(NO_TOKENS, "token", f"1 to {MAX_TOKENS} tokens", "none")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise Refused(MESSAGE_STRUCTURE, "token", "an array of strings", quoted(tokens))
    if len(tokens) > MAX_TOKENS:
        raise Refused(TOO_MANY_TOKENS, "token", f"1 to {MAX_TOKENS} tokens", str(len(tokens)))
    if len(set(tokens)) < len(tokens):
        twice = next(token for at, token in enumerate(tokens) if token in tokens[:at])
        raise Refused(REPEATED_TOKENS, "token", "each token once", f"{id_prefix(twice)} twice")
    return cast("list[str]", tokens)


def check_size(body: bytes, tokens: list[str]) -> None:
    """Everything but the array of tokens counts.

    Raises:
        Refused: 80300008.
    """
    size = len(body) - len(orjson.dumps(tokens))
    if size > MAX_BYTES:
        raise Refused(TOO_LARGE, "", f"at most {MAX_BYTES} bytes without the tokens", str(size))


def check_message(message: Object, tokens: list[str], terms: Terms) -> Send:
    """Checks the fields, and then what they ask of each other and of the app.

    Raises:
        Refused: 80100003, 80200050, 80200020 or 80200022.
    """
    check_object("", message, MESSAGE, _refused)
    outer = part_of(message, "notification", "notification", OUTER_NOTIFICATION, _refused)
    require(message, "android", "", _refused)
    android = part_of(message, "android", "android", ANDROID, _refused)
    require(android, "notification", "android.", _refused)
    inner = part_of(android, "notification", "android.notification", NOTIFICATION, _refused)
    notification = {**outer, **inner}
    _check_notification(notification)
    send = Send(tokens, android, notification, cast("str", android.get("data") or message.get("data") or ""))
    if send.is_marketing and "image" in notification:
        raise Refused(MARKETING_IMAGE, "image", "none with importance LOW", "one")
    if android.get("receiptId", terms.receipt_id) != terms.receipt_id:
        raise Refused(WRONG_RECEIPT_ID, "android.receiptId", "the app's", quoted(android["receiptId"]))
    if not terms.may_notify:
        raise not_their_fault(NO_RIGHT_FOR_TYPE)
    return send


def _check_notification(notification: Object) -> None:
    where = "android.notification."
    for name in ("title", "body", "clickAction"):
        require(notification, name, where, _refused)
    click = part_of(notification, "clickAction", f"{where}clickAction", CLICK_ACTION, _refused)
    _check_click(click, f"{where}clickAction.")
    if notification.get("style") == 1:
        for big, plain in (("bigTitle", "title"), ("bigBody", "body")):
            if notification.get(big) != notification[plain]:
                raise Refused(MESSAGE_STRUCTURE, where + big, f"the same as {plain}", quoted(notification.get(big)))
    for at, button in enumerate(cast("list[object]", notification.get("buttons", []))):
        _check_button(button, f"{where}buttons[{at}]")
    badge = part_of(notification, "badge", f"{where}badge", BADGE, _refused)
    if "badge" in notification and not badge.keys() & {"addNum", "setNum"}:
        raise Refused(MESSAGE_STRUCTURE, f"{where}badge", "addNum or setNum", "neither")


def _check_click(click: Object, where: str) -> None:
    require(click, "type", where, _refused)
    kind = click["type"]
    allowed = {CLICK_INTENT: {"intent", "action"}, CLICK_URL: {"url"}}.get(cast("int", kind), set())
    given = click.keys() - {"type"}
    if given - allowed or len(given) != bool(allowed):
        expected = " or ".join(sorted(allowed)) or "nothing else"
        got = ", ".join(sorted(given)) or "nothing"
        raise Refused(MESSAGE_STRUCTURE, where[:-1], f"with type {kind} {expected}", got)
    if "intent" in click and not INTENT.fullmatch(cast("str", click["intent"])):
        raise Refused(MESSAGE_STRUCTURE, f"{where}intent", "the text of an intent URI", quoted(click["intent"]))


def _check_button(button: object, where: str) -> None:
    if not isinstance(button, dict):
        raise Refused(MESSAGE_STRUCTURE, where, "an object", quoted(button))
    check_object(f"{where}.", button, BUTTON, _refused)
    for name in ("name", "actionType"):
        require(button, name, f"{where}.", _refused)
    if button["actionType"] == BUTTON_PAGE:
        for name in ("intentType", "intent"):
            require(button, name, f"{where}.", _refused)
    if button["actionType"] == BUTTON_WEB and not is_https_url(button.get("intent")):
        raise Refused(MESSAGE_STRUCTURE, f"{where}.intent", "an https URL", quoted(button.get("intent")))
