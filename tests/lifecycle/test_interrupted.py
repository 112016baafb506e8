"""Whatever changes a job, stopped after each of its storage operations in turn.

Wherever it stops, the timer and the queues bring the job to the state that it would have reached without
the stop.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from blast_artifacts.lifecycle import (
    adoption,
    artifacts,
    backfill,
    commands,
    due,
    finalizer,
    index,
    jobs,
    sentinel,
)
from blast_artifacts.lifecycle.due import Kind
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.submit import submit
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.settings import settings
from shared.storage import container, queue
from tests.lifecycle.makers import leave_run, make_job, put_results, stands, tell
from tests.lifecycle.roads import asked, go_on, lose_due_rows, make_everything, waiting
from tests.operations import Stopped, operations

BODY = json.dumps({"program": "blastn", "database": "nt", "query": ">a\nACGT\n"}).encode()


@pytest.fixture
def soon(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything comes due at once, and nothing has to be made on first use."""
    for name in ("RETRY_BASE_SECONDS", "SUBMIT_RESUME_SECONDS", "DELETED_PURGE_SECONDS"):
        monkeypatch.setenv(name, "0.001")
    settings.cache_clear()
    make_everything()


def let_the_timer_run(times: int = 6) -> None:
    for _ in range(times):
        backfill.run()
        time.sleep(0.005)  # longer than the back-offs of these runs, whatever the emulator's pace


def state_of(job_id: str) -> dict[str, Any]:
    """All that storage knows of a job, without times and tokens."""
    given = settings()
    job, standing = jobs.get_summary(job_id), sentinel.find(job_id)
    names = (
        *(given.artifacts_container, given.payloads_container),
        given.queries_container,
        given.results_container,
    )
    return {
        "job": job and (job.status, job.run, job.program, job.results_prefix, job.error_code, job.phase),
        "sentinel": standing and (standing.status, standing.run, standing.attempts),
        "artifacts": sorted(artifacts.of_job(job_id)),
        "blobs": [sorted(n for n in container(name).list_blob_names() if job_id in n) for name in names],
        "listed": [listed for _, listed in index.entries("local.ann") if listed == job_id],
        "told": told(job_id),
        "due": sorted({work.kind for work in due.overdue(clock.later(1e6)) if work.job_id == job_id}),
    }


def told(job_id: str) -> list[tuple[str, int]]:
    """What the pipeline was told of the job, each message once: it drops repeats."""
    messages = queue(settings().submit_queue).receive_messages(visibility_timeout=1)
    bodies = [json.loads(base64.b64decode(message.content)) for message in messages]
    return sorted({(body["kind"], body["run"]) for body in bodies if body["job"] == job_id})


def operations_of(act: Callable[[], object]) -> int:
    """How many operations an act takes once the emulator has its tables, containers and queues."""
    act()
    with operations() as counted:
        act()
    return len(counted)


def finished() -> Job:
    job = submit("local.ann", BODY)
    put_results(job)
    tell(job, "terminal", status="completed")
    finalizer.finalize(stands(job))
    return stands(job)


def test_a_stopped_submit_is_finished_or_as_if_it_had_never_been(soon: None) -> None:
    count = operations_of(lambda: submit("local.ann", BODY))
    whole = submit("local.ann", BODY)
    let_the_timer_run()
    expected = json.dumps(state_of(whole.job_id)).replace(whole.job_id, "JOB")
    finished_from = []
    for number in range(1, count + 1):
        lose_due_rows()
        with pytest.raises(Stopped), operations(stop_after=number):
            submit("local.ann", BODY)
        ((job_id, _),) = waiting()
        let_the_timer_run()
        if jobs.get_summary(job_id):
            finished_from.append(number)
            assert json.dumps(state_of(job_id)).replace(job_id, "JOB") == expected, number
        else:
            left = state_of(job_id)
            nothing: Any = ([[], [], [], []], [], [], [])
            assert (left["blobs"], left["told"], left["due"], left["listed"]) == nothing, number
    assert finished_from == list(range(4, count + 1)), "from the request blob on, a submit is kept"


def test_a_stopped_submit_with_a_key_is_finished_by_its_repeat(soon: None) -> None:
    def again(key: str) -> Job:
        return submit("local.ann", BODY, key)

    keys = iter(("first", "second"))
    count = operations_of(lambda: again(next(keys)))
    whole = again("first")
    let_the_timer_run()
    expected = json.dumps(state_of(whole.job_id)).replace(whole.job_id, "JOB")
    for number in range(1, count + 1):
        lose_due_rows()
        key = f"key-{number}"
        with pytest.raises(Stopped), operations(stop_after=number):
            again(key)
        job = again(key)
        let_the_timer_run()
        assert json.dumps(state_of(job.job_id)).replace(job.job_id, "JOB") == expected, number


@pytest.mark.parametrize("command", [commands.retry, commands.delete])
def test_a_stopped_command_is_finished_by_the_timer(soon: None, command: Callable[[Job], Any]) -> None:
    whole = finished()
    with operations() as counted:
        command(whole)
    let_the_timer_run()
    expected = json.dumps(state_of(whole.job_id)).replace(whole.job_id, "JOB")
    begun = next(n for n, operation in enumerate(counted.seen, 1) if not operation.startswith("GET"))
    for number in range(begun, len(counted) + 1):
        lose_due_rows()
        job = finished()
        with pytest.raises(Stopped), operations(stop_after=number):
            command(job)
        let_the_timer_run()
        left = json.dumps(state_of(job.job_id)).replace(job.job_id, "JOB")
        assert without_builds(left) == without_builds(expected), (number, counted.seen[number - 1])


