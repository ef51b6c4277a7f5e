"""Access tokens in the store, as the vendors' side asks for them."""

from __future__ import annotations

import structlog

from pushsvc.errors import StoreUnavailable
from pushsvc.store.base import Store, StoredAccessToken
from vendors.access_tokens import AccountKey
from vendors.contract import AccessToken

log = structlog.get_logger(__name__)


class StoredTokens:
    """Keeps each cert's access token with the credential version it was got with; `vendors.access_tokens.TokenStore`.

    A store that can't be written costs a sign-in after the next start, and nothing that was sent.

    Args:
        store: where, sealed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, key: AccountKey) -> AccessToken | None:
        """The token of this very key; None if there is none."""
        cert_id, credential_version = key
        try:
            stored = await self._store.access_token(cert_id)
        except StoreUnavailable as error:
            log.warning("access token not read", cert_id=cert_id, error=str(error))
            return None
        return stored.token if stored is not None and stored.credential_version == credential_version else None

    async def save(self, key: AccountKey, token: AccessToken) -> None:
        """Keeps the token over any earlier one."""
        cert_id, credential_version = key
        stored = StoredAccessToken(credential_version=credential_version, token=token)
        try:
            await self._store.put_access_token(cert_id, stored)
        except StoreUnavailable as error:
            log.warning("access token not written", cert_id=cert_id, error=str(error))

    async def forget(self, key: AccountKey) -> None:
        """Drops the token."""
        try:
            await self._store.delete_access_token(key[0])
        except StoreUnavailable as error:
            log.warning("access token not dropped", cert_id=key[0], error=str(error))
