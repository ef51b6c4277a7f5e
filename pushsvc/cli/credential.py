"""Reads the fields of a credential without ever repeating one of their values."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import typer

from pushsvc.cli.options import pairs

FILE_OPTION = "--credential-file"
STANDARD_INPUT = Path("-")


def read_credential(texts: Iterable[str], file: Path | None, *, stdin: TextIO) -> dict[str, str]:
    """The fields of `--credential-file`, with those of `--credential` over them.

    Args:
        texts: `key=value` each.
        file: a JSON object of texts; `-` is standard input; None: no file.
        stdin: what `-` stands for.

    Raises:
        typer.BadParameter: naming the option or the field at fault, never a value.
    """
    from_file = _from_file(file, stdin) if file is not None else {}
    return from_file | pairs(texts, option="--credential")


def _from_file(file: Path, stdin: TextIO) -> dict[str, str]:
    try:
        text = stdin.read() if file == STANDARD_INPUT else file.read_text(encoding="utf-8")
        fields = json.loads(text)
    except OSError as error:
        raise typer.BadParameter(f"{file} can't be read: {error.strerror}", param_hint=FILE_OPTION) from error
    except ValueError:
        # Without the cause: it carries the whole text.
        raise typer.BadParameter("is not JSON in UTF-8", param_hint=FILE_OPTION) from None
    if not isinstance(fields, dict):
        raise typer.BadParameter("must hold one JSON object", param_hint=FILE_OPTION)
    for name, value in fields.items():
        if not (_is_text(name) and _is_text(value)):
            raise typer.BadParameter(f"the value of {name} must be a text", param_hint=FILE_OPTION)
    return fields


def _is_text(value: object) -> bool:
    """Says whether it is a text that UTF-8 can carry; JSON can spell half of a surrogate pair, which it can't."""
    return isinstance(value, str) and not any(unicodedata.category(char) == "Cs" for char in value)
