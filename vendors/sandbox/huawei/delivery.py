"""What becomes of a send that breaks no rule: each token by itself (§4.1, §6)."""

from __future__ import annotations

import re
from typing import cast

import orjson

from vendors.sandbox.huawei.apps import App
from vendors.sandbox.huawei.message import Send
from vendors.sandbox.huawei.receipts import reports_to
from vendors.sandbox.inbox import InboxFull
from vendors.sandbox.simulator import Call, World

# The page shows no token's shape: whatever has no white space and is not too long passes for one.
TOKEN = re.compile(r"[!-~]{1,512}")
COMPONENT = re.compile(r"intent:#Intent;component=[\w.]+/(?P<class_name>[\w.$]+);(\S*;)?end")
DEEP_LINK = re.compile(r"intent:(?P<rest>\S*)#Intent;(?:\S*;)?scheme=(?P<scheme>[^;]+);\S*end")


class Deliveries:
    """Puts notifications on phones, unless the phone is dead or has had enough for the day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def request_id(self, now: float) -> str:
        """Digits that no other call of this run has."""
        self._serial += 1
        return f"{int(now * 1000)}{self._serial:012d}"

    def is_illegal(self, call: Call, token: str) -> bool:
        """Whether a token is one of the illegal ones."""
        if not TOKEN.fullmatch(token) or call.plan.refusal_of(token) is not None:
            return True
        phone = self._world.inbox.find(token)
        if phone is not None and phone.is_dead and phone.dead_answer is not None:
            return True
        try:
            self._world.inbox.phone(token)
        except InboxFull:
            return True
        return False

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
            reports_to=reports_to(app.terms, send.android.get("bi_tag"), self._world.nonce),
        )


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    kept = cast("dict[str, dict[str, object]]", orjson.loads(content))
    notification = cast("dict[str, object]", kept["android"]["notification"])
    return {
        "title": notification["title"],
        "text": notification["body"],
        "channel": notification.get("channel_id", ""),
        "category": kept["android"].get("category", "MARKETING"),
        "click": _click(cast("dict[str, object]", notification["click_action"])),
        "extras": _extras(cast("str", kept["data"])),
        "raw": kept["android"],
    }


def _extras(data: str) -> dict[str, object]:
    """What the app gets: the members of a JSON object, else the text as it is."""
    try:
        parsed = orjson.loads(data or "{}")
    except orjson.JSONDecodeError:
        parsed = None
    return parsed if isinstance(parsed, dict) else {"data": data}


def _click(action: dict[str, object]) -> dict[str, object]:
    if "url" in action:
        return {"opens": "url", "value": action["url"]}
    intent = cast("str", action.get("intent", ""))
    # The intent wins where both are given.
    if not intent and "action" in action:
        return {"opens": "intent_action", "value": action["action"]}
    if component := COMPONENT.fullmatch(intent):
        return {"opens": "activity", "value": component["class_name"]}
    if link := DEEP_LINK.fullmatch(intent):
        return {"opens": "intent_uri", "value": f"{link['scheme']}:{link['rest']}"}
    return {"opens": "intent_uri", "value": intent} if intent else {"opens": "app", "value": ""}


def _replaces(send: Send) -> str:
    notify_id, tag = send.notification.get("notify_id", -1), send.notification.get("tag", "")
    return "" if notify_id == -1 and not tag else f"{notify_id}/{tag}"
