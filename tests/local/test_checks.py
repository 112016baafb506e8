from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local.setup import ROOT

SAMPLE = """
import pytest

def test_good(): pass

@pytest.mark.skip(reason="no blastn on the PATH")
def test_search(): pass

@pytest.mark.skip(reason="no blastn on the PATH")
def test_other_search(): pass

@pytest.mark.nightly
def test_long(): assert False
"""
DEADLY = """
import os, signal

def test_first(): pass

def test_deadly(): os.kill(os.getpid(), signal.SIGKILL)

def test_last(): pass
"""
RUN = """
import sys
from local import checks, setup
setup.set_up_second = lambda: None
setup.second_version = lambda: "3.13"
checks.LINT = {"lint": ["py_compile", sys.argv[1]]}
checks.PAGE = {}
sys.exit(checks.test([sys.argv[2]]))
"""


def run_checks(folder: Path, linted: str, *samples: str) -> subprocess.CompletedProcess[str]:
    """The command `test` with `linted` for a lint run, over a module of tests for each sample."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = nightly\n")
    for number, sample in enumerate(samples):
        (folder / f"test_sample{number}.py").write_text(sample)
    (folder / "linted.py").write_text(linted)
    words = [str(folder / "linted.py"), str(folder)]
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_all_checks_are_run_although_one_fails_and_what_was_not_run_is_named(tmp_path: Path) -> None:
    done = run_checks(tmp_path, "not python at all", SAMPLE)
    assert done.returncode == 1
    assert "1 passed, 2 skipped" in done.stdout
    lint, tests, *not_run = done.stdout.partition("== summary\n")[2].splitlines()
    assert lint.split()[:2] == ["lint", "failed"]
    assert tests.split()[:2] == ["pytest", "passed"]
    assert [line.split(maxsplit=2)[2] for line in not_run] == [
        "2 tests: no blastn on the PATH",
        "1 test: no working Python 3.13 on this machine",
    ]


@pytest.mark.nightly
def test_a_process_of_tests_that_dies_ends_the_run_and_is_named(tmp_path: Path) -> None:
    done = run_checks(tmp_path, "", *[DEADLY] * 4)
    assert done.returncode == 1
    assert "crashed while running" in done.stdout
    assert "::test_deadly" in done.stdout
