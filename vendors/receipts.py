"""What a vendor tells later of a push that it took: the words of every plug-in's reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# What fits into every vendor's fields.
MAX_RECEIPT_URL = 128
MAX_RECEIPT_PARAMETER = 50


class ReceiptKind(StrEnum):
    """What a vendor reports of a push it had taken."""

    DELIVERED = "delivered"
    CLICKED = "clicked"
    REGISTRATION_INVALID = "registration_invalid"
    EXPIRED = "expired"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A vendor's report of one push.

    Attributes:
        registration_id: the phone.
        parameter: what the push had asked the vendor to say; empty if it said nothing.
        kind: what happened.
        at: when, by the vendor's clock; None: it did not say.
        vendor_code: its code for a push that came to nothing.
        vendor_reason: its words.
        advice: what it means and what to do.
    """

    registration_id: str = field(repr=False)
    parameter: str
    kind: ReceiptKind
    at: datetime | None = None
    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A request that came to the receipt URL of a cert, whoever sent it.

    Attributes:
        headers: names in lower case.
        body: at most 1 MiB.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class InvalidCallback(Exception):  # noqa: N818 - reads as what it is
    """A callback that is not the vendor's, in words that hold nothing of it."""
