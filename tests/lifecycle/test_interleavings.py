"""What else may happen while a job is finalized, each by name: nothing is lost, nothing done twice."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    claims,
    commands,
    due,
    finalizer,
    poison,
    purge,
    sentinel,
    steps,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.submit import submit
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus, SentinelStatus
from shared import codec
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import asked, go_on, lose_due_rows, read, waiting
from tests.operations import Stopped, lose_reply, once, operations, stop_at

pytestmark = pytest.mark.usefixtures("quick")

PUBLISHING = "$batch"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases are renewed as seldom as in earnest, so that no renewal meets who changes the sentinel."""
    monkeypatch.setenv("LEASE_SECONDS", "60")
    monkeypatch.setenv("RENEWAL_SECONDS", "20")
    settings.cache_clear()


def ended() -> Job:
    job = submit(
        "local.ann", json.dumps({"program": "blastn", "database": "nt", "query": ">q\nAC\n"}).encode()
    )
    put_results(job)
    tell(job, "terminal", status="completed")
    assert job.job_id in asked(), "from here on the message is with the finalizer that a test calls"
    return stands(job)


def brought_to_its_end(job: Job) -> None:
    """What the timer and the queues do until nothing is left to do, and what must then be true."""
    go_on(job)
    whole(job)


def whole(job: Job) -> None:
    """The artifact set is ready, of one build, and no blob of it is missing."""
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert (standing.status, standing.lease_until) == (SentinelStatus.READY, None)
    found = artifacts.of_job(job.job_id)
    assert set(found) == set(ArtifactType)
    assert {(row.build, row.status) for row in found.values()} == {(standing.build, ArtifactState.READY)}
    names = set(container(settings().artifacts_container).list_blob_names())
    assert {row.blob for row in found.values()} <= names
    aggregate = codec.from_json(codec.unpack(artifacts.stored_bytes(found[ArtifactType.AGGREGATE])))
    assert (aggregate["totals"]["hsps"], aggregate["totals"]["pairs"]) == (59, 9)


def test_crash_between_blobs_and_transaction() -> None:
    job = ended()
    with pytest.raises(Stopped), operations(before=stop_at(PUBLISHING)):
        finalizer.finalize(job)
    assert artifacts.of_job(job.job_id) == {}
    brought_to_its_end(job)


def test_crash_after_the_transaction() -> None:
    job = ended()
    with pytest.raises(Stopped), operations(after=stop_at(PUBLISHING)):
        finalizer.finalize(job)
    whole(job)
    brought_to_its_end(job)
    standing = sentinel.find(job.job_id)
    assert standing is not None
    assert standing.attempts == 1


def test_reply_of_the_transaction_lost() -> None:
    """The SDK's retry turns it into a false 412; our token in the row tells that we won."""
    job = ended()
    with operations(after=lose_reply(PUBLISHING)):
        assert finalizer.finalize(job) == "published"
    whole(job)


def test_lease_lost_while_working() -> None:
    job = ended()

    def another_takes_over() -> None:
        time.sleep(0.5)
        assert finalizer.finalize(job) == "published"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims.Claim, "renew", lambda self: None)
        with operations(before=once("result_manifest.json.gz", another_takes_over)):
            assert finalizer.finalize(job) == "lost"
    whole(job)


def test_delete_during_a_build(patient: None) -> None:
    job = ended()
    with operations(before=once(PUBLISHING, lambda: commands.delete(job))):
        assert finalizer.finalize(job) in ("lost", "published")
    backfill.run()
    assert artifacts.of_job(job.job_id) == {}
    assert finalizer.take_in(json.dumps({"job": job.job_id, "run": 1})) == "gone"
    assert [
        name for name in container(settings().results_container).list_blob_names() if job.job_id in name
    ] == []


def test_retry_during_a_build(patient: None) -> None:
    job = ended()
    with operations(before=once("result_manifest.json.gz", lambda: commands.retry(job))):
        assert finalizer.finalize(job) == "lost"
    assert artifacts.of_job(job.job_id) == {}
    again = stands(job)
    put_results(again)
    tell(again, "terminal", status="completed")
    brought_to_its_end(again)
    assert {row.run for row in artifacts.of_job(job.job_id).values()} == {2}


def test_timer_beside_queue() -> None:
    job = ended()
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            backfill.run()

    timer = threading.Thread(target=tick)
    timer.start()
    try:
        assert finalizer.finalize(job) == "published"
    finally:
        stop.set()
        timer.join()
    brought_to_its_end(job)


def test_due_row_lost() -> None:
    """The message still brings the job to its end."""
    job = ended()
    lose_due_rows()
    assert finalizer.take_in(json.dumps({"job": job.job_id, "run": 1})) == "published"
    whole(job)


