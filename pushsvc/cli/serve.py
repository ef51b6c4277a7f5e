"""`pushsvc serve`: the service itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pushsvc.app import RunningApp

READY = "pushsvc is listening on "
HTTP_READY = "health and metrics are at "


def serve(
    *,
    listen: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Address of the gRPC server; port 0: a free one.")
    ] = None,
    http_listen: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Address of the HTTP server: health, metrics and receipts.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Where everything is kept: sqlite:///FILE.")
    ] = None,
    sealing_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Key that seals credentials; made at first start.")
    ] = None,
    allowed_base_urls: Annotated[
        str | None, typer.Option(metavar="PREFIXES", help="Comma-separated prefixes a certificate's base URL may have.")
    ] = None,
    receipt_base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Public root of the HTTP server, to which vendors report.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen beyond loopback without TLS: anyone who reaches it can send.")
    ] = False,
    retention_days: Annotated[
        float | None, typer.Option(metavar="DAYS", help="How long a message and what became of it are kept.")
    ] = None,
    drain_seconds: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long running calls and hand-overs may take to finish.")
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="Least level that is logged: debug, info, warning or error.")
    ] = None,
    log_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Log lines for people (text) or for programs (json).")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            envvar="PUSHSVC_CONFIG",
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Settings in TOML, below flags and environment.",
        ),
    ] = None,
) -> None:
    """Run the service until SIGTERM or Ctrl-C. A flag not given is the setting PUSHSVC_<NAME>, else its default."""
    # Here, so that no other command waits for the libraries of the service.
    from pushsvc.cli.config import load_settings  # noqa: PLC0415 - said above

    flags = {
        "listen": listen,
        "http_listen": http_listen,
        "database": database,
        "sealing_key_file": sealing_key_file,
        "allowed_base_urls": allowed_base_urls,
        "receipt_base_url": receipt_base_url,
        "insecure": insecure or None,
        "retention_days": retention_days,
        "drain_seconds": drain_seconds,
        "log_level": log_level,
        "log_format": log_format,
    }
    settings = load_settings(flags, config)
    from pushsvc.cli.service import run_service  # noqa: PLC0415 - as above

    run_service(settings, on_ready=_announce)


def _announce(app: RunningApp) -> None:
    # Whoever started the process waits for the first line to learn the port.
    sys.stdout.write(f"{READY}{app.address}\n{HTTP_READY}http://{app.http_address}\n")
    sys.stdout.flush()
