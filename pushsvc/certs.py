"""Use case: host certificates. Checks each through its vendor's plug-in, keeps it, and puts it in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.delivery.lane import LaneCert
from pushsvc.domain import Cert, CertDefaults, CertHealth, CertState, LaneState
from pushsvc.errors import InvalidRequest, NotFound, NotPossible, StoreUnavailable
from pushsvc.store.base import Store, Unregistered
from vendors.access_tokens import Account
from vendors.contract import AccessToken, ClickKind, InvalidCredential, Violation
from vendors.outcomes import CredentialRejected, Outcome
from vendors.registry import Registry, UnknownVendor
from vendors.sender import Sender

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertEdit:
    """What a caller wants a cert to be; None keeps what is there (on creation: the default).

    Attributes:
        cert_id: 0 creates one.
        credential: field to value; fields left out keep their value, empty ones are cleared.
    """

    app_id: str
    cert_id: int
    vendor: str
    display_name: str
    credential: Mapping[str, str]
    defaults: CertDefaults | None
    base_url: str | None
    targets_per_second: int | None = None


class Certs:
    """The certificates of all apps, in memory and in the store.

    Args:
        store: where they are kept.
        registry: the vendors' plug-ins.
        allowed_base_urls: prefixes a base URL may start with.
        clock: the time, with its zone.
    """

    def __init__(
        self, store: Store, registry: Registry, *, allowed_base_urls: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._registry = registry
        self._allowed_base_urls = allowed_base_urls
        self._clock = clock
        self._certs: dict[int, Cert] = {}
        self._accounts: dict[int, Account[Any]] = {}
        self._sender: Sender
        self._dispatcher: Dispatcher

    async def start(self, sender: Sender, dispatcher: Dispatcher) -> None:
        """Reads all certs and starts their lanes. A cert whose plug-in is missing stays hosted; its messages wait."""
        self._sender = sender
        self._dispatcher = dispatcher
        self._certs = {cert.cert_id: cert for cert in await self._store.certs()}
        lane_certs = []
        for cert in self._certs.values():
            try:
                lane_certs.append(self._lane_cert(cert))
                self._accounts[cert.cert_id] = lane_certs[-1].account
            except InvalidRequest as error:
                log.error("cert can't be used, its messages wait", cert_id=cert.cert_id, error=str(error))  # noqa: TRY400 - the words say it all
        await dispatcher.start(lane_certs)

    def get(self, app_id: str, cert_id: int) -> Cert:
        """The cert.

        Raises:
            NotFound: this app has none with that id.
        """
        cert = self._certs.get(cert_id)
        if cert is None or cert.app_id != app_id:
            raise NotFound(f"app {app_id} has no cert {cert_id}")
        return cert

    def of_app(self, app_id: str) -> Sequence[Cert]:
        """The app's certs, by id."""
        return [cert for _, cert in sorted(self._certs.items()) if cert.app_id == app_id]

    def all(self) -> Sequence[Cert]:
        """Every app's certs, by id."""
        return [cert for _, cert in sorted(self._certs.items())]

    def account(self, cert_id: int) -> tuple[Cert, Account[Any]] | None:
        """A cert with its credential as the plug-in understands it; None: there is no such cert, or no plug-in."""
        cert, account = self._certs.get(cert_id), self._accounts.get(cert_id)
        return None if cert is None or account is None else (cert, account)

    def lane_state(self, cert_id: int) -> LaneState:
        """How its deliveries are handed over at present."""
        return self._dispatcher.lane_state(cert_id)

    def health(self, cert_id: int) -> CertHealth:
        """What the vendor last said about a cert; untried if it is gone."""
        cert = self._certs.get(cert_id)
        return cert.health if cert is not None else CertHealth()

    def check_registration_id(self, cert: Cert, registration_id: str) -> str:
        """What is wrong with a registration id, in words; empty if it may be one of the cert's app."""
        account = self._accounts.get(cert.cert_id) or self._lane_cert(cert).account
        return account.vendor.check_registration_id(account.credential, registration_id)

    async def upsert(self, edit: CertEdit, *, verify: bool) -> Cert:
        """Creates or edits a cert; in force when this returns.

        Raises:
            InvalidRequest: naming every faulty field.
            NotFound: there is no such cert to edit.
            NotPossible: `verify` was asked and the vendor did not take the credential; nothing was saved.
        """
        cert = self._edited(edit)
        lane_cert = self._lane_cert(cert)
        _check_default_click(lane_cert)
        if verify:
            cert = await self._verified(lane_cert)
        if cert.cert_id:
            await self._store.replace_cert(cert)
        else:
            cert = await self._store.add_cert(cert)
        self._put_in_force(cert)
        return cert

    async def delete(self, app_id: str, cert_id: int, *, force: bool) -> Unregistered:
        """Removes a cert.

        Raises:
            NotFound: this app has none with that id.
            NotPossible: phones are registered under it and `force` was not given.
        """
        self.get(app_id, cert_id)
        registrations = await self._store.count_registrations(cert_id)
        if registrations and not force:
            raise NotPossible(f"{registrations} phones are registered under cert {cert_id}; force removes them with it")
        removed = await self._store.delete_cert(cert_id, now_ms=self._now_ms())
        del self._certs[cert_id]
        self._accounts.pop(cert_id, None)
        await self._dispatcher.drop_cert(cert_id)
        return removed

    async def verify(self, app_id: str, cert_id: int) -> AccessToken | Outcome | None:
        """What the vendor's sign-in says to the cert now; None if the vendor has none.

        Raises:
            NotFound: this app has none with that id.
        """
        cert = self.get(app_id, cert_id)
        answer = await self._sender.sign_in(self._lane_cert(cert).account)
        if isinstance(answer, AccessToken) and cert.health.state is not CertState.ACCEPTED:
            await self.judged(cert, CertHealth(state=CertState.ACCEPTED, since_ms=self._now_ms()))
            self._dispatcher.put_cert(self._lane_cert(self._certs[cert_id]))
        return answer

    async def judged(self, cert: Cert, health: CertHealth) -> None:
        """Keeps a vendor's verdict about a cert, unless its credential was replaced meanwhile."""
        current = self._certs.get(cert.cert_id)
        if current is None or current.credential_version != cert.credential_version:
            return
        self._certs[cert.cert_id] = replace(current, health=health)
        if health.state is CertState.REJECTED:
            log.warning(
                "vendor refuses the cert",
                cert_id=cert.cert_id,
                vendor=cert.vendor,
                vendor_code=health.vendor_code,
                advice=health.advice,
            )
        try:
            await self._store.set_cert_health(cert.cert_id, health, credential_version=cert.credential_version)
        except StoreUnavailable as error:
            log.warning("cert health not written", cert_id=cert.cert_id, error=str(error))

    def _edited(self, edit: CertEdit) -> Cert:
        now_ms = self._now_ms()
        if not edit.cert_id:
            return Cert(
                cert_id=0,
                app_id=edit.app_id,
                vendor=edit.vendor,
                display_name=edit.display_name,
                credential={name: value for name, value in edit.credential.items() if value},
                credential_version=1,
                defaults=edit.defaults or CertDefaults(),
                base_url=edit.base_url or "",
                targets_per_second=edit.targets_per_second or 0,
                health=CertHealth(since_ms=now_ms),
                created_at_ms=now_ms,
                updated_at_ms=now_ms,
            )
        old = self.get(edit.app_id, edit.cert_id)
        if edit.vendor not in ("", old.vendor):
            raise InvalidRequest([Violation("cert.vendor", f"cannot change; cert {old.cert_id} is for {old.vendor}")])
        credential = {name: value for name, value in {**old.credential, **edit.credential}.items() if value}
        base_url = old.base_url if edit.base_url is None else edit.base_url
        rate = old.targets_per_second if edit.targets_per_second is None else edit.targets_per_second
        cert = replace(
            old,
            targets_per_second=rate,
            display_name=edit.display_name or old.display_name,
            credential=credential,
            defaults=edit.defaults or old.defaults,
            base_url=base_url,
            updated_at_ms=now_ms,
        )
        if (credential, base_url) == (dict(old.credential), old.base_url):
            return cert
        return replace(cert, credential_version=old.credential_version + 1, health=CertHealth(since_ms=now_ms))

    async def _verified(self, lane_cert: LaneCert) -> Cert:
        answer = await self._sender.sign_in(lane_cert.account)
        cert = lane_cert.cert
        if isinstance(answer, Outcome):
            verdict = "refuses the credential" if isinstance(answer, CredentialRejected) else "gave no verdict"
            words = " ".join(word for word in (answer.vendor_code, answer.vendor_reason) if word)
            raise NotPossible(
                f"{cert.vendor} {verdict}: {words}. {answer.advice}. Nothing was saved".replace("..", ".")
            )
        if answer is None:
            return cert
        return replace(cert, health=CertHealth(state=CertState.ACCEPTED, since_ms=self._now_ms()))

    def _put_in_force(self, cert: Cert) -> None:
        current = self._certs.get(cert.cert_id)
        if current is not None and current.credential_version == cert.credential_version:
            # A verdict may have come in while the edit was being written.
            cert = replace(cert, health=current.health)
        lane_cert = self._lane_cert(cert)
        self._certs[cert.cert_id] = cert
        self._accounts[cert.cert_id] = lane_cert.account
        self._dispatcher.put_cert(lane_cert)

    def _lane_cert(self, cert: Cert) -> LaneCert:
        """The cert as its plug-in understands it.

        Raises:
            InvalidRequest: naming every faulty field of the cert.
        """
        try:
            vendor = self._registry.get(cert.vendor)
        except UnknownVendor as error:
            raise InvalidRequest([Violation("cert.vendor", str(error))]) from error
        violations = [
            Violation(f"cert.defaults.vendor_options.{violation.field}", violation.text)
            for violation in vendor.check_options(cert.defaults.vendor_options)
        ]
        if cert.base_url and not self._is_allowed(cert.base_url):
            violations.append(Violation("cert.base_url", "must start with a prefix in PUSHSVC_ALLOWED_BASE_URLS"))
        try:
            credential = vendor.parse_credential(cert.credential)
        except InvalidCredential as error:
            violations += [Violation(f"cert.credential.{each.field}", each.text) for each in error.violations]
            raise InvalidRequest(violations) from error
        if violations:
            raise InvalidRequest(violations)
        account = Account(
            key=(cert.cert_id, cert.credential_version), vendor=vendor, credential=credential, base_url=cert.base_url
        )
        return LaneCert(cert=cert, account=account)

    def _is_allowed(self, base_url: str) -> bool:
        """Whether settings allow it; a prefix ends where a path part ends, so that host:90 does not allow host:9090."""
        return any(
            base_url == prefix or base_url.startswith(prefix.rstrip("/") + "/") for prefix in self._allowed_base_urls
        )

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _check_default_click(lane_cert: LaneCert) -> None:
    """Only of a cert that is being edited: one that is hosted already opens the app instead.

    Raises:
        InvalidRequest: its vendor can't do what a click is to do.
    """
    kind, can = lane_cert.cert.defaults.click_action.kind, lane_cert.capabilities.click_actions
    if kind not in can:
        kinds = ", ".join(each for each in ClickKind if each in can)
        text = f"is nothing that {lane_cert.cert.vendor} can do; it can do {kinds}"
        raise InvalidRequest([Violation(f"cert.defaults.click_action.{kind}", text)])
