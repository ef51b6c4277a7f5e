"""Use case: which phone belongs to which user, from login to logout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from pushsvc.certs import Certs
from pushsvc.delivery.batcher import Batcher
from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.domain import Registration
from pushsvc.errors import InvalidRequest, NotFound
from pushsvc.store.base import Registered, RegistrationSelector, Store, Unregistered
from vendors.contract import Violation

MAX_BATCH = 1_000
MAX_WAITING = 20_000


class Registrations:
    """Registers and forgets phones.

    Args:
        store: where they are kept.
        certs: the certificates they are registered under.
        dispatcher: told what must not leave any more.
        clock: the time, with its zone.
    """

    def __init__(self, store: Store, certs: Certs, dispatcher: Dispatcher, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._certs = certs
        self._dispatcher = dispatcher
        self._clock = clock
        self._registering: Batcher[Registration, Registered | NotFound] = Batcher(
            self._register_batch, weight=_one, max_batch=MAX_BATCH, max_waiting=MAX_WAITING, what="registrations"
        )
        self._unregistering: Batcher[RegistrationSelector, Unregistered] = Batcher(
            self._unregister_batch, weight=_one, max_batch=MAX_BATCH, max_waiting=MAX_WAITING, what="logouts"
        )

    async def register(self, registration: Registration) -> Registration:
        """Binds a phone to a user; what the phone's former user had pending is cancelled in the same transaction.

        Raises:
            NotFound: the app has no such cert.
            InvalidRequest: the registration id can't be one of this cert's.
            Full: too many registrations are waiting.
        """
        cert = self._certs.get(registration.app_id, registration.cert_id)
        fault = self._certs.check_registration_id(cert, registration.registration_id)
        if fault:
            raise InvalidRequest([Violation("registration_id", fault)])
        answer = await self._registering.submit(replace(registration, vendor=cert.vendor))
        if isinstance(answer, NotFound):
            raise answer
        return answer.registration

    async def unregister(self, selector: RegistrationSelector) -> Unregistered:
        """Forgets phones; when this returns, nothing leaves for them any more.

        Raises:
            Full: too many logouts are waiting.
        """
        return await self._unregistering.submit(selector)

    async def of_user(self, app_id: str, user_id: str) -> Sequence[Registration]:
        """A user's phones, oldest first."""
        return await self._store.registrations(RegistrationSelector(app_id=app_id, user_id=user_id))

    async def _register_batch(self, registrations: Sequence[Registration]) -> Sequence[Registered | NotFound]:
        try:
            registered = await self._store.register(registrations, now_ms=self._now_ms())
        except NotFound as error:
            # A cert was deleted since it was looked up; that is nothing to the others.
            if len(registrations) == 1:
                return [error]
            return [answer for each in registrations for answer in await self._register_batch([each])]
        for each in registered:
            self._dispatcher.withdraw(each.withdrawn_keys)
            for cert_id in each.repointed_cert_ids:
                self._dispatcher.recover(cert_id)
        return registered

    async def _unregister_batch(self, selectors: Sequence[RegistrationSelector]) -> Sequence[Unregistered]:
        unregistered = await self._store.unregister(selectors, now_ms=self._now_ms())
        for each in unregistered:
            self._dispatcher.withdraw(each.withdrawn_keys)
        return unregistered

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _one(_: object) -> int:
    return 1
