from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
RUN = """
import sys
from local import checks, setup
setup.set_up_second = lambda: None
setup.second_version = lambda: "3.13"
checks.LINT = {"lint": ["py_compile", sys.argv[1]]}
checks.PAGE = {}
sys.exit(checks.test([sys.argv[2]]))
"""


def run_checks(folder: Path, linted: str) -> subprocess.CompletedProcess[str]:
    """The command `test` with `linted` for a lint run, over SAMPLE."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = nightly\n")
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "linted.py").write_text(linted)
    words = [str(folder / "linted.py"), str(folder / "test_sample.py")]
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_all_checks_are_run_although_one_fails_and_what_was_not_run_is_named(tmp_path: Path) -> None:
    done = run_checks(tmp_path, "not python at all")
    assert done.returncode == 1
    assert "1 passed, 2 skipped" in done.stdout
    lint, tests, *not_run = done.stdout.partition("== summary\n")[2].splitlines()
    assert lint.split()[:2] == ["lint", "failed"]
    assert tests.split()[:2] == ["pytest", "passed"]
    assert [line.split(maxsplit=2)[2] for line in not_run] == [
        "2 tests: no blastn on the PATH",
        "1 test: no working Python 3.13 on this machine",
    ]
