from __future__ import annotations

import json
import socket
from pathlib import Path

from tests.e2e.conftest import LISTEN, Run, started

PHONE = "CN_00112233445566778899aabbccddeeff"


def test_a_shell_hosts_a_cert_registers_a_phone_sends_and_reads_the_outcome(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "oppo.json").write_text('{"app_key": "sandbox-app-key", "master_secret": "sandbox-master-secret"}')
    with started(("sandbox", "--listen", "127.0.0.1:0"), environment, tmp_path / "sandbox") as (url, _):
        serve = ("serve", *LISTEN, "--allowed-base-urls", f"{url}/")
        with started(serve, environment, tmp_path) as (address, _):
            server = {"PUSHSVC_SERVER": address}

            upsert = run(
                *("cert", "upsert", "--app", "im", "--vendor", "oppo", "--name", "OPPO", "--channel-id", "chat"),
                *("--credential-file", "oppo.json", "--base-url", f"{url}/oppo", "--verify", "--json"),
                **server,
            )
            cert_id = json.loads(upsert.stdout)["cert"]["cert_id"]
            register = run(
                *("token", "register", "--app", "im", "--user", "alice"),
                *("--cert-id", cert_id, "--registration-id", PHONE),
                **server,
            )
            send = run(
                *("send", "--app", "im", "--user", "alice", "--user", "bob", "--title", "你好 👋", "--body", "World"),
                *("--option", "oppo.notify_level=2", "--ttl", "1h", "--wait", "--json"),
                **server,
            )
            sent = json.loads(send.stdout)
            message = run("message", "get", "--app", "im", sent["message_id"], **server)
            cert = run("cert", "get", "--app", "im", cert_id, **server)
            unregister = run("token", "unregister", "--app", "im", "--user", "alice", **server)

    assert upsert.stderr == ""
    assert "sandbox-master-secret" not in upsert.stdout + cert.stdout
    assert PHONE in register.stdout
    assert [delivery["state"] for delivery in sent["deliveries"]] == ["DELIVERY_STATE_SENT"]
    assert sent["unreachable_user_ids"] == ["bob"]
    assert "你好 👋" in message.stdout
    assert "taken by the vendor since" in cert.stdout
    assert unregister.stdout == "1 phone removed, 0 deliveries cancelled\n"


def test_faulty_fields_come_back_all_at_once(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    with started(("serve", *LISTEN), environment, tmp_path) as (address, _):
        result = run("send", "--app", "", "--user", "alice", "--title", "", "--body", "x", "--server", address)

    assert result.returncode == 1
    assert result.stderr.startswith("error: INVALID_ARGUMENT: ")
    assert "app_id" in result.stderr
    assert "notification.title" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_address_that_is_taken_is_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        result = run("serve", "--http-listen", "127.0.0.1:0", "--listen", address)

    assert result.returncode == 1
    assert result.stdout == ""
    assert (
        result.stderr.splitlines()[-1]
        == f"error: pushsvc can't start: can't listen on {address}: is something else listening there?"
    )


def test_a_second_service_on_one_database_is_one_line(run: Run, environment: dict[str, str], tmp_path: Path) -> None:
    with started(("serve", *LISTEN), environment, tmp_path):
        result = run("serve", *LISTEN)

    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: pushsvc can't start: ")
    assert "Traceback" not in result.stderr
