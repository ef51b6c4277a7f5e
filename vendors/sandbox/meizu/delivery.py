"""What becomes of a message at each phone (§11, targets one by one)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import cast

import orjson

from vendors.sandbox.inbox import InboxFull, Phone
from vendors.sandbox.meizu.apps import App
from vendors.sandbox.meizu.codes import (
    FOLDED,
    PHONE_DAY_SPENT,
    SYSTEM_ERROR,
    WRONG_PUSH_ID,
    Refused,
    not_their_fault,
)
from vendors.sandbox.meizu.message import Message, is_public, notify_key
from vendors.sandbox.meizu.receipts import reports_to
from vendors.sandbox.simulator import World
from vendors.sandbox.words import id_prefix

# Ours: the page calls a push id opaque, and prints some of 45 letters and digits.
PUSH_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")
ALIAS_SHOWN = "alias:"
CLICK_NAMES = {0: "app", 1: "activity"}
MAX_DEPTH = 64
WEB = ("http://", "https://")


class Deliveries:
    """Puts messages on phones, unless the phone is dead or has had enough."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0
        self._minute = 0
        self._of_minute: Counter[tuple[str, str]] = Counter()

    def message_id(self, now: float) -> str:
        """An id of the form `NS…` that no other message of this run has."""
        self._serial += 1
        return f"NS{int(now * 1000):017d}_0_{self._serial}_1_3"

    def phone(self, target: str) -> Phone:
        """The phone of a push id or an alias.

        Raises:
            Refused: 110003 for what is no push id, the code a dead phone was told to answer, or 1001 if the sandbox has
                no room for another phone.
        """
        if not target.startswith(ALIAS_SHOWN) and not PUSH_ID.fullmatch(target):
            raise Refused(WRONG_PUSH_ID, "pushIds", "letters, digits, _ and -", id_prefix(target))
        try:
            phone = self._world.inbox.phone(target)
        except InboxFull as full:
            raise not_their_fault(SYSTEM_ERROR, str(full)) from full
        if phone.is_dead and phone.dead_answer is not None:
            raise not_their_fault(phone.dead_answer)
        return phone

    def deliver(self, app: App, phone: Phone, message: Message, message_id: str, now: float) -> None:
        """Takes a message for a phone.

        Raises:
            Refused: 110011 or 520.
        """
        if not phone.is_dead:
            self._check_allowances(app, phone, message, now)
        self._world.counters.targets += 1
        self._world.hand_to(
            phone,
            message,
            message_id=message_id,
            replaces=notify_key(message),
            reports_to=reports_to(message, app.terms.receipt_token),
        )

    def _check_allowances(self, app: App, phone: Phone, message: Message, now: float) -> None:
        """The phone's day of public messages, then its minute; nothing is taken from either if one refuses."""
        counts, minute_cap = is_public(message), app.terms.device_minute_cap
        if counts and not phone.marketing.has_room(app.terms.device_daily_cap, now):
            raise not_their_fault(PHONE_DAY_SPENT)
        if self._minute != int(now) // 60:
            self._minute, self._of_minute = int(now) // 60, Counter()
        key = (app.terms.app_id, phone.registration_id)
        if minute_cap is not None and self._of_minute[key] >= minute_cap:
            raise not_their_fault(FOLDED)
        self._of_minute[key] += 1
        phone.marketing.count += counts


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    message = cast("Message", orjson.loads(content))
    bar, click = message["noticeBarInfo"], message.get("clickTypeInfo", {})
    address = str(click.get("url") or click.get("activity") or "")
    by_address = "url" if address.startswith(WEB) else "intent_uri"
    return {
        "title": bar["title"],
        "text": bar["content"],
        "channel": "",
        "category": "public" if is_public(message) else "private",
        "click": {"opens": CLICK_NAMES.get(cast("int", click.get("clickType", 0)), by_address), "value": address},
        "extras": _extras(cast("Mapping[str, str]", click.get("parameters", {}))),
        "raw": message,
    }


def _extras(parameters: Mapping[str, str]) -> Mapping[str, object]:
    """What the app gets: the JSON of `ext` where it holds an object (§10), else the parameters as they are."""
    try:
        whole = orjson.loads(parameters.get("ext", ""))
    except orjson.JSONDecodeError:
        return parameters
    return whole if isinstance(whole, dict) and _is_shallow(whole) else parameters


def _is_shallow(value: object, depth: int = MAX_DEPTH) -> bool:
    """Says whether JSON is nested so little that orjson can write it again inside an answer."""
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(part, depth - 1) for part in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(part, depth - 1) for part in value)
    return True
