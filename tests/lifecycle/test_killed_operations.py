"""The finalizer's process killed (SIGKILL) before and after each of its storage operations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from blast_artifacts.lifecycle import finalizer, jobs
from blast_artifacts.lifecycle.jobs import Job
from shared.settings import settings
from tests.lifecycle.test_interleavings import brought_to_its_end, ended, quick
from tests.operations import operations

__all__ = ["quick"]

CHOSEN = [
    *((1, "before"), (3, "after"), (8, "after")),
    *((-8, "before"), (-3, "after"), (-1, "after")),
]


@pytest.fixture(autouse=True)
def unrenewed(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewals come when they come; without them the operations of a build have fixed numbers."""
    monkeypatch.setenv("RENEWAL_SECONDS", "60")
    settings.cache_clear()


def steps_of_a_build() -> int:
    """How many operations a build takes, with the job read by its id first."""
    job = ended()
    finalizer.finalize(ended())
    with operations() as counted:
        jobs.get_summary(job.job_id)
        finalizer.finalize(job)
    return len(counted) - 1


def killed(job: Job, number: int, moment: str) -> int:
    command = [sys.executable, "-m", "tests.lifecycle.killed", job.job_id, str(number), moment]
    return subprocess.run(command, env=os.environ, capture_output=True, timeout=60, check=False).returncode


def kill_and_mend(points: list[tuple[int, str]]) -> None:
    """Each point on a job of its own; two processes at a time."""
    victims = [(ended(), number, moment) for number, moment in points]
    with ThreadPoolExecutor(2) as both:
        codes = list(both.map(lambda victim: killed(*victim), victims))
    assert codes == [-signal.SIGKILL] * len(points)
    for job, _, _ in victims:
        brought_to_its_end(job)


def test_chosen_points() -> None:
    count = steps_of_a_build()
    kill_and_mend([(number if number > 0 else count + 1 + number, moment) for number, moment in CHOSEN])


@pytest.mark.nightly
def test_every_point() -> None:
    count = steps_of_a_build()
    for number in range(1, count + 1):
        kill_and_mend([(number, "before"), (number, "after")])
