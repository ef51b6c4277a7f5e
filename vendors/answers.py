"""Reading what a maker answered, whatever it may be: what every plug-in's `response` needs. Nothing here raises."""

from __future__ import annotations

import re
from datetime import timedelta

import orjson
from msgspec import structs

from vendors.contract import HttpResponse
from vendors.outcomes import Throttled, ThrottleScope

MAX_REASON_LENGTH = 200

_CODE = re.compile(r"-?[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,6}")


def parsed(text: bytes | str) -> object:
    """What JSON text says; None if it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def code_of(value: object) -> int | None:
    """A code as makers write it, as a number or in a string; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return None


def line_of(text: object) -> str:
    """The first line of a maker's text, cut to a length fit for a log; empty for anything that is no text."""
    if not isinstance(text, str):
        return ""
    first, *_ = text.strip().splitlines() or [""]
    return first[:MAX_REASON_LENGTH]


def retry_after(response: HttpResponse) -> timedelta | None:
    """What a Retry-After header in seconds asks for; None if there is none, or a date."""
    seconds = response.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if _SECONDS.fullmatch(seconds) else None


def asked_to_wait(outcome: Throttled, response: HttpResponse) -> Throttled:
    """The outcome with what a Retry-After header asks for, which is asked of every call of the account."""
    wait = retry_after(response)
    return outcome if wait is None else structs.replace(outcome, retry_after=wait, scope=ThrottleScope.CERT)
