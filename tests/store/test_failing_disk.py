from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.shim import Shim, can_build

pytestmark = pytest.mark.skipif(not can_build(), reason="the shim under the store's disk needs a C compiler")

LAST = 60


def test_whichever_write_or_flush_fails_every_send_is_refused_or_durable(tmp_path: Path) -> None:
    shim = Shim(tmp_path, "store")
    environment = {**os.environ, **shim.environment}

    result = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "tests.store.failing_disk", tmp_path, environment["CHAOS_SHIM"], str(LAST)],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    answered, refused, lost = json.loads(result.stdout)
    assert lost == 0
    assert refused > 0
    assert answered > refused
