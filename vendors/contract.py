"""What a vendor plug-in is: a pure module that turns pushes into HTTP requests and answers into outcomes.

A vendor file reads top to bottom as credential → sign → build request → classify response, and does no I/O. The module
itself is the plug-in; a line in its test lets mypy prove that it fits:

    _: Vendor[OppoCredential] = oppo

`docs/architecture.md` tells who drives it; `vendors/testing.py` holds the suite every plug-in must pass.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec
from msgspec import Struct

from vendors.outcomes import MessageRejected, Outcome, Unavailable
from vendors.receipts import Callback, InvalidCallback, Receipt, ReceiptKind


class Category(StrEnum):
    """Neutral message class; each vendor file maps it to the maker's own."""

    IM = "im"
    ACCOUNT = "account"
    TODO = "todo"
    ORDER = "order"
    DEVICE = "device"
    SUBSCRIPTION = "subscription"
    NEWS = "news"
    CONTENT = "content"
    MARKETING = "marketing"
    SOCIAL = "social"


class ClickKind(StrEnum):
    """What a tap on the notification does."""

    OPEN_APP = "open_app"
    URL = "url"
    ACTIVITY = "activity"
    INTENT_ACTION = "intent_action"
    INTENT_URI = "intent_uri"


@dataclass(frozen=True, slots=True)
class ClickAction:
    """A tap's effect.

    Attributes:
        kind: what is opened.
        value: the URL, class name, action string or deep link; empty for OPEN_APP.
    """

    kind: ClickKind = ClickKind.OPEN_APP
    value: str = ""


OPEN_APP = ClickAction()


class BadgeKind(StrEnum):
    """How the number on the app's icon changes."""

    COUNT = "count"
    INCREMENT = "increment"


@dataclass(frozen=True, slots=True)
class Badge:
    """The number on the app's icon.

    Attributes:
        kind: set to a count, or one more than it is.
        count: 0 to 99, of COUNT; 0 takes the number away.
    """

    kind: BadgeKind
    count: int = 0


class Notification(Struct, frozen=True, kw_only=True, gc=False):
    """What the user will see, free of any vendor's words. The caller's text has been checked already.

    Attributes:
        title: first line, not blank.
        body: second line, not blank.
        ext: text of one JSON object for the app; empty: none.
        click_action: None: whatever the cert says, else open the app.
        channel_id: Android notification channel; empty: whatever the cert says.
        category: None: whatever the cert says, else IM.
        collapse_id: a newer notification with the same one replaces this on screen; empty: never.
        badge: None: the number on the icon is left to the phone.
        sound: file name of a sound the app ships, such as `chime.mp3`; empty: whatever the phone plays.
        vendor_options: vendor name to that vendor's own options, already checked by its plug-in.
    """

    title: str
    body: str
    ext: str = ""
    click_action: ClickAction | None = None
    channel_id: str = ""
    category: Category | None = None
    collapse_id: str = ""
    badge: Badge | None = None
    sound: str = ""
    vendor_options: Mapping[str, Mapping[str, object]] = msgspec.field(default_factory=dict)


