"""Seals secrets at rest: AES-256-GCM under a key ring, bound to the row they belong to.

A sealed blob is a version byte, the id of its key, a nonce, and the ciphertext with its tag. Associated data names the
row, so that a blob copied to another row does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
KEY_FILE_MODE = 0o600
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
FINGERPRINT_DIGITS = 8


class SealingError(Exception):
    """A blob that does not open, or a key that can't be used. Never holds a secret."""


class Sealer:
    """Seals under the first key of a ring and opens under any.

    Args:
        keys: 32 bytes each, at least one; the first seals.

    Raises:
        SealingError: no key, or one of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise SealingError("there is no sealing key")
        for key in keys:
            _check_length(key)
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._key_id = _key_id(keys[0])
        self._fingerprint_key = hmac.digest(keys[0], b"pushsvc:fingerprint", "sha256")
        self._mac_keys = [hmac.digest(key, b"pushsvc:mac", "sha256") for key in keys]

    def __repr__(self) -> str:
        return f"Sealer(key_ids={[key_id.hex() for key_id in self._ciphers]})"

    def seal(self, plaintext: bytes, associated_data: bytes) -> bytes:
        """A blob that only this ring opens, and only with the same associated data."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._ciphers[self._key_id].encrypt(nonce, plaintext, associated_data)
        return VERSION + self._key_id + nonce + ciphertext

    def open(self, blob: bytes, associated_data: bytes) -> bytes:
        """The plaintext of a blob.

        Raises:
            SealingError: the blob was changed, belongs to another row, or is sealed under a key not in the ring.
        """
        if len(blob) < HEADER_BYTES or not blob.startswith(VERSION):
            raise SealingError("is not a sealed blob of this version")
        key_id = blob[len(VERSION) : len(VERSION) + KEY_ID_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            known = ", ".join(known_id.hex() for known_id in self._ciphers)
            raise SealingError(f"is sealed under key {key_id.hex()}, which is not given; given: {known}")
        nonce = blob[len(VERSION) + KEY_ID_BYTES : HEADER_BYTES]
        try:
            return cipher.decrypt(nonce, blob[HEADER_BYTES:], associated_data)
        except InvalidTag as error:
            raise SealingError("was changed, or belongs to another row") from error

    def fingerprint(self, name: str, value: str) -> str:
        """8 hex digits that tell two values of a field apart and say nothing about either.

        Keyed, because a plain digest of a short secret can be searched for. Changes with the first key of the ring.
        """
        text = f"{len(name)}:{name}{value}".encode()
        return hmac.new(self._fingerprint_key, text, hashlib.sha256).hexdigest()[:FINGERPRINT_DIGITS]

    def mac(self, purpose: str, text: str) -> str:
        """64 hex digits that only this ring makes; another purpose has others for the same text."""
        return _mac(self._mac_keys[0], purpose, text)

    def is_mac(self, mac: str, purpose: str, text: str, *, digits: int) -> bool:
        """Whether these are the first digits of the MAC of a text under any key of the ring."""
        given = mac.encode(errors="replace")
        # All keys are tried, so that the time taken does not tell which is right.
        matches = [hmac.compare_digest(_mac(key, purpose, text)[:digits].encode(), given) for key in self._mac_keys]
        return any(matches)


def _mac(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{len(purpose)}:{purpose}{text}".encode(), hashlib.sha256).hexdigest()


def parse_key(text: str) -> bytes:
    """A key from its base64 text.

    Raises:
        SealingError: it is not base64, or not of 32 bytes.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealingError("a sealing key is 32 bytes in base64; this is not base64") from error
    _check_length(key)
    return key


def load_or_create_key_file(path: Path) -> bytes:
    """The key in a file; makes one, readable by its owner alone, where there is none.

    Raises:
        SealingError: the file is open to others, holds no key, or can't be read or made.
    """
    try:
        _create_key_file(path)
        return _load_key_file(path)
    except OSError as error:
        raise SealingError(f"key file {path}: {error.strerror}") from error


def _create_key_file(path: Path) -> None:
    """Makes the file complete or not at all: a crash must not leave half a key behind."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_FILE_MODE)
    try:
        try:
            os.write(descriptor, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # A link, unlike a rename, never replaces the key another process has just made.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _load_key_file(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    with open(descriptor, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - the mode is read from what was opened
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SealingError(f"key file {path} is open to others (mode {mode:04o}); run: chmod 600 {path}")
        text = file.read()
    try:
        return parse_key(text)
    except SealingError as error:
        raise SealingError(f"key file {path}: {error}") from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_length(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise SealingError(f"a sealing key has {KEY_BYTES} bytes; this one has {len(key)}")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]
