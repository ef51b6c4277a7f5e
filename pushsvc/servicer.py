"""The RPCs, each: convert and check, one use-case call, convert back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeAlias

import grpc.aio

from pushsvc.certs import Certs
from pushsvc.convert import answers, requests
from pushsvc.domain import Cert
from pushsvc.handlers import caller_of
from pushsvc.recalling import Recalling
from pushsvc.registrations import Registrations
from pushsvc.sending import Sending
from pushsvc.store.base import Store
from pushsvc.v1 import cert_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceServicer
from pushsvc.watching import Watching
from vendors.registry import Registry, UnknownVendor

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

LONGEST_WAIT_SECONDS = 30.0
# An answer has to leave this much before the caller's deadline to arrive in time.
ANSWER_MARGIN_SECONDS = 1.0


class PushServicer(PushServiceServicer):
    """Answers the calls of `pushsvc.v1.PushService`; the proto's comments are the reference.

    Args:
        certs: certificates.
        registrations: phones.
        sending: sends.
        recalling: what is taken back.
        watching: followed deliveries.
        registry: vendor plug-ins.
        store: for counting what waits.
        fingerprint: eight hex digits for a secret's name and value.
        receipt_url: where a cert's vendor reports; empty: nowhere.
        clock: the time, with its zone.
    """

    def __init__(
        self,
        *,
        certs: Certs,
        registrations: Registrations,
        sending: Sending,
        recalling: Recalling,
        watching: Watching,
        registry: Registry,
        store: Store,
        fingerprint: Callable[[str, str], str],
        receipt_url: Callable[[Cert], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._certs = certs
        self._registrations = registrations
        self._sending = sending
        self._recalling = recalling
        self._watching = watching
        self._registry = registry
        self._store = store
        self._fingerprint = fingerprint
        self._receipt_url = receipt_url
        self._clock = clock

    async def RegisterToken(self, request: pb.RegisterTokenRequest, _: Context) -> pb.RegisterTokenResponse:
        registered = await self._registrations.register(requests.registration(request))
        return pb.RegisterTokenResponse(registration=answers.registration(registered))

    async def SendOffline(self, request: pb.SendOfflineRequest, context: Context) -> pb.SendOfflineResponse:
        order = requests.order(request, now_ms=int(self._clock().timestamp() * 1000))
        wait_seconds = _wait_seconds(context) if request.wait else 0
        receipt = await self._sending.send(order, caller=caller_of(context), wait_seconds=wait_seconds)
        return answers.sent(receipt)

    async def SendOfflineBatch(
        self, request: pb.SendOfflineBatchRequest, context: Context
    ) -> pb.SendOfflineBatchResponse:
        orders, users = requests.orders(request, now_ms=int(self._clock().timestamp() * 1000))
        results = await self._sending.send_all(orders, users=users, caller=caller_of(context))
        return answers.batch_sent(results)

    async def UpsertCert(self, request: pb.UpsertCertRequest, _: Context) -> pb.UpsertCertResponse:
        cert = await self._certs.upsert(requests.cert_edit(request), verify=request.verify)
        [answer] = await self._cert_answers([cert])
        return pb.UpsertCertResponse(cert=answer)

    async def UnregisterToken(self, request: pb.UnregisterTokenRequest, _: Context) -> pb.UnregisterTokenResponse:
        removed = await self._registrations.unregister(requests.logout_selector(request))
        return pb.UnregisterTokenResponse(
            removed=len(removed.withdrawn_keys), cancelled_deliveries=removed.cancelled_deliveries
        )

    async def ListTokens(self, request: pb.ListTokensRequest, _: Context) -> pb.ListTokensResponse:
        phones = await self._registrations.of_user(*requests.user(request))
        return pb.ListTokensResponse(registrations=[answers.registration(phone) for phone in phones])

    async def GetCert(self, request: pb.GetCertRequest, _: Context) -> pb.GetCertResponse:
        cert = self._certs.get(*requests.cert_key(request.app_id, request.cert_id))
        [answer] = await self._cert_answers([cert])
        return pb.GetCertResponse(cert=answer)

    async def ListCerts(self, request: pb.ListCertsRequest, _: Context) -> pb.ListCertsResponse:
        certs = self._certs.of_app(requests.app(request.app_id))
        return pb.ListCertsResponse(certs=await self._cert_answers(certs))

    async def DeleteCert(self, request: pb.DeleteCertRequest, _: Context) -> pb.DeleteCertResponse:
        app_id, cert_id = requests.cert_key(request.app_id, request.cert_id)
        removed = await self._certs.delete(app_id, cert_id, force=request.force)
        return pb.DeleteCertResponse(
            removed_registrations=len(removed.withdrawn_keys), cancelled_deliveries=removed.cancelled_deliveries
        )

    async def VerifyCert(self, request: pb.VerifyCertRequest, _: Context) -> pb.VerifyCertResponse:
        return answers.verdict(await self._certs.verify(*requests.cert_key(request.app_id, request.cert_id)))

    async def GetMessage(self, request: pb.GetMessageRequest, _: Context) -> pb.GetMessageResponse:
        return answers.message(await self._sending.message(*requests.message_key(request)))

    async def CancelMessage(self, request: pb.CancelMessageRequest, _: Context) -> pb.CancelMessageResponse:
        app_id, message_id = requests.message_key(request)
        cancelled = await self._sending.cancel(app_id, message_id)
        recalled = await self._recalling.recall(message_id)
        return pb.CancelMessageResponse(
            cancelled_deliveries=cancelled,
            recalled_deliveries=recalled.recalled,
            remaining_deliveries=recalled.remaining,
        )

    async def WatchDeliveries(
        self, request: pb.WatchDeliveriesRequest, _: Context
    ) -> AsyncGenerator[pb.WatchDeliveriesResponse]:
        async with aclosing(self._watching.changes(*requests.watch(request))) as pages:
            async for page in pages:
                yield answers.changes(page)

    async def ListVendors(self, _request: pb.ListVendorsRequest, _: Context) -> pb.ListVendorsResponse:
        return pb.ListVendorsResponse(vendors=[answers.vendor(each) for each in self._registry.load_all()[0]])

    async def _cert_answers(self, certs: Sequence[Cert]) -> Sequence[cert_pb2.Cert]:
        pending = await self._store.count_pending([cert.cert_id for cert in certs])
        return [
            answers.cert(
                cert,
                secret_fields=self._secret_fields(cert),
                pending_deliveries=count,
                lane=self._certs.lane_state(cert.cert_id),
                receipt_url=self._receipt_url(cert),
            )
            for cert, count in zip(certs, pending, strict=True)
        ]

    def _secret_fields(self, cert: Cert) -> Mapping[str, str]:
        """Fingerprint of each secret field that is set; without its plug-in no field is known to be harmless."""
        try:
            fields = self._registry.get(cert.vendor).CREDENTIAL_FIELDS
        except UnknownVendor:
            fields = ()
        harmless = {each.name for each in fields if not each.secret}
        return {name: self._fingerprint(name, value) for name, value in cert.credential.items() if name not in harmless}


def _wait_seconds(context: Context) -> float:
    remaining: float | None = context.time_remaining()
    if remaining is None:
        return LONGEST_WAIT_SECONDS
    return max(0.0, remaining - ANSWER_MARGIN_SECONDS)
