"""Signing requests to Meizu, which has no sign-in.

Source: Meizu's server API, "sign"; its Java and PHP SDKs agree. Quirks: the digest is MD5 over the raw values, before
they are form-encoded; name and value pairs are joined by nothing; neither time nor nonce is signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from vendors.contract import AccessToken, HttpRequest, HttpResponse
from vendors.meizu.credential import MeizuCredential
from vendors.outcomes import CredentialRejected, Outcome

HEADERS = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}


def sign(credential: MeizuCredential, fields: Mapping[str, str]) -> str:
    """The signature of a form: 32 lower-case hex digits.

    Args:
        credential: whose secret signs.
        fields: every field of the form but `sign`, as text that is not yet encoded.
    """
    base = "".join(f"{name}={value}" for name, value in sorted(fields.items()))
    # MD5 is Meizu's choice; the secret is at the end of the text.
    return hashlib.md5(f"{base}{credential.app_secret}".encode(), usedforsecurity=False).hexdigest()


def signed_form(credential: MeizuCredential, fields: Mapping[str, str]) -> bytes:
    """The body of a request: the fields in their order, and their signature."""
    return urlencode({**fields, "sign": sign(credential, fields)}).encode()


def auth_request(credential: MeizuCredential, *, now: datetime) -> HttpRequest | None:  # noqa: ARG001 - the contract's
    """There is no sign-in."""
    return None


def parse_auth(response: HttpResponse, *, now: datetime) -> AccessToken | Outcome:  # noqa: ARG001 - the contract's
    """Never asked, as there is no sign-in."""
    return CredentialRejected(vendor_reason="no sign-in", advice="Meizu has no sign-in; its requests are signed")
