"""Xiaomi's credential, how a request proves it, and which registration ids look like Xiaomi's.

Source: Xiaomi open platform, page 1559 for host and header. Quirk: the secret itself is the proof, so there is no
sign-in, nothing expires and nothing is renewed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vendors.contract import CredentialField, HttpRequest, HttpResponse, check_credential
from vendors.outcomes import MessageRejected, Outcome

# Xiaomi ended its service outside mainland China in April 2024, so there is one host.
HOST = "https://api.xmpush.xiaomi.com"
# Base64-like; a comma would split it in two, as ids are joined by it.
REGISTRATION_ID = re.compile(r"[0-9A-Za-z+/=_-]{4,256}")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_secret",
        label="AppSecret",
        help="Xiaomi open platform, your app, basics: AppSecret (not AppID or AppKey, which are for the app)",
        secret=True,
        pattern=r"[!-~]{1,128}",
    ),
    CredentialField(
        name="package_name",
        label="Package name",
        help="same page: the app's Android package, such as com.example.app",
        pattern=r"[A-Za-z][0-9A-Za-z_]*(?:\.[A-Za-z][0-9A-Za-z_]*)+",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XiaomiCredential:
    """What one app has at Xiaomi.

    Attributes:
        app_secret: AppSecret; never printed.
        package_name: the app's Android package; a tap can open nothing outside it.
    """

    app_secret: str = field(repr=False)
    package_name: str

    @property
    def authorization(self) -> str:
        """The Authorization header; `key` must be lower case."""
        return f"key={self.app_secret}"


def parse_credential(raw: Mapping[str, str]) -> XiaomiCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return XiaomiCredential(app_secret=raw["app_secret"], package_name=raw["package_name"])


def check_registration_id(_credential: XiaomiCredential, registration_id: str) -> str:
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if REGISTRATION_ID.fullmatch(registration_id):
        return ""
    return "is not a Xiaomi registration id: that is 4 to 256 letters, digits and + / = _ -"


def auth_request(_credential: XiaomiCredential, *, now: datetime) -> HttpRequest | None:  # noqa: ARG001 - the contract's
    """None: Xiaomi has no sign-in."""
    return None


def parse_auth(_response: HttpResponse, *, now: datetime) -> Outcome:  # noqa: ARG001 - the contract's
    """Never asked for, as there is no sign-in."""
    return MessageRejected(advice="Xiaomi has no sign-in")
