"""Meizu's credential, and which registration ids it takes.

Source: Meizu's server API, "hosts" and "push id". A push id is about 45 letters and digits and says nothing of its app.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contract import CredentialField, check_credential

# The comma separates ids in a request; which other characters Meizu may use one day is not documented.
REGISTRATION_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_id",
        label="App ID",
        help="Meizu push console, your app, App information: App ID, a number",
        pattern=r"[0-9]{1,20}",
    ),
    CredentialField(
        name="app_secret",
        label="App Secret",
        help="same page: App Secret, which signs for servers (not App Key, which is for the app)",
        secret=True,
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="receipt_token",
        label="Receipt access token",
        help="Meizu push console, Configuration, Receipts: the access token you give the cert's receipt URL there;"
        " without it no receipts are asked for",
        secret=True,
        required=False,
        pattern=r"\S{1,128}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeizuCredential:
    """What one app has at Meizu.

    Attributes:
        app_id: App ID, in digits.
        app_secret: App Secret; never printed, never sent.
        receipt_token: comes with every receipt; never printed. Empty: no receipts are asked for.
    """

    app_id: str
    app_secret: str = field(repr=False)
    receipt_token: str = field(default="", repr=False)


def parse_credential(raw: Mapping[str, str]) -> MeizuCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return MeizuCredential(
        app_id=raw["app_id"], app_secret=raw["app_secret"], receipt_token=raw.get("receipt_token", "")
    )


def check_registration_id(credential: MeizuCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if not REGISTRATION_ID.fullmatch(registration_id):
        return "is not a Meizu push id: that is one word of letters and digits, mostly 45 long"
    return ""
