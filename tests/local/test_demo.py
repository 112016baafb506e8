from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from local.setup import ROOT
from shared.connections import emulator_connection_string, resolve
from tests.local.host.running import until
from tests.triggers.test_secrets import MARKS

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "node_modules", "dist", ".local", ".*_cache", "__pycache__"
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project as it is fetched: nothing is set up."""
    return shutil.copytree(ROOT, tmp_path / "clone", ignore=LEFT_OUT)


@pytest.mark.nightly
def test_the_demo_sets_up_a_fresh_clone_ends_by_itself_and_keeps_its_data(clone: Path) -> None:
    began = time.monotonic()
    first = run_demo(clone)
    assert time.monotonic() - began < 300
    assert len(re.findall(r"^(?:execution_steps|result_\w+) +ready ", first, re.M)) == 7
    assert not left_running(clone)
    logs = list((clone / ".local/data/logs").glob("*.log"))
    assert {"http", "events", "build-1", "pipeline"} <= {log.stem for log in logs}
    assert [log.name for log in logs if tells_a_secret(log.read_text("utf-8"))] == []

    began = time.monotonic()
    assert "set-up:" not in run_demo(clone)
    assert time.monotonic() - began < 60

    job = re.findall(r"/api/blast/jobs/\S+", first)[-1]
    command = [*python3(), "-m", "local", "up", "--port", "0"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        ready = next(line for line in up.stdout if line.startswith("ready "))
        answer = requests.get(ready.split()[1] + job, headers={"X-Local-User": "demo"}, timeout=60)
        up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0
    assert answer.json()["status"] == "completed"
    until(lambda: not left_running(clone))


def python3() -> list[str]:
    """The Python of this machine that `.venv` was made with."""
    return [str(Path(sys.base_prefix) / "bin" / "python3")]


def tells_a_secret(text: str) -> bool:
    """Whether the storage's key stands there, or what comes with one, or with a link."""
    key = resolve("storage", {"storage": emulator_connection_string()}).parts["AccountKey"]
    return any(sign in text for sign in (key, *MARKS))


def run_demo(clone: Path) -> str:
    done = subprocess.run(
        [*python3(), "-m", "local", "demo"],
        cwd=clone,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not tells_a_secret(done.stdout + done.stderr)
    return done.stdout


def left_running(clone: Path) -> list[str]:
    """The command lines of processes that run in that folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(clone):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
