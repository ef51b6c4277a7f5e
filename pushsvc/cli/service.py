"""The service, run until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pushsvc import app
from pushsvc.cli.errors import CommandError
from pushsvc.errors import PushError
from pushsvc.sealing import SealingError
from pushsvc.settings import Settings


def run_service(settings: Settings, *, on_ready: Callable[[app.RunningApp], None]) -> None:
    """Serves until SIGTERM or SIGINT.

    Args:
        settings: of the service.
        on_ready: called once calls are taken.

    Raises:
        CommandError: it could not start.
    """
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(app.serve(settings, on_ready=on_ready))
    except (OSError, PushError, SealingError) as error:
        raise CommandError(f"pushsvc can't start: {error}") from error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """That of uvloop where it can be had: it takes a tenth to a quarter off each call."""
    try:
        import uvloop  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
