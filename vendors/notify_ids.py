"""The id under which a newer notification replaces an older one on screen, for vendors that want a number or a key.

It is made of the collapse id, else of the content id: a retry replaces what it repeats, and a batch can share it. The
dedup id would not do: it differs from phone to phone, and one call has one id for all.
"""

from __future__ import annotations

import hashlib

from vendors.contract import Push


def notify_id(push: Push) -> int:
    """A number from 1 to 2**31 - 1, the same on every attempt."""
    return int.from_bytes(notify_digest(push)[:4]) & 0x7FFF_FFFF or 1


def notify_digest(push: Push) -> bytes:
    """32 bytes, the same on every attempt; what a collapse id makes is never what a content id makes."""
    collapse_id = push.notification.collapse_id
    name = f"collapse\0{collapse_id}" if collapse_id else f"content\0{push.content_id or push.dedup_id}"
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()
