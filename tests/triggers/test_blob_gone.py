"""An artifact whose blob was deleted: served live, and built once more."""

from __future__ import annotations

import gzip

import pytest

from blast_artifacts.lifecycle import artifacts, finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.triggers.conftest import App, asked


@pytest.fixture
def lost(reader: App) -> tuple[Job, bytes]:
    """A published job whose aggregate's blob is gone, and the body that it had."""
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    finalizer.finalize(stands(job))
    row = artifacts.find(job.job_id, ArtifactType.AGGREGATE)
    assert row is not None
    blobs = container(settings().artifacts_container)
    body = blobs.download_blob(str(row.blob), decompress=False).readall()
    blobs.delete_blob(str(row.blob))
    asked()
    return stands(job), gzip.decompress(body)


def test_a_reader_gets_the_live_body_and_the_artifact_is_built_once_more(
    reader: App, lost: tuple[Job, bytes]
) -> None:
    job, body = lost
    where = f"blast/jobs/{job.job_id}/results/aggregate"
    for _ in range(3):
        answer = reader.get(where)
        assert (answer.status_code, answer.content) == (200, body)
        assert answer.headers["X-Artifact-Source"] == "live"
    assert asked() == [job.job_id]
    assert (
        reader.get(f"blast/jobs/{job.job_id}").json()["artifacts"]["result_aggregate"]["state"] == "pending"
    )
    assert finalizer.finalize(job) == "published"
    again = reader.get(where)
    assert (again.headers["X-Artifact-Source"], again.content) == ("artifact", body)


def test_the_other_views_are_served_meanwhile(reader: App, lost: tuple[Job, bytes]) -> None:
    job, _ = lost
    reader.get(f"blast/jobs/{job.job_id}/results/aggregate")
    other = reader.get(f"blast/jobs/{job.job_id}/results/descriptions")
    assert other.headers["X-Artifact-Source"] == "artifact"
