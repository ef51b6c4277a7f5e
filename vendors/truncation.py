"""Shortens a text to a vendor's limit."""

from __future__ import annotations

ELLIPSIS = "…"


def shorten(text: str, limit: int) -> str:
    """The text if it fits, else its beginning and an ellipsis, together exactly as long as the limit.

    Args:
        text: any text.
        limit: code points, at least 1.
    """
    if len(text) <= limit:
        return text
    return text[: limit - 1] + ELLIPSIS
