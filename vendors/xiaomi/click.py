"""A click action as Xiaomi's `notify_effect` and its partner field.

Source: Xiaomi open platform, page 1559; page 1856 for why an effect is always said. Quirk: the phone parses the intent
URI and forces the app's own package on it, so a tap opens the app itself or the browser, never another app.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from vendors.contract import ClickAction, ClickKind

LAUNCHER, INTENT, BROWSER = "1", "2", "3"
EFFECTS: Mapping[ClickKind, str] = {
    ClickKind.OPEN_APP: LAUNCHER,
    ClickKind.URL: BROWSER,
    ClickKind.ACTIVITY: INTENT,
    ClickKind.INTENT_ACTION: INTENT,
    ClickKind.INTENT_URI: INTENT,
}
_PATTERNS: Mapping[ClickKind, re.Pattern[str]] = {
    ClickKind.OPEN_APP: re.compile(r".*", re.DOTALL),
    ClickKind.URL: re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE),
    # Nested classes are written with $; a leading dot stands for the app's package.
    ClickKind.ACTIVITY: re.compile(r"(?:[A-Za-z_][\w$]*)?(?:\.[A-Za-z_][\w$]*)+", re.ASCII),
    # Half of a surrogate pair can't be percent-encoded.
    ClickKind.INTENT_ACTION: re.compile(r"[^\s\ud800-\udfff]+"),
    ClickKind.INTENT_URI: re.compile(
        r"intent:\S*#Intent;\S*end|(?!(?:intent|javascript|file|content|data):)[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE
    ),
}


def is_well_formed(action: ClickAction) -> bool:
    """Whether its value is what its kind asks for."""
    return _PATTERNS[action.kind].fullmatch(action.value) is not None


def click_extra(action: ClickAction, package_name: str, *, intent_ext: str) -> dict[str, str]:
    """The extra pairs of a well-formed click action.

    Args:
        action: what a tap does.
        package_name: of the app.
        intent_ext: text that an intent made here carries as the string extra `ext`; empty: none.
    """
    effect = {"notify_effect": EFFECTS[action.kind]}
    extras = f"S.ext={quote(intent_ext, safe='')};" if intent_ext else ""
    match action.kind:
        case ClickKind.OPEN_APP:
            return effect
        case ClickKind.URL:
            return effect | {"web_uri": action.value}
        case ClickKind.ACTIVITY:
            return effect | {"intent_uri": f"intent:#Intent;component={package_name}/{action.value};{extras}end"}
        case ClickKind.INTENT_ACTION:
            return effect | {"intent_uri": f"intent:#Intent;action={quote(action.value, safe='')};{extras}end"}
        case ClickKind.INTENT_URI:
            return effect | {"intent_uri": _intent_uri(action.value)}


def _intent_uri(link: str) -> str:
    """The link itself if it is an intent already, else the intent that views it."""
    scheme, _, rest = link.partition(":")
    if scheme.lower() == "intent":
        return link
    return f"intent:{rest}#Intent;scheme={scheme};end"