def without_builds(state: str) -> Any:
    """The state with each build's token left out of its blobs' names."""
    found = json.loads(state)
    found["blobs"][0] = sorted({"/".join(name.split("/")[:2]) for name in found["blobs"][0]})
    return found


def test_a_stopped_end_is_finished_by_timer_and_queue(soon: None) -> None:
    """The event comes again only where the job's row does not tell of the end yet."""

    def running() -> Job:
        job = make_job(JobStatus.RUNNING)
        put_results(job)
        return job

    whole = running()
    with operations() as counted:
        tell(whole, "terminal", status="completed")
    go_on(whole)
    expected = json.dumps(state_of(whole.job_id)).replace(whole.job_id, "JOB")
    for number in range(1, len(counted) + 1):
        job = running()
        with pytest.raises(Stopped), operations(stop_after=number):
            tell(job, "terminal", status="completed")
        if not stands(job).is_terminal:
            tell(job, "terminal", status="completed")
        go_on(job)
        left = json.dumps(state_of(job.job_id)).replace(job.job_id, "JOB")
        assert without_builds(left) == without_builds(expected), (number, counted.seen[number - 1])


def test_a_stopped_adoption_is_finished_by_the_timer(soon: None) -> None:
    leave_run("whole/")
    with operations() as counted:
        whole = adoption.adopt("whole/", "local.ann")
    let_the_timer_run(2)
    guarded = next(n for n, operation in enumerate(counted.seen, 1) if due.PARTITION in operation)
    for number in range(guarded, len(counted) + 1):
        lose_due_rows()
        prefix = f"cut-{number}/"
        leave_run(prefix)
        with pytest.raises(Stopped), operations(stop_after=number):
            adoption.adopt(prefix, "local.ann")
        let_the_timer_run(2)
        job = adopted(prefix)
        assert (job.status, job.program) == (whole.status, whole.program), counted.seen[number - 1]
        assert [job_id for _, job_id in index.entries("local.ann")].count(job.job_id) == 1
        assert job.job_id in asked()
        assert (job.job_id, Kind.FINALIZE) in waiting()


def adopted(prefix: str) -> Job:
    found = [jobs.get_summary(job_id) for _, job_id in index.entries("local.ann")]
    (job,) = {job for job in found if job and job.results_prefix.endswith(f"/{prefix}")}
    return job


def test_a_stopped_rebuild_is_asked_for_by_the_timer_once_its_sentinel_is_open(soon: None) -> None:
    whole = finished()
    with operations() as counted:
        commands.rebuild(whole)
    for number in range(len(counted) - 1, len(counted) + 1):
        job = finished()
        go_on(job)
        with pytest.raises(Stopped), operations(stop_after=number):
            commands.rebuild(job)
        asked()
        let_the_timer_run(2)
        assert job.job_id in asked()


def test_a_stopped_cancel_is_finished_by_the_timer(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANCEL_TIMEOUT", "0.001")
    settings.cache_clear()
    whole = make_job(JobStatus.RUNNING)
    with operations() as counted:
        commands.cancel(whole)
    for number in range(1, len(counted) + 1):
        lose_due_rows()
        job = make_job(JobStatus.RUNNING)
        with pytest.raises(Stopped), operations(stop_after=number):
            commands.cancel(job)
        begun = stands(job).status is JobStatus.CANCELLING
        let_the_timer_run(2)
        assert stands(job).status is (JobStatus.CANCELLED if begun else JobStatus.RUNNING), number
        assert (("cancel", 1) in told(job.job_id)) == begun


Work = tuple[str, Callable[[], bool]]


def a_build_to_ask_for() -> Work:
    job = make_job(JobStatus.COMPLETED)
    due.schedule(Kind.FINALIZE, job.job_id, 1, clock.now())
    return job.job_id, lambda: job.job_id in asked() and (job.job_id, Kind.FINALIZE) in waiting()


def a_submit_to_resume() -> Work:
    with pytest.raises(Stopped), operations(stop_after=SUBMIT_STORED):
        submit("local.ann", BODY)
    ((_, job_id), *_) = index.entries("local.ann")
    return job_id, lambda: told(job_id) == [("search", 1)] and (job_id, Kind.FINALIZE) in waiting()


def a_build_to_purge() -> Work:
    job = make_job(JobStatus.COMPLETED)
    container(settings().artifacts_container).upload_blob(f"{job.job_id}/1/dead/parts.json.gz", b"x")
    due.schedule(Kind.PURGE, job.job_id, 1, clock.now())
    return job.job_id, lambda: state_of(job.job_id)["blobs"][0] == []


SUBMIT_STORED = 4


@pytest.mark.parametrize("leave", [a_build_to_ask_for, a_submit_to_resume, a_build_to_purge])
def test_a_timer_that_is_stopped_leaves_the_work_to_the_next(soon: None, leave: Callable[[], Work]) -> None:
    leave()
    with operations() as counted:
        backfill.run()
    asked()
    for number in range(1, len(counted) + 1):
        lose_due_rows()
        _, is_done = leave()
        with pytest.raises(Stopped), operations(stop_after=number):
            backfill.run()
        let_the_timer_run(2)
        assert is_done(), (number, counted.seen[number - 1])
