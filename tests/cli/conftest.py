from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio
import pytest

from pushsvc.cli import main
from tests.cli.canned import CannedService, Command


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUSHSVC_SERVER", "PUSHSVC_CONFIG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def service() -> AsyncIterator[CannedService]:
    """A service on a free port that notes what it is asked and answers as told."""
    canned = CannedService()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((canned.handler(),))
    canned.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield canned
    await server.stop(None)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `pushsvc` in a thread, so that the service can answer meanwhile."""

    async def run(*args: str) -> tuple[int, str, str]:
        def enter() -> int:
            with pytest.raises(SystemExit) as exit_info:
                main(args)
            assert isinstance(exit_info.value.code, int)
            return exit_info.value.code

        exit_code = await asyncio.to_thread(enter)
        captured = capsys.readouterr()
        return exit_code, captured.out, captured.err

    return run
