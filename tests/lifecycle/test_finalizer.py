from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from blast_artifacts.lifecycle import artifacts, claims, due, finalizer, sentinel, steps
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus, SentinelStatus
from blast_artifacts.views.build import build_planned
from shared import clock, codec
from shared.settings import settings
from shared.storage import container, queue
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.roads import go_on, messages
from tests.local.host.running import until
from tests.operations import Stopped, at, once, operations


def body(job: Job, kind: ArtifactType) -> Any:
    row = artifacts.find(job.job_id, kind)
    assert row is not None
    return codec.from_json(codec.unpack(artifacts.stored_bytes(row)))


def standing(job: Job) -> Sentinel:
    found = sentinel.find(job.job_id)
    assert found is not None
    return found


def message(job: Job) -> str:
    return json.dumps({"job": job.job_id, "run": job.run})


def finished(**changes: Any) -> Job:
    job = make_job(JobStatus.RUNNING, **changes)
    tell(job, "terminal", status="completed")
    return stands(job)


def test_a_finished_job_has_every_artifact_of_one_build(account: None) -> None:
    job = finished()
    put_results(job)
    assert finalizer.take_in(message(job)) == "published"
    rows = artifacts.of_job(job.job_id)
    assert set(rows) == set(ArtifactType)
    assert {row.status for row in rows.values()} == {ArtifactState.READY}
    assert {row.build for row in rows.values()} == {standing(job).build}
    assert {(row.owner, row.run) for row in rows.values()} == {(job.owner, 1)}
    assert standing(job).status is SentinelStatus.READY
    assert finalizer.take_in(message(job)) == "settled"


def test_the_artifacts_tell_what_the_files_hold(account: None) -> None:
    job = finished()
    put_results(job, batches=2)
    finalizer.take_in(message(job))
    totals = body(job, ArtifactType.AGGREGATE)["totals"]
    assert (totals["queries"], totals["queries_with_hits"], totals["pairs"], totals["hsps"]) == (
        10,
        8,
        18,
        118,
    )
    assert body(job, ArtifactType.DESCRIPTIONS)["total"] == 18
    assert body(job, ArtifactType.ALIGNMENTS)["total"] == 118
    for kind in set(ArtifactType) - {ArtifactType.EXECUTION_STEPS}:
        assert body(job, kind)["complete"] is True, kind
        assert body(job, kind)["job_id"] == job.job_id


def test_a_prefix_that_a_producer_wrote_without_its_slash_takes_in_no_neighbour(account: None) -> None:
    container_name = settings().results_container
    job = stands(make_job(JobStatus.RUNNING, results_prefix=f"{container_name}/runs/job1"))
    assert job.results_prefix == f"{container_name}/runs/job1/"
    put_results(job)
    put_results(replace(job, results_prefix=f"{container_name}/runs/job10/"), batches=2)
    tell(job, "terminal", status="completed")
    assert finalizer.take_in(message(job)) == "published"
    names = [file["name"] for file in body(job, ArtifactType.MANIFEST)["files"]]
    assert [name for name in names if name.endswith(".gz")] == ["batch_000-blastn-nt.out.gz"]
    assert not [name for name in names if "job10" in name or name.startswith("0/")]


def test_stored_bytes_are_what_the_rows_say(account: None) -> None:
    job = finished()
    put_results(job)
    finalizer.take_in(message(job))
    for row in artifacts.of_job(job.job_id).values():
        blob = container(settings().artifacts_container).get_blob_client(str(row.blob))
        stored = blob.download_blob(decompress=False).readall()
        assert (codec.digest(stored), len(stored), len(codec.unpack(stored))) == (
            *(row.sha256, row.size, row.plain_size),
        )
        kind = blob.get_blob_properties().content_settings
        assert (kind.content_type, kind.content_encoding) == ("application/json", "gzip")


