"""What a tap does, in vivo's words.

Source: vivo developer centre, doc 156 "click content". Quirks: a page inside the app is named by an Android intent URI,
and so are a class and an action; the older custom click text (`skipType` 3) is gone from newer client SDKs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from vendors.contract import ClickAction, ClickKind

OPEN_HOME = 1
OPEN_LINK = 2
OPEN_PAGE = 4
MAX_SKIP_CONTENT = 1024

SKIP_TYPES: Mapping[ClickKind, int] = {
    ClickKind.OPEN_APP: OPEN_HOME,
    ClickKind.URL: OPEN_LINK,
    ClickKind.ACTIVITY: OPEN_PAGE,
    ClickKind.INTENT_ACTION: OPEN_PAGE,
    ClickKind.INTENT_URI: OPEN_PAGE,
}
PATTERNS: Mapping[ClickKind, re.Pattern[str]] = {
    ClickKind.URL: re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE),
    ClickKind.ACTIVITY: re.compile(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+"),
    # Half of a surrogate pair can't be percent-encoded.
    ClickKind.INTENT_ACTION: re.compile(r"[^\s\ud800-\udfff]+"),
    ClickKind.INTENT_URI: re.compile(r"(?!(?:javascript|file|content|data):)[a-z][a-z0-9+.-]*:\S*", re.IGNORECASE),
}


def click_members(action: ClickAction, package_name: str) -> dict[str, object]:
    """The fields of a tap, for an action without problems."""
    members: dict[str, object] = {"skipType": SKIP_TYPES[action.kind]}
    if action.kind is not ClickKind.OPEN_APP:
        members["skipContent"] = _skip_content(action, package_name)
    return members


def click_problems(action: ClickAction, package_name: str) -> Iterator[str]:
    """Why vivo can't do an action, in words."""
    pattern = PATTERNS.get(action.kind)
    if pattern is None:
        return
    if not pattern.fullmatch(action.value):
        yield f"click_action {action.kind} is badly formed"
    elif action.kind is ClickKind.ACTIVITY and not package_name:
        yield "click_action activity needs the app's package; set package_name in the cert"
    elif (length := len(_skip_content(action, package_name))) > MAX_SKIP_CONTENT:
        yield f"click_action {action.kind} has {length} characters as vivo takes it; vivo allows {MAX_SKIP_CONTENT}"


def _skip_content(action: ClickAction, package_name: str) -> str:
    if action.kind is ClickKind.ACTIVITY:
        return f"intent:#Intent;component={package_name}/{quote(action.value)};end"
    if action.kind is ClickKind.INTENT_ACTION:
        package = f"package={package_name};" if package_name else ""
        return f"intent:#Intent;action={quote(action.value)};{package}end"
    return action.value
