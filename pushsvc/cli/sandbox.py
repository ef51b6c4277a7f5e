"""`pushsvc sandbox`: pretend phone makers, for trying things out without a company account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LAST_PORT = 65535


def sandbox(
    *,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the makers' APIs are served; port 0: a free one.")
    ] = "127.0.0.1:9090",
    script: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help='Faults from the start, in JSON: {"faults": {"oppo": [{"effect": {"status": 503}, "times": 3}]}}',
        ),
    ] = None,
) -> None:
    """Serve a strict simulator of each phone maker until Ctrl-C; /_control shows what reached the phones."""
    # Here, so that no other command waits for the libraries of the sandbox.
    from pushsvc.cli.sandbox_server import run_sandbox  # noqa: PLC0415 - said above

    host, port = _address(listen)
    run_sandbox(host, port, script)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= LAST_PORT):
        raise typer.BadParameter("must be host:port, such as 127.0.0.1:9090", param_hint="--listen")
    return host.strip("[]"), int(port)
