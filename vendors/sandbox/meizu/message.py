"""Checks of `messageJson`: its keys, and what they ask of each other (§4; §11, limits of section 4 and after)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import orjson

from vendors.sandbox.meizu.apps import Terms
from vendors.sandbox.meizu.codes import missing, wrong
from vendors.sandbox.meizu.fields import PARTS, SIGNALS, Fields
from vendors.sandbox.words import quoted

Part = Mapping[str, object]
Message = Mapping[str, Part]

BIG_PICTURE = 2
CLICK_NEEDS = {1: "activity", 2: "url"}
EXPAND_NEEDS = {1: "noticeExpandContent", 2: "noticeExpandImgUrl"}


def check_message(text: str, terms: Terms) -> Message:
    """The message in a form's `messageJson`, its empty texts left out.

    Raises:
        Refused: 110004 if there is none, 1005 with the field at fault.
    """
    if not text:
        raise missing("messageJson", "a JSON object")
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise wrong("messageJson", "a JSON object", f"no JSON ({error})") from error
    if not isinstance(raw, dict):
        raise wrong("messageJson", "a JSON object", quoted(raw))
    message = {name: _part(name, value) for name, value in raw.items()}
    _check_texts(message)
    _check_choice(message, "noticeExpandInfo", "noticeExpandType", EXPAND_NEEDS)
    if message.get("noticeExpandInfo", {}).get("noticeExpandType") == BIG_PICTURE and not terms.vip:
        raise wrong("noticeExpandInfo.noticeExpandType", "0 or 1: the app is no VIP", "2")
    _check_choice(message, "clickTypeInfo", "clickType", CLICK_NEEDS)
    _check_window(message.get("advanceInfo", {}))
    _check_receipts(message, terms)
    return message


def is_public(message: Message) -> bool:
    """Says whether a message counts against the phone's day (§8)."""
    return message["noticeBarInfo"].get("noticeMsgType", 0) == 0


def notify_key(message: Message) -> str:
    """What a newer message replaces an older one by; empty: nothing."""
    return str(message.get("advanceInfo", {}).get("notifyKey", ""))


def _part(name: str, value: object) -> Part:
    fields = PARTS.get(name)
    if fields is None:
        raise wrong(f"messageJson.{name[:40]}", f"only {', '.join(PARTS)}", "this key")
    part = _checked(name, value, fields)
    if "notificationType" in part:
        return {**part, "notificationType": _checked("notificationType", part["notificationType"], SIGNALS)}
    return part


def _checked(name: str, value: object, fields: Fields) -> Part:
    if not isinstance(value, dict):
        raise wrong(name, "an object", quoted(value))
    # Meizu's SDKs send every key, those not in use as an empty text.
    part = {key: inner for key, inner in value.items() if inner != ""}
    for key, inner in part.items():
        field = fields.get(key)
        if field is None:
            raise wrong(f"{name}.{key[:40]}", "only known keys, spelt as on the page", "this key")
        if not field.accepts(inner):
            raise wrong(f"{name}.{key}", field.expected, quoted(inner))
    return part


def _check_texts(message: Message) -> None:
    bar = message.get("noticeBarInfo")
    if bar is None:
        raise wrong("noticeBarInfo", "an object with title and content", "none")
    for name in ("title", "content"):
        if not str(bar.get(name, "")).strip():
            raise wrong(f"noticeBarInfo.{name}", "a text that is not blank", "none")


def _check_choice(message: Message, name: str, key: str, needs: Mapping[int, str]) -> None:
    """Each kind has one key that says more, and no other kind has it."""
    part = message.get(name, {})
    chosen = cast("int", part.get(key, 0))
    for kind, needed in needs.items():
        if kind == chosen and needed not in part:
            raise wrong(f"{name}.{needed}", f"one, as {key} is {kind}", "none")
        if kind != chosen and needed in part:
            raise wrong(f"{name}.{needed}", f"none with {key} {chosen}", quoted(part[needed]))


def _check_window(advance: Part) -> None:
    if not advance.get("fixDisplay"):
        return
    for name in ("fixStartDisplayTime", "fixEndDisplayTime"):
        if name not in advance:
            raise wrong(f"advanceInfo.{name}", "one, as fixDisplay is 1", "none")
    start, end = str(advance["fixStartDisplayTime"]), str(advance["fixEndDisplayTime"])
    if start >= end:
        raise wrong("advanceInfo.fixEndDisplayTime", "a time after fixStartDisplayTime", quoted(end))


def _check_receipts(message: Message, terms: Terms) -> None:
    receipts = message.get("extra")
    if receipts is None:
        return
    if "callback" not in receipts:
        raise wrong("extra.callback", "an address, as there is an extra", "none")
    if receipts["callback"] not in terms.callbacks:
        raise wrong("extra.callback", "an address registered in the console", quoted(receipts["callback"]))
