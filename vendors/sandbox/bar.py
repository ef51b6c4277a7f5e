"""Draws a phone's notification bar as plain text, for terminals. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import cast

import orjson

WIDTH = 52
HALF_WIDTH = 40
LEAST_WIDTH = 24
MOST_LINES = 4
OPENS = {
    "app": "opens the app",
    "url": "opens",
    "activity": "opens the page",
    "intent_action": "opens by action",
    "intent_uri": "opens the link",
}


def render(phone: Mapping[str, object], *, width: int = WIDTH) -> str:
    """A picture of the bar, newest notification on top.

    Args:
        phone: as `GET /_control/<vendor>/phones/<registration_id>` gives it.
        width: columns of the whole picture; Chinese characters and emoji take two.

    Returns:
        Lines without a line break at the end; every one has the same width but the last, which counts.
    """
    inner = max(width, LEAST_WIDTH) - 4
    standing = cast("Sequence[Mapping[str, object]]", phone["notifications"])
    vendor = str(phone["vendor"]).upper()
    lines = [f"╭{'─' * (inner + 2)}╮"]
    lines += _boxed(_spread(_clock(standing), f"{vendor} ▂▄▆ ▮", inner), inner)
    for notification in standing:
        lines.append(f"├{'─' * (inner + 2)}┤")
        lines += _boxed(_notification(notification, inner), inner)
    if not standing:
        lines.append(f"├{'─' * (inner + 2)}┤")
        lines += _boxed(["No notifications"], inner)
    lines.append(f"╰{'─' * (inner + 2)}╯")
    return "\n".join([*lines, _totals(phone)])


def render_beside(phones: Sequence[Mapping[str, object]], *, columns: int = 2, width: int = HALF_WIDTH) -> str:
    """Pictures of several bars, so many in a row.

    Args:
        phones: as for `render`.
        columns: pictures in a row.
        width: of each picture.
    """
    pictures = [render(phone, width=width).splitlines() for phone in phones]
    rows = [pictures[at : at + columns] for at in range(0, len(pictures), columns)]
    return "\n\n".join("\n".join(_beside(lines, width) for lines in zip_longest(*row, fillvalue="")) for row in rows)


def text_width(text: str) -> int:
    """Columns a text takes in a terminal."""
    return sum(_columns(character) for character in text)


def _beside(lines: Sequence[str], width: int) -> str:
    return "  ".join(line + " " * (width - text_width(line)) for line in lines).rstrip()


def _notification(notification: Mapping[str, object], inner: int) -> list[str]:
    source = " · ".join(_plain(notification[key]) for key in ("channel", "category") if notification[key])
    click = cast("Mapping[str, object]", notification["click"])
    extras = cast("Mapping[str, object]", notification["extras"])
    lines = _spread(f"● {source or 'no channel'}", str(notification["at"])[11:16], inner)
    lines += _wrapped(_plain(notification["title"]), inner)
    lines += _wrapped(_plain(notification["text"]), inner)
    lines += _wrapped(f"↳ tap {OPENS[str(click['opens'])]} {_plain(click['value'])}".rstrip(), inner)
    for key, value in extras.items():
        lines += _wrapped(f"+ {_plain(key)} = {_plain(value)}", inner)
    return lines


def _totals(phone: Mapping[str, object]) -> str:
    state = "dead, " if phone["dead"] else ""
    shown = len(cast("Sequence[object]", phone["notifications"]))
    return f"  {state}{phone['received']} received, {shown} shown, {phone['duplicates']} repeats swallowed"


def _clock(standing: Sequence[Mapping[str, object]]) -> str:
    return f"{str(standing[0]['at'])[11:16]} UTC" if standing else "--:--"


def _boxed(lines: Sequence[str], inner: int) -> Iterator[str]:
    for line in lines:
        yield f"│ {line}{' ' * (inner - text_width(line))} │"


def _spread(left: str, right: str, inner: int) -> list[str]:
    """Left and right on one line; a left too long is cut."""
    room = inner - text_width(right) - 1
    cut = _fitting(left, room)
    if cut != left:
        cut = _fitting(left, room - 1) + "…"
    return [cut + " " * (inner - text_width(cut) - text_width(right)) + right]


def _wrapped(text: str, inner: int) -> list[str]:
    """At most `MOST_LINES` lines. Words that fit on a line stay whole; Chinese may be broken anywhere."""
    lines: list[str] = []
    while text:
        if len(lines) == MOST_LINES:
            lines[-1] = _fitting(lines[-1], inner - 1) + "…"
            break
        line = _fitting(text, inner)
        if len(line) < len(text) and _splits_word(text, len(line), inner):
            line = line[: line.rindex(" ")]
        lines.append(line.rstrip())
        text = text[len(line) :].lstrip()
    return lines


def _splits_word(text: str, cut: int, inner: int) -> bool:
    """Says whether a cut goes through a word that would fit on the next line."""
    begin = text.rfind(" ", 0, cut) + 1
    end = text.find(" ", cut)
    word = text[begin : end if end >= 0 else None]
    return 0 < begin < cut and _columns(text[cut]) == 1 and text[cut] != " " and text_width(word) <= inner


def _fitting(text: str, room: int) -> str:
    """The longest beginning that takes at most `room` columns."""
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > room:
            return text[:index]
    return text


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _plain(value: object) -> str:
    """A text that can't steer the terminal: line breaks become spaces, control and direction characters go."""
    shown = value if isinstance(value, str) else orjson.dumps(value).decode()
    return "".join(" " if character.isspace() else character for character in shown if _is_harmless(character)).strip()


def _is_harmless(character: str) -> bool:
    joins_emoji = character == "\u200d"
    return joins_emoji or character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
