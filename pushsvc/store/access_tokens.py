"""Access tokens in the store, as the vendors' side asks for them."""

from __future__ import annotations

from pushsvc.store.base import Store, StoredAccessToken
from vendors.access_tokens import AccountKey
from vendors.contract import AccessToken


class StoredTokens:
    """Keeps each cert's access token with the credential version it was got with; `vendors.access_tokens.TokenStore`.

    Args:
        store: where, sealed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, key: AccountKey) -> AccessToken | None:
        """The token of this very key; None if there is none."""
        cert_id, credential_version = key
        stored = await self._store.access_token(cert_id)
        return stored.token if stored is not None and stored.credential_version == credential_version else None

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        """Keeps the token over any earlier one."""
        cert_id, credential_version = key
        await self._store.put_access_token(
            cert_id, StoredAccessToken(credential_version=credential_version, token=token)
        )

    async def forget(self, key: AccountKey) -> None:
        """Drops the token."""
        await self._store.delete_access_token(key[0])
