"""save_message_content and broadcast: one message for many targets, always counted as marketing (§2.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from vendors.sandbox.oppo.apps import App
from vendors.sandbox.oppo.codes import (
    ACCESS_DENIED,
    DATA_NOT_EXIST,
    INVALID_ARGUMENTS,
    MISSING_ARGUMENTS,
    Refused,
)
from vendors.sandbox.oppo.fields import INTEGER, from_form
from vendors.sandbox.oppo.form import Form
from vendors.sandbox.oppo.message import ALIAS, ALIAS_SHOWN, REGISTRATION_ID
from vendors.sandbox.oppo.notification import Notification, check_class, check_fields
from vendors.sandbox.words import quoted

ALL_DEVICES, TAGS = 1, 6
MAX_TARGETS = 1000
MAX_SAVED = 10_000
TAG_PARTS = frozenset({"or", "and", "not"})


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored message.

    Attributes:
        app_key: whose.
        notification: its content.
    """

    app_key: str
    notification: Notification


class SavedMessages:
    """What save_message_content stored; past `MAX_SAVED` the oldest is forgotten."""

    def __init__(self) -> None:
        self._saved: dict[str, Saved] = {}
        self._ids: dict[tuple[str, object], str] = {}

    def save(self, app: App, form: Form, new_id: str) -> str:
        """Stores what the form holds and says its id; the same `app_message_id` again gives the first id (ours).

        Raises:
            Refused: as for any notification.
        """
        notification = from_form(form)
        check_fields(notification, is_unicast=False)
        check_class(notification, app.terms)
        key = (app.terms.app_key, notification.get("app_message_id", new_id))
        if key in self._ids:
            return self._ids[key]
        if len(self._saved) >= MAX_SAVED:
            del self._saved[next(iter(self._saved))]
            del self._ids[next(iter(self._ids))]
        self._saved[new_id] = Saved(app.terms.app_key, notification)
        self._ids[key] = new_id
        return new_id

    def find(self, app: App, form: Form) -> Notification:
        """The message a broadcast names.

        Raises:
            Refused: 40 or 31.
        """
        message_id = form.get("message_id")
        if not message_id:
            raise Refused(MISSING_ARGUMENTS, "message_id", "the id of a stored message", "none")
        saved = self._saved.get(message_id)
        if saved is None or saved.app_key != app.terms.app_key:
            raise Refused(DATA_NOT_EXIST, "message_id", "the id of a stored message", quoted(message_id))
        return saved.notification

    def clear(self) -> None:
        """Forgets all."""
        self._saved.clear()
        self._ids.clear()


def targets_of(app: App, form: Form, notification: Notification) -> tuple[int, Sequence[str]]:
    """The targets of a broadcast, each still to be checked.

    Returns:
        The target type, and the registration ids or aliases; none for tags and for all devices, since the sandbox knows
        nobody's.

    Raises:
        Refused: 40, 41 or 27.
    """
    kind, value = form.get("target_type"), form.get("target_value")
    if not kind:
        raise Refused(MISSING_ARGUMENTS, "target_type", "2, 5 or 6", "none")
    target_type = int(kind) if INTEGER.fullmatch(kind) else 0
    if target_type == ALL_DEVICES:
        if not app.terms.allow_all_devices:
            raise Refused(ACCESS_DENIED, "target_type", "2, 5 or 6", "1, which is no longer offered")
        return ALL_DEVICES, ()
    if target_type not in (REGISTRATION_ID, ALIAS, TAGS):
        raise Refused(INVALID_ARGUMENTS, "target_type", "2, 5 or 6", quoted(kind))
    if not value:
        raise Refused(MISSING_ARGUMENTS, "target_value", "the targets", "none")
    if "call_back_url" in notification and target_type != REGISTRATION_ID:
        raise Refused(INVALID_ARGUMENTS, "call_back_url", "none but for registration ids", "one")
    if target_type == TAGS:
        _check_tags(value)
        return TAGS, ()
    targets = value.split(";")
    if len(targets) > MAX_TARGETS:
        raise Refused(INVALID_ARGUMENTS, "target_value", f"at most {MAX_TARGETS} targets", str(len(targets)))
    if target_type == ALIAS:
        return ALIAS, [ALIAS_SHOWN + target for target in targets]
    return target_type, targets


def _check_tags(value: str) -> None:
    expected = "a JSON object of the arrays or, and, not"
    try:
        tags = cast("object", orjson.loads(value))
    except orjson.JSONDecodeError:
        tags = None
    if not isinstance(tags, dict) or tags.keys() - TAG_PARTS or not all(_is_texts(part) for part in tags.values()):
        raise Refused(INVALID_ARGUMENTS, "target_value", expected, quoted(value))


def _is_texts(part: object) -> bool:
    return isinstance(part, list) and all(isinstance(tag, str) for tag in cast("Iterator[object]", part))
