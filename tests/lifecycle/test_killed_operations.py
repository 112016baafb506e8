"""The finalizer's process killed (SIGKILL) before and after each of its storage operations."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from blast_artifacts.lifecycle import finalizer
from blast_artifacts.lifecycle.jobs import Job
from tests.lifecycle.test_interleavings import brought_to_its_end, ended
from tests.operations import operations

pytestmark = pytest.mark.usefixtures("unrenewed")

CHOSEN = [
    *((2, "before"), (4, "after"), (9, "after")),
    *((-8, "before"), (-3, "after"), (-1, "after")),
]


def message(job: Job) -> str:
    return json.dumps({"job": job.job_id, "run": job.run})


def steps_of(text: str) -> int:
    """How many operations it takes to act on a message."""
    with operations() as counted:
        finalizer.take_in(text)
    return len(counted)


def killed(text: str, number: int, moment: str) -> int:
    command = [sys.executable, "-m", "tests.lifecycle.killed", text, str(number), moment]
    return subprocess.run(command, env=os.environ, capture_output=True, timeout=60, check=False).returncode


def kill(victims: Sequence[tuple[str, int, str]]) -> None:
    """Each message with a process of its own that dies at that operation; two processes at a time."""
    with ThreadPoolExecutor(2) as both:
        codes = list(both.map(lambda victim: killed(*victim), victims))
    assert codes == [-signal.SIGKILL] * len(victims)


def kill_and_mend(points: Sequence[tuple[int, str]]) -> None:
    """Each point on a job of its own."""
    victims = [ended() for _ in points]
    kill([(message(job), *point) for job, point in zip(victims, points, strict=True)])
    for job in victims:
        brought_to_its_end(job)


def steps_of_a_build() -> int:
    finalizer.finalize(ended())
    return steps_of(message(ended()))


def counted_from_either_end(points: Sequence[tuple[int, str]], count: int) -> list[tuple[int, str]]:
    return [(number if number > 0 else count + 1 + number, moment) for number, moment in points]


def test_chosen_points() -> None:
    kill_and_mend(counted_from_either_end(CHOSEN, steps_of_a_build()))


@pytest.mark.nightly
def test_every_point() -> None:
    for number in range(1, steps_of_a_build() + 1):
        kill_and_mend([(number, "before"), (number, "after")])
