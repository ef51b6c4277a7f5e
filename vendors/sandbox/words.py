"""Values as they may be printed: short, and never a secret in full."""

from __future__ import annotations

from datetime import UTC, datetime

SHOWN_CHARACTERS = 40
MASK_SHOWS = 4
REGISTRATION_ID_SHOWS = 12


def timestamp(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def quoted(value: object) -> str:
    """A value of no secrecy with its type, cut to a glance."""
    if isinstance(value, str):
        return _cut(value, SHOWN_CHARACTERS)
    return f"{type(value).__name__} {_cut(repr(value), SHOWN_CHARACTERS)}"


def masked(secret: str) -> str:
    """Enough of a secret to recognise it, not enough to use it."""
    return f'"{secret[:MASK_SHOWS]}…" ({len(secret)} characters)' if secret else "nothing"


def id_prefix(value: object) -> str:
    """A registration id by its beginning; it is half a secret."""
    return _cut(value, REGISTRATION_ID_SHOWS) if isinstance(value, str) else quoted(value)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return f'"{text}"'
    return f'"{text[:limit]}…" ({len(text)} characters)'
