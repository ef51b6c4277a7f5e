"""A tap's effect as Huawei and Honor take it: the same object, down to the names of its keys.

Source: Huawei developers, "click_action" of the v1 send and the guide `andorid-basic-clickaction-0000001087554076`;
Honor developers, `developer.honor.com/cn/docs/11002`, `clickAction`. Quirk: a deep link goes as the text that Android's
`Intent.toUri(URI_INTENT_SCHEME)` makes; without launchFlags CLEAR_TOP a tap can open a page twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vendors.contract import ClickAction, ClickKind
from vendors.option_rules import CLASS_NAME, HTTPS_URL

TYPE_INTENT = 1
TYPE_URL = 2
TYPE_OPEN_APP = 3
TYPES: Mapping[ClickKind, int] = {
    ClickKind.OPEN_APP: TYPE_OPEN_APP,
    ClickKind.URL: TYPE_URL,
    ClickKind.ACTIVITY: TYPE_INTENT,
    ClickKind.INTENT_ACTION: TYPE_INTENT,
    ClickKind.INTENT_URI: TYPE_INTENT,
}

_ACTION = re.compile(r"\S+")
_INTENT_TEXT = re.compile(r"intent:\S*#Intent;\S*;?end")
_DEEP_LINK = re.compile(
    r"(?!(?:javascript|file|content|data|intent):)(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>\S*)", re.IGNORECASE
)
_CLEAR_TOP = "launchFlags=0x4000000;"


def click_problem(action: ClickAction, package_name: str, vendor: str) -> str:
    """Why the vendor can't do it, in words; empty if it can."""
    if action.kind is ClickKind.URL and not HTTPS_URL.fullmatch(action.value):
        return f"click_action url must be an https URL: {vendor} opens no other"
    if action.kind is ClickKind.ACTIVITY and not package_name:
        return "click_action activity needs the app's package: set package_name in the cert"
    if action.kind is ClickKind.ACTIVITY and not CLASS_NAME.fullmatch(action.value):
        return "click_action activity must be a full class name"
    if action.kind is ClickKind.INTENT_ACTION and not _ACTION.fullmatch(action.value):
        return "click_action intent_action is badly formed"
    if action.kind is ClickKind.INTENT_URI and not _intent_text(action.value):
        return "click_action intent_uri must be a deep link, of a scheme other than javascript, file, content and data"
    return ""


def click_members(action: ClickAction, package_name: str) -> Mapping[str, object]:
    """The click object of an action without a problem."""
    members: dict[str, object] = {"type": TYPES[action.kind]}
    if action.kind is ClickKind.URL:
        members["url"] = action.value
    elif action.kind is ClickKind.ACTIVITY:
        members["intent"] = f"intent:#Intent;component={package_name}/{action.value};{_CLEAR_TOP}end"
    elif action.kind is ClickKind.INTENT_ACTION:
        members["action"] = action.value
    elif action.kind is ClickKind.INTENT_URI:
        members["intent"] = _intent_text(action.value)
    return members


def _intent_text(link: str) -> str:
    """A deep link as the text of an intent; such a text stays as it is; empty for anything else."""
    if _INTENT_TEXT.fullmatch(link):
        return link
    if parts := _DEEP_LINK.fullmatch(link):
        return f"intent:{parts['rest']}#Intent;scheme={parts['scheme']};{_CLEAR_TOP}end"
    return ""
