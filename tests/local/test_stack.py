from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.processes import ProcessFailed
from local.setup import ROOT
from local.stack import Stack
from tests.local.alive import is_running
from tests.local.host.running import APPS, until

UP = """
import sys
from pathlib import Path
from local import stack, up

class Told(stack.Stack):
    def start(self):
        super().start()
        print("pids", *self.pids.values(), flush=True)

up.Stack = Told
sys.exit(up.up(Path(sys.argv[1]), 0, 1))
"""


def test_everything_runs_until_it_is_stopped_and_what_dies_comes_back(tmp_path: Path) -> None:
    said: list[str] = []
    with Stack(tmp_path, workers=2, app=APPS / "http", say=said.append) as stack:
        first = stack.pids
        assert list(first) == ["azurite", "http", "events", "build-1", "build-2", "pipeline"]
        assert answers(stack.address)
        with pytest.raises(ProcessFailed, match="another process uses"):
            Stack(tmp_path, app=APPS / "http").start()

        kill(stack, "http")
        assert "http ended with status -9" in said[-1]
        until(lambda: answers(stack.address))

        for _ in range(3):
            kill(stack, "pipeline")
        with pytest.raises(ProcessFailed, match="pipeline ended with status -9"):
            kill(stack, "pipeline")
        started = {*first.values(), *stack.pids.values()}
    assert not [pid for pid in started if is_running(pid)]
    assert not answers(stack.address)


def test_another_pipeline_can_take_the_place_of_ours(tmp_path: Path) -> None:
    with Stack(tmp_path, app=APPS / "http", say=lambda _: None, pipeline=False) as stack:
        assert list(stack.pids) == ["azurite", "http", "events", "build-1"]


def test_a_role_that_cannot_start_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    stack = Stack(tmp_path / "data", app=tmp_path / "app")
    with pytest.raises(ProcessFailed, match=r"http ended with status 1; .*http\.log ends:(?s:.*)host\.json"):
        stack.start()
    assert not [pid for pid in stack.pids.values() if is_running(pid)]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_stack_ends_with_the_command_in_whatever_way_that_ends(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", UP, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        said = ""
        while not said.startswith("ready http://127.0.0.1:"):
            said = up.stdout.readline()
            assert said, "it ended before it was ready"
            if said.startswith("pids"):
                pids = [int(word) for word in said.split()[1:]]
        assert all(map(is_running, pids))
        up.send_signal(number)
        assert up.wait(20) == status
    until(lambda: not [pid for pid in pids if is_running(pid)])


def kill(stack: Stack, name: str) -> None:
    """Kill a process and look after the stack until another has taken its place."""
    killed = stack.pids[name]
    os.kill(killed, signal.SIGKILL)

    def is_replaced() -> bool:
        stack.watch()
        return stack.pids[name] != killed

    until(is_replaced)


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False
