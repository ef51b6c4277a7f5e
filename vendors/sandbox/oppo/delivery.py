"""What becomes of a push that breaks no rule (§3.3, steps 8 to 10)."""

from __future__ import annotations

from typing import cast

import orjson

from vendors.sandbox.inbox import InboxFull, Phone
from vendors.sandbox.oppo.apps import App
from vendors.sandbox.oppo.codes import UNAVAILABLE, not_their_fault
from vendors.sandbox.oppo.notification import CLICK_NAMES, Notification, is_marketing
from vendors.sandbox.oppo.receipts import reports_to
from vendors.sandbox.simulator import World


class Deliveries:
    """Puts accepted notifications on phones, unless the phone is dead, has had enough, or had this one before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._serial = 0

    def check_phone(self, target: str) -> Phone:
        """The phone of a target.

        Raises:
            Refused: the code a dead phone was told to answer; -1 if the sandbox has no room for another phone.
        """
        try:
            phone = self._world.inbox.phone(target)
        except InboxFull as full:
            raise not_their_fault(UNAVAILABLE, str(full)) from full
        if phone.is_dead and phone.dead_answer is not None:
            raise not_their_fault(phone.dead_answer)
        return phone

    def accept(
        self, app: App, phone: Phone, notification: Notification, now: float, *, is_broadcast: bool = False
    ) -> str:
        """Takes one push, and says its message id, which promises nothing.

        Raises:
            Refused: 33.
        """
        counts = is_broadcast or is_marketing(notification)
        if counts:
            app.check_daily_limit(now)
        message_id = f"{app.terms.app_id}-1-1-{self.unique(now)}"
        self._world.counters.targets += 1
        dedup_id = notification.get("app_message_id")
        if dedup_id is not None and self._world.is_repeat(phone, (app.terms.app_key, dedup_id)):
            return message_id
        app.marketing.count += counts
        self._world.hand_to(
            phone,
            notification,
            message_id=message_id,
            replaces=str(notification.get("notify_id", "")),
            has_room=lambda: not counts or phone.marketing.take(app.terms.device_daily_cap, now),
            reports_to=reports_to(notification, app.terms.app_id),
        )
        return message_id

    def unique(self, now: float) -> str:
        """24 hex digits that no other message of this run has."""
        self._serial += 1
        return f"{int(now):08x}{self._serial:016x}"


def show(content: bytes) -> dict[str, object]:
    """A kept notification in neutral words; `Simulator.show` says which."""
    notification = cast("dict[str, object]", orjson.loads(content))
    click = CLICK_NAMES[cast("int", notification.get("click_action_type", 0))]
    target = notification.get("click_action_url") or notification.get("click_action_activity") or ""
    return {
        "title": notification["title"],
        "text": notification["content"],
        "channel": notification.get("channel_id", ""),
        "category": notification.get("category", ""),
        "click": {"opens": click, "value": target},
        "extras": orjson.loads(cast("str", notification.get("action_parameters", "{}"))),
        "raw": notification,
    }
