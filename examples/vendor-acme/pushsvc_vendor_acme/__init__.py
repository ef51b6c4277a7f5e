"""Acme Push: notification-bar messages to Acme phones.

Source: Acme developers, `push.acme.example/docs`: sign-in, messages, codes. Acme is made up, and so are they: this file
shows how a maker's page becomes a plug-in.

Quirks:
- the sign-in proves the secret and never sends it; its time is in seconds and may be 5 minutes off;
- one call is one content for up to 100 devices, and `key` is both: a repeat under one key is shown once, a newer one
  replaces the older;
- devices that are gone stand in `unknown`, beside an answer that is otherwise a success.

Read on: credential → sign → build → classify → exchange.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from vendors.answers import line_of, parsed, retry_after
from vendors.contract import (
    AccessToken,
    BadgeKind,
    Batching,
    Capabilities,
    Category,
    ClickKind,
    CredentialField,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Push,
    VendorOption,
    Violation,
    check_credential,
    no_recall,
    no_receipts,
)
from vendors.outcomes import (
    Accepted,
    AccessTokenExpired,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.same_content import Group, grouped
from vendors.truncation import shorten

NAME = "acme"
LABEL = "Acme"

parse_receipts = no_receipts
recall = no_recall

HOST = "https://push.acme.example"
SIGN_IN_PATH = "/v1/session"
SEND_PATH = "/v1/messages"
MIN_TTL_S = 1
DEVICE_DIGITS = 16
HTTP_OK = 200
MAX_LIFE_S = 86_400
JSON_HEADERS = {"content-type": "application/json"}

CAPABILITIES = Capabilities(
    batching=Batching.SAME_CONTENT,
    max_targets=100,
    title_limit=30,
    body_limit=120,
    ext_limit=2000,
    max_ttl=timedelta(days=7),
    # No page by class name or action: the service opens the app instead, and says so on the delivery.
    click_actions=frozenset({ClickKind.OPEN_APP, ClickKind.URL, ClickKind.INTENT_URI}),
    categories=frozenset(Category),
    channels=False,
    channel_required=False,
    collapse=True,
    badges=frozenset({BadgeKind.COUNT}),
    sound=False,
    dedup=True,
)

LOUD = frozenset({Category.IM, Category.ACCOUNT, Category.TODO, Category.ORDER, Category.DEVICE})

# Acme's own words for what went wrong, in the order of its page.
OUTCOMES: Mapping[str, tuple[type[Outcome], str]] = {
    "bad_session": (AccessTokenExpired, "the session has ended; the service signs in again"),
    "bad_proof": (CredentialRejected, "Acme refuses the secret; copy it anew from Acme's console"),
    "bad_time": (CredentialRejected, "Acme does not take the time of this host; set its clock"),
    "app_closed": (CredentialRejected, "Acme has closed the app; see its console"),
    "bad_message": (MessageRejected, "Acme finds the message wrong; its text says where"),
    "bad_words": (MessageRejected, "Acme found words it does not deliver; change title and body"),
    "too_fast": (Throttled, "too many calls; it is tried again by itself, later each time"),
    "broken": (Unavailable, "Acme has a fault of its own; it is tried again by itself"),
}
UNLISTED = (MessageRejected, "the code is unlisted, so it counts as refused; look it up at Acme")
BY_STATUS: Mapping[int, type[Outcome]] = {401: AccessTokenExpired, 429: Throttled, 503: Throttled}

SILENT = "silent"
OPTIONS = (VendorOption(name=SILENT, type="boolean", help="true: makes no noise. Default: false"),)

# Credential.

CREDENTIAL_FIELDS = (
    CredentialField(name="app", label="App key", help="Acme's console, your app: App key", pattern=r"[a-z0-9]{8,32}"),
    CredentialField(name="secret", label="Secret", help="same page: Secret", secret=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcmeCredential:
    """What one app has at Acme.

    Attributes:
        app: its key.
        secret: makes the proof of a sign-in; never printed.
    """

    app: str
    secret: str = field(repr=False)


def parse_credential(raw: Mapping[str, str]) -> AcmeCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return AcmeCredential(app=raw["app"], secret=raw["secret"])


def check_registration_id(credential: AcmeCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if registration_id.isascii() and registration_id.isdigit() and len(registration_id) == DEVICE_DIGITS:
        return ""
    return f"is not a device number of Acme's: that is {DEVICE_DIGITS} digits"


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    violations = [Violation(name, f"is not an option of acme; it has {SILENT}") for name in options if name != SILENT]
    if SILENT in options and not isinstance(options[SILENT], bool):
        violations.append(Violation(SILENT, "must be true or false"))
    return violations


# Sign.


def proof(credential: AcmeCredential, time_s: int) -> str:
    """What a sign-in proves the secret by: 64 hex digits."""
    return hmac.new(credential.secret.encode(), f"{credential.app}.{time_s}".encode(), hashlib.sha256).hexdigest()


def auth_request(credential: AcmeCredential, *, now: datetime) -> HttpRequest:
    """The sign-in."""
    time_s = int(now.timestamp())
    fields = {"app": credential.app, "time": time_s, "proof": proof(credential, time_s)}
    return HttpRequest(url=HOST + SIGN_IN_PATH, body=orjson.dumps(fields), headers=JSON_HEADERS)


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:
    """The access token, or why there is none.

    Args:
        response: Acme's answer to `auth_request`.
        now: when the request was made.
    """
    answer = _object(response)
    session, lives_s = answer.get("session"), answer.get("lives")
    has_session = isinstance(session, str) and re.fullmatch(r"[!-~]+", session) is not None
    if response.status == HTTP_OK and has_session and type(lives_s) is int and 0 < lives_s <= MAX_LIFE_S:
        life = timedelta(seconds=lives_s)
        return AccessToken(value=str(session), refresh_at=now + life * 0.9, expires_at=now + life)
    refusal = _refusal(answer, response)
    # A sign-in carries no message, so whatever refuses it for good refuses the credential.
    if isinstance(refusal, MessageRejected | AccessTokenExpired):
        words = refusal.advice or "Acme refuses the sign-in"
        return CredentialRejected(vendor_code=refusal.vendor_code, vendor_reason=refusal.vendor_reason, advice=words)
    return refusal


# Build.


@dataclass(frozen=True, slots=True)
class Content:
    """What pushes of one content share.

    Attributes:
        json: a message without its devices.
        truncated: fields shortened on the way.
    """

    json: bytes
    truncated: tuple[str, ...]


def content_of(push: Push, *, now: datetime) -> Content | MessageRejected:
    """The message of a push, or why it can't be sent to Acme at all."""
    notification = push.notification
    ext = parsed(notification.ext) if notification.ext else {}
    problems = [f"{violation.field} {violation.text}" for violation in check_options(push.options)]
    if not isinstance(ext, dict):
        problems.append("ext is not a JSON object")
    if len(notification.ext) > CAPABILITIES.ext_limit:
        problems.append(f"ext has {len(notification.ext)} characters; acme allows {CAPABILITIES.ext_limit}")
    if problems:
        return MessageRejected(vendor_reason="not sent", advice="; ".join(problems))
    title = shorten(notification.title, CAPABILITIES.title_limit)
    body = shorten(notification.body, CAPABILITIES.body_limit)
    message: dict[str, object] = {
        "title": title,
        "text": body,
        "class": "loud" if push.category in LOUD else "quiet",
        "key": notification.collapse_id or push.content_id or push.dedup_id,
        "keep": ttl_s(push, now),
        "data": ext,
    }
    if push.click_action.value:
        message["link"] = push.click_action.value
    if notification.badge is not None and notification.badge.kind is BadgeKind.COUNT:
        message["badge"] = notification.badge.count
    if push.options.get(SILENT):
        message["silent"] = True
    try:
        json = orjson.dumps(message)
    except TypeError:
        words = "the text holds what JSON can't carry, such as half of a surrogate pair"
        return MessageRejected(vendor_reason="not sent", advice=words)
    texts = (("title", notification.title, title), ("body", notification.body, body))
    return Content(json, tuple(name for name, given, sent in texts if given != sent))


