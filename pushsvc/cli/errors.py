"""What a command says when it can't do what it was asked: one line, never a traceback."""

from __future__ import annotations

import typer


class CommandError(typer.TyperException):
    """An expected failure. Its text is all the user gets to see; the command exits with 1."""
