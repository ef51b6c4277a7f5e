"""A click action as Meizu's `clickTypeInfo`.

Source: Meizu's server API, `clickTypeInfo`, and what its client SDK does with it. Quirks: type 2 parses any address and
views it, but knows no `intent:` URI, and drops `parameters`; type 3 is broken since Android 12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from vendors.contract import ClickAction, ClickKind

CLICK_KINDS = frozenset({ClickKind.OPEN_APP, ClickKind.URL, ClickKind.ACTIVITY, ClickKind.INTENT_URI})
OPEN_APP, OPEN_ACTIVITY, OPEN_URL = 0, 1, 2
MAX_VALUE_BYTES = 1000

_HTTP_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_LINK = re.compile(r"(?!(?:javascript|file|content|data|intent):)[a-z][a-z0-9+.-]*:\S*", re.IGNORECASE)
_CLASS_NAME = re.compile(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+", re.ASCII)
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_INTENT_URI = re.compile(r"intent:(?P<address>[^#\s]*)#Intent;(?P<parts>(?:[^;\s]+;)*)end", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Click:
    """What a tap does, in Meizu's words.

    Attributes:
        type: `clickType`.
        url: for type 2.
        activity: full class name, for type 1.
        extras: what the action itself gives the app.
    """

    type: int
    url: str = ""
    activity: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_parameters(self) -> bool:
        """Whether the phone hands `parameters` to the app."""
        return self.type != OPEN_URL

    def members(self, parameters: Mapping[str, str]) -> dict[str, object]:
        """The `clickTypeInfo` object."""
        members: dict[str, object] = {"clickType": self.type}
        if self.url:
            members["url"] = self.url
        if self.activity:
            members["activity"] = self.activity
        if parameters and self.takes_parameters:
            members["parameters"] = parameters
        return members


def click_of(action: ClickAction) -> Click | str:
    """What a tap does at Meizu, or in words why it can't."""
    if action.kind is ClickKind.OPEN_APP:
        return Click(OPEN_APP)
    if action.kind is ClickKind.INTENT_ACTION:
        return "click_action intent_action is not available at meizu; use activity, or intent_uri with a deep link"
    is_text = action.value.isascii() or not _HALF_OF_A_PAIR.search(action.value)
    click = _READERS[action.kind](action.value) if is_text else None
    if click is None:
        return f"click_action {action.kind} is badly formed, or of a kind that meizu can't open"
    size = len((click.url or click.activity).encode())
    return click if size <= MAX_VALUE_BYTES else f"click_action {action.kind} has {size} bytes; meizu allows 1000"


def _read_url(value: str) -> Click | None:
    return Click(OPEN_URL, url=value) if _HTTP_URL.fullmatch(value) else None


def _read_activity(value: str) -> Click | None:
    return Click(OPEN_ACTIVITY, activity=value) if _CLASS_NAME.fullmatch(value) else None


def _read_link(value: str) -> Click | None:
    if _LINK.fullmatch(value):
        return Click(OPEN_URL, url=value)
    found = _INTENT_URI.fullmatch(value)
    return _from_intent(found["address"], found["parts"]) if found else None


def _from_intent(address: str, parts: str) -> Click | None:
    """An `intent:` URI by its component, else by its scheme: the phone itself reads none."""
    named = dict(part.partition("=")[::2] for part in parts.split(";"))
    package, _, class_name = unquote(named.get("component", "")).partition("/")
    if class_name.startswith("."):
        class_name = package + class_name
    if _CLASS_NAME.fullmatch(class_name):
        extras = {unquote(name[2:]): unquote(text) for name, text in named.items() if name[:2] == "S."}
        return Click(OPEN_ACTIVITY, activity=class_name, extras=extras)
    link = f"{named.get('scheme', '')}:{address}"
    return Click(OPEN_URL, url=link) if _LINK.fullmatch(link) else None


_READERS = {ClickKind.URL: _read_url, ClickKind.ACTIVITY: _read_activity, ClickKind.INTENT_URI: _read_link}
