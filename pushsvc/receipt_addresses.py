"""Where vendors are told to report, and how what they then say is known to be about a push of ours. Pure.

The address holds a secret of its cert. The parameter names a content and is bound to the cert by a MAC, so that whoever
learns an address can still not speak of pushes that never went out under it.
"""

from __future__ import annotations

from functools import lru_cache

from pushsvc.domain import Cert
from pushsvc.sealing import Sealer

PATH = "/receipts"
SECRET_DIGITS = 32
MAC_DIGITS = 20
# Of 63 bits, in hexadecimal.
MAX_ID_DIGITS = 16
MACS_KEPT = 4_096


class ReceiptAddresses:
    """The addresses of one service's certs.

    Args:
        base_url: the public root that vendors reach, as `https://push.example.com`; empty: none is told any.
        sealer: whose keys the secrets and MACs are made with.
    """

    def __init__(self, base_url: str, sealer: Sealer) -> None:
        self._base_url = base_url.rstrip("/")
        self._sealer = sealer
        self._urls: dict[tuple[str, int], str] = {}
        # All phones of a content, and every attempt, have the same.
        self._mac = lru_cache(MACS_KEPT)(self._new_mac)

    def url(self, cert: Cert) -> str:
        """Where the vendor of a cert reports; empty: nowhere."""
        if not self._base_url:
            return ""
        key = (cert.vendor, cert.cert_id)
        url = self._urls.get(key)
        if url is None:
            secret = self._sealer.mac("receipt path", str(cert.cert_id))[:SECRET_DIGITS]
            url = self._urls[key] = f"{self._base_url}{PATH}/{cert.vendor}/{cert.cert_id}-{secret}"
        return url

    def parameter(self, cert: Cert, content_id: int) -> str:
        """What a push of a content has the vendor say: 37 characters at most."""
        return f"{content_id:x}.{self._mac(cert.cert_id, content_id)}"

    def cert_id(self, segment: str) -> int | None:
        """The cert whose address ends with a segment; None: it is no address of ours."""
        digits, _, secret = segment.partition("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_ID_DIGITS):
            return None
        is_ours = self._sealer.is_mac(secret, "receipt path", digits, digits=SECRET_DIGITS)
        return int(digits) if is_ours else None

    def content_id(self, cert_id: int, parameter: str) -> int | None:
        """The content that a parameter names; None: no push under this cert carried it."""
        digits, _, mac = parameter.partition(".")
        if not 0 < len(digits) <= MAX_ID_DIGITS or set(digits) - set("0123456789abcdef"):
            return None
        content_id = int(digits, 16)
        is_ours = self._sealer.is_mac(mac, "receipt", f"{cert_id}:{content_id}", digits=MAC_DIGITS)
        return content_id if is_ours else None

    def _new_mac(self, cert_id: int, content_id: int) -> str:
        return self._sealer.mac("receipt", f"{cert_id}:{content_id}")[:MAC_DIGITS]
