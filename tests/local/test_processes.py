from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from local.processes import Process, ProcessFailed
from tests.local.alive import is_running
from tests.local.host.running import until

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("child", child.pid, flush=True)
time.sleep(60)
"""


def python(code: str, log: Path, in_background: bool = False) -> Process:
    return Process("sample", [sys.executable, "-c", code], log, in_background=in_background)


def test_what_is_waited_for_is_found_in_the_output(tmp_path: Path) -> None:
    process = python("print('port 17')", tmp_path / "log")
    assert process.wait_for(re.compile(r"port (\d+)"), 10)[1] == "17"
    process.stop(10)


def test_output_of_an_earlier_process_is_not_taken_for_this_one(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("port 16\n")
    process = python("print('port 17')", tmp_path / "log")
    assert process.wait_for(re.compile(r"port (\d+)"), 10)[1] == "17"
    process.stop(10)


def test_a_process_that_ends_early_is_said_with_its_last_lines(tmp_path: Path) -> None:
    process = python("raise SystemExit('no such database')", tmp_path / "log")
    with pytest.raises(
        ProcessFailed, match=r"sample ended with status 1; .*log ends:\n  \| no such database"
    ):
        process.wait_for(re.compile("ready"), 10)
    process.stop(0)


def test_a_process_that_is_never_ready_is_said(tmp_path: Path) -> None:
    process = python("import sys; sys.stdin.read()", tmp_path / "log")
    with pytest.raises(ProcessFailed, match=r"sample was not ready after 0 s and wrote nothing"):
        process.wait_for(re.compile("ready"), 0.1)
    process.stop(10)


def test_one_that_does_not_listen_is_killed_with_its_children(tmp_path: Path) -> None:
    process = python(STUBBORN, tmp_path / "log")
    child = int(process.wait_for(re.compile(r"child (\d+)"), 10)[1])
    process.stop(0.1)
    until(lambda: not is_running(child))
    assert process.has_ended


def test_a_module_ends_with_its_input_as_on_sigterm(tmp_path: Path) -> None:
    (tmp_path / "sample_module.py").write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit('told to end'))\n"
        "print('up', sys.argv[1:], flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-m", "local.tethered", "sample_module", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    process = Process("sample", command, tmp_path / "log", environment)
    process.wait_for(re.compile(re.escape("up ['--port', '0']")), 10)
    process.ask_to_end()
    process.wait_for(re.compile("told to end"), 5)
    process.stop(5)


def test_one_in_the_background_yields_to_others(tmp_path: Path) -> None:
    process = python("import sys; sys.stdin.read()", tmp_path / "log", in_background=True)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    process.stop(10)
