"""Who may send: the JWT that each call carries (§1.3), in the order of §4.3."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from vendors.sandbox.harmonyos.apps import App, Apps
from vendors.sandbox.harmonyos.codes import (
    AUTHENTICATION_ERROR,
    JWT_EXPIRED,
    JWT_LIFE_TOO_LONG,
    Refused,
    not_their_fault,
)
from vendors.sandbox.harmonyos.keys import AUDIENCE, signing_key
from vendors.sandbox.words import masked, quoted

MAX_LIFE_S = 86_400
# How far ahead the caller's clock may be (ours).
SKEW_S = 300
MAX_REMEMBERED = 10_000
MAX_JWT_LENGTH = 4096
PART = re.compile(r"[A-Za-z0-9_-]+")
PS256 = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


class Access:
    """Who may send. Every JWT is good until its `exp`, whatever others there are."""

    def __init__(self, apps: Apps) -> None:
        self._apps = apps
        # By signature, whether the control API or a fault ended it before its time; the oldest are forgotten.
        self._seen: dict[str, bool] = {}

    def admitted(self, project_id: str, headers: Mapping[str, str], now: float) -> App:
        """The app that a send is for.

        Raises:
            Refused: 80200001, 80200005 or 80300036.
        """
        scheme, _, jwt = headers.get("Authorization", "").partition(" ")
        parts = jwt.split(".")
        if scheme != "Bearer" or len(jwt) > MAX_JWT_LENGTH or not _is_jwt(parts):
            raise _wrong('"Bearer " and the three parts of a JWT', masked(jwt or scheme))
        app = self._signer(*parts)
        _check_times(_json_of(parts[1]), now)
        if self._is_ended(parts[2]):
            raise not_their_fault(JWT_EXPIRED)
        if app.terms.project_id != project_id:
            raise _wrong("a key of the project in the path", "another project's")
        return app

    def expire(self) -> int:
        """Ends every JWT seen so far, and says how many were good."""
        good = sum(not is_ended for is_ended in self._seen.values())
        self._seen = dict.fromkeys(self._seen, True)
        return good

    def _signer(self, header_part: str, payload_part: str, signature: str) -> App:
        """The app whose service account signed a JWT for this audience."""
        header, payload = _json_of(header_part), _json_of(payload_part)
        for name, expected in (("alg", "PS256"), ("typ", "JWT")):
            if header.get(name) != expected:
                raise _wrong(f"{name} {expected}", quoted(header.get(name)))
        key_id = header.get("kid")
        app = self._apps.of_key(key_id) if isinstance(key_id, str) else None
        if app is None:
            raise _wrong("kid of one of the sandbox's apps", quoted(key_id))
        try:
            signed = f"{header_part}.{payload_part}".encode()
            signing_key().public_key().verify(_octets(signature), signed, PS256, hashes.SHA256())
        except InvalidSignature as error:
            raise _wrong("a PS256 signature by the service account's key, salt 32", masked(signature)) from error
        for name, expected in (("iss", app.terms.sub_account), ("aud", AUDIENCE)):
            if payload.get(name) != expected:
                raise _wrong(f"{name} {expected}", quoted(payload.get(name)))
        return app

    def _is_ended(self, signature: str) -> bool:
        is_ended = self._seen.setdefault(signature, False)
        if len(self._seen) > MAX_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return is_ended


def _check_times(payload: Mapping[str, object], now: float) -> None:
    begins, ends = payload.get("iat"), payload.get("exp")
    if type(begins) is not int or type(ends) is not int or begins >= ends:
        raise _wrong("iat and a later exp, whole seconds", f"{quoted(begins)} and {quoted(ends)}")
    if begins > now + SKEW_S:
        raise _wrong(f"an iat at most {SKEW_S} s ahead", f"{begins - now:+.0f} s")
    if now >= ends:
        raise Refused(JWT_EXPIRED, "Authorization", "an exp to come", f"one of {now - ends:.0f} s ago")
    if ends - begins > MAX_LIFE_S:
        raise Refused(JWT_LIFE_TOO_LONG, "Authorization", f"a life of at most {MAX_LIFE_S} s", str(ends - begins))


def _is_jwt(parts: list[str]) -> bool:
    return len(parts) == len(("header", "payload", "signature")) and all(map(PART.fullmatch, parts))


def _json_of(part: str) -> Mapping[str, object]:
    try:
        content = orjson.loads(_octets(part))
    except orjson.JSONDecodeError as error:
        raise _wrong("parts of JSON in base64url", "none") from error
    if not isinstance(content, dict):
        raise _wrong("a JSON object in each part", quoted(content))
    return content


def _octets(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise _wrong("base64url without padding", masked(part)) from error


def _wrong(expected: str, got: str) -> Refused:
    return Refused(AUTHENTICATION_ERROR, "Authorization", expected, got)
