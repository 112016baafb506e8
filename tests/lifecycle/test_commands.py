from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    claims,
    commands,
    due,
    finalizer,
    index,
    jobs,
    purge,
    sentinel,
    submit,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container, queue
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.operations import Stopped, once, operations, stop_at

BODY = json.dumps({"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}).encode()


def told() -> list[tuple[str, int]]:
    messages = queue(settings().submit_queue).receive_messages(visibility_timeout=300)
    bodies = [json.loads(base64.b64decode(message.content)) for message in messages]
    return [(body["kind"], body["run"]) for body in bodies]


def published(job: Job) -> Job:
    put_results(job)
    tell(job, "terminal", status="completed")
    assert finalizer.finalize(stands(job)) == "published"
    return stands(job)


@pytest.fixture
def done(account: None) -> Job:
    """A submitted job of ann's whose artifacts are published."""
    return published(submit.submit("local.ann", BODY))


def test_a_cancelled_job_waits_for_the_pipeline_to_say_so(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    assert commands.cancel(job).status is JobStatus.CANCELLING
    assert told() == [("cancel", 1)]
    tell(job, "step", step="running", state="started")
    assert stands(job).status is JobStatus.CANCELLING
    tell(job, "terminal", status="completed")
    assert stands(job).status is JobStatus.COMPLETED


def test_cancelling_twice_tells_the_pipeline_twice_and_changes_nothing(account: None) -> None:
    first = commands.cancel(make_job(JobStatus.QUEUED))
    assert commands.cancel(first) == first
    assert told() == [("cancel", 1)] * 2


def test_a_pipeline_that_does_not_answer_loses_its_say(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CANCEL_TIMEOUT", "RETRY_BASE_SECONDS"):
        monkeypatch.setenv(name, "0.001")
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    commands.cancel(job)
    backfill.run()
    ended = stands(job)
    assert (ended.status, ended.error_code) == (JobStatus.CANCELLED, "cancel_timeout")
    assert sentinel.find(job.job_id) is not None
    tell(job, "terminal", status="completed")
    assert stands(job).status is JobStatus.CANCELLED


def test_a_job_that_is_cancelling_is_left_alone_until_its_time(account: None) -> None:
    job = commands.cancel(make_job(JobStatus.RUNNING))
    due.schedule(due.Kind.FINALIZE, job.job_id, 1, clock.now())
    assert backfill.run() == 1
    assert stands(job).status is JobStatus.CANCELLING


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_what_has_ended_cannot_be_cancelled(account: None, status: JobStatus) -> None:
    with pytest.raises(AppError) as refusal:
        commands.cancel(make_job(status))
    assert (refusal.value.code, refusal.value.status) == ("already_ended", 409)


def test_a_retry_is_a_new_run_without_the_artifacts_of_the_old(done: Job) -> None:
    again = commands.retry(done)
    assert (again.status, again.run) == (JobStatus.QUEUED, 2)
    assert again.results_prefix.endswith(f"{done.job_id}/2/")
    assert again.finished_at is None
    assert artifacts.of_job(done.job_id) == {}
    standing = sentinel.find(done.job_id)
    assert standing is not None
    assert (standing.status, standing.run, standing.attempts) == (SentinelStatus.PENDING, 2, 0)
    assert told() == [("search", 1), ("search", 2)]


def test_events_of_the_old_run_do_not_touch_the_new(done: Job) -> None:
    again = commands.retry(done)
    assert tell(done, "terminal", status="failed") == "stale"
    assert stands(done) == again


def test_the_new_run_gets_artifacts_of_its_own(done: Job) -> None:
    again = published(commands.retry(done))
    assert {row.run for row in artifacts.of_job(again.job_id).values()} == {2}


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING])
def test_what_has_not_ended_is_not_run_again_or_rebuilt(account: None, status: JobStatus) -> None:
    job = submit.submit("local.ann", BODY)
    job = replace(job, status=status)
    for command in (commands.retry, commands.rebuild):
        with pytest.raises(AppError) as refusal:
            command(job)
        assert (refusal.value.code, refusal.value.status) == ("not_ended", 409)


def test_a_job_that_was_not_submitted_here_cannot_be_run_again(account: None) -> None:
    with pytest.raises(AppError) as refusal:
        commands.retry(make_job(JobStatus.COMPLETED))
    assert (refusal.value.code, refusal.value.status) == ("adopted", 409)


def test_a_rebuild_serves_the_old_build_until_the_new_one_is_published(done: Job) -> None:
    before = artifacts.of_job(done.job_id)
    commands.rebuild(done)
    assert artifacts.of_job(done.job_id) == before
    assert finalizer.finalize(done) == "published"
    after = artifacts.of_job(done.job_id)
    assert {row.build for row in after.values()}.isdisjoint(row.build for row in before.values())
    assert {kind: row.sha256 for kind, row in after.items() if kind != "parts"} == {
        kind: row.sha256 for kind, row in before.items() if kind != "parts"
    }


def test_a_rebuild_during_a_live_claim_starts_nothing(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    claim = claims.claim(job)
    commands.rebuild(job)
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert standing.build == claim.token
    assert list(queue(settings().artifacts_queue).receive_messages()) == []


def test_a_deleted_job_is_gone_at_once_and_its_data_with_the_timer(done: Job) -> None:
    commands.delete(done)
    tomb = stands(done)
    assert (tomb.status, tomb.program, tomb.title) == (JobStatus.DELETED, "", None)
    assert artifacts.of_job(done.job_id) == {}
    backfill.run()
    given = settings()
    for name in (
        *(given.artifacts_container, given.payloads_container),
        *(given.queries_container, given.results_container),
    ):
        assert [blob for blob in container(name).list_blob_names() if done.job_id in blob] == [], name
    assert stands(done).status is JobStatus.DELETED


def test_a_build_under_way_publishes_nothing_of_a_deleted_job(account: None) -> None:
    job = make_job(JobStatus.COMPLETED)
    claim = claims.claim(job)
    commands.delete(job)
    with pytest.raises(claims.ClaimLost):
        claim.publish(claim.ended(SentinelStatus.READY), [])
    with pytest.raises(claims.Settled):
        claims.claim(job)


def test_deleting_a_running_job_tells_the_pipeline(account: None) -> None:
    commands.delete(make_job(JobStatus.RUNNING))
    assert told() == [("cancel", 1)]


def test_a_neighbour_with_a_longer_id_keeps_its_data(account: None) -> None:
    short, long = make_job(JobStatus.COMPLETED), make_job(JobStatus.COMPLETED)
    neighbour = f"{short.job_id}-2"
    blobs = container(settings().artifacts_container)
    for job_id in (short.job_id, neighbour, long.job_id):
        blobs.upload_blob(f"{job_id}/1/build/x.json.gz", b"x")
    commands.delete(short)
    purge.deleted(stands(short))
    assert sorted(blobs.list_blob_names()) == sorted(
        f"{job_id}/1/build/x.json.gz" for job_id in (neighbour, long.job_id)
    )


def test_results_that_were_adopted_are_not_purged(account: None) -> None:
    prefix = f"{settings().results_container}/somebody/elses/run/"
    job = make_job(JobStatus.COMPLETED, results_prefix=prefix)
    container(settings().results_container).upload_blob("somebody/elses/run/batch_000.out.gz", b"x")
    commands.delete(job)
    purge.deleted(stands(job))
    assert len(list(container(settings().results_container).list_blob_names())) == 1


def test_a_deleted_job_is_purged_once_more_when_no_claim_can_live(
    done: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.delete(done)
    backfill.run()
    container(settings().artifacts_container).upload_blob(f"{done.job_id}/1/late/x.json.gz", b"late")
    monkeypatch.setattr("blast_artifacts.lifecycle.purge.is_old", lambda job: True)
    ahead = timedelta(seconds=settings().deleted_purge_seconds + 60)
    real = clock.now
    monkeypatch.setattr("shared.clock.now", lambda: real() + ahead)
    backfill.run()
    assert list(container(settings().artifacts_container).list_blob_names()) == []


def test_a_key_gives_the_same_job_again(account: None) -> None:
    first = submit.submit("local.ann", BODY, "key-1")
    assert submit.submit("local.ann", BODY, "key-1").job_id == first.job_id
    assert submit.submit("local.ann", BODY, "key-2").job_id != first.job_id
    assert submit.submit("local.bob", BODY, "key-1").job_id != first.job_id


def test_a_key_with_another_request_is_refused(account: None) -> None:
    submit.submit("local.ann", BODY, "key-1")
    with pytest.raises(AppError) as refusal:
        submit.submit("local.ann", BODY.replace(b"nt", b"nr"), "key-1")
    assert (refusal.value.code, refusal.value.status) == ("idempotency_key_reused", 422)


def test_the_key_of_a_deleted_job_is_free_again_once_it_is_purged(account: None) -> None:
    first = submit.submit("local.ann", BODY, "key-1")
    commands.delete(stands(first))
    with pytest.raises(AppError):
        submit.submit("local.ann", BODY, "key-1")
    backfill.run()
    assert submit.submit("local.ann", BODY, "key-1").job_id != first.job_id
    assert jobs.get_summary(first.job_id) is not None


def test_the_second_purge_of_a_job_leaves_the_key_to_the_job_that_has_it_now(account: None) -> None:
    first = submit.submit("local.ann", BODY, "key-1")
    commands.delete(stands(first))
    purge.deleted(stands(first))
    second = submit.submit("local.ann", BODY, "key-1")
    purge.deleted(stands(first))
    assert submit.submit("local.ann", BODY, "key-1").job_id == second.job_id


def test_a_delete_that_read_an_older_run_deletes_the_job_as_it_stands(done: Job) -> None:
    again = commands.retry(done)
    told()
    commands.delete(done)
    assert stands(again).status is JobStatus.DELETED
    standing = sentinel.find(done.job_id)
    assert standing is not None
    assert (standing.status, standing.run) == (SentinelStatus.DELETED, 2)
    assert told() == [("cancel", 2)]


def test_a_job_deleted_while_it_is_run_again_stays_deleted(done: Job) -> None:
    told()
    with operations(before=once("$batch", lambda: commands.delete(stands(done)))), pytest.raises(AppError):
        commands.retry(done)
    standing = sentinel.find(done.job_id)
    assert standing is not None
    assert standing.status is SentinelStatus.DELETED
    assert told()[-1] == ("cancel", 2)


def test_a_job_cancelled_while_it_is_submitted_is_cancelled_after_the_search(account: None) -> None:
    def cancel() -> None:
        ((_, job_id),) = index.entries("local.ann")
        job = jobs.get_summary(job_id)
        assert job is not None
        commands.cancel(job)

    with operations(before=once(f"{settings().submit_queue}/messages", cancel)):
        assert submit.submit("local.ann", BODY).status is JobStatus.CANCELLING
    assert told()[-1] == ("cancel", 1)


def test_a_retry_that_stopped_and_was_cancelled_does_not_show_the_run_before(done: Job) -> None:
    with pytest.raises(Stopped), operations(before=stop_at("$batch")):
        commands.retry(done)
    cancelled = commands.cancel(stands(done))
    tell(cancelled, "terminal", status="cancelled")
    assert artifacts.of_job(done.job_id) == {}


def test_the_build_of_the_run_before_is_purged_in_time(done: Job) -> None:
    commands.retry(done)
    later = [(work.kind, work.run) for work in due.overdue(clock.later(1e6))]
    assert (due.Kind.PURGE, 1) in later


def test_a_rebuild_leaves_a_due_row(done: Job) -> None:
    backfill_rows = {work.row.key for work in due.overdue(clock.later(1e6))}
    commands.rebuild(done)
    assert {work.row.key for work in due.overdue(clock.later(1e6))} >= backfill_rows
    assert any(work.kind is due.Kind.FINALIZE for work in due.overdue(clock.later(1e6)))
