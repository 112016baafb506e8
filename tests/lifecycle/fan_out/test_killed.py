"""Who makes a plan, builds a part or merges is killed (SIGKILL): nothing is lost, wherever it dies."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from blast_artifacts.lifecycle import finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType
from tests.lifecycle.fan_out.several_parts import body, ended, take_in, whole, work
from tests.lifecycle.roads import go_on, make_everything
from tests.lifecycle.test_killed_operations import counted_from_either_end, kill, steps_of

Victim = tuple[Job, str]


@pytest.fixture(autouse=True)
def all_is_made(unrenewed: None) -> None:
    make_everything()


def plan() -> Victim:
    """A job of two parts, and the message that has its plan made."""
    job = ended(batches=3)
    return job, json.dumps({"job": job.job_id, "run": 1})


def part() -> Victim:
    """The message of the first part; that of the second waits."""
    job, text = plan()
    finalizer.take_in(text)
    first, second = work()
    take_in(second)
    return job, json.dumps(first)


def merge() -> Victim:
    job, text = part()
    finalizer.take_in(text)
    (asked,) = work()
    return job, json.dumps(asked)


def kill_and_mend(make: Callable[[], Victim], points: Sequence[tuple[int, str]]) -> None:
    victims = [make() for _ in points]
    kill([(text, *point) for (_, text), point in zip(victims, points, strict=True)])
    for job, _ in victims:
        go_on(job)
        whole(job)
        assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 3 * 59


CHOSEN: dict[Callable[[], Victim], list[tuple[int, str]]] = {
    plan: [(-4, "after"), (-2, "after")],
    part: [(-3, "before"), (-3, "after")],
    merge: [(-5, "before"), (-5, "after")],
}
"""A plan with its rows, and with one message of two; parts and merges before and after their transaction."""


@pytest.mark.parametrize("make", [plan, part, merge])
def test_chosen_points(make: Callable[[], Victim]) -> None:
    count = steps_of(make()[1])
    work()
    kill_and_mend(make, counted_from_either_end(CHOSEN[make], count))


@pytest.mark.nightly
@pytest.mark.parametrize("make", [plan, part, merge])
def test_every_point(make: Callable[[], Victim]) -> None:
    count = steps_of(make()[1])
    work()
    for number in range(1, count + 1):
        kill_and_mend(make, [(number, "before"), (number, "after")])
