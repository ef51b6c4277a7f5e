"""Settings of the service from flags, and their errors in one line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pushsvc.cli.errors import CommandError
from pushsvc.settings import Settings


def load_settings(flags: Mapping[str, Any], config: Path | None) -> Settings:
    """The settings: flags over environment over TOML file over defaults.

    Args:
        flags: setting to value; None: not given.
        config: the TOML file; None: none.

    Raises:
        CommandError: naming every setting that can't be taken, never its value.
    """
    if config is not None:
        os.environ["PUSHSVC_CONFIG"] = str(config)
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise CommandError("; ".join(_fault(fault["loc"], fault["msg"]) for fault in faults)) from None
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{config} is not TOML: {error}") from error


def _fault(location: tuple[int | str, ...], text: str) -> str:
    name = ".".join(str(part) for part in location)
    words = text.removeprefix("Value error, ")
    return f"{name}: {words}" if name else words
