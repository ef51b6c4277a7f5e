from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from pushsvc import retention
from pushsvc.retention import Retention
from pushsvc.sealing import Sealer
from pushsvc.store.sqlite import SqliteStore
from pushsvc.v1 import cert_pb2, delivery_pb2
from tests.conftest import Clock, ServiceStarter
from tests.service.refusals import refusal_of
from tests.store.contract import make_message, send


async def test_a_message_is_kept_for_30_days_and_then_forgotten(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host(cert_pb2.Cert(app_id="im", vendor="fake"))
    await service.register("alice", cert_id, "phone")
    old = await service.send("alice")
    start_service.clock.advance(days=29)
    service = await start_service()
    [delivery] = (await service.message(old.message_id)).deliveries
    assert delivery.state == delivery_pb2.DELIVERY_STATE_SENT

    start_service.clock.advance(days=1, seconds=1)
    service = await start_service()
    young = await service.send("alice")

    error = await refusal_of(service.message(old.message_id))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert (await service.message(young.message_id)).deliveries


async def test_a_pass_of_many_steps_forgets_all_that_is_over(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP_PAUSE_SECONDS", 0)
    store = await SqliteStore.open(tmp_path / "pushsvc.db", Sealer([b"k" * 32]))
    try:
        now_ms = int(clock.now.timestamp() * 1000)
        await send(store, *(make_message(at, "nobody", now_ms=now_ms) for at in range(1, 1_001)))
        keeper = Retention(store, keep=timedelta(days=1), clock=clock)

        assert await keeper.forget() == 0
        clock.advance(days=1, seconds=1)
        assert await keeper.forget() == 1_000
        assert await store.message("im", 1_000) is None
    finally:
        await store.close()
