"""Runs the sandbox and says how to use it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from pushsvc.cli.errors import CommandError
from vendors.sandbox.fault_script import Script, UnusableFault, parse_script
from vendors.sandbox.server import SandboxServer, serve
from vendors.sandbox.simulator import Demo, installed


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
    makers = installed()
    sys.stdout.write(_welcome(server.url, list(makers), server.base_url("oppo"), makers["oppo"].demo()))
    sys.stdout.flush()


def _welcome(url: str, makers: Sequence[str], oppo: str, demo: Demo) -> str:
    credential = " ".join(f"--credential {name}={value}" for name, value in demo.credential.items())
    return f"""\
sandbox is listening on {url}
it is {", ".join(makers)}; {url}/_control/<maker>/demo shows the credential of an app there, and a phone

Next, in another terminal:
  pushsvc serve --allowed-base-urls {url}/
and in a third:
  pushsvc cert upsert --app im --vendor oppo --name sandbox --channel-id {demo.channel_id} --base-url {oppo} \\
    {credential} --verify
  pushsvc token register --app im --user alice --registration-id {demo.registration_id} --cert-id <the id it printed>
  pushsvc send --app im --user alice --title 'Hello 你好' --body 'It works' --wait
  curl {url}/_control/oppo/phones/{demo.registration_id}
"""
