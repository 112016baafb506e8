"""What the default requests cost, counted in storage operations at the SDK's transport."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import azure.functions as func
import pytest

from blast_artifacts.lifecycle import artifacts, finalizer, index, submit
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.triggers import exports, jobs, results
from blast_artifacts.triggers.access import enter
from shared import clock, rows
from shared.settings import settings
from shared.storage import table
from tests.lifecycle.makers import TIME, make_job, put_results, stands, tell
from tests.operations import operations

TABLE = f"read_{ArtifactType.DESCRIPTIONS}"
assert exports.blueprint
assert jobs.blueprint
assert results.blueprint
BODY = json.dumps({"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}).encode()


def call(
    function: str,
    job: Job | None = None,
    params: Mapping[str, str] | None = None,
    user: str = "ann",
    **headers: str,
) -> func.HttpResponse:
    request = func.HttpRequest(
        method="GET",
        url="http://app/api",
        headers={"x-local-user": user, **{name.replace("_", "-"): value for name, value in headers.items()}},
        params=dict(params or {}),
        route_params={"job_id": job.job_id} if job else {},
        body=b"",
    )
    return enter(function, request)


def cost(act: Callable[[], object]) -> int:
    """Operations of an act once the emulator has its tables, containers and queues."""
    act()
    with operations() as counted:
        act()
    return len(counted)


@pytest.fixture
def ready(account: None) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    finalizer.finalize(stands(job))
    return stands(job)


def test_a_submit_takes_seven(account: None) -> None:
    assert cost(lambda: submit.submit("local.ann", BODY)) == 7


def test_a_ready_read_takes_two_and_one_from_the_cache(ready: Job) -> None:
    def read() -> None:
        artifacts._cache.clear()
        assert call(TABLE, ready).status_code == 200

    assert cost(read) == 2
    with operations() as counted:
        call(TABLE, ready)
    assert len(counted) == 1


def test_a_304_takes_one(ready: Job) -> None:
    etag = call(TABLE, ready).headers["ETag"]
    artifacts._cache.clear()
    with operations() as counted:
        assert call(TABLE, ready, if_none_match=etag).status_code == 304
    assert len(counted) == 1


@pytest.mark.parametrize("function", ["get_job", "delete_job", TABLE, "read_file"])
def test_who_is_refused_costs_the_same_whatever_the_reason(ready: Job, function: str) -> None:
    gone = make_job(JobStatus.DELETED)
    never = replace(gone, job_id="never-submitted")
    refused = [("bob", ready), ("bob", make_job(JobStatus.COMPLETED)), ("ann", gone), ("ann", never)]
    costs = set()
    for user, job in refused:
        with operations() as counted:
            assert call(function, job, user=user).status_code == 404
        costs.add(tuple(one.partition(" ")[0] for one in counted.seen))
    assert len(costs) == 1


def test_a_page_of_the_list_costs_the_same_with_a_thousand_jobs_as_with_ten(account: None) -> None:
    def page() -> None:
        found = call("list_jobs", params={"page_size": "10"})
        assert len(json.loads(found.get_body())["jobs"]) == 10

    made = [make_job() for _ in range(10)]
    for job in made:
        index.add(job.owner, clock.now(), job.job_id)
    few = cost(page)
    older = [rows.Write(index.entry_key(clock.from_text(TIME), f"older-{n:05}"), {}) for n in range(990)]
    for start in range(0, len(older), 99):
        page_of_rows = older[start : start + 99]
        rows.transact(table(settings().job_index_table), "local.ann", page_of_rows, page_of_rows[0].key)
    assert cost(page) == few == 11
