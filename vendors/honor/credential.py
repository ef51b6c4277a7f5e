"""Honor's credential, and what its registration ids look like.

Source: Honor developers, `developer.honor.com/cn/docs/11002`, "access token" and "send". Quirk: the console shows App
ID and App Secret beside Client ID and Client Secret; the sign-in takes the second pair, the path of a send the App ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contract import CredentialField, check_credential

# Honor calls it a token and documents no shape; this much any header and any log survives (ours).
REGISTRATION_ID = re.compile(r"[!-~]{1,512}")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_id",
        label="App ID",
        help="Honor developers, Push service, your app, App information: App ID, digits",
        pattern=r"[0-9]{1,64}",
    ),
    CredentialField(
        name="client_id",
        label="Client ID",
        help="same page: Client ID (not App ID)",
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="client_secret",
        label="Client Secret",
        help="same page: Client Secret (not App Secret)",
        secret=True,
        pattern=r"\S{1,256}",
    ),
    CredentialField(
        name="package_name",
        label="Package name",
        help="the app's package, such as com.example.app; only needed for the activity click action",
        required=False,
        pattern=r"[A-Za-z]\w*(\.[A-Za-z]\w*)+",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HonorCredential:
    """What one app has at Honor.

    Attributes:
        app_id: App ID, part of the path of a send.
        client_id: Client ID, of the sign-in.
        client_secret: Client Secret; never printed.
        package_name: the app's package; empty if unknown.
    """

    app_id: str
    client_id: str
    client_secret: str = field(repr=False)
    package_name: str = ""


def parse_credential(raw: Mapping[str, str]) -> HonorCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return HonorCredential(
        app_id=raw["app_id"],
        client_id=raw["client_id"],
        client_secret=raw["client_secret"],
        package_name=raw.get("package_name", ""),
    )


def check_registration_id(credential: HonorCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if REGISTRATION_ID.fullmatch(registration_id):
        return ""
    return "is not an Honor push token: that is 1 to 512 printable ASCII characters without white space"
