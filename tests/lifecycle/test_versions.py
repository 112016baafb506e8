"""An old builder beside a new one: lazily rebuilt, never in a loop, never back."""

from __future__ import annotations

import time

import pytest

from blast_artifacts.lifecycle import artifacts, commands, finalizer, sentinel, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus
from shared.settings import settings
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import asked, read

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

    monkeypatch.setattr("blast_artifacts.views.build.build_planned", fail)
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


@pytest.fixture
def failed(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job at which a builder of version 1 has failed for good, and which is too large to be read live."""
    run_as(monkeypatch, 1)
    for name, value in (("MAX_ATTEMPTS", "1"), ("RETRY_BASE_SECONDS", "0.001"), ("LIVE_STORED_BYTES", "1")):
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    give_up(job)
    asked()
    return stands(job)


def give_up(job: Job) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blast_artifacts.views.build.build_planned", fail)
        assert finalizer.finalize(stands(job)) == "failed"
        time.sleep(0.01)
        assert finalizer.finalize(stands(job)) == "settled"


def fail(*_: object, **__: object) -> None:
    raise OSError("the disk is full")


def test_what_an_older_builder_failed_at_is_tried_by_a_newer_one_when_it_is_read(
    failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(failed).status_code == 409
    assert asked() == []
    run_as(monkeypatch, 2)
    assert [read(failed).status_code for _ in range(3)] == [202, 202, 202]
    assert asked() == [failed.job_id]
    assert finalizer.finalize(failed) == "published"
    assert read(failed).status_code == 200
    assert asked() == []


def test_what_a_newer_builder_fails_at_too_is_not_tried_in_a_loop(
    failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    assert terminal.ask_for_newer(failed.job_id)
    give_up(failed)
    asked()
    assert [read(failed).status_code for _ in range(3)] == [409, 409, 409]
    assert asked() == []


def test_one_view_that_an_older_builder_failed_at_is_tried_by_a_newer_one_when_it_is_read(
    failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.rebuild(failed)
    with monkeypatch.context() as patch:
        patch.setattr("blast_artifacts.views.build.descriptions", fail)
        assert finalizer.finalize(failed) == "published"
    asked()
    assert read(failed).status_code == 409
    run_as(monkeypatch, 2)
    assert read(failed).status_code == 202
    assert asked() == [failed.job_id]
    row = artifacts.find(failed.job_id, ArtifactType.DESCRIPTIONS)
    assert row is not None
    assert row.status is ArtifactState.FAILED
    assert finalizer.finalize(failed) == "published"
    assert read(failed).status_code == 200


def test_an_old_builder_does_not_take_up_what_a_newer_one_failed_at(
    failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(monkeypatch, 2)
    terminal.ask_for_newer(failed.job_id)
    give_up(failed)
    run_as(monkeypatch, 1)
    assert finalizer.finalize(failed) == "settled"
