"""What becomes of a send that breaks no rule: each token by itself (§3, §5)."""

from __future__ import annotations

import re
from typing import cast

import orjson

from vendors.sandbox.honor.apps import App
from vendors.sandbox.honor.codes import ALL_TOKENS_INVALID
from vendors.sandbox.honor.message import COMPONENT, Send
from vendors.sandbox.honor.receipts import reports_to
from vendors.sandbox.inbox import InboxFull
from vendors.sandbox.simulator import Call, World

# The page shows no token's shape: whatever has no white space and is not too long passes for one.
TOKEN = re.compile(r"[!-~]{1,512}")
DEEP_LINK_PARTS = re.compile(r"intent:(?P<rest>\S*)#Intent;(?:\S*;)?scheme=(?P<scheme>[^;]+);\S*end")


class Deliveries:
    """Puts notifications on phones, unless the phone is dead or has had enough for the day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def request_id(self, now: float) -> str:
        """24 hex digits that no other call of this run has."""
        self._serial += 1
        return f"{int(now):08x}{self._serial:016x}"

    def failure_of(self, call: Call, token: str) -> str:
        """In which list a token belongs: `expireTokens`, `failTokens`, or neither ("")."""
        if not TOKEN.fullmatch(token):
            return "expireTokens"
        if (effect := call.plan.refusal_of(token)) is not None:
            return _list_of(effect.value)
        phone = self._world.inbox.find(token)
        if phone is not None and phone.is_dead and phone.dead_answer is not None:
            return _list_of(phone.dead_answer)
        try:
            self._world.inbox.phone(token)
        except InboxFull:
            return "failTokens"
        return ""

    def accept(self, app: App, send: Send, token: str, request_id: str, now: float) -> None:
        """Takes one push."""
        phone = self._world.inbox.phone(token)
        self._world.counters.targets += 1
        phone.distinct += 1
        counts = send.is_marketing and not send.is_test
        self._world.hand_to(
            phone,
            {"android": {**send.android, "notification": send.notification}, "data": send.data},
            message_id=request_id,
            replaces=_replaces(send),
            has_room=lambda: not counts or phone.marketing.take(app.terms.device_daily_cap, now),
            reports_to=reports_to(app.terms, send.android.get("biTag")),
        )


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    kept = cast("dict[str, dict[str, object]]", orjson.loads(content))
    notification = cast("dict[str, object]", kept["android"]["notification"])
    return {
        "title": notification["title"],
        "text": notification["body"],
        "channel": "",
        "category": notification.get("importance", "LOW"),
        "click": _click(cast("dict[str, object]", notification["clickAction"])),
        "extras": orjson.loads(cast("str", kept["data"]) or "{}"),
        "raw": kept["android"],
    }


def _click(action: dict[str, object]) -> dict[str, object]:
    if "url" in action:
        return {"opens": "url", "value": action["url"]}
    if "action" in action:
        return {"opens": "intent_action", "value": action["action"]}
    intent = cast("str", action.get("intent", ""))
    if COMPONENT.fullmatch(intent):
        return {"opens": "activity", "value": intent.partition("/")[2].partition(";")[0]}
    if link := DEEP_LINK_PARTS.fullmatch(intent):
        return {"opens": "intent_uri", "value": f"{link['scheme']}:{link['rest']}"}
    return {"opens": "intent_uri", "value": intent} if intent else {"opens": "app", "value": ""}


def _list_of(code: object) -> str:
    return "expireTokens" if code == ALL_TOKENS_INVALID else "failTokens"


def _replaces(send: Send) -> str:
    notify_id, tag = send.notification.get("notifyId", -1), send.notification.get("tag", "")
    return "" if notify_id == -1 and not tag else f"{notify_id}/{tag}"
