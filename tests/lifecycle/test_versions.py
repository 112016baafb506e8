"""An old builder beside a new one: lazily rebuilt, never in a loop, never back."""

from __future__ import annotations

import pytest

from blast_artifacts.lifecycle import artifacts, finalizer, sentinel, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType, JobStatus
from shared.settings import settings
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import asked

MODULES = ("sentinel", "artifacts")


def run_as(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Be a builder of that version from now on."""
    for module in MODULES:
        monkeypatch.setattr(f"blast_artifacts.lifecycle.{module}.BUILDER_VERSION", version)


def version_of(job: Job) -> int:
    row = artifacts.find(job.job_id, ArtifactType.AGGREGATE)
    assert row is not None
    return row.builder_version


@pytest.fixture
def published(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that a builder of version 1 published."""
    run_as(monkeypatch, 1)
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    asked()
    assert finalizer.finalize(stands(job)) == "published"
    return stands(job)


def test_a_newer_builder_is_asked_once_and_the_old_build_served_meanwhile(
    published: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    for _ in range(5):
        terminal.ask_for_newer(published.job_id)
    assert asked() == [published.job_id]
    assert version_of(published) == 1
    assert finalizer.finalize(published) == "published"
    assert version_of(published) == 2
    terminal.ask_for_newer(published.job_id)
    assert asked() == []


def test_an_old_builder_leaves_a_run_to_the_newer_one(
    published: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    terminal.ask_for_newer(published.job_id)
    run_as(monkeypatch, 1)
    assert finalizer.finalize(published) == "busy"
    run_as(monkeypatch, 2)
    assert finalizer.finalize(published) == "published"
    run_as(monkeypatch, 1)
    assert finalizer.finalize(published) == "settled"
    terminal.ask_for_newer(published.job_id)
    assert (asked(), version_of(published)) == ([published.job_id], 2)


def test_a_rebuild_that_fails_for_good_is_not_asked_for_again(
    published: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    terminal.ask_for_newer(published.job_id)
    monkeypatch.setenv("MAX_ATTEMPTS", "1")
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    settings.cache_clear()

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("blast_artifacts.lifecycle.finalizer.build", fail)
    assert finalizer.finalize(published) == "failed"
    assert finalizer.finalize(published) == "settled"
    asked()
    terminal.ask_for_newer(published.job_id)
    assert asked() == []
    assert version_of(published) == 1
    assert sentinel.find(published.job_id) is not None


def test_an_old_worker_that_asks_for_a_rebuild_leaves_it_to_the_newer_builder(
    published: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    terminal.ask_for_newer(published.job_id)
    assert finalizer.finalize(published) == "published"
    run_as(monkeypatch, 1)
    terminal.ask_anew(published)
    assert finalizer.finalize(published) == "busy"
    run_as(monkeypatch, 2)
    assert finalizer.finalize(published) == "published"
    assert version_of(published) == 2
