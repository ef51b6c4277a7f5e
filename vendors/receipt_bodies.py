"""Reading callbacks: JSON that anybody may have written, times, lists of registration ids. Total but for one error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from vendors.receipts import InvalidCallback, Receipt, ReceiptKind

# Until the year 2286; a time beyond it is none.
LAST_MS = 10_000_000_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a vendor's code for an event means.

    Attributes:
        kind: what happened.
        words: the vendor's, or what its page says of the code.
        advice: what to do.
    """

    kind: ReceiptKind
    words: str = ""
    advice: str = ""

    def receipt(self, registration_id: str, parameter: str, at: datetime | None, code: object) -> Receipt:
        """The report of one phone."""
        came_to_nothing = self.kind not in {ReceiptKind.DELIVERED, ReceiptKind.CLICKED}
        return Receipt(
            registration_id=registration_id,
            parameter=parameter,
            kind=self.kind,
            at=at,
            vendor_code=str(code) if came_to_nothing else "",
            vendor_reason=self.words,
            advice=self.advice,
        )


DELIVERED = Told(ReceiptKind.DELIVERED)
CLICKED = Told(ReceiptKind.CLICKED)
UNINSTALLED = "the app must register anew; nothing more is sent to this id"
SWITCHED_OFF = "the user has switched the app's notifications off; nothing can be done from here"
OVER_THE_DAY = "the phone or the app has had its allowance of this class for the day; it is not sent again"


def dead(words: str) -> Told:
    """The registration id is dead."""
    return Told(ReceiptKind.REGISTRATION_INVALID, words, UNINSTALLED)


def dropped(words: str, advice: str = "it was taken and not shown; it is not sent again") -> Told:
    """It came to nothing, and the id lives."""
    return Told(ReceiptKind.DROPPED, words, advice)


def json_of(text: bytes | str) -> object:
    """The JSON value.

    Raises:
        InvalidCallback: it is none.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidCallback("the body is not JSON") from error


def object_of(value: object, what: str) -> Mapping[str, object]:
    """The value, which must be an object.

    Raises:
        InvalidCallback: it is none.
    """
    if not isinstance(value, dict):
        raise InvalidCallback(f"{what} is not an object")
    return value


def objects_of(value: object, what: str) -> Iterator[Mapping[str, object]]:
    """The members of a list of objects; what is no object is left out.

    Raises:
        InvalidCallback: it is no list.
    """
    if not isinstance(value, list):
        raise InvalidCallback(f"{what} is not a list")
    return (each for each in value if isinstance(each, dict))


def text_of(value: object) -> str:
    """The value if it is a text, the digits of a whole number; else nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def moment_of(value: object) -> datetime | None:
    """A time in epoch milliseconds, as a number or in digits; None if it is none."""
    digits = text_of(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(LAST_MS))):
        return None
    time_ms = int(digits)
    return datetime.fromtimestamp(time_ms / 1000, UTC) if 0 < time_ms < LAST_MS else None


def ids_of(value: object) -> Iterator[str]:
    """Registration ids: a list of them, or one text with commas between."""
    texts = value if isinstance(value, list) else text_of(value).split(",")
    return (each.strip() for each in texts if isinstance(each, str) and each.strip())
