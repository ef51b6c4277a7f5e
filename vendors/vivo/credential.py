"""vivo's credential, and which registration ids it takes.

Source: vivo developer centre, doc 362 "push API". There is one host, for mainland China.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contract import CredentialField, check_credential

HOST = "https://api-push.vivo.com.cn"

# Old ids have 23 characters and newer ones differ, so that no length is checked.
REGISTRATION_ID = re.compile(r"[!-~]+")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_id",
        label="AppID",
        help="vivo push console, your app, app information: AppID, a number",
        pattern=r"[1-9][0-9]{0,17}",
    ),
    CredentialField(
        name="app_key",
        label="AppKey",
        help="same page: AppKey",
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="app_secret",
        label="AppSecret",
        help="same page: AppSecret, which signs for servers",
        secret=True,
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="package_name",
        label="Package name",
        help="the app's Android package; needed for the click action activity, and keeps intent_action to this app",
        required=False,
        pattern=r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VivoCredential:
    """What one app has at vivo.

    Attributes:
        app_id: AppID, decimal digits.
        app_key: AppKey.
        app_secret: AppSecret; never printed.
        package_name: the app's Android package; empty if unknown.
    """

    app_id: str
    app_key: str
    app_secret: str = field(repr=False)
    package_name: str = ""


def parse_credential(raw: Mapping[str, str]) -> VivoCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    return VivoCredential(
        app_id=raw["app_id"],
        app_key=raw["app_key"],
        app_secret=raw["app_secret"],
        package_name=raw.get("package_name", ""),
    )


def check_registration_id(credential: VivoCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if not REGISTRATION_ID.fullmatch(registration_id):
        return "is not a vivo registration id: that is ASCII without white space"
    return ""
