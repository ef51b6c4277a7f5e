"""HarmonyOS's credential, a service account's key, and what its registration ids look like.

Source: Huawei developers, HarmonyOS guide push-jwt-token. Quirks: the key comes as a file of JSON, of which four
members are needed; it belongs to a project, and is refused in the path of any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from vendors.answers import parsed
from vendors.contract import CredentialField, InvalidCredential, Violation, check_credential
from vendors.huawei_callbacks import CREDENTIAL_FIELDS as CALLBACK_FIELDS
from vendors.huawei_callbacks import check_callback_pair

# Huawei calls it a token and documents no shape; this much any header and any log survives (ours).
REGISTRATION_ID = re.compile(r"[!-~]{1,512}")
KEY_MEMBERS = ("project_id", "key_id", "private_key", "sub_account")
# PS256 takes no shorter key (RFC 7518, section 3.5).
MIN_KEY_BITS = 2048

CREDENTIAL_FIELDS = (
    CredentialField(
        name="project_id",
        label="Project ID",
        help="AppGallery Connect, Project settings: Project ID, digits",
        pattern=r"[0-9]{1,64}",
    ),
    CredentialField(
        name="service_account",
        label="Service account key",
        help="Huawei developers, API Console, Credentials, Service account key: all the text of its JSON file",
        secret=True,
    ),
    CredentialField(
        name="client_id",
        label="Client ID",
        help="AppGallery Connect, Project settings, the app's OAuth 2.0 client ID: only needed to take messages back",
        required=False,
        pattern=r"[0-9]{1,64}",
    ),
    *CALLBACK_FIELDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonyOsCredential:
    """What one project has at Huawei.

    Attributes:
        project_id: Project ID, part of the path of a send.
        key_id: names the key in a JWT.
        sub_account: the service account, a JWT's issuer.
        private_key: signs; never printed.
        client_id: the app's, for recall; empty: nothing is taken back.
        callback_user: signs receipts together with `callback_secret`; empty: they are not signed.
        callback_secret: never printed.
    """

    project_id: str
    key_id: str
    sub_account: str
    private_key: RSAPrivateKey = field(repr=False)
    client_id: str = ""
    callback_user: str = ""
    callback_secret: str = field(default="", repr=False)


def parse_credential(raw: Mapping[str, str]) -> HarmonyOsCredential:
    """The typed credential. Takes some 20 ms, as the key's numbers are checked.

    Raises:
        InvalidCredential: naming every faulty field, never its value.
    """
    check_credential(raw, CREDENTIAL_FIELDS)
    check_callback_pair(raw)
    members = _key_members(raw["service_account"])
    if members["project_id"] != raw["project_id"]:
        raise InvalidCredential([Violation("project_id", "is not the project of the key in service_account")])
    return HarmonyOsCredential(
        project_id=members["project_id"],
        key_id=members["key_id"],
        sub_account=members["sub_account"],
        private_key=_private_key(members["private_key"]),
        client_id=raw.get("client_id", ""),
        callback_user=raw.get("callback_user", ""),
        callback_secret=raw.get("callback_secret", ""),
    )


def check_registration_id(credential: HarmonyOsCredential, registration_id: str) -> str:  # noqa: ARG001 - the contract's
    """What is wrong with a registration id, in words; empty if it is well formed."""
    if REGISTRATION_ID.fullmatch(registration_id):
        return ""
    return "is not a HarmonyOS push token: that is 1 to 512 printable ASCII characters without white space"


def _key_members(text: str) -> Mapping[str, str]:
    content = parsed(text)
    if not isinstance(content, dict):
        raise _unusable("is not the text of a key file: that is a JSON object")
    missing = [name for name in KEY_MEMBERS if not isinstance(content.get(name), str) or not content[name]]
    if missing:
        raise _unusable(f"is not the text of a key file: it has no {', '.join(missing)}")
    return {name: content[name] for name in KEY_MEMBERS}


def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without its cause, whose words might repeat a part of the key.
        raise _unusable("holds a private_key that can't be read: it must be in PEM and without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MIN_KEY_BITS:
        raise _unusable(f"holds a private_key that is not RSA of {MIN_KEY_BITS} bits or more")
    return key


def _unusable(words: str) -> InvalidCredential:
    return InvalidCredential([Violation("service_account", words)])