class Push(Struct, frozen=True, kw_only=True, gc=False):
    """One notification for one phone, with everything a request needs.

    Attributes:
        registration_id: the phone, in the vendor's words.
        notification: the content.
        click_action: the notification's, else the cert's default; OPEN_APP where the vendor can't do that kind.
        channel_id: the notification's, else the cert's default; may be empty.
        category: the notification's, else the cert's default.
        options: this vendor's options, the notification's over the cert's.
        dedup_id: the same on every attempt of this push and unique to it; 32 hex digits.
        expires_at: the vendor must not keep it longer.
        content_id: the same for all pushes that were accepted as one content, on every attempt: those of one message,
            or of equal messages to other users. For a vendor that takes one dedup or notify id for all phones of a
            call. Empty: there is no other push of it.
        receipt_url: where the vendor is asked to report, at most MAX_RECEIPT_URL characters; empty: nowhere.
        receipt_parameter: what the vendor is asked to say then, at most MAX_RECEIPT_PARAMETER characters; the same for
            all pushes of a content. Empty: nothing, as there is no URL.
    """

    registration_id: str
    notification: Notification
    click_action: ClickAction
    channel_id: str
    category: Category
    options: Mapping[str, object]
    dedup_id: str
    expires_at: datetime
    content_id: str = ""
    receipt_url: str = ""
    receipt_parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One HTTP request to a vendor.

    Attributes:
        url: absolute, at the vendor's own host; the sender moves it under the cert's base URL where one is set.
        body: complete, as the Content-Type header says; never printed, it may carry secrets.
        headers: names in lower case; never printed, as above.
        method: POST nearly always.
    """

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A vendor's answer, whatever it may be.

    Attributes:
        status: HTTP status.
        body: at most 1 MiB.
        headers: names in lower case.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class NoResponse(Exception):  # noqa: N818 - it says what happened, and it isn't always an error of ours
    """Thrown into `exchange` at its `yield` when no answer came.

    A plug-in that yields once lets it pass; one that yields more often catches it, so that what earlier requests
    achieved is not lost.

    Attributes:
        outcome: what became of the pushes of that request.
    """

    def __init__(self, outcome: Unavailable) -> None:
        super().__init__(outcome.vendor_reason)
        self.outcome = outcome


class Pause:
    """What an exchange may yield in the midst of much work: others are served before it goes on."""


PAUSE = Pause()
# About a millisecond's work.
CONTENTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Short-lived bearer from a vendor's sign-in.

    Attributes:
        value: the secret; never printed.
        refresh_at: from here on a new one is asked for ahead of expiry.
        expires_at: from here on it is not used.
    """

    value: str = field(repr=False)
    refresh_at: datetime
    expires_at: datetime


class Batching(StrEnum):
    """How one call of a vendor reaches several phones."""

    SINGLE = "single"
    SAME_CONTENT = "same_content"
    ANY_CONTENT = "any_content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a vendor takes and can do; the service asks this and never the vendor's name.

    What a notification asks for and the vendor can't do is noted on the delivery, so a plug-in only leaves it out.

    Attributes:
        batching: how one exchange reaches several phones.
        max_targets: most pushes in one exchange.
        title_limit: code points; longer titles are shortened.
        body_limit: code points; longer bodies are shortened.
        ext_limit: code points; a longer ext is refused.
        max_ttl: longest time the vendor keeps a notification; longer ones are cut to it.
        click_actions: the kinds it can do.
        categories: the neutral categories it tells apart.
        channels: it has notification channels.
        channel_required: it shows nothing without a channel id.
        collapse: it replaces on screen by collapse id.
        badges: the ways it can change the number on the icon.
        sound: it plays a sound of the app's.
        dedup: it drops a repeated dedup id itself.
        receipts: what it reports back.
        recall: it can take a notification back that was shown.
        targets_per_second: phones a second that it takes of the smallest account; 0: its page names no such number.
    """

    batching: Batching
    max_targets: int
    title_limit: int
    body_limit: int
    ext_limit: int
    max_ttl: timedelta
    click_actions: frozenset[ClickKind]
    categories: frozenset[Category]
    channels: bool
    channel_required: bool
    collapse: bool
    badges: frozenset[BadgeKind]
    sound: bool
    dedup: bool
    receipts: frozenset[ReceiptKind] = frozenset()
    recall: bool = False
    targets_per_second: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One field of a vendor's credential, described well enough to draw a form from.

    Attributes:
        name: key in the cert's `credential`.
        label: as the vendor's console names it.
        help: where to find it.
        secret: never comes back once stored.
        required: a cert can't do without it.
        pattern: regular expression the whole value matches; empty: any text.
    """

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorOption:
    """One option of a vendor's own, for what the neutral words don't say.

    Attributes:
        name: key in `vendor_options.<vendor>`.
        type: "string", "integer", "boolean", "object" or "array".
        help: what it does and its limits.
    """

    name: str
    type: str
    help: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field of the caller's.

    Attributes:
        field: its name, relative to whatever was checked.
        text: what is wrong and what is allowed; never a secret's value.
    """

    field: str
    text: str


class InvalidCredential(Exception):  # noqa: N818 - reads as what it is
    """A credential that can't be used; `violations` names every faulty field, never a value."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{violation.field} {violation.text}" for violation in violations))
        self.violations = tuple(violations)


