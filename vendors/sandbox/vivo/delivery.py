"""What becomes of a push that breaks no rule."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import unquote

import orjson

from vendors.sandbox.allowance import day_of
from vendors.sandbox.inbox import Phone
from vendors.sandbox.simulator import World
from vendors.sandbox.vivo.apps import App
from vendors.sandbox.vivo.codes import WRONG_REG_ID, Refused, not_their_fault
from vendors.sandbox.vivo.message import HOME, LINK, PAGE, Checked
from vendors.sandbox.vivo.receipts import reports_to

NO_SUCH_USER, NO_TEST_USER = 1, 4
TASK_ID_BASE = 541_362_618_526_760_000

_COMPONENT = re.compile(r"intent:#Intent;component=[^;/]+/([^;]+);end")
_ACTION = re.compile(r"intent:#Intent;action=([^;]+);(?:package=[^;]+;)?end")


class Deliveries:
    """Puts accepted notifications on phones, unless the phone is dead or has had enough.

    vivo promises no dedup by request id, so a repeat is shown again; the same `notifyId` replaces on screen.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def task_id(self) -> str:
        """A fresh one, which promises nothing."""
        self._serial += 1
        return str(TASK_ID_BASE + self._serial)

    def check_phone(self, app: App, target: str, message: Checked) -> Phone:
        """The phone that a message is for.

        Raises:
            Refused: the code a dead phone was told to answer; 10302 for a test to a phone that is for none.
            InboxFull: the sandbox has no room for another phone.
        """
        if message.is_test and not app.terms.is_test_device(target):
            raise not_their_fault(WRONG_REG_ID, user_status=NO_TEST_USER)
        phone = self._world.inbox.phone(target)
        if phone.is_dead and phone.dead_answer is not None:
            raise refused_phone(phone.dead_answer)
        return phone

    def accept(self, app: App, phone: Phone, message: Checked, task_id: str, *, request_id: str) -> None:
        """Takes a message for one phone.

        Args:
            app: whose.
            phone: for which.
            message: the message.
            task_id: of the push.
            request_id: of the call that named the phone.
        """
        now = self._world.clock()
        counters = self._world.counters
        counters.targets += 1
        if not message.is_test:
            app.sent[message.classification].count += 1
        if not self._world.inbox.dedup.is_repeat((app.terms.app_id, request_id, phone.registration_id)):
            phone.distinct += 1
        if not phone.is_dead and self._is_same_news(app, phone, message, now):
            phone.duplicates += 1
            counters.duplicates += 1
            return
        self._world.hand_to(
            phone,
            message.body,
            message_id=task_id,
            replaces=str(message.body.get("notifyId", "")),
            has_room=lambda: _has_room(app, phone, message, now),
            reports_to=reports_to(message.body),
        )

    def _is_same_news(self, app: App, phone: Phone, message: Checked, now: float) -> bool:
        """Says whether an operation message tells a phone the same again, which vivo drops; for a day (ours)."""
        if message.classification or message.is_test:
            return False
        text = (message.body["title"], message.body["content"])
        return self._world.inbox.dedup.is_repeat((app.terms.app_id, phone.registration_id, day_of(now), text))


def refused_phone(code: int | str, text: str = "") -> Refused:
    """The refusal of one phone; with 10302 vivo says which and why."""
    return not_their_fault(code, text, user_status=NO_SUCH_USER if code == WRONG_REG_ID else 0)


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    body = cast("dict[str, object]", orjson.loads(content))
    return {
        "title": body["title"],
        "text": body["content"],
        "channel": "",
        "category": body.get("category", ""),
        "click": _click(body),
        "extras": body.get("clientCustomMap", {}),
        "raw": body,
    }


def _click(body: dict[str, object]) -> dict[str, object]:
    kind, value = body["skipType"], cast("str", body.get("skipContent", ""))
    if kind == LINK:
        return {"opens": "url", "value": value}
    if kind != PAGE:
        # Type 3 hands its text to the app, which newer client SDKs no longer do.
        return {"opens": "app", "value": "" if kind == HOME else value}
    if component := _COMPONENT.fullmatch(value):
        return {"opens": "activity", "value": unquote(component[1])}
    if action := _ACTION.fullmatch(value):
        return {"opens": "intent_action", "value": unquote(action[1])}
    return {"opens": "intent_uri" if ":" in value else "activity", "value": value}


def _has_room(app: App, phone: Phone, message: Checked, now: float) -> bool:
    """Says whether the phone's day has room for one more operation message, and takes it."""
    if message.classification or message.is_test:
        return True
    return phone.marketing.take(app.terms.device_daily_cap, now)
