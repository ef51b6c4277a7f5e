"""The key of every service account here (§1.3): made once in a process, so that no private key stands in the source."""

from __future__ import annotations

from functools import cache

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KEY_BITS = 2048
PUBLIC_EXPONENT = 65537
AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """The key, made on first use as that takes a while. It is another in the next process, whatever the seed."""
    return rsa.generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=KEY_BITS)


@cache
def _pem() -> str:
    return signing_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_file(*, project_id: str, key_id: str, sub_account: str) -> str:
    """The text of the JSON file that Huawei's console gives for a service account."""
    return orjson.dumps(
        {
            "project_id": project_id,
            "key_id": key_id,
            "private_key": _pem(),
            "sub_account": sub_account,
            "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
            "token_uri": AUDIENCE,
            "auth_provider_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
            "client_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/x509",
        }
    ).decode()