def check_credential(raw: Mapping[str, str], fields: Sequence[CredentialField]) -> None:
    """Checks a credential against the fields that describe it.

    Raises:
        InvalidCredential: with a violation for each missing, unknown or ill-formed field.
    """
    known = {field.name: field for field in fields}
    violations = [
        Violation(name, f"is not a field of this vendor; the fields are: {', '.join(known) or 'none'}")
        for name in raw
        if name not in known
    ]
    for name, spec in known.items():
        value = raw.get(name, "")
        if not value and spec.required:
            violations.append(Violation(name, f"is required: {spec.help}"))
        elif value and spec.pattern and not re.fullmatch(spec.pattern, value):
            violations.append(Violation(name, f"does not look like {spec.label}: it must match {spec.pattern}"))
    if violations:
        raise InvalidCredential(violations)


C = TypeVar("C")


class Vendor(Protocol[C]):
    """A phone maker's push service. `C` is its typed credential, whose repr hides every secret."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module satisfies this, and its constants are upper case
        """What certs call it, such as `oppo`."""

    @property
    def LABEL(self) -> str:  # noqa: N802
        """A name for people."""

    @property
    def CAPABILITIES(self) -> Capabilities:  # noqa: N802
        """What it takes and can do."""

    @property
    def CREDENTIAL_FIELDS(self) -> Sequence[CredentialField]:  # noqa: N802
        """What its certs hold."""

    @property
    def OPTIONS(self) -> Sequence[VendorOption]:  # noqa: N802
        """What its `vendor_options` take."""

    def parse_credential(self, raw: Mapping[str, str]) -> C:
        """The typed credential.

        Raises:
            InvalidCredential: naming every faulty field, never its value.
        """

    def check_registration_id(self, credential: C, registration_id: str) -> str:
        """What is wrong with a registration id of this credential's app, in words; empty if it is well formed."""

    def check_options(self, options: Mapping[str, object]) -> Sequence[Violation]:
        """What is wrong with options of this vendor; field names relative to the options."""

    def auth_request(self, credential: C, *, now: datetime) -> HttpRequest | None:
        """The sign-in; None for a vendor without one."""

    def parse_auth(self, response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
        """The access token, or why there is none. Total: any status and any bytes give an answer.

        Args:
            response: the vendor's answer to `auth_request`.
            now: when the request was made.
        """

    def exchange(
        self, pushes: Sequence[Push], credential: C, access_token: AccessToken | None, *, now: datetime
    ) -> Generator[HttpRequest | Pause, HttpResponse, Sequence[Outcome]]:
        """Hands over one batch, as `CAPABILITIES.batching` allows it.

        Yields each HTTP request, is sent its response (or thrown `NoResponse`), and returns one outcome per push, in
        order. Total: no status and no bytes make it raise. It may yield `PAUSE` after each `CONTENTS_AT_ONCE` that it
        built.
        """

    def recall(
        self, pushes: Sequence[Push], credential: C, access_token: AccessToken | None, *, now: datetime
    ) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
        """Takes back what `exchange` sent: `Accepted` for each push that the vendor takes off the phone.

        A plug-in whose capabilities don't name recall has `no_recall` for this.
        """

    def parse_receipts(self, callback: Callback, credential: C, *, now: datetime) -> Sequence[Receipt]:
        """What a vendor reports. A plug-in whose capabilities name no receipts has `no_receipts` for this.

        Raises:
            InvalidCallback: it is not the vendor's: no body as the vendor writes it, or a wrong signature. Total: no
                headers and no bytes make it raise anything else.
        """


def no_recall(
    pushes: Sequence[Push],
    credential: object,  # noqa: ARG001 - of `Vendor.recall`, as all below
    access_token: AccessToken | None,  # noqa: ARG001
    *,
    now: datetime,  # noqa: ARG001
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """`Vendor.recall` of a vendor that takes nothing back."""
    yield from ()
    return [MessageRejected(vendor_reason="not asked", advice="this vendor takes nothing back")] * len(pushes)


def no_receipts(callback: Callback, credential: object, *, now: datetime) -> Sequence[Receipt]:  # noqa: ARG001 - of `Vendor.parse_receipts`
    """`Vendor.parse_receipts` of a vendor that reports nothing."""
    raise InvalidCallback("this vendor reports nothing")