def test_the_parts_lie_where_their_artifact_says(account: None) -> None:
    job = finished()
    put_results(job)
    finalizer.take_in(message(job))
    (part,) = body(job, ArtifactType.PARTS)["parts"]
    assert set(part["tables"]) == {"hits", "pairs", "queries"}
    sizes = {blob.name: blob.size for blob in container(settings().artifacts_container).list_blobs()}
    for table in part["tables"].values():
        assert sizes[table["path"]] == table["size"]


def test_two_builds_of_the_same_input_are_equal_in_bytes(account: None) -> None:
    first, second = finished(), finished()
    bodies = []
    for job in (first, second):
        put_results(job)
        finalizer.take_in(message(job))
        one = json.dumps(
            [body(job, kind) for kind in ArtifactType if kind not in ("parts", "execution_steps")]
        )
        bodies.append(one.replace(job.job_id, "JOB"))
    assert bodies[0] == bodies[1]


def test_a_job_that_claims_success_without_results_waits_for_them(account: None) -> None:
    job = finished()
    assert finalizer.take_in(message(job)) == "failed"
    assert standing(job).error_code == "results_not_listable"
    assert artifacts.of_job(job.job_id) == {}
    assert finalizer.take_in(message(job)) == "busy"


def test_a_job_that_stays_without_results_is_published_as_not_complete(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_ATTEMPTS", "1")
    settings.cache_clear()
    job = finished()
    assert finalizer.take_in(message(job)) == "published"
    assert body(job, ArtifactType.MANIFEST)["complete"] is False


def test_a_failed_job_has_its_steps_and_manifest(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="failed", error={"code": "memory", "message": "killed", "exit_code": 137})
    assert finalizer.take_in(message(job)) == "published"
    assert body(job, ArtifactType.EXECUTION_STEPS)["error"]["code"] == "memory"
    assert body(job, ArtifactType.MANIFEST)["complete"] is False
    assert standing(job).status is SentinelStatus.READY


def test_a_job_that_is_not_terminal_gets_a_due_row_and_no_artifacts(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    assert finalizer.take_in(json.dumps({"job": job.job_id})) == "not_terminal"
    assert [work.kind for work in due.overdue(clock.later(1e6))] == [due.Kind.FINALIZE]
    assert sentinel.find(job.job_id) is None


@pytest.mark.parametrize("text", ["", "nonsense", "{}", '{"job": 1}', '{"job": "12345678", "owner": "me"}'])
def test_a_message_that_is_none_is_recorded_and_let_go(
    account: None, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert finalizer.take_in(text) == "malformed"
    assert "refused" in caplog.text


def test_a_deleted_or_unknown_job_is_left_alone(account: None) -> None:
    job = make_job(JobStatus.DELETED)
    assert finalizer.take_in(message(job)) == "gone"
    assert finalizer.take_in('{"job": "never-seen", "run": 1}') == "gone"


def test_a_build_that_fails_is_put_off_with_a_due_row_and_tried_again(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.01")
    settings.cache_clear()
    job = finished()
    put_results(job)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/var/folder/part.parquet")

    with monkeypatch.context() as patch:
        patch.setattr("blast_artifacts.views.build.build_planned", fail)
        assert finalizer.take_in(message(job)) == "failed"
    assert standing(job).error == "OSError: No space left on device"
    assert len(list(due.overdue(clock.later(1e6)))) == 2
    assert finalizer.take_in(message(job)) == "published"
    assert standing(job).attempts == 2


def test_nothing_is_published_by_a_claim_that_was_overtaken(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished()
    put_results(job)
    build = build_planned

    def overtaken(*arguments: Any, **options: Any) -> Any:
        built = build(*arguments, **options)
        sentinel.await_build(Job(**{**vars(job), "run": 2}))
        return built

    monkeypatch.setattr("blast_artifacts.views.build.build_planned", overtaken)
    assert finalizer.take_in(message(job)) == "lost"
    assert artifacts.of_job(job.job_id) == {}


def test_the_end_of_a_run_puts_one_message_on_the_artifacts_queue(account: None) -> None:
    finished()
    assert len(list(queue(settings().artifacts_queue).receive_messages())) == 1


def test_steps_that_end_after_the_job_are_told_by_one_more_build(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "1")
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    for name in ("submitting", "running"):
        tell(job, "step", step=name, state="started")
    put_results(job)
    tell(job, "terminal", status="completed")
    finalizer.finalize(stands(job))
    for name in ("submitting", "running", "running"):
        tell(job, "step", step=name, state="finished")
    assert finalizer.finalize(stands(job)) == "busy"
    until(lambda: finalizer.finalize(stands(job)) == "published")
    states = {step["step"]: step["state"] for step in body(job, ArtifactType.EXECUTION_STEPS)["steps"]}
    assert (states["submitting"], states["running"]) == ("finished", "finished")
    assert finalizer.finalize(stands(job)) == "settled"


def test_a_step_that_ends_while_the_build_is_published_is_not_lost(account: None) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "step", step="running", state="started")
    put_results(job)
    tell(job, "terminal", status="completed")
    late = once("$batch", lambda: tell(job, "step", step="running", state="finished"))
    with operations(before=late):
        assert finalizer.finalize(stands(job)) == "published"
    assert standing(job).status is SentinelStatus.PENDING


def published_error(job: Job) -> str | None:
    line: str | None = body(job, ArtifactType.EXECUTION_STEPS)["first_error_line"]
    return line


def published_state(job: Job, name: str) -> str:
    steps_told = body(job, ArtifactType.EXECUTION_STEPS)["steps"]
    return next(str(step["state"]) for step in steps_told if step["step"] == name)


def test_an_error_line_that_comes_after_the_end_is_told_by_one_more_build(quick: None) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="failed", error={"code": "unknown"})
    finalizer.finalize(stands(job))
    assert published_error(job) is None
    tell(job, "log", step="running", sequence=0, lines=["Error: no space left on device"])
    go_on(job)
    assert published_error(job) == "Error: no space left on device"


def test_what_comes_late_and_changes_nothing_that_is_told_builds_nothing(account: None) -> None:
    job = finished()
    put_results(job)
    finalizer.finalize(job)
    tell(job, "log", step="running", sequence=0, last=True, lines=["Error: it went on for all that"])
    assert standing(job).status is SentinelStatus.READY


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_step_is_told_wherever_the_end_and_the_build_of_the_job_come_between(
    quick: None, number: int
) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "step", step="running", state="started")

    def end() -> None:
        tell(job, "terminal", status="failed")
        finalizer.finalize(stands(job))

    with operations(before=at(number, lambda _: True, end)):
        tell(job, "step", step="running", state="finished")
    end()
    go_on(job)
    assert published_state(job, "running") == "finished"


def test_a_late_step_is_told_though_its_event_was_cut_off_and_came_again(quick: None) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "terminal", status="failed")
    finalizer.finalize(stands(job))
    with operations() as counted:
        tell(job, "step", step="preparing", state="finished")
    written = next(n for n, one in enumerate(counted.seen, 1) if not one.startswith("GET"))
    go_on(job)
    with pytest.raises(Stopped), operations(stop_after=written):
        tell(job, "step", step="running", state="finished")
    tell(job, "step", step="running", state="finished")
    go_on(job)
    assert published_state(job, "running") == "finished"


def test_a_time_line_whose_blob_is_gone_is_not_told(account: None) -> None:
    job = finished()
    put_results(job)
    finalizer.finalize(job)
    row = artifacts.find(job.job_id, ArtifactType.EXECUTION_STEPS)
    assert row is not None
    assert steps.is_told(job)
    artifacts._cache.clear()
    container(settings().artifacts_container).delete_blob(str(row.blob))
    assert not steps.is_told(job)


def test_the_message_of_a_builder_that_died_waits_for_its_lease(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "2")
    settings.cache_clear()
    job = finished()
    put_results(job)
    messages(settings().artifacts_queue)
    claims.claim(job)
    assert finalizer.take_in(message(job)) == "busy"
    outcomes: list[str] = []

    def has_come() -> bool:
        outcomes.extend(finalizer.take_in(text) for text in messages(settings().artifacts_queue))
        return bool(outcomes)

    until(has_come, 20)
    assert outcomes == ["published"]
