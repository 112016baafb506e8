"""Events twice, late, out of order, of other runs: the job ends where it would have, and never goes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.lifecycle import events, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from tests.lifecycle.makers import blob_created, make_job, put, stands, tell

Told = dict[str, Any]

RUN = 2
OWN: list[Told] = [
    {"kind": "step", "step": "preparing", "state": "started", "at": "2026-11-24T10:00:00Z"},
    {"kind": "step", "step": "preparing", "state": "finished", "at": "2026-11-24T10:01:00Z"},
    {"kind": "step", "step": "running", "state": "started", "at": "2026-11-24T10:02:00Z"},
    {"kind": "log", "step": "running", "sequence": 0, "last": True, "lines": ["Error: no space left"]},
    {"kind": "step", "step": "running", "state": "failed", "at": "2026-11-24T10:05:00Z"},
    {"kind": "terminal", "status": "failed", "error": {"code": "unknown"}, "at": "2026-11-24T10:06:00Z"},
]
OTHERS: list[Told] = [
    {"kind": "step", "run": 1, "step": "running", "state": "finished", "at": "2026-11-24T09:00:00Z"},
    {"kind": "terminal", "run": 1, "status": "completed", "at": "2026-11-24T09:01:00Z"},
    {"kind": "terminal", "run": 3, "status": "cancelled", "at": "2026-11-24T11:00:00Z"},
]
RANKS = {status: rank for rank, status in enumerate((JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED))}


def delivered(whole: Sequence[Any]) -> st.SearchStrategy[list[Any]]:
    """All of them in any order, some of them twice or more."""
    again = st.lists(st.sampled_from(whole), max_size=3)
    return again.flatmap(lambda twice: st.permutations([*whole, *twice]))


def line_of(job: Job) -> Told:
    return {**steps.time_line(stands(job)), "job_id": None}


def test_any_order_of_events_leads_to_the_same_end(account: None) -> None:
    in_order = make_job(run=RUN)
    for told in OWN:
        tell(in_order, **told)
    expected = line_of(in_order)

    @given(delivered([*OWN, *OTHERS]))
    @settings(max_examples=10, deadline=None)
    def check(order: list[Told]) -> None:
        job = make_job(run=RUN)
        seen = [stands(job)]
        for told in order:
            tell(job, **told)
            seen.append(stands(job))
        ranks = [RANKS[one.status] for one in seen]
        assert ranks == sorted(ranks)
        assert {one.run for one in seen} == {RUN}
        assert line_of(job) == expected

    check()


def test_a_failure_beside_a_success_wins_in_any_order_and_for_good(account: None) -> None:
    @given(delivered(["SUCCESS", "FAILURE", "completed"]))
    @settings(max_examples=10, deadline=None)
    def check(order: list[str]) -> None:
        job = make_job(JobStatus.RUNNING)
        folder = job.results_prefix.partition("/")[2]
        put(folder, metadata__SUCCESS_dot_txt=b"", metadata__FAILURE_dot_txt=b"disk full")
        seen = []
        for told in order:
            if told == "completed":
                tell(job, "terminal", status=told)
            else:
                events.take_in(blob_created(f"{folder}metadata/{told}.txt"))
            seen.append(stands(job).status)
        failed_from = seen.index(JobStatus.FAILED)
        assert set(seen[:failed_from]) <= {JobStatus.COMPLETED}
        assert set(seen[failed_from:]) == {JobStatus.FAILED}
        assert stands(job).error == "disk full"

    check()
