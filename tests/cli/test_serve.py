from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from pushsvc import app
from pushsvc.cli.config import load_settings
from pushsvc.cli.errors import CommandError
from pushsvc.cli.serve import serve
from pushsvc.errors import StoreUnavailable
from pushsvc.sealing import SealingError
from pushsvc.settings import Settings
from tests.cli.canned import Command


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class StandIn:
    """Stands in for the service: notes its settings, is ready at once and ends, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings: Settings | None = None
        self.loop = ""
        self.failure: Exception | None = None
        monkeypatch.setattr(app, "serve", self.serve)

    async def serve(self, settings: Settings, *, on_ready: Callable[[app.RunningApp], None]) -> None:
        self.settings = settings
        self.loop = type(asyncio.get_running_loop()).__module__
        if self.failure is not None:
            raise self.failure
        on_ready(app.RunningApp(address="127.0.0.1:4711", http_address="127.0.0.1:4712"))


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(monkeypatch)


async def test_the_address_is_printed_once_calls_are_taken(stand_in: StandIn, command: Command) -> None:
    result = await command("serve")

    out = "pushsvc is listening on 127.0.0.1:4711\nhealth and metrics are at http://127.0.0.1:4712\n"
    assert result == (0, out, "")
    assert stand_in.loop == "uvloop"


async def test_flags_win_over_environment_and_file(
    stand_in: StandIn, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pushsvc.toml"
    config.write_text('listen = "127.0.0.1:1"\ndrain_seconds = 3\nlog_level = "debug"\n')
    # Set and taken back by the test: the command sets it for its own process.
    monkeypatch.setenv("PUSHSVC_CONFIG", "")
    monkeypatch.setenv("PUSHSVC_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("PUSHSVC_LOG_FORMAT", "json")

    exit_code, _, err = await command("serve", "--config", str(config), "--listen", "127.0.0.1:3")

    assert (exit_code, err) == (0, "")
    assert stand_in.settings is not None
    assert stand_in.settings.listen == "127.0.0.1:3"
    assert stand_in.settings.drain_seconds == 3
    assert stand_in.settings.log_level == "debug"
    assert stand_in.settings.log_format == "json"
    assert stand_in.settings.database == "sqlite:///pushsvc.db"


async def test_a_flag_of_zero_is_said_and_not_left_out(stand_in: StandIn, command: Command) -> None:
    await command("serve", "--drain-seconds", "0")

    assert stand_in.settings is not None
    assert stand_in.settings.drain_seconds == 0


def test_every_setting_has_a_flag_but_the_secret_one() -> None:
    flags = set(inspect.signature(serve).parameters) - {"config"}

    # The words of a command stand in the process list for everyone to read.
    assert flags == set(Settings.model_fields) - {"sealing_key"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--listen", "0.0.0.0:50051"],
            "listen 0.0.0.0:50051 is not loopback and there is no TLS; set insecure to allow it",
        ),
        (
            ["--log-level", "loud", "--drain-seconds", "301"],
            (
                "drain_seconds: Input should be less than or equal to 300; "
                "log_level: Input should be 'debug', 'info', 'warning' or 'error'"
            ),
        ),
        (["--database", "mysql://x"], "database: must be sqlite:/// and a file path"),
    ],
)
async def test_settings_that_cannot_be_taken_are_named_on_one_line(
    command: Command, words: list[str], complaint: str
) -> None:
    result = await command("serve", *words)

    assert result == (1, "", f"error: {complaint}\n")


async def test_an_unknown_setting_in_the_file_is_named(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pushsvc.toml"
    config.write_text('lisen = "127.0.0.1:1"\n')
    monkeypatch.setenv("PUSHSVC_CONFIG", "")

    result = await command("serve", "--config", str(config))

    assert result == (1, "", "error: lisen: Extra inputs are not permitted\n")


async def test_a_file_that_is_not_toml_says_where(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pushsvc.toml"
    config.write_text("listen\n")
    monkeypatch.setenv("PUSHSVC_CONFIG", "")

    exit_code, _, err = await command("serve", "--config", str(config))

    assert exit_code == 1
    assert err.startswith(f"error: {config} is not TOML: ")


async def test_a_config_file_that_is_not_there_is_wrong_usage(command: Command) -> None:
    exit_code, _, err = await command("serve", "--config", "none.toml")

    assert exit_code == 2
    assert err.count("\n") == 1
    assert "none.toml" in err


def test_a_secret_setting_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_SEALING_KEY", "made-up-key")

    with pytest.raises(CommandError) as refusal:
        load_settings({"log_level": "loud"}, None)

    assert "made-up-key" not in str(refusal.value)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (StoreUnavailable("pushsvc.db is in use"), "pushsvc can't start: pushsvc.db is in use"),
        (SealingError("key file x: Permission denied"), "pushsvc can't start: key file x: Permission denied"),
        (OSError(28, "No space left on device"), "pushsvc can't start: [Errno 28] No space left on device"),
    ],
)
async def test_a_start_that_fails_is_one_line(
    stand_in: StandIn, command: Command, failure: Exception, words: str
) -> None:
    stand_in.failure = failure

    result = await command("serve")

    assert result == (1, "", f"error: {words}\n")


async def test_a_fault_of_ours_keeps_its_traceback(stand_in: StandIn, command: Command) -> None:
    stand_in.failure = RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await command("serve")
