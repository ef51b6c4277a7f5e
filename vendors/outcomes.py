"""What a vendor's answer means, as values that say what to do next.

    Outcome
    ├── Accepted             done
    ├── RegistrationInvalid  drop the registration, never try again
    ├── MessageRejected      fail, keep the registration
    ├── CredentialRejected   the cert is at fault: wait until it is mended
    ├── AccessTokenExpired   the sender signs in again, once
    ├── Throttled            try later, slower
    ├── Unavailable          try later; if `ambiguous`, only under the same dedup id
    └── Withdrawn            never left: nobody wants it any more

An answer is a value; an exception is for what nobody expected.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """What became of one push.

    Attributes:
        vendor_code: the vendor's code as received; empty if it gave none.
        vendor_reason: the vendor's text as received, at most a line.
        advice: what it means and what to do, in words for an operator; empty when there is nothing to do.
    """

    vendor_code: str = ""
    vendor_reason: str = ""
    advice: str = ""


class Accepted(Outcome, frozen=True, kw_only=True, gc=False):
    """The vendor took it, which does not mean it was shown.

    Attributes:
        vendor_message_id: the vendor's id of the notification.
        truncated: fields shortened to the vendor's limits, such as `("title",)`.
        ignored: fields the plug-in left out of this very push, beyond what its capabilities exclude.
    """

    vendor_message_id: str = ""
    truncated: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class RegistrationInvalid(Outcome, frozen=True, kw_only=True, gc=False):
    """The vendor said of this very registration id that it is dead."""


class MessageRejected(Outcome, frozen=True, kw_only=True, gc=False):
    """This content will never work.

    Attributes:
        whole_call: the call was refused as a whole, so that the push at fault is not known yet.
    """

    whole_call: bool = False


class CredentialRejected(Outcome, frozen=True, kw_only=True, gc=False):
    """The cert is wrong, disabled or without the right: no push of it will go out until someone mends it."""


class AccessTokenExpired(Outcome, frozen=True, kw_only=True, gc=False):
    """The access token is no longer taken; a new one may be."""


class ThrottleScope(StrEnum):
    """What else would meet the same refusal before its time is over."""

    PUSH = "push"
    CLASS = "class"
    CERT = "cert"


class Throttled(Outcome, frozen=True, kw_only=True, gc=False):
    """Too many calls, or a quota is spent.

    Attributes:
        retry_after: how long the vendor, or the end of its day, asks to wait; None if not said.
        scope: with a time to wait: only this push, such as one phone's allowance; all of its category and channel, such
            as a day's quota; or all of the cert.
    """

    retry_after: timedelta | None = None
    scope: ThrottleScope = ThrottleScope.PUSH


class Unavailable(Outcome, frozen=True, kw_only=True, gc=False):
    """The vendor could not be reached or has a fault of its own.

    Attributes:
        ambiguous: the request may have been taken although no usable answer came.
        retry_after: how long the vendor asks to wait; None if not said.
    """

    ambiguous: bool
    retry_after: timedelta | None = None


class Withdrawn(Outcome, frozen=True, kw_only=True, gc=False):
    """Never handed to the vendor: it was withdrawn while its turn was being prepared."""
