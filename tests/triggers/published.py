"""Jobs whose results are there, read or yet to be read."""

from __future__ import annotations

from blast_artifacts.lifecycle import finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.triggers.conftest import asked


def finished(batches: int = 2) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job, batches=batches)
    tell(job, "terminal", status="completed")
    return stands(job)


def published(batches: int = 2) -> Job:
    job = finished(batches)
    assert finalizer.finalize(job) == "published"
    asked()
    return job
