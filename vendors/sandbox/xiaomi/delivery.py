"""What becomes of a message that breaks no rule, phone by phone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

import orjson

from vendors.sandbox.inbox import InboxFull, Phone
from vendors.sandbox.simulator import World
from vendors.sandbox.words import id_prefix
from vendors.sandbox.xiaomi.apps import App
from vendors.sandbox.xiaomi.codes import ILLEGAL_VALUE, SYSTEM_ERROR, Refused, not_their_fault
from vendors.sandbox.xiaomi.fields import BROWSER, INTENT
from vendors.sandbox.xiaomi.message import Message, intent_parts
from vendors.sandbox.xiaomi.receipts import reports_to

# The page has ids only by example; what can stand in base64, and no separator, is ours.
REGISTRATION_ID = re.compile(r"[0-9A-Za-z+/=_-]{4,256}")
AROUND_A_PAYLOAD = 10


class Deliveries:
    """Puts accepted messages on phones, unless the phone is dead, has had enough, or had this one before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def check_phone(self, target: str) -> Phone:
        """The phone of a target.

        Raises:
            Refused: for an id of another shape, or of a phone that was told to refuse; 10001 if there is no room.
        """
        if not REGISTRATION_ID.fullmatch(target):
            raise Refused(ILLEGAL_VALUE, "registration_id", "a registration id of Xiaomi", id_prefix(target))
        try:
            phone = self._world.inbox.phone(target)
        except InboxFull as full:
            raise not_their_fault(SYSTEM_ERROR, str(full)) from full
        if phone.is_dead and phone.dead_answer is not None:
            raise not_their_fault(phone.dead_answer)
        return phone

    def accept(self, app: App, phone: Phone, message: Message, message_id: str, now: float) -> None:
        """Takes the message for one phone, which promises nothing."""
        self._world.counters.targets += 1
        jobkey = message.extra.get("jobkey")
        if jobkey is not None and self._world.is_repeat(phone, (app.terms.package_name, jobkey)):
            return
        is_shown = self._world.hand_to(
            phone,
            dict(message.form),
            message_id=message_id,
            replaces=str(int(message.form.get("notify_id", 0))),
            has_room=lambda: not message.is_public or phone.marketing.take(app.terms.device_daily_cap, now),
            reports_to=reports_to(message.extra),
        )
        app.acked.count += is_shown and message.is_public

    def unique(self, now: float) -> str:
        """20 digits and letters that no other message of this run has."""
        self._serial += 1
        return f"{int(now):08x}{self._serial:012x}"


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    form = cast("dict[str, str]", orjson.loads(content))
    return {
        "title": form["title"],
        "text": form["description"],
        "channel": form.get("extra.channel_id", ""),
        "category": "",
        "click": _click(form),
        "extras": _object(form.get("payload", "")),
        "raw": form,
    }


def _click(form: Mapping[str, str]) -> dict[str, str]:
    effect = form.get("extra.notify_effect")
    if effect == BROWSER:
        return {"opens": "url", "value": form["extra.web_uri"]}
    if effect != INTENT:
        return {"opens": "app", "value": ""}
    if "extra.intent_uri" not in form:
        return {"opens": "activity", "value": form["extra.class_name"]}
    return _intent(form["extra.intent_uri"])


def _intent(uri: str) -> dict[str, str]:
    parts = intent_parts(uri)
    if "component" in parts:
        _, _, class_name = parts["component"].partition("/")
        return {"opens": "activity", "value": class_name}
    if "scheme" in parts:
        data, _, _ = uri.removeprefix("intent:").rpartition("#Intent;")
        return {"opens": "intent_uri", "value": f"{parts['scheme']}:{data}"}
    if "action" in parts:
        return {"opens": "intent_action", "value": parts["action"]}
    return {"opens": "intent_uri", "value": uri}


def _object(payload: str) -> dict[str, object]:
    try:
        parsed = orjson.loads(payload)
        _check_depth(parsed)
    except (orjson.JSONDecodeError, TypeError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _check_depth(parsed: object) -> None:
    """Raises TypeError if a value is nested too deep to be written again inside an answer of the control API."""
    for _ in range(AROUND_A_PAYLOAD):
        parsed = [parsed]
    orjson.dumps(parsed)
