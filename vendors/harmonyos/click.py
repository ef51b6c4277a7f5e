"""A tap's effect as HarmonyOS's clickAction.

Source: Huawei developers, HarmonyOS reference push-scenariozed-api-request-param, `clickAction`. Quirks: a page is
found by an action or by a uri that the app itself declares, and a tap on what it does not declare opens its home page;
there is no URL to open, and types 3 and 5 are for live views.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vendors.contract import ClickAction, ClickKind

TYPE_HOME = 0
TYPE_PAGE = 1
TYPES: Mapping[ClickKind, int] = {
    ClickKind.OPEN_APP: TYPE_HOME,
    ClickKind.INTENT_ACTION: TYPE_PAGE,
    ClickKind.INTENT_URI: TYPE_PAGE,
}

_ACTION = re.compile(r"\S+")
_URI = re.compile(r"(?!(?:javascript|file|content|data|intent):)[a-z][a-z0-9+.-]*:\S*", re.IGNORECASE)


def click_problem(action: ClickAction) -> str:
    """Why HarmonyOS can't do it, in words; empty if it can."""
    if action.kind not in TYPES:
        return f"click_action {action.kind} is none that harmonyos has"
    if action.kind is ClickKind.INTENT_ACTION and not _ACTION.fullmatch(action.value):
        return "click_action intent_action is badly formed"
    if action.kind is ClickKind.INTENT_URI and not _URI.fullmatch(action.value):
        return (
            "click_action intent_uri must be a link such as app://host/path, "
            "of a scheme other than javascript, file, content, data and intent"
        )
    return ""


def click_members(action: ClickAction) -> dict[str, object]:
    """The clickAction object of an action without a problem."""
    members: dict[str, object] = {"actionType": TYPES[action.kind]}
    if action.kind is ClickKind.INTENT_ACTION:
        members["action"] = action.value
    elif action.kind is ClickKind.INTENT_URI:
        members["uri"] = action.value
    return members
