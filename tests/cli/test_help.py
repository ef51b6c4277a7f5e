from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from pushsvc.cli.root import app
from tests.cli.canned import Command

COMMANDS = [
    ("serve",),
    ("sandbox",),
    ("demo",),
    ("send",),
    ("vendors", "new"),
    ("cert", "upsert"),
    ("cert", "list"),
    ("cert", "get"),
    ("cert", "verify"),
    ("cert", "delete"),
    ("token", "register"),
    ("token", "unregister"),
    ("token", "list"),
    ("message", "get"),
    ("message", "cancel"),
    ("watch",),
]


@pytest.mark.parametrize("words", COMMANDS)
async def test_every_command_explains_itself(command: Command, words: tuple[str, ...]) -> None:
    exit_code, out, err = await command(*words, "--help")

    assert (exit_code, err) == (0, "")
    assert f"Usage: pushsvc {' '.join(words)}" in out


def test_the_list_of_commands_above_is_complete() -> None:
    root = typer.main.get_command(app)
    groups = dict(vars(root)["commands"])

    paths = {
        (name, *inner)
        for name, each in groups.items()
        for inner in ([(child,) for child in vars(each)["commands"]] if "commands" in vars(each) else [()])
    }

    assert paths == set(COMMANDS)


def test_the_help_does_not_wait_for_the_libraries_of_the_service() -> None:
    script = """
import sys
from pushsvc.cli import main
try:
    main(["--help"])
finally:
    slow = {"aiohttp", "aiosqlite", "cryptography", "pydantic_settings", "structlog", "pushsvc.app"}
    print(sorted(slow & set(sys.modules)), file=sys.stderr)
"""

    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words

    assert result.stderr == "[]\n"
