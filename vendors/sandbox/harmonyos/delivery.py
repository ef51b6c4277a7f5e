"""What becomes of a send that breaks no rule: each token by itself (§4.1, §6)."""

from __future__ import annotations

import re
from typing import cast

import orjson

from vendors.sandbox.faults import Effect
from vendors.sandbox.harmonyos.apps import App
from vendors.sandbox.harmonyos.codes import ALL_TOKENS_INVALID
from vendors.sandbox.harmonyos.message import Send
from vendors.sandbox.harmonyos.receipts import reports_to
from vendors.sandbox.inbox import InboxFull
from vendors.sandbox.simulator import Call, World

# The page shows no token's shape: whatever has no white space and is not too long passes for one.
TOKEN = re.compile(r"[!-~]{1,512}")
MARKETING = "MARKETING"
DEAD, ALIVE = "tokenFormatError", "countryNotSupport"


class Deliveries:
    """Puts notifications on phones, unless the phone is dead, has had enough for the day, or had this one before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def request_id(self, now: float) -> str:
        """24 digits that no other call of this run has."""
        self._serial += 1
        return f"{int(now * 1000):013d}{self._serial:011d}"

    def reason_against(self, call: Call, token: str) -> str:
        """Why a token is illegal, in Huawei's word; empty if it is not."""
        if not TOKEN.fullmatch(token):
            return DEAD
        if (effect := call.plan.refusal_of(token)) is not None:
            return _reason_of(effect)
        try:
            phone = self._world.inbox.phone(token)
        except InboxFull:
            return ALIVE
        if phone.is_dead and phone.dead_answer is not None:
            return DEAD if phone.dead_answer == ALL_TOKENS_INVALID else ALIVE
        return ""

    def accept(self, app: App, send: Send, token: str, request_id: str, now: float) -> None:
        """Takes one push."""
        phone = self._world.inbox.phone(token)
        self._world.counters.targets += 1
        message_id = send.notification.get("appMessageId")
        if message_id is not None and self._world.is_repeat(phone, (app.terms.project_id, message_id)):
            return
        # Without the right it is treated as marketing, and no error (§6.1).
        category = send.notification["category"] if app.terms.may_classify else MARKETING
        counts = category == MARKETING and not send.is_test
        self._world.hand_to(
            phone,
            {"category": category, "notification": send.notification, "pushOptions": send.push_options},
            message_id=request_id,
            replaces=_replaces(send),
            has_room=lambda: not counts or phone.marketing.take(app.terms.device_daily_cap, now),
            reports_to=reports_to(app.terms, send.push_options.get("biTag"), self._world.nonce),
        )


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    kept = cast("dict[str, dict[str, object]]", orjson.loads(content))
    notification = kept["notification"]
    click = cast("dict[str, object]", notification["clickAction"])
    return {
        "title": notification["title"],
        "text": notification["body"],
        "channel": "",
        "category": kept["category"],
        "click": _click(click),
        "extras": click.get("data", {}),
        "raw": {"notification": notification, "pushOptions": kept["pushOptions"]},
    }


def _click(click: dict[str, object]) -> dict[str, object]:
    if "action" in click:
        return {"opens": "intent_action", "value": click["action"]}
    return {"opens": "intent_uri", "value": click["uri"]} if "uri" in click else {"opens": "app", "value": ""}


def _reason_of(effect: Effect) -> str:
    """A fault's message is the reason; without one its code says whether the token is dead."""
    return effect.message or (DEAD if effect.value == ALL_TOKENS_INVALID else ALIVE)


def _replaces(send: Send) -> str:
    notify_id = send.notification.get("notifyId", -1)
    return "" if notify_id == -1 else str(notify_id)