def test_due_row_and_message_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reader asks, once no due row could still be waiting for its turn."""
    job = ended()
    lose_due_rows()
    for seconds, is_asked in (("60", False), ("0.001", True), ("60", False)):
        monkeypatch.setenv("RETRY_CAP_SECONDS", seconds)
        settings.cache_clear()
        assert read(job).headers["X-Artifact-State"] == "pending"
        assert asked() == ([job.job_id] if is_asked else [])
    assert waiting() == [(job.job_id, due.Kind.FINALIZE)]
    brought_to_its_end(job)


def test_blob_gone_under_a_reader() -> None:
    """The row was read, the blob is gone: what it said is read live, and the artifact is built once more."""
    job = ended()
    finalizer.finalize(job)
    row = artifacts.find(job.job_id, ArtifactType.DESCRIPTIONS)
    assert row is not None
    blobs = container(settings().artifacts_container)
    artifacts._cache.clear()
    with operations(before=once(str(row.blob), lambda: blobs.delete_blob(str(row.blob)))):
        answer = read(job)
    assert (answer.status_code, answer.headers["X-Artifact-Source"]) == (200, "live")
    assert asked() == [job.job_id]
    brought_to_its_end(job)
    again = read(job)
    assert (again.headers["X-Artifact-Source"], again.get_body()) == ("artifact", answer.get_body())


def test_blob_purged_under_a_reader_whose_build_is_superseded() -> None:
    """The row leads to another build by now: that one is served, and nothing is asked for."""
    job = ended()
    finalizer.finalize(job)
    row = artifacts.find(job.job_id, ArtifactType.DESCRIPTIONS)
    assert row is not None

    def another_takes_its_place() -> None:
        commands.rebuild(job)
        finalizer.finalize(job)
        asked()
        purge.superseded(job.job_id, 1)

    artifacts._cache.clear()
    with operations(before=once(str(row.blob), another_takes_its_place)):
        answer = read(job)
    assert (answer.status_code, answer.headers["X-Artifact-Source"]) == (200, "artifact")
    assert asked() == []
    whole(job)


def test_a_step_ends_during_a_build_that_is_killed_when_it_has_published() -> None:
    job = ended()
    late = once(PUBLISHING, lambda: tell(job, "step", step="running", state="finished"))
    with pytest.raises(Stopped), operations(before=late, after=stop_at(PUBLISHING)):
        finalizer.finalize(job)
    brought_to_its_end(job)
    assert steps.is_told(stands(job))
    assert published_state(job, "running") == "finished"


def published_state(job: Job, name: str) -> str:
    row = artifacts.find(job.job_id, ArtifactType.EXECUTION_STEPS)
    assert row is not None
    line = codec.from_json(codec.unpack(artifacts.stored_bytes(row)))
    return next(str(step["state"]) for step in line["steps"] if step["step"] == name)


def test_finalize_message_before_the_job_is_terminal() -> None:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    assert finalizer.take_in(json.dumps({"job": job.job_id})) == "not_terminal"
    backfill.run()
    assert artifacts.of_job(job.job_id) == {}
    tell(job, "terminal", status="completed")
    brought_to_its_end(job)


def test_poison_beside_a_live_lease() -> None:
    job = ended()
    text = json.dumps({"job": job.job_id, "run": 1})
    with operations(before=once("result_manifest.json.gz", lambda: poison.take_in_finalize(text))):
        assert finalizer.finalize(job) == "published"
    whole(job)


def test_two_runs_interleaved() -> None:
    first = ended()
    finalizer.finalize(first)
    second = commands.retry(first)
    tell(first, "step", step="running", state="failed")
    tell(second, "step", step="running", state="started")
    tell(first, "terminal", status="failed")
    assert (stands(first).run, stands(first).status) == (2, JobStatus.RUNNING)
    put_results(second)
    tell(second, "terminal", status="completed")
    assert finalizer.take_in(json.dumps({"job": first.job_id, "run": 1})) == "published"
    assert {row.run for row in artifacts.of_job(first.job_id).values()} == {2}


def race(job: Job) -> list[str]:
    with ThreadPoolExecutor(2) as both:
        return sorted(both.map(finalizer.finalize, [job, job]))


@pytest.mark.parametrize("count", [5, pytest.param(100, marks=pytest.mark.nightly)])
def test_two_finalizers_at_once_publish_one_build(count: int) -> None:
    for _ in range(count):
        job = ended()
        outcomes = race(job)
        assert outcomes.count("published") == 1, outcomes
        whole(job)
