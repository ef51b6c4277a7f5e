"""Writes the skeleton of a vendor that comes from outside; the files beside this one are its templates."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Template

from pushsvc.cli.errors import CommandError
from vendors.registry import Registry

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def write_skeleton(name: str, folder: Path) -> Path:
    """Writes the package of a vendor; where it is.

    Args:
        name: what certs will call the vendor.
        folder: where the package's own folder is to be.

    Raises:
        CommandError: the name can't be one, is taken, or the folder is there already; nothing is written then.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        rule = "must be lower-case letters, digits and _, a letter first, at most 32, and no word of Python's"
        raise CommandError(f"NAME {rule}")
    if name in Registry.installed().names():
        raise CommandError(f"there is a vendor {name} already")
    root = folder / f"vendor-{name.replace('_', '-')}"
    package = f"pushsvc_vendor_{name}"
    camel = "".join(part.capitalize() for part in name.split("_"))
    words = {
        "name": name,
        "label": name.replace("_", " ").title(),
        "package": package,
        "camel": camel,
        "class_name": f"{camel}Credential",
    }
    files = {
        "pyproject.toml": "pyproject.toml.txt",
        "README.md": "README.md.txt",
        f"{package}/__init__.py": "plug_in.py.txt",
        f"tests/test_{name}.py": "test_plug_in.py.txt",
    }
    _write(root, {path: _rendered(template, words) for path, template in files.items()})
    return root


def _write(root: Path, texts: Mapping[str, str]) -> None:
    try:
        root.mkdir(parents=True)
        for path, text in texts.items():
            file = root / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except FileExistsError:
        raise CommandError(f"{root} is there already; nothing was written") from None
    except OSError as error:
        raise CommandError(f"can't write to {root}: {error.strerror or error}") from error


def _rendered(template: str, words: Mapping[str, str]) -> str:
    text = resources.files(__name__).joinpath(template).read_text(encoding="utf-8")
    return Template(text).substitute(words)
