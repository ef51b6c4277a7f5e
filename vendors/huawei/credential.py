"""Huawei's credential, and what its registration ids look like.

Source: Huawei developers, `HMSCore-Guides/oauth2-0000001212610981`. The OAuth client id of an app is its App ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contract import CredentialField, check_credential
from vendors.huawei_callbacks import CREDENTIAL_FIELDS as CALLBACK_FIELDS
from vendors.huawei_callbacks import check_callback_pair

# Huawei calls it a token and documents no shape; this much any header and any log survives (ours).
REGISTRATION_ID = re.compile(r"[!-~]{1,512}")

CREDENTIAL_FIELDS = (
    CredentialField(
        name="app_id",
        label="App ID",
        help="AppGallery Connect, your project, Project settings, App information: App ID, digits",
        pattern=r"[0-9]{1,64}",
    ),
    CredentialField(
        name="app_secret",
        label="App Secret",
        help="same page: Client Secret under App information, not the one of the project",
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
    *CALLBACK_FIELDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HuaweiCredential:
    """What one app has at Huawei.

    Attributes:
        app_id: App ID; client id of the sign-in, and part of the path of a send.
        app_secret: App Secret; never printed.
        package_name: the app's package; empty if unknown.
        callback_user: signs receipts together with `callback_secret`; empty: they are not signed.
        callback_secret: never printed.
    """

    app_id: str
    app_secret: str = field(repr=False)
    package_name: str = ""
    callback_user: str = ""
    callback_secret: str = field(default="", repr=False)


def parse_credential(raw: Mapping[str, str]) -> HuaweiCredential:
    """The typed credential.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    check_callback_pair(raw)
    return HuaweiCredential(
        app_id=raw["app_id"],
        app_secret=raw["app_secret"],
        package_name=raw.get("package_name", ""),
        callback_user=raw.get("callback_user", ""),
        callback_secret=raw.get("callback_secret", ""),
    )


def check_registration_id(credential: HuaweiCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if REGISTRATION_ID.fullmatch(registration_id):
        return ""
    return "is not a Huawei push token: that is 1 to 512 printable ASCII characters without white space"
