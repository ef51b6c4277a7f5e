from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.canned import Command


async def test_the_sandbox_says_where_it_is_and_what_to_do_next_until_it_is_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pushsvc", "sandbox", "--listen", "127.0.0.1:0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    welcome = await process.stdout.readuntil(b"/_control/oppo/phones/")
    url = welcome.decode().split()[4]

    overview = await asyncio.to_thread(lambda: urlopen(f"{url}/_control").read())  # noqa: S310 - loopback
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()

    assert welcome.decode().startswith(f"sandbox is listening on {url}\n")
    assert f"pushsvc serve --allowed-base-urls {url}/" in welcome.decode()
    assert "--credential master_secret=sandbox-master-secret" in welcome.decode()
    assert b"/oppo/server/v1/auth" in overview
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize("listen", ["9090", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536", ":9090"])
async def test_an_address_that_is_none_is_wrong_usage(command: Command, listen: str) -> None:
    result = await command("sandbox", "--listen", listen)

    assert result == (2, "", "error: Invalid value for --listen: must be host:port, such as 127.0.0.1:9090\n")


async def test_an_address_that_is_taken_is_one_line(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        exit_code, out, err = await command("sandbox", "--listen", address)

    assert (exit_code, out) == (1, "")
    assert err.startswith(f"error: can't serve on {address}: ")
    assert err.count("\n") == 1


async def test_a_script_that_cannot_be_taken_names_the_field(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('{"faults": {"oppo": [{}]}}')

    result = await command("sandbox", "--script", str(script))

    assert result == (1, "", f"error: {script}: faults.oppo[0].effect is missing\n")
