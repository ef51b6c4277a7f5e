"""The JWT that is the bearer of a send, instead of a sign-in.

Source: Huawei developers, HarmonyOS guide push-jwt-token; RFC 7515 for its form, RFC 7518 section 3.5 for PS256.
Quirks: the signature is salted, so no two are alike; a life above a day is refused (80300036), an hour is recommended.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from vendors.contract import HttpRequest, HttpResponse
from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.outcomes import CredentialRejected, Outcome

AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
LIFE = timedelta(hours=1)
SALT_BYTES = 32

_PS256 = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=SALT_BYTES)


def unsigned(credential: HarmonyOsCredential, *, now: datetime) -> str:
    """Header and payload of a JWT, which its signature is made over."""
    header = {"kid": credential.key_id, "typ": "JWT", "alg": "PS256"}
    payload = {
        "aud": AUDIENCE,
        "iss": credential.sub_account,
        "exp": int((now + LIFE).timestamp()),
        "iat": int(now.timestamp()),
    }
    return f"{_part(header)}.{_part(payload)}"


def sign(credential: HarmonyOsCredential, *, now: datetime) -> str:
    """A JWT that is good for an hour. Takes about a millisecond."""
    signed = unsigned(credential, now=now)
    signature = credential.private_key.sign(signed.encode(), _PS256, hashes.SHA256())
    return f"{signed}.{_base64url(signature)}"


def auth_request(credential: HarmonyOsCredential, *, now: datetime) -> HttpRequest | None:  # noqa: ARG001 - the contract's
    """None: there is no sign-in."""
    return None


def parse_auth(response: HttpResponse, *, now: datetime) -> Outcome:  # noqa: ARG001 - the contract's
    """Never asked, as there is no sign-in."""
    return CredentialRejected(vendor_reason="no sign-in", advice="HarmonyOS has no sign-in; each send carries a JWT")


def _part(content: Mapping[str, object]) -> str:
    return _base64url(orjson.dumps(content))


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
