"""`/receipts/<vendor>/<secret path>`: where vendors report."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from aiohttp import web

from pushsvc.certs import Certs
from pushsvc.errors import Full, StoreUnavailable
from pushsvc.metrics import Metrics
from pushsvc.receipt_addresses import PATH, ReceiptAddresses
from pushsvc.receipts import Receipts
from vendors.receipts import Callback, InvalidCallback

log = structlog.get_logger(__name__)

# Huawei and Honor read it; the others look at the status only.
TAKEN = '{"code":"0","message":"success"}'
RETRY_SECONDS = 5


class ReceiptPages:
    """Answers vendors.

    Args:
        receipts: takes what they report.
        addresses: which paths are ours.
        certs: whose they are.
        metrics: told of what is not theirs.
    """

    def __init__(self, receipts: Receipts, addresses: ReceiptAddresses, certs: Certs, metrics: Metrics) -> None:
        self._receipts = receipts
        self._addresses = addresses
        self._certs = certs
        self._metrics = metrics

    def routes(self) -> Sequence[web.RouteDef]:
        """One for all vendors."""
        return [web.post(f"{PATH}/{{vendor}}/{{segment}}", self._take)]

    async def _take(self, request: web.Request) -> web.Response:
        vendor = request.match_info["vendor"]
        cert_id = self._addresses.cert_id(request.match_info["segment"])
        found = self._certs.account(cert_id) if cert_id is not None else None
        if found is None or found[0].vendor != vendor:
            # A wrong path learns nothing, not even which vendors there are.
            self._metrics.refused_receipts("", "path", 1)
            raise web.HTTPNotFound
        cert, account = found
        headers = {name.lower(): value for name, value in request.headers.items()}
        callback = Callback(headers=headers, body=await request.read())
        try:
            await self._receipts.take(cert, account, callback)
        except InvalidCallback as error:
            self._metrics.refused_receipts(vendor, "callback", 1)
            log.warning("callback refused", cert_id=cert.cert_id, vendor=vendor, why=str(error))
            return web.Response(status=400, text=f"{error}\n")
        except (Full, StoreUnavailable) as error:
            log.warning("receipts not taken, the vendor may send them again", cert_id=cert.cert_id, why=str(error))
            return web.Response(status=503, text=f"{error}\n", headers={"Retry-After": str(RETRY_SECONDS)})
        return web.Response(text=TAKEN, content_type="application/json")
