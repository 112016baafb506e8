"""The check of the end state finds each thing that must not be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.end_state import Expected, pending, settle, wrong
from benchmarks.searches import Search, clean_counts
from blast_artifacts.lifecycle import artifacts, due, sentinel
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, queue, table
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import go_on, messages

SEARCH = Search(0, "7 std", 3, JobStatus.COMPLETED)


@pytest.fixture
def job(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that is over and published, of three batches."""
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    settings.cache_clear()
    made = make_job(JobStatus.RUNNING)
    put_results(made, batches=SEARCH.files)
    tell(made, "terminal", status="completed")
    go_on(made)
    messages(settings().artifacts_queue)
    return stands(made)


def expected() -> Expected:
    return Expected(JobStatus.COMPLETED, clean_counts(SEARCH))


def replaced(job: Job, key: str, **values: object) -> None:
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, key)
    assert row
    rows.replace(states, row, {**row.values, **values})


def lose_blob(job: Job) -> None:
    blob = artifacts.of_job(job.job_id)[ArtifactType.QUERIES].blob
    container(settings().artifacts_container).delete_blob(str(blob))


def lose_table(job: Job) -> None:
    blobs = container(settings().artifacts_container)
    (name, *_) = [name for name in blobs.list_blob_names() if job.job_id in name and "hits.parquet" in name]
    blobs.delete_blob(name)


def mix_builds(job: Job) -> None:
    replaced(job, ArtifactType.TAXONOMY, build="another")


def lose_row(job: Job) -> None:
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, ArtifactType.ALIGNMENTS)
    assert row
    rows.delete(states, row)


def leave_a_build(job: Job) -> None:
    container(settings().artifacts_container).upload_blob(f"{job.job_id}/1/dead/parts.json.gz", b"x")


def leave_a_part(job: Job) -> None:
    rows.put(table(settings().job_artifact_table), job.job_id, "todo|9ac1|00017", {})


def fail_in_silence(job: Job) -> None:
    replaced(job, sentinel.KEY, status="failed")


def test_each_thing_that_is_spoilt_is_found(job: Job) -> None:
    assert settle({job.job_id: expected()}, 60) == []
    for spoil, said in (
        (leave_a_build, "that no due row purges"),
        (leave_a_part, "parts to do"),
        (lose_table, "hits.parquet is gone"),
        (lose_blob, "result_queries.json.gz is gone"),
        (mix_builds, "published with rows of others"),
        (lose_row, "lacks result_alignments"),
        (fail_in_silence, "failed without a reason"),
    ):
        assert not any(said in line for line in wrong(job.job_id, expected()))
        spoil(job)
        assert any(said in line for line in wrong(job.job_id, expected())), said


def test_other_counts_than_a_clean_run_has_are_found(job: Job) -> None:
    more = replace(SEARCH, files=SEARCH.files + 1)
    (line,) = wrong(job.job_id, Expected(JobStatus.COMPLETED, clean_counts(more)))
    assert "'hsps': (177, 236)" in line
    (line,) = wrong(job.job_id, Expected(JobStatus.FAILED, clean_counts(SEARCH)))
    assert "completed, not failed" in line


def test_what_is_left_pending_is_found(job: Job) -> None:
    assert pending([job.job_id]) == []
    queue(settings().events_queue).send_message("late")
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.later(3600))
    due.schedule(Kind.PURGE, job.job_id, 1, clock.later(3600))
    other = make_job(JobStatus.COMPLETED)
    assert pending([job.job_id, other.job_id]) == [
        f"1 messages on {settings().events_queue}",
        f"{job.job_id}: due finalize",
        f"{other.job_id}: no sentinel",
    ]
