from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from tests.e2e.conftest import Run


def test_the_demo_shows_the_notification_on_the_phone_and_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    result = run("demo", TMPDIR=str(tmp_path))

    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    story, _, bars = result.stdout.partition("On alice's phones:")
    steps = [line.split()[0] for line in story.splitlines() if line]
    makers = sorted(entry_points(group="pushsvc.sandboxes").names)
    each = len(makers)
    assert steps == [
        *("sandbox", "serve"),
        *(("UpsertCert", "RegisterToken") * each),
        "SendOffline",
        *(("GetMessage",) * each),
    ]
    assert sorted(re.findall(r"([A-Z]+) ▂▄▆ ▮", bars)) == [maker.upper() for maker in makers]
    assert bars.count("小红：今晚火锅？🍲") == each
    assert bars.count("1 received, 1 shown, 0 repeats swallowed") == each
    assert "https://im.example.com/chat/hotpot" in bars
    assert "conversation = hotpot" in bars
    assert list(tmp_path.iterdir()) == []


def test_a_setting_of_the_shell_does_not_reach_the_demo(run: Run) -> None:
    result = run("demo", PUSHSVC_LISTEN="0.0.0.0:1", PUSHSVC_CONFIG="none.toml")

    assert result.returncode == 0, result.stderr


def test_a_demo_that_is_stopped_leaves_no_service_and_no_folder_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pushsvc", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"TMPDIR": str(tmp_path)},
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)

    assert err == "error: stopped before the end\n"
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []
    assert not _group_is_alive(process.pid)


def _group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
