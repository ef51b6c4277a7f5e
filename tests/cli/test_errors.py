from __future__ import annotations

import socket

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, RetryInfo

from tests.cli.canned import CannedService, Command


async def test_a_server_that_is_not_there_is_one_line_and_says_what_to_start(command: Command) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"

    exit_code, out, err = await command("vendors", "--server", address)

    assert exit_code == 1
    assert out == ""
    assert err == f"error: no pushsvc at {address}: is 'pushsvc serve' running?\n"


async def test_a_server_that_speaks_something_else_is_not_waited_for_longer_than_the_timeout(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"

        exit_code, _, err = await command("vendors", "--server", address, "--timeout", "0.2")

    assert exit_code == 1
    assert err == f"error: no pushsvc at {address}: no connection within 0.2 s\n"


async def test_every_violation_is_printed_on_one_line(service: CannedService, command: Command) -> None:
    violations = [
        BadRequest.FieldViolation(field="notification.title", description="is required"),
        BadRequest.FieldViolation(field="user_ids", description="is empty"),
    ]
    service.refuse(grpc.StatusCode.INVALID_ARGUMENT, "bad request", BadRequest(field_violations=violations))

    result = await command("vendors", "--server", service.address)

    assert result == (1, "", "error: INVALID_ARGUMENT: notification.title is required; user_ids is empty\n")


async def test_a_full_service_says_when_to_try_again(service: CannedService, command: Command) -> None:
    delay = RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000))
    service.refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "the queue of cert 7 is full", delay)

    result = await command("vendors", "--server", service.address)

    assert result == (1, "", "error: RESOURCE_EXHAUSTED: the queue of cert 7 is full; try again in 2.5 s\n")


async def test_a_store_that_fails_is_not_taken_for_a_server_that_is_not_there(
    service: CannedService, command: Command
) -> None:
    service.refuse(grpc.StatusCode.UNAVAILABLE, "the disk is full")

    result = await command("vendors", "--server", service.address)

    assert result == (1, "", "error: UNAVAILABLE: the disk is full\n")


async def test_an_answer_that_does_not_come_in_time_is_named_so(service: CannedService, command: Command) -> None:
    service.hangs = True

    exit_code, _, err = await command("vendors", "--server", service.address, "--timeout", "0.3")

    assert exit_code == 1
    assert err == f"error: DEADLINE_EXCEEDED: no answer from {service.address} within 0.3 s\n"


async def test_details_that_contradict_the_status_are_left_aside(service: CannedService, command: Command) -> None:
    service.refuse(grpc.StatusCode.NOT_FOUND, "cert 7 does not exist")
    service.details_code = grpc.StatusCode.INTERNAL

    result = await command("vendors", "--server", service.address)

    assert result == (1, "", "error: NOT_FOUND: cert 7 does not exist\n")


async def test_an_error_cannot_forge_a_second_line(service: CannedService, command: Command) -> None:
    service.refuse(grpc.StatusCode.NOT_FOUND, "no message 1\nerror: all is\x1b[2J well")

    result = await command("vendors", "--server", service.address)

    assert result == (1, "", "error: NOT_FOUND: no message 1 error: all is [2J well\n")


async def test_the_server_is_read_from_the_environment(
    service: CannedService, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHSVC_SERVER", service.address)

    exit_code, _, _ = await command("vendors")

    assert exit_code == 0
    assert len(service.requests) == 1


async def test_a_proxy_of_the_shell_is_not_asked(
    service: CannedService, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    exit_code, _, _ = await command("vendors", "--server", service.address)

    assert exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cert", "lst"], "error: No such command 'lst'. Did you mean 'list'?\n"),
        (["cert", "list"], "error: Missing option '--app'.\n"),
        (["vendors", "--timeout", "soon"], "error: Invalid value for '--timeout': "),
    ],
)
async def test_wrong_usage_is_one_line_and_exits_with_2(command: Command, words: list[str], message: str) -> None:
    exit_code, out, err = await command(*words)

    assert exit_code == 2
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1


async def test_words_that_are_not_utf_8_are_wrong_usage(command: Command) -> None:
    gbk = "你好".encode("gbk").decode("utf-8", "surrogateescape")

    result = await command("send", "--app", "im", "--user", "alice", "--title", gbk, "--body", "World")

    assert result == (2, "", "error: Invalid value: the command line must be UTF-8\n")


async def test_no_words_print_the_help(command: Command) -> None:
    exit_code, out, err = await command()

    assert exit_code == 2
    assert "Usage: pushsvc" in out
    assert err == ""
