"""Runs the sandbox and says how to use it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pushsvc.cli.errors import CommandError
from vendors.sandbox.fault_script import Script, UnusableFault, parse_script
from vendors.sandbox.oppo.apps import DEMO_APP
from vendors.sandbox.server import SandboxServer, serve
from vendors.sandbox.simulator import installed

# Of the shape OPPO gives; every id of that shape is a phone in the sandbox.
PHONE = "CN_00112233445566778899aabbccddeeff"


def run_sandbox(host: str, port: int, script: Path | None) -> None:
    """Serves until interrupted.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        script: file of fault rules; None: no faults.

    Raises:
        CommandError: the script can't be taken, or the address is not free.
    """
    try:
        asyncio.run(serve(host, port, ready=_announce, script=_read(script)))
    except OSError as error:
        raise CommandError(f"can't serve on {host}:{port}: {error.strerror or error}") from error


def _read(script: Path | None) -> Script:
    if script is None:
        return Script()
    try:
        return parse_script(script.read_bytes(), list(installed()))
    except UnusableFault as error:
        raise CommandError(f"{script}: {error}") from error


def _announce(server: SandboxServer) -> None:
    sys.stdout.write(_welcome(server.url, server.base_url("oppo")))
    sys.stdout.flush()


def _welcome(url: str, oppo: str) -> str:
    app_key, master_secret = DEMO_APP.app_key, DEMO_APP.master_secret
    return f"""\
sandbox is listening on {url}
oppo has an app with app_key={app_key} and master_secret={master_secret} at {oppo}

Next, in another terminal:
  pushsvc serve --allowed-base-urls {url}/
and in a third:
  pushsvc cert upsert --app im --vendor oppo --name sandbox --channel-id chat --base-url {oppo} \\
    --credential app_key={app_key} --credential master_secret={master_secret} --verify
  pushsvc token register --app im --user alice --registration-id {PHONE} --cert-id <the id it printed>
  pushsvc send --app im --user alice --title 'Hello 你好' --body 'It works' --wait
  curl {url}/_control/oppo/phones/{PHONE}
"""
