"""Jobs of several parts, the messages of their builds, and what such a build must come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    checkpoints,
    finalizer,
    part_builder,
    purge,
    sentinel,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus, SentinelStatus
from shared import codec
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import messages
from tests.local.host.running import until
from tests.operations import once, operations

OF_EVERY_BUILD = tuple(set(ArtifactType) - {ArtifactType.PARTS, ArtifactType.EXECUTION_STEPS})
"""Artifacts that tell of the input alone."""


def ended(batches: int = 5) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job, batches=batches)
    return over(job)


def over(job: Job) -> Job:
    tell(job, "terminal", status="completed")
    work()
    return stands(job)


def put_files(job: Job, files: Mapping[str, bytes], queries: bytes) -> None:
    container_name, _, folder = job.results_prefix.partition("/")
    for name, content in {**files, "metadata/SUCCESS.txt": b""}.items():
        container(container_name).upload_blob(folder + name, content)
    container(settings().queries_container).upload_blob(f"{job.job_id}/query.fa", queries)


def work() -> list[dict[str, Any]]:
    """The messages of the artifacts queue, taken off it."""
    return [json.loads(text) for text in messages(settings().artifacts_queue)]


def take_in(message: Mapping[str, Any]) -> str:
    return finalizer.take_in(json.dumps(message))


def stalled(part: Mapping[str, Any]) -> str:
    """What becomes of a part whose builder stalls past its lease, so that another builds it meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_builder._Claim, "renew", lambda self: None)
        with operations(after=once("parquet", lambda: until(lambda: take_in(part) == "built"))):
            return take_in(part)


def drained() -> list[str]:
    """What became of all messages, until there is none."""
    outcomes: list[str] = []
    while waiting := work():
        outcomes += [take_in(message) for message in waiting]
    return outcomes


def standing(job: Job) -> Sentinel:
    found = sentinel.find(job.job_id)
    assert found is not None
    return found


def body(job: Job, kind: ArtifactType) -> Any:
    row = artifacts.find(job.job_id, kind)
    assert row is not None, kind
    return codec.from_json(codec.unpack(artifacts.stored_bytes(row)))


def bodies(job: Job) -> dict[str, str]:
    """Every artifact that tells of the input, without the job's id."""
    return {kind: json.dumps(body(job, kind)).replace(job.job_id, "JOB") for kind in OF_EVERY_BUILD}


def whole(job: Job) -> None:
    """All artifacts are ready and of one build; a purge leaves every blob of it, and no checkpoint."""
    purge.superseded(job.job_id, job.run)
    now = standing(job)
    assert (now.status, now.phase, now.lease_until) == (SentinelStatus.READY, None, None)
    found = artifacts.of_job(job.job_id)
    assert set(found) == set(ArtifactType)
    assert {(row.build, row.status) for row in found.values()} == {(now.build, ArtifactState.READY)}
    names = set(container(settings().artifacts_container).list_blob_names())
    tables = {
        table["path"] for part in body(job, ArtifactType.PARTS)["parts"] for table in part["tables"].values()
    }
    assert {row.blob for row in found.values()} | tables <= names
    assert checkpoints.of_job(job.job_id) == []


def in_one_part(job: Job, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same results, built as one part."""
    with monkeypatch.context() as patch:
        patch.setenv("PART_FILES", "1000")
        settings.cache_clear()
        twin = make_job(JobStatus.RUNNING, results_prefix=job.results_prefix)
        queries = container(settings().queries_container)
        data = queries.download_blob(f"{job.job_id}/query.fa").readall()
        queries.upload_blob(f"{twin.job_id}/query.fa", data)
        tell(twin, "terminal", status="completed")
        work()
        assert finalizer.finalize(stands(twin)) == "published"
    settings.cache_clear()
    return bodies(twin)
