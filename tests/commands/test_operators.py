"""`inspect`, `rebuild` and `purge` as an operator meets them."""

from __future__ import annotations

import json

import pytest

from blast_artifacts import __main__ as command_line
from blast_artifacts.lifecycle import claims, due, finalizer, jobs, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock, storage
from shared.settings import settings
from shared.storage import container
from tests.conftest import app_settings
from tests.lifecycle.makers import make_job, put_results, stands, tell

Out = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    return command_line.main(list(words))


def published() -> Job:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="completed")
    put_results(job)
    finalizer.take_in(json.dumps({"job": job.job_id}))
    return stands(job)


def test_a_published_job_is_told_whole(account: None, capsys: Out) -> None:
    job = published()
    assert run("inspect", job.job_id) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"job {job.job_id}: completed, run 1, owner local.ann"
    assert "finalization: ready, attempt 1 of 5" in said
    assert "artifacts: 8" in said
    assert any(line.startswith("  result_aggregate     ready, complete, ") for line in said)
    assert any(line.startswith("  finalize of run 1 at ") for line in said)
    assert any(line.startswith("results: 3 blobs, ") for line in said)
    build = sentinel_of(job).build
    assert any(f"build {str(build)[:8]}, published" in line for line in said)


def sentinel_of(job: Job) -> sentinel.Sentinel:
    found = sentinel.find(job.job_id)
    assert found is not None
    return found


def test_a_claim_is_told_as_it_stands(account: None, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="failed", error={"code": "memory", "message": "no room", "exit_code": 4})
    job = stands(job)

    def told() -> str:
        run("inspect", job.job_id)
        return capsys.readouterr().out

    assert "  error memory, exit code 4: no room" in told()
    assert "  waits for a builder" in told()
    claim = claims.claim(job)
    assert "a claim is at work, its lease holds until" in told()
    claim.release("build_failed", "ValueError: why", clock.later(60))
    assert "waits for its back-off until" in told()
    assert "last error build_failed: ValueError: why" in told()
    monkeypatch.setenv("LEASE_SECONDS", "0.001")
    storage.forget()
    assert sentinel.reopen(job)
    claims.claim(job)
    assert "its lease lapsed" in told()


def test_inspecting_changes_nothing(account: None, capsys: Out) -> None:
    job = published()
    before = [work.row for work in due.overdue(clock.later(1e6))], sentinel_of(job)
    run("inspect", job.job_id)
    assert ([work.row for work in due.overdue(clock.later(1e6))], sentinel_of(job)) == before


def test_what_failed_for_good_is_built_anew(account: None, capsys: Out) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="completed")
    job = stands(job)
    for _ in range(5):
        claims.claim(job).release("build_failed", "why", clock.now())
    with pytest.raises(claims.Settled):
        claims.claim(job)
    assert sentinel_of(job).status is SentinelStatus.FAILED
    put_results(job)
    assert run("rebuild", job.job_id) == 0
    assert "asked for" in capsys.readouterr().out
    assert finalizer.take_in(json.dumps({"job": job.job_id})) == "published"


def test_a_build_under_way_is_left_to_its_end(account: None, capsys: Out) -> None:
    job = make_job(JobStatus.COMPLETED)
    claims.claim(job)
    assert run("rebuild", job.job_id) == 0
    assert "a build is under way" in capsys.readouterr().out


def test_what_cannot_be_done_is_said_for_each_job(account: None, capsys: Out) -> None:
    running, done = make_job(JobStatus.RUNNING), published()
    assert run("rebuild", running.job_id, "no-such-job", done.job_id) == 3
    said = capsys.readouterr()
    assert f"{running.job_id}: The job is running." in said.err
    assert "no-such-job: there is no such job" in said.err
    assert f"{done.job_id}: asked for" in said.out
    assert run("inspect", "no-such-job") == 3


def test_a_purge_says_first_what_would_go(account: None, capsys: Out) -> None:
    job = published()
    assert run("purge", job.job_id) == 0
    said = capsys.readouterr().out
    assert f"3 in {settings().results_container}" in said
    assert f"1 in {settings().queries_container}" in said
    assert "say --yes to do so" in said
    assert stands(job).status is JobStatus.COMPLETED


def test_a_purge_leaves_a_tombstone_and_nothing_else(account: None, capsys: Out) -> None:
    job = published()
    for _ in range(2):
        assert run("purge", job.job_id, "--yes") == 0
    assert stands(job).status is JobStatus.DELETED
    given = settings()
    for name in (given.artifacts_container, given.results_container, given.queries_container):
        assert list(container(name).list_blob_names(name_starts_with=job.job_id)) == []
    assert run("rebuild", job.job_id) == 3
    assert "it is deleted" in capsys.readouterr().err
    assert jobs.get_summary(job.job_id) is not None


def test_without_an_account_it_is_a_usage_error(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    with app_settings({"BLAST_STORAGE_CONNECTION": "Nowhere"}):
        assert run("inspect", "some-job-id") == 2
    assert "no app setting gives the connection 'Nowhere'" in capsys.readouterr().err
