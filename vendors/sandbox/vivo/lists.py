"""saveListPayload and pushToList: one message for many phones (§2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from vendors.sandbox.vivo.apps import App
from vendors.sandbox.vivo.codes import (
    BAD_REQUEST,
    NO_TARGETS,
    TASK_ID_EMPTY,
    UNKNOWN_TASK_ID,
    WRONG_COUNT_OF_ALIASES,
    WRONG_COUNT_OF_REG_IDS,
    WRONG_TASK_ID,
    Refused,
)
from vendors.sandbox.vivo.fields import PUSH_MODE, TARGETS, check_field
from vendors.sandbox.vivo.message import ALIAS_SHOWN, Body, Checked, check_keys, check_request_id
from vendors.sandbox.words import quoted

LIFE = 24 * 3600
MAX_SAVED = 10_000
COUNT = range(2, 1001)
MAX_TASK_ID_DIGITS = 20
KEYS = frozenset({"appId", "regIds", "aliases", "taskId", "requestId", "pushMode"})


@dataclass(frozen=True, slots=True)
class Saved:
    """A message that waits for its phones.

    Attributes:
        app_id: whose.
        message: the message.
        at: Unix time in seconds.
    """

    app_id: str
    message: Checked
    at: float


class SavedMessages:
    """What saveListPayload saved, each for 24 hours (ours); past `MAX_SAVED` the oldest is forgotten."""

    def __init__(self) -> None:
        self._saved: dict[str, Saved] = {}

    def save(self, app: App, message: Checked, task_id: str, now: float) -> None:
        """Keeps a message under its task id."""
        if len(self._saved) >= MAX_SAVED:
            del self._saved[next(iter(self._saved))]
        self._saved[task_id] = Saved(app.terms.app_id, message, now)

    def find(self, app: App, body: Body, now: float) -> tuple[str, Checked]:
        """The task id that a push names, and its message. It may be pushed any number of times.

        Raises:
            Refused: 10151, 10152, 10155 or 400.
        """
        task_id = body.get("taskId")
        if task_id in (None, ""):
            raise Refused(TASK_ID_EMPTY, "taskId", "the one that saveListPayload gave", "none")
        if not isinstance(task_id, str) or not task_id.isdecimal() or len(task_id) > MAX_TASK_ID_DIGITS:
            raise Refused(WRONG_TASK_ID, "taskId", "a string of decimal digits", quoted(task_id))
        saved = self._saved.get(task_id)
        if saved is None or saved.app_id != app.terms.app_id:
            raise Refused(UNKNOWN_TASK_ID, "taskId", "one of a message of this app", quoted(task_id))
        if now - saved.at >= LIFE:
            age = f"one of {(now - saved.at) / 3600:.1f} hours"
            raise Refused(UNKNOWN_TASK_ID, "taskId", "one younger than 24 hours", age)
        mode = saved.message.body.get("pushMode", 0)
        if body.get("pushMode", 0) != mode:
            raise Refused(BAD_REQUEST, "pushMode", f"{mode}, as the message was saved", quoted(body.get("pushMode", 0)))
        return task_id, saved.message

    def clear(self) -> None:
        """Forgets all."""
        self._saved.clear()


def check_push(body: Body) -> Mapping[str, str]:
    """Checks a push to a list, but for its task id.

    Returns:
        The phones as they are called here, each with what the call named it by.

    Raises:
        Refused: with the field at fault.
    """
    check_request_id(body)
    targets = _targets(body)
    check_field("pushMode", PUSH_MODE, body)
    check_keys(body, KEYS)
    return targets


def targets_of(body: object) -> Sequence[str]:
    """The registration ids that a push to a list names, as far as they can be read."""
    targets = body.get("regIds") if isinstance(body, dict) else None
    return [target for target in targets if isinstance(target, str)] if isinstance(targets, list) else ()


def _targets(body: Body) -> Mapping[str, str]:
    """The registration ids win over aliases."""
    if body.get("regIds") not in (None, []):
        return {target: target for target in _distinct(body, "regIds", "regId", WRONG_COUNT_OF_REG_IDS)}
    if body.get("aliases") not in (None, []):
        aliases = _distinct(body, "aliases", "alias", WRONG_COUNT_OF_ALIASES)
        return {ALIAS_SHOWN + alias: alias for alias in aliases}
    raise Refused(NO_TARGETS, "regIds", "registration ids or aliases", "neither")


def _distinct(body: Body, name: str, kind: str, wrong_count: int) -> Sequence[str]:
    targets = body[name]
    if not isinstance(targets, list):
        raise Refused(wrong_count, name, "an array", quoted(targets))
    if len(targets) not in COUNT:
        raise Refused(wrong_count, name, f"{COUNT[0]} to {COUNT[-1]} of them", str(len(targets)))
    field = TARGETS[kind]
    for at, target in enumerate(targets):
        if target == "" or not field.accepts(target):
            raise Refused(field.code, f"{name}[{at}]", field.expected, quoted(target))
    if len(set(targets)) < len(targets):
        raise Refused(wrong_count, name, "each one once", f"{len(targets) - len(set(targets))} of them again")
    return cast("Sequence[str]", targets)
