"""Shortens a text to a vendor's limit."""

from __future__ import annotations

from collections.abc import Callable

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


def shorten_to_fit(body: str, build: Callable[[str], bytes], max_bytes: int) -> tuple[bytes, str] | None:
    """What is built with as much of a body as its size allows, and that body.

    Args:
        body: any text.
        build: a message with a body; a longer body makes a longer message.
        max_bytes: that the message may have.

    Returns:
        None if not even one character of the body fits.
    """
    message = build(body)
    if len(message) <= max_bytes:
        return message, body
    fits: tuple[bytes, str] | None = None
    least, most = 1, len(body) - 1
    while least <= most:
        middle = (least + most) // 2
        shortened = shorten(body, middle)
        message = build(shortened)
        if len(message) <= max_bytes:
            fits, least = (message, shortened), middle + 1
        else:
            most = middle - 1
    return fits
