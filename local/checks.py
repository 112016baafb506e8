"""The commands `test` and `nightly`: every check, all of them run, and what could not be run named."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from local import setup

LINT = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
}

PAGE = {
    "biome": ["@biomejs/biome/bin/biome", "check"],
    "tsc": ["typescript/bin/tsc"],
    "vitest": ["vitest/vitest.mjs", "run"],
}
"""The checks of the page: programs of its Node packages."""

# Most tests wait for a process or a lease, so that a third process fills two cores. One that dies ends the
# run with the name of its test: where another takes its place, xdist may wait for ever.
SIDE_BY_SIDE = ["-n", "3", "--dist", "loadfile", "--max-worker-restart", "0"]


@dataclass(frozen=True)
class Outcome:
    name: str
    status: int
    seconds: float


def test(pytest_words: Sequence[str]) -> int:
    """Lint, types and all tests but the nightly ones; 0 if all pass."""
    second = setup.set_up_second()
    outcomes = [_timed(name, partial(_module, words)) for name, words in LINT.items()]
    outcomes += [_timed(name, partial(_on_page, words)) for name, words in PAGE.items()]
    not_run = _NotRun()
    if second is None:
        not_run.reasons[f"no working Python {setup.second_version()} on this machine"] += 1
    words = ["-m", "not nightly", *SIDE_BY_SIDE, *pytest_words]
    outcomes.append(_timed("pytest", partial(_pytest, words, not_run)))
    return _summary(outcomes, not_run)


def nightly(pytest_words: Sequence[str]) -> int:
    """The tests that take long; 0 if all pass."""
    setup.set_up_second()
    not_run = _NotRun()
    outcome = _timed("pytest", partial(_pytest, ["-m", "nightly", *pytest_words], not_run))
    return _summary([outcome], not_run)


class _NotRun:
    """A plugin of pytest that counts why tests were skipped."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1


def _timed(name: str, run: Callable[[], int]) -> Outcome:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    return Outcome(name, run(), time.monotonic() - began)


def _module(words: Sequence[str]) -> int:
    return subprocess.call([sys.executable, "-m", *words], cwd=setup.ROOT, stdin=subprocess.DEVNULL)


def _on_page(words: Sequence[str]) -> int:
    web = setup.ROOT / "web"
    program, *rest = words
    command = [str(setup.node_program()), str(web / "node_modules" / program), *rest]
    return subprocess.call(command, cwd=web, stdin=subprocess.DEVNULL)


def _pytest(words: Sequence[str], not_run: _NotRun) -> int:
    return int(pytest.main([f"--rootdir={setup.ROOT}", *words], plugins=[not_run]))


def _summary(outcomes: Sequence[Outcome], not_run: _NotRun) -> int:
    print("\n== summary")
    for outcome in outcomes:
        said = "failed" if outcome.status else "passed"
        print(f"{outcome.name:<12} {said}  {outcome.seconds:6.1f} s")
    for reason, count in sorted(not_run.reasons.items()):
        print(f"not run      {count} test{'s' if count > 1 else ''}: {reason}")
    sys.stdout.flush()
    return int(any(outcome.status for outcome in outcomes))
