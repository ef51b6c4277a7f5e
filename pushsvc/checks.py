"""What a caller's fields may hold. Pure; every function gives back what is wrong, empty if nothing is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import orjson

MAX_APP_ID = 64
MAX_USER_ID = 128
MAX_DEVICE_ID = 128
MAX_REGISTRATION_ID = 512
MAX_IDEMPOTENCY_KEY = 128
MAX_DISPLAY_NAME = 100
MAX_USERS = 1_000
MAX_TITLE = 200
MAX_BODY = 1_000
MAX_EXT = 4_000
MAX_CHANNEL_ID = 64
MAX_COLLAPSE_ID = 64
MAX_URL = 2_000
MAX_ACTION = 500
MAX_SOUND = 64
MAX_BADGE = 99
FORBIDDEN_SCHEMES = frozenset({"javascript", "file", "content", "data"})

_CLASS_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_SOUND = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")


def text(value: str, limit: int) -> str:
    """A text that may be empty."""
    if "\0" in value:
        return "must not hold a NUL character"  # SQLite's JSON functions end a text there
    return f"has {len(value)} characters; at most {limit} are allowed" if len(value) > limit else ""


def required_text(value: str, limit: int) -> str:
    """A text that must say something."""
    if not value or value.isspace():
        return "is required"
    return text(value, limit)


def ext(value: str) -> str:
    """The text of one JSON object, or nothing."""
    if not value or len(value) > MAX_EXT:
        return text(value, MAX_EXT)
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return f"is not JSON: {error}"
    return "" if isinstance(parsed, dict) else "must be a JSON object"


def url(value: str) -> str:
    """A web page."""
    if len(value) > MAX_URL:
        return text(value, MAX_URL)
    scheme, host = _scheme_and_host(value)
    return "" if scheme in ("http", "https") and host else "must be an http or https URL with a host"


def intent_uri(value: str) -> str:
    """A deep link into an app."""
    if len(value) > MAX_URL:
        return text(value, MAX_URL)
    scheme, colon, rest = value.partition(":")
    if not colon or not rest or not _SCHEME.fullmatch(scheme):
        return "must be a URI with a scheme, such as example://chat?id=1"
    if scheme.lower() in FORBIDDEN_SCHEMES:
        return f"must not have the scheme {scheme.lower()}"
    return "" if value.isprintable() and " " not in value else "must not hold spaces or control characters"


def activity(value: str) -> str:
    """A full Android class name."""
    if len(value) > MAX_ACTION:
        return text(value, MAX_ACTION)
    return "" if _CLASS_NAME.fullmatch(value) else "must be a full class name, such as com.example.ChatActivity"


def intent_action(value: str) -> str:
    """The action string of an intent filter."""
    return required_text(value, MAX_ACTION)


def sound(value: str) -> str:
    """The file name of a sound, or nothing."""
    if not value or len(value) > MAX_SOUND:
        return text(value, MAX_SOUND)
    return "" if _SOUND.fullmatch(value) else "must be a file name of letters, digits, _ and -, such as chime.mp3"


def badge_count(value: int) -> str:
    """The number on an app's icon."""
    return "" if 0 <= value <= MAX_BADGE else f"is {value}; 0 to {MAX_BADGE} are allowed"


def base_url(value: str) -> str:
    """A root for a vendor's calls, or nothing."""
    if not value:
        return ""
    scheme, host = _scheme_and_host(value)
    if scheme not in ("http", "https") or not host:
        return "must be an http or https URL with a host"
    has_more = "@" in urlsplit(value).netloc or "?" in value or "#" in value
    return "must not hold a user, a query or a fragment" if has_more else ""


def _scheme_and_host(value: str) -> tuple[str, str]:
    if not value.isprintable() or " " in value or not _is_splittable(value):
        return "", ""
    parts = urlsplit(value)
    return parts.scheme, parts.hostname or ""


def _is_splittable(value: str) -> bool:
    try:
        _ = urlsplit(value).port
    except ValueError:
        return False
    return True
