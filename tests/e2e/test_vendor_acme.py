"""A vendor from outside, in an environment of its own: installed beside pushsvc, and pushed through."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.e2e.conftest import LISTEN, started

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "vendor-acme"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with pushsvc and the example, as somebody else would install them."""
    folder = tmp_path_factory.mktemp("fresh")
    # A copy: building a package leaves files beside it.
    example = shutil.copytree(EXAMPLE, folder / "vendor-acme")
    run([sys.executable, "-m", "venv", str(folder / "venv")])
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, str(ROOT), f"{example}[dev]"])
    run([str(python), "-m", "pytest", "-p", "no:cacheprovider"], cwd=example)
    return python


def run(words: list[str], *, cwd: Path | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd, timeout=300)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def get(url: str) -> Any:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own sandbox
        return json.load(answer)


def test_a_vendor_from_outside_is_there_once_it_is_installed(
    python: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "serve").mkdir()
    sandbox_words = ("sandbox", "--listen", "127.0.0.1:0")
    with started(sandbox_words, environment, tmp_path / "sandbox", python=python) as (sandbox, _):
        serve_words = ("serve", *LISTEN, "--allowed-base-urls", sandbox)
        with started(serve_words, environment, tmp_path / "serve", python=python) as (address, _):

            def pushsvc(*words: str) -> Any:
                return json.loads(run([str(python), "-m", "pushsvc", *words, "--server", address, "--json"]))

            demo = get(f"{sandbox}/_control/acme/demo")
            credential = [f"--credential={name}={value}" for name, value in demo["credential"].items()]
            base_url = f"--base-url={sandbox}/acme"
            cert = pushsvc("cert", "upsert", "--app=im", "--vendor=acme", base_url, "--verify", *credential)
            cert_id = cert["cert"]["cert_id"]
            phone = f"--registration-id={demo['registration_id']}"
            pushsvc("token", "register", "--app=im", "--user=alice", f"--cert-id={cert_id}", phone)
            sent = pushsvc(
                "send", "--app=im", "--user=alice", "--title=Hello", "--body=World", "--sound=chime", "--wait"
            )
            vendors = pushsvc("vendors")

        [shown] = get(f"{sandbox}/_control/acme/phones/{demo['registration_id']}")["notifications"]
        assert get(f"{sandbox}/_control/counters")["acme"]["violations"] == 0

    assert (sent["deliveries"][0]["state"], sent["deliveries"][0]["ignored"]) == ("DELIVERY_STATE_SENT", ["sound"])
    assert (shown["title"], shown["text"]) == ("Hello", "World")
    assert "acme" in [each["name"] for each in vendors["vendors"]]
