"""What is measured, as processes: the service and the echo on one core, the load and the makers on the others."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import grpc.aio

from bench.processes import Process, free_address
from pushsvc import sealing
from pushsvc.domain import Registration
from pushsvc.store.sqlite import SqliteStore
from pushsvc.v1 import cert_pb2
from pushsvc.v1 import push_service_pb2 as pb
from pushsvc.v1.push_service_pb2_grpc import PushServiceStub

ROOT = Path(__file__).resolve().parent.parent
APP = "im"
# How each maker's registration ids look; `{}` is a number.
PHONES: Mapping[str, str] = {
    "oppo": "CN_{:032x}",
    "xiaomi": "{:044d}",
    "huawei": "AAAAAhuawei-token-{:010d}",
    "harmonyos": "MAMz.harmonyos-token-{:010d}",
    "honor": "BAEAAAAAB.honor-token-{:010d}",
    "vivo": "{:022d}",
    "meizu": "RA50c6348036343010d636{:020d}",
}
# An account as large as any: its limits are not what is measured.
TARGETS_PER_SECOND = 100_000
REGISTER_AT_ONCE = 10_000
POLL_SECONDS = 0.005
# Counting what is pending costs the service time, so nobody counts again before it could be done.
FASTEST_PER_SECOND = 100_000
DRAINED_WITHIN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores run what; one core runs all of it.

    Attributes:
        measured: the service, or the echo.
        others: load and makers.
    """

    measured: Collection[int]
    others: Collection[int]

    @classmethod
    def of_machine(cls) -> Cores:
        """The first core for what is measured, all others for the rest."""
        first, *others = sorted(os.sched_getaffinity(0))
        return cls({first}, others or {first})


class Rig:
    """The service with its makers, and the echo.

    Args:
        folder: a new one, for the database and logs.
        cores: who runs where.
        is_strict: the makers are the sandbox's; else OPPO alone, and as lean as can be.
    """

    def __init__(self, folder: Path, cores: Cores, *, is_strict: bool) -> None:
        self.folder = folder
        self.cores = cores
        self.address, makers = free_address(), free_address()
        self.echo_address = ""
        self.makers_url = f"http://{makers}/"
        self._database = folder / "bench.db"
        self._certs: dict[str, int] = {}
        ours = {"PYTHONPATH": str(ROOT)}
        self.makers = (
            Process(("sandbox", "--listen", makers), folder, {}, cores=cores.others)
            if is_strict
            else Process((makers.rpartition(":")[2],), folder, ours, module="bench.lean_maker", cores=cores.others)
        )
        self.echo = Process((), folder, ours, module="bench.echo", cores=cores.measured)
        listen = ("--listen", self.address, "--http-listen", "127.0.0.1:0")
        options = ("--log-level", "warning", "--allowed-base-urls", self.makers_url)
        self.serve = ("serve", "--database", f"sqlite:///{self._database}", *listen, *options)
        self.service = Process(self.serve, folder, {}, cores=cores.measured)

    async def start(self) -> None:
        """Starts makers and echo; the service is started by `host`."""
        await self.makers.start()
        self.echo_address = await self.echo.start()

    async def stop(self) -> None:
        """Ends all of it."""
        for each in (self.service, self.echo, self.makers):
            await each.end(signal.SIGTERM)

    @asynccontextmanager
    async def stub(self) -> AsyncIterator[PushServiceStub]:
        """Calls the service."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            yield PushServiceStub(channel)

    async def host(self, phones: Mapping[str, int]) -> None:
        """Starts the service with a cert for each vendor and so many users of one phone each.

        Args:
            phones: vendor to how many. A user's name is the vendor's and a number, as in `user_id`.
        """
        await self.service.start()
        async with self.stub() as stub:
            for vendor in phones:
                if vendor not in self._certs:
                    self._certs[vendor] = await self._host(stub, vendor)
        await self.service.end(signal.SIGTERM)
        await self._register(phones)
        await self.service.start()
        async with self.stub() as stub:
            await stub.ListVendors(pb.ListVendorsRequest(), wait_for_ready=True)

    async def _host(self, stub: PushServiceStub, vendor: str) -> int:
        demo = await self._demo(vendor)
        cert = cert_pb2.Cert(
            app_id=APP,
            vendor=vendor,
            credential=demo["credential"],
            base_url=f"{self.makers_url}{vendor}",
            defaults=cert_pb2.CertDefaults(channel_id=demo["channel_id"]),
            targets_per_second=TARGETS_PER_SECOND,
        )
        answer = await stub.UpsertCert(pb.UpsertCertRequest(cert=cert), wait_for_ready=True)
        return answer.cert.cert_id

    async def _demo(self, vendor: str) -> dict[str, Any]:
        """The app that a maker knows; some of its keys are made anew in each process."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.makers_url}_control/{vendor}/demo") as response:
            return dict(await response.json())

    async def _register(self, phones: Mapping[str, int]) -> None:
        """Writes them into the database while nobody serves from it: a million logins take minutes."""
        sealer = sealing.Sealer([sealing.load_or_create_key_file(Path(f"{self._database}.key"))])
        store = await SqliteStore.open(self._database, sealer)
        try:
            for vendor, count in phones.items():
                for first in range(0, count, REGISTER_AT_ONCE):
                    numbers = range(first, min(first + REGISTER_AT_ONCE, count))
                    await store.register([self._registration(vendor, number) for number in numbers], now_ms=1)
        finally:
            await store.close()

    def _registration(self, vendor: str, number: int) -> Registration:
        return Registration(
            app_id=APP,
            user_id=user_id(vendor, number),
            device_id="",
            cert_id=self._certs[vendor],
            vendor=vendor,
            registration_id=PHONES[vendor].format(number),
        )

    async def pending(self, stub: PushServiceStub) -> int:
        """How many deliveries are not settled."""
        answer = await stub.ListCerts(pb.ListCertsRequest(app_id=APP))
        return sum(cert.pending_deliveries for cert in answer.certs)

    async def drained(self) -> None:
        """Returns when every delivery is settled.

        Raises:
            TimeoutError: they were not within five minutes.
        """
        async with self.stub() as stub, asyncio.timeout(DRAINED_WITHIN_SECONDS):
            while pending := await self.pending(stub):  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(max(POLL_SECONDS, pending / FASTEST_PER_SECOND))

    async def shown(self) -> int:
        """How many notifications the makers put on phones."""
        url = f"{self.makers_url}_control/counters"
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return sum(maker["delivered"] for maker in (await response.json()).values())


def user_id(vendor: str, number: int) -> str:
    """Whose phone of a vendor has this number."""
    return f"{vendor}-{number}"


@asynccontextmanager
async def started(folder: Path, phones: Mapping[str, int], *, is_strict: bool = False) -> AsyncIterator[Rig]:
    """A rig with users, stopped at the end."""
    async with AsyncExitStack() as stack:
        rig = Rig(folder, Cores.of_machine(), is_strict=is_strict)
        stack.push_async_callback(rig.stop)
        await rig.start()
        await rig.host(phones)
        yield rig
