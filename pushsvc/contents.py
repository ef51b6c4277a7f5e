"""Equal contents found among messages taken together, so that one vendor call can carry them to all their users. Pure.

Two messages share a content only if nobody gets both: the words of one must not take the place of the other's.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import orjson

from vendors.contract import Notification


class Contents:
    """The contents of one batch of messages; times are the batch's, so equal ones differ in what is asked only."""

    def __init__(self) -> None:
        self._newest: dict[Hashable, _Content] = {}

    def share(
        self, message_id: int, app_id: str, user_ids: Sequence[str], notification: Notification, *times_ms: int
    ) -> tuple[int, Notification]:
        """The id of the message whose content this one has, its own if it is the first; and that content.

        Args:
            message_id: its id.
            app_id: messages of different apps never share.
            user_ids: who gets it.
            notification: what they get.
            times_ms: when it is due and when it ends.
        """
        key = (app_id, times_ms, _comparable(notification))
        content = self._newest.get(key)
        if content is None or not content.user_ids.isdisjoint(user_ids):
            content = self._newest[key] = _Content(message_id, notification)
        content.user_ids.update(user_ids)
        return content.content_id, content.notification


class _Content:
    """One content and who gets it."""

    __slots__ = ("content_id", "notification", "user_ids")

    def __init__(self, content_id: int, notification: Notification) -> None:
        self.content_id = content_id
        self.notification = notification
        self.user_ids: set[str] = set()


def _comparable(notification: Notification) -> Hashable:
    options = notification.vendor_options
    return (
        notification.title,
        notification.body,
        notification.ext,
        notification.click_action,
        notification.channel_id,
        notification.category,
        notification.collapse_id,
        notification.badge,
        notification.sound,
        orjson.dumps(options, option=orjson.OPT_SORT_KEYS) if options else b"",
    )
