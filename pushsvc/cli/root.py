"""All commands under one name, and the one place where their errors are printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from pushsvc.cli import cert, demo, message, sandbox, send, serve, token, vendors, watch
from pushsvc.cli.output import one_line

app = typer.Typer(
    name="pushsvc",
    help="Push gateway: wakes users whose app the phone has killed, through the phone makers' push services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("sandbox")(sandbox.sandbox)
app.command("demo")(demo.demo)
app.add_typer(cert.app, name="cert")
app.add_typer(token.app, name="token")
app.command("send")(send.send)
app.add_typer(message.app, name="message")
app.command("watch")(watch.watch)
app.add_typer(vendors.app, name="vendors")


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and exits: 0 done, 1 failed, 2 used wrongly, 130 interrupted.

    Args:
        args: the words after `pushsvc`; None: the process's own.
    """
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    command = typer.main.get_command(app)
    try:
        _check_encoding(sys.argv[1:] if args is None else args)
        exit_code = command.main(args=args, prog_name="pushsvc", standalone_mode=False)
    except typer.TyperException as error:
        # Without arguments a group prints its help, and the error about that is empty.
        if text := one_line(error.format_message()):
            typer.echo(f"error: {text}", err=True)
        return error.exit_code
    except typer.Abort:
        typer.echo("error: aborted", err=True)
        return 1
    return exit_code or 0


def _check_encoding(words: Sequence[str]) -> None:
    """Refuses bytes that were not UTF-8, as a GBK terminal sends them; Python keeps them as half surrogates."""
    if any("\udc80" <= char <= "\udcff" for word in words for char in word):
        raise typer.BadParameter("the command line must be UTF-8")
