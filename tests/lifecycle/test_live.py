from __future__ import annotations

import gzip
import time
from typing import Any

import pytest

from blast_artifacts.lifecycle import artifacts, finalizer, live, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from shared import codec
from shared.settings import MIB, settings
from shared.storage import container
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.operations import once, operations

RESULTS = set(ArtifactType) - {ArtifactType.EXECUTION_STEPS, ArtifactType.PARTS}


def finished(status: str = "completed", **fields: object) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status=status, **fields)
    return stands(job)


def published(job: Job, kind: ArtifactType) -> bytes:
    row = artifacts.find(job.job_id, kind)
    assert row is not None
    return codec.unpack(artifacts.stored_bytes(row))


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_live_bodies_are_the_artifacts_byte_for_byte(account: None, status: str) -> None:
    job = finished(status)
    before = {kind: live.read(job, kind) for kind in RESULTS}
    time_line = codec.to_json(steps.time_line(job))
    assert finalizer.finalize(job) == "published"
    assert before == {kind: published(job, kind) for kind in RESULTS}
    assert time_line == published(job, ArtifactType.EXECUTION_STEPS)


def test_what_is_too_large_is_not_read_live(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_STORED_BYTES", "1000")
    settings.cache_clear()
    assert live.read(finished(), ArtifactType.AGGREGATE) is None


def test_a_job_whose_results_are_not_all_listed_is_not_read_live(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="completed")
    assert live.read(stands(job), ArtifactType.DESCRIPTIONS) is None


def test_what_takes_too_long_is_not_shown_half_read(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_SECONDS", "0.000001")
    settings.cache_clear()
    assert live.read(finished(), ArtifactType.AGGREGATE) is None


def test_readers_of_one_result_share_one_reading(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    job = finished()
    built = []
    build = finalizer.build

    def counting(*arguments: Any, **options: Any) -> Any:
        built.append(arguments)
        return build(*arguments, **options)

    monkeypatch.setattr("blast_artifacts.lifecycle.finalizer.build", counting)
    for kind in RESULTS:
        assert live.read(job, kind) is not None
    assert len(built) == 1


def test_a_bomb_is_left_to_the_builder(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(JobStatus.RUNNING)
    container_name, _, folder = job.results_prefix.partition("/")
    bomb = gzip.compress(b'{"BlastOutput2": ["' + b" " * (200 * MIB), mtime=0)
    container(container_name).upload_blob(f"{folder}batch_000-blastn-nt.out.gz", bomb)
    tell(job, "terminal", status="completed")
    began = time.monotonic()
    assert live.read(stands(job), ArtifactType.AGGREGATE) is None
    assert time.monotonic() - began < 5


def test_results_that_change_while_they_are_read_are_left_to_the_builder(account: None) -> None:
    job = finished()
    name = job.results_prefix.partition("/")[2] + "batch_000-blastn-nt.out.gz"
    results = container(settings().results_container)
    replaced = once("batch_000-blastn-nt.out.gz", lambda: results.upload_blob(name, b"other", overwrite=True))
    with operations(before=replaced):
        assert live.read(job, ArtifactType.AGGREGATE) is None
