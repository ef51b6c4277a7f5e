from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.canned import Command


def run_its_tests(root: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=root, env={"PYTHONPATH": str(root)})  # noqa: S603 - our own words


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_new_vendor_is_a_package_whose_tests_say_what_is_missing(command: Command, tmp_path: Path) -> None:
    exit_code, out, err = await command("vendors", "new", "tele_phone", "--into", str(tmp_path / "packages"))

    root = tmp_path / "packages" / "vendor-tele-phone"
    assert (exit_code, err) == (0, "")
    assert out.splitlines()[0] == f"{root} is there. Next:"
    assert files(root) == [
        "README.md",
        "pushsvc_vendor_tele_phone/__init__.py",
        "pyproject.toml",
        "tests/test_tele_phone.py",
    ]
    assert 'tele_phone = "pushsvc_vendor_tele_phone"' in (root / "pyproject.toml").read_text()
    tested = run_its_tests(root)
    assert tested.returncode == 1, tested.stdout + tested.stderr
    assert "fill in send_request in pushsvc_vendor_tele_phone" in tested.stdout
    assert "fill in OUTCOMES in pushsvc_vendor_tele_phone" in tested.stdout
    # What needs no word of the maker's holds already.
    assert "test_a_credential_hides_its_secrets_when_printed" not in tested.stdout
    assert "$" not in "".join(path.read_text() for path in root.rglob("*.py"))


@pytest.mark.parametrize("name", ["Acme", "1plus", "a-b", "", "class", "a" * 33, "a/b"])
async def test_a_name_that_certs_could_not_write_is_refused(command: Command, tmp_path: Path, name: str) -> None:
    exit_code, out, err = await command("vendors", "new", name, "--into", str(tmp_path))

    assert (exit_code, out) == (1, "")
    assert err.startswith("error: NAME must be lower-case letters")
    assert files(tmp_path) == []


async def test_the_name_of_a_vendor_that_is_there_is_refused(command: Command, tmp_path: Path) -> None:
    result = await command("vendors", "new", "oppo", "--into", str(tmp_path))

    assert result == (1, "", "error: there is a vendor oppo already\n")


async def test_nothing_is_written_over(command: Command, tmp_path: Path) -> None:
    (tmp_path / "vendor-acme").mkdir()

    exit_code, _, err = await command("vendors", "new", "acme", "--into", str(tmp_path))

    assert exit_code == 1
    assert "vendor-acme is there already; nothing was written" in err
    assert files(tmp_path) == []
