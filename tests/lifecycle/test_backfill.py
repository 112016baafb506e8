from __future__ import annotations

import json
import time
from typing import Any

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    claims,
    commands,
    due,
    events,
    finalizer,
    jobs,
    messages,
    poison,
    purge,
    sentinel,
    submit,
)
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, table
from tests.lifecycle.makers import TIME, make_job, put, put_results, stands, tell
from tests.lifecycle.roads import asked, turn, waiting
from tests.operations import Stopped, operations, stop_at

BODY = json.dumps({"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}).encode()


@pytest.fixture
def soon(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything comes due at once."""
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    settings.cache_clear()


def ended(**changes: Any) -> Job:
    job = make_job(JobStatus.RUNNING, **changes)
    tell(job, "terminal", status="completed")
    return stands(job)


def test_a_lost_finalize_message_is_sent_again(soon: None) -> None:
    job = ended()
    assert asked() == [job.job_id]
    backfill.run()
    assert asked() == [job.job_id]
    assert waiting() == [(job.job_id, Kind.FINALIZE)]


def test_what_waits_in_a_backlog_is_not_sent_again_but_what_was_lost_in_it_is(soon: None) -> None:
    first = make_job(JobStatus.COMPLETED)
    messages.send_finalize(first.job_id, first.run)
    time.sleep(1.1)  # the queue counts in whole seconds
    job = ended()
    for _ in range(3):
        backfill.run()
    assert asked() == [first.job_id, job.job_id]
    for _ in range(2):
        backfill.run()
    assert set(asked()) == {job.job_id}


def test_a_published_run_is_settled_and_its_due_row_gone(soon: None) -> None:
    job = ended()
    put_results(job)
    finalizer.finalize(job)
    backfill.run()
    assert waiting() == []


def test_an_end_that_stopped_after_its_due_row_is_left_to_the_next_event(soon: None) -> None:
    """The job is not terminal yet, so nothing is asked for, and the row stays until it is."""
    job = make_job(JobStatus.RUNNING)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now())
    backfill.run()
    assert asked() == []
    assert waiting() == [(job.job_id, Kind.FINALIZE)]


def test_a_terminal_job_without_a_sentinel_gets_one(soon: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now())
    backfill.run()
    assert asked() == [job.job_id]
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert standing.status is SentinelStatus.PENDING


def test_a_live_claim_is_not_disturbed(soon: None) -> None:
    job = ended()
    asked()
    claims.claim(job)
    backfill.run()
    assert asked() == []
    assert waiting() == [(job.job_id, Kind.FINALIZE)]


@pytest.mark.parametrize("status", [JobStatus.DELETED, None])
def test_due_work_of_a_job_that_is_gone_is_dropped(soon: None, status: JobStatus | None) -> None:
    job_id = make_job(status).job_id if status else "never-seen"
    due.schedule(Kind.FINALIZE, job_id, 1, clock.now())
    backfill.run()
    assert waiting() == []
    assert asked() == []


def test_due_work_of_an_older_run_is_dropped(soon: None) -> None:
    job = make_job(JobStatus.COMPLETED, run=2)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now())
    backfill.run()
    assert waiting() == []


def test_work_that_is_not_due_is_not_touched(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.later(60))
    assert backfill.run() == 0
    assert waiting() == [(job.job_id, Kind.FINALIZE)]


def test_a_row_that_fails_does_not_keep_the_others_from_their_turn(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_job(JobStatus.COMPLETED), make_job(JobStatus.COMPLETED)
    for job in (first, second):
        due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now())
    summary = jobs.get_summary

    def fail_once(job_id: str) -> Job | None:
        if job_id == first.job_id:
            raise OSError("storage hiccup")
        return summary(job_id)

    monkeypatch.setattr("blast_artifacts.lifecycle.jobs.get_summary", fail_once)
    backfill.run()
    assert asked() == [second.job_id]
    assert (first.job_id, Kind.FINALIZE) in waiting()


def test_work_that_keeps_failing_goes_behind_the_rest(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run takes a bounded number of rows; those that fail must not be the same each time."""
    monkeypatch.setattr("blast_artifacts.lifecycle.backfill._MOST_ROWS", 2)
    good = make_job(JobStatus.COMPLETED)
    bad = [make_job(JobStatus.COMPLETED) for _ in range(3)]
    for age, job in enumerate((*bad, good)):
        due.schedule(Kind.FINALIZE, job.job_id, 1, clock.from_text(f"2026-11-24T10:00:0{age}"))
    summary = jobs.get_summary

    def fail(job_id: str) -> Job | None:
        if job_id != good.job_id:
            raise OSError("storage hiccup")
        return summary(job_id)

    monkeypatch.setattr("blast_artifacts.lifecycle.jobs.get_summary", fail)
    for _ in range(3):
        backfill.run()
    assert asked() == [good.job_id]
    assert {job.job_id for job in bad} <= {job_id for job_id, _ in waiting()}


def test_a_due_row_that_nobody_can_read_is_removed(soon: None) -> None:
    rows.put(table(settings().job_artifact_table), due.PARTITION, "20200101T000000000000Z_x", {})
    rows.put(table(settings().job_artifact_table), due.PARTITION, "20200101T000000000000Z_a_b_c", {})
    backfill.run()
    assert list(rows.partition_rows(table(settings().job_artifact_table), due.PARTITION)) == []


@pytest.mark.parametrize("tries", ["abc", 2**62, -1, 1.5, clock.now(), True])
def test_a_count_that_nobody_wrote_rightly_is_none(soon: None, tries: Any) -> None:
    job = make_job(JobStatus.COMPLETED)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now(), tries=tries)
    backfill.run()
    assert asked() == [job.job_id]
    assert waiting() == [(job.job_id, Kind.FINALIZE)]


def test_back_off_doubles_up_to_its_cap(account: None) -> None:
    waits = [(due.back_off(tries) - clock.now()).total_seconds() for tries in range(9)]
    assert waits[:3] == pytest.approx([60, 120, 240], abs=1)
    assert waits[-1] == pytest.approx(3600, abs=1)


def test_blobs_of_a_superseded_build_are_purged_and_the_published_ones_kept(account: None) -> None:
    job = ended()
    put_results(job)
    finalizer.finalize(job)
    blobs = container(settings().artifacts_container)
    published = set(blobs.list_blob_names())
    blobs.upload_blob(f"{job.job_id}/1/deadbeef/parts.json.gz", b"x")
    blobs.upload_blob(f"{job.job_id}/1/execution-steps/logs/running/000000.json.gz", b"x")
    assert purge.superseded(job.job_id, 1) == 1
    assert set(blobs.list_blob_names()) == {
        *published,
        f"{job.job_id}/1/execution-steps/logs/running/000000.json.gz",
    }
    assert artifacts.of_job(job.job_id)


def test_a_build_under_way_is_not_purged(account: None) -> None:
    job = ended()
    claim = claims.claim(job)
    blobs = container(settings().artifacts_container)
    for build in (claim.token, "deadbeef"):
        blobs.upload_blob(f"{job.job_id}/1/{build}/parts.json.gz", b"x")
    assert purge.superseded(job.job_id, 1) == 1
    assert list(blobs.list_blob_names()) == [f"{job.job_id}/1/{claim.token}/parts.json.gz"]


def builds() -> set[str]:
    """The builds of which there are blobs."""
    return {name.split("/")[2] for name in container(settings().artifacts_container).list_blob_names()}


def test_what_a_rebuild_supersedes_is_purged_in_time(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended()
    put_results(job)
    finalizer.finalize(job)
    assert Kind.PURGE not in {kind for _, kind in waiting()}, "a first build supersedes nothing"
    monkeypatch.setenv("SUPERSEDED_PURGE_SECONDS", "0.001")
    settings.cache_clear()
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    backfill.run()
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert builds() == {standing.build}


def die_while_building(job: Job) -> None:
    with pytest.raises(Stopped), operations(before=stop_at("$batch")):
        finalizer.finalize(job)


def test_builds_that_died_are_purged_even_once_attempts_are_exhausted(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", "1")
    for name in ("LEASE_SECONDS", "SUPERSEDED_PURGE_SECONDS"):
        monkeypatch.setenv(name, "0.01")
    settings.cache_clear()
    job = ended()
    put_results(job)
    die_while_building(job)
    time.sleep(0.05)
    assert finalizer.finalize(job) == "settled"
    assert len(builds()) == 1
    time.sleep(0.05)
    backfill.run()
    assert builds() == set()
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"


def test_a_build_that_died_is_purged_after_a_rebuild_with_whole_attempts(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LEASE_SECONDS", "SUPERSEDED_PURGE_SECONDS"):
        monkeypatch.setenv(name, "0.01")
    settings.cache_clear()
    job = ended()
    put_results(job)
    die_while_building(job)
    time.sleep(0.05)
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    time.sleep(0.05)
    backfill.run()
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert (standing.attempts, builds()) == (1, {standing.build})


@pytest.fixture
def overdue(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pipeline has not said by now it does not say."""
    for name in ("SUBMIT_RESUME_SECONDS", "CANCEL_TIMEOUT", "RETRY_CAP_SECONDS"):
        monkeypatch.setenv(name, "0.001")
    settings.cache_clear()


def test_a_run_comes_to_its_end_though_the_event_of_it_and_its_poison_handling_are_lost(
    overdue: None,
) -> None:
    job = submit.submit("local.ann", BODY)
    tell(job, "step", step="running", state="started")
    put_results(job)
    event = {"kind": "terminal", "job": job.job_id, "run": 1, "status": "completed", "at": TIME}
    with pytest.MonkeyPatch.context() as outage:

        def fail(*_: object, **__: object) -> None:
            raise OSError("storage is down")

        outage.setattr("shared.rows.find", fail)
        outage.setattr("blast_artifacts.lifecycle.messages.queue", fail)
        for _ in range(5):
            with pytest.raises(OSError, match="down"):
                events.take_in(json.dumps(event))
        assert poison.take_in_event(json.dumps(event)) == "failed"
    for _ in range(4):
        turn()
    assert stands(job).status is JobStatus.COMPLETED
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert standing.status is SentinelStatus.READY


def test_a_failure_is_read_from_its_marker_too(overdue: None) -> None:
    job = submit.submit("local.ann", BODY)
    put(job.results_prefix.partition("/")[2], metadata__FAILURE_dot_txt=b"disk full")
    for _ in range(3):
        backfill.run()
    assert (stands(job).status, stands(job).error) == (JobStatus.FAILED, "disk full")


def test_a_fresh_marker_leaves_the_pipeline_its_time_to_tell_more(
    overdue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANCEL_TIMEOUT", "900")
    settings.cache_clear()
    job = submit.submit("local.ann", BODY)
    put_results(job)
    for _ in range(3):
        backfill.run()
    assert stands(job).status is JobStatus.QUEUED
    assert waiting() == [(job.job_id, Kind.FINALIZE)]