def ttl_s(push: Push, now: datetime) -> int:
    """How long Acme keeps a push for a phone that is offline, in seconds."""
    longest = CAPABILITIES.max_ttl // timedelta(seconds=1)
    return max(MIN_TTL_S, min(longest, (push.expires_at - now) // timedelta(seconds=1)))


def send_request(call: Group[Content], access_token: AccessToken) -> HttpRequest:
    """One call; each device stands in it once."""
    devices = orjson.dumps(list(dict.fromkeys(call.registration_ids)))
    return HttpRequest(
        url=HOST + SEND_PATH,
        body=b'%b,"to":%b}' % (call.content.json[:-1], devices),
        headers={**JSON_HEADERS, "authorization": f"Bearer {access_token.value}"},
    )


# Classify.


def classify(response: HttpResponse, call: Group[Content]) -> list[Outcome]:
    """One outcome for each push of a call, in order. Total: any status and any bytes give an answer."""
    answer = _object(response)
    message_id, unknown = answer.get("id"), answer.get("unknown", [])
    is_clear = isinstance(message_id, str) and "error" not in answer
    if response.status != HTTP_OK or not is_clear or not isinstance(unknown, list):
        return [_refusal(answer, response)] * len(call.positions)
    taken = Accepted(vendor_code="ok", vendor_message_id=line_of(message_id), truncated=call.content.truncated)
    dead = RegistrationInvalid(vendor_code="unknown", advice="Acme knows no such device; the app must register anew")
    return [dead if device in unknown else taken for device in call.registration_ids]


def _refusal(answer: Mapping[str, object], response: HttpResponse) -> Outcome:
    code, reason = line_of(answer.get("error")), line_of(answer.get("text"))
    if not code:
        kind = BY_STATUS.get(response.status, Unavailable)
        code, reason, advice = "", f"HTTP {response.status}", "Acme gave no usable answer; it is tried again by itself"
    else:
        kind, advice = OUTCOMES.get(code, UNLISTED)
    if kind is Unavailable:
        wait = retry_after(response)
        return Unavailable(vendor_code=code, vendor_reason=reason, advice=advice, ambiguous=True, retry_after=wait)
    if kind is Throttled:
        return Throttled(vendor_code=code, vendor_reason=reason, advice=advice, retry_after=retry_after(response))
    return kind(vendor_code=code, vendor_reason=reason, advice=advice)


def _object(response: HttpResponse) -> Mapping[str, object]:
    answer = parsed(response.body)
    return answer if isinstance(answer, dict) else {}


# Exchange.

_NO_TOKEN = AccessTokenExpired(advice="Acme takes nothing without a session; the service signs in")


def exchange(
    pushes: Sequence[Push],
    credential: AcmeCredential,  # noqa: ARG001 - the session says whose the message is
    access_token: AccessToken | None,
    *,
    now: datetime,
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """Hands over one batch: one call for each content in it.

    Yields each request and is sent its response, or thrown `NoResponse`; returns one outcome per push, in order.
    """
    if access_token is None:
        return [_NO_TOKEN] * len(pushes)
    calls, refused = grouped(pushes, lambda push: content_of(push, now=now))
    outcomes: dict[int, Outcome] = {**refused}
    for call in calls:
        try:
            response = yield send_request(call, access_token)
        except NoResponse as failure:
            answers: Sequence[Outcome] = [failure.outcome] * len(call.positions)
        else:
            answers = classify(response, call)
        outcomes.update(zip(call.positions, answers, strict=True))
    return [outcomes[position] for position in range(len(pushes))]
