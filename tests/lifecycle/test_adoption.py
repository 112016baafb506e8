from __future__ import annotations

import pytest

from blast_artifacts.__main__ import main
from blast_artifacts.lifecycle import (
    adoption,
    artifacts,
    commands,
    events,
    finalizer,
    index,
    jobs,
    purge,
)
from blast_artifacts.lifecycle.adoption import NotAdopted
from blast_artifacts.terms import JobStatus
from shared import codec
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import PREFIX, blob_created, leave_run, make_job, put, put_results, stands, tell
from tests.operations import once, operations


@pytest.fixture(autouse=True)
def owner(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFAULT_OWNER", "local.lab")
    settings.cache_clear()


def listed() -> list[str]:
    return [job_id for _, job_id in index.entries("local.lab")]


def test_an_unmodified_run_becomes_a_job_with_artifacts() -> None:
    leave_run()
    assert events.take_in(blob_created(f"{PREFIX}metadata/SUCCESS.txt")) == "applied"
    (job_id,) = listed()
    job = jobs.get_summary(job_id)
    assert job is not None
    assert (job.status, job.owner, job.program, job.database) == (
        *(JobStatus.COMPLETED, "local.lab", "blastn", "pars"),
    )
    assert finalizer.finalize(job) == "published"
    row = artifacts.of_job(job_id)["result_aggregate"]  # type: ignore[index]
    aggregate = codec.from_json(codec.unpack(artifacts.stored_bytes(row)))
    assert (aggregate["totals"]["hsps"], aggregate["complete"]) == (59, True)


def test_the_same_marker_again_is_the_same_job() -> None:
    leave_run()
    for _ in range(3):
        events.take_in(blob_created(f"{PREFIX}metadata/SUCCESS.txt"))
    assert len(listed()) == 1


def test_a_failure_wins_over_a_success_whichever_comes_first() -> None:
    for number, order in enumerate([("SUCCESS", "FAILURE"), ("FAILURE", "SUCCESS")]):
        prefix = f"run-{number}/"
        for marker in order:
            leave_run(prefix, marker, b"blastn: out of memory" if marker == "FAILURE" else b"")
            events.take_in(blob_created(f"{prefix}metadata/{marker}.txt"))
        job = jobs.get_summary(listed()[0])
        assert job is not None
        assert (job.status, job.error) == (JobStatus.FAILED, "blastn: out of memory")


def test_an_empty_failure_marker_is_a_failure() -> None:
    leave_run(marker="FAILURE")
    events.take_in(blob_created(f"{PREFIX}metadata/FAILURE.txt"))
    job = jobs.get_summary(listed()[0])
    assert job is not None
    assert (job.status, job.error_code, job.error) == (JobStatus.FAILED, "pipeline", None)


def test_a_marker_of_our_own_run_ends_that_run() -> None:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    folder = job.results_prefix.partition("/")[2]
    assert events.take_in(blob_created(f"{folder}metadata/SUCCESS.txt")) == "applied"
    assert stands(job).status is JobStatus.COMPLETED
    assert listed() == []


def test_a_failure_marker_beside_a_reported_success_fails_the_run_and_its_artifacts_say_so() -> None:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    assert finalizer.finalize(stands(job)) == "published"
    folder = job.results_prefix.partition("/")[2]
    put(folder, metadata__FAILURE_dot_txt=b"disk full")
    events.take_in(blob_created(f"{folder}metadata/FAILURE.txt"))
    failed = stands(job)
    assert (failed.status, failed.error) == (JobStatus.FAILED, "disk full")
    assert finalizer.finalize(failed) == "published"
    assert not artifacts.of_job(job.job_id)["result_manifest"].complete  # type: ignore[index]


def test_a_marker_that_is_not_there_when_it_is_read_again_changes_nothing() -> None:
    assert events.take_in(blob_created(f"{PREFIX}metadata/SUCCESS.txt")) == "stale"
    assert listed() == []


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (f"{PREFIX}metadata/SUCCESS.txt.bak", None),
        (f"{PREFIX}metadata/batch_list.txt", None),
        ("metadata/SUCCESS.txt", None),
        (f"{PREFIX}SUCCESS.txt", None),
        (f"{PREFIX}metadata/SUCCESS.txt", "another-container"),
    ],
)
def test_other_blobs_are_not_our_concern(path: str, where: str | None) -> None:
    leave_run()
    assert events.take_in(blob_created(path, where)) == "stale"
    assert listed() == []


def test_nested_prefixes_are_refused() -> None:
    leave_run("a/b/")
    adoption.adopt("a/b/", "local.lab")
    leave_run("a/b/c/")
    with pytest.raises(NotAdopted, match="within results"):
        adoption.adopt("a/b/c/", "local.lab")
    leave_run("a/")
    with pytest.raises(NotAdopted, match="other results within"):
        adoption.adopt("a/", "local.lab")


@pytest.mark.parametrize("prefix", ["", "/", "x", "../x/", "a//b/", "a/./", "/a/"])
def test_what_is_no_folder_is_refused(prefix: str) -> None:
    with pytest.raises(NotAdopted):
        adoption.adopt(prefix, "local.lab")


def test_without_an_owner_nothing_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEFAULT_OWNER")
    settings.cache_clear()
    leave_run()
    assert events.take_in(blob_created(f"{PREFIX}metadata/SUCCESS.txt")) == "stale"


def test_what_was_deleted_is_not_adopted_again_and_its_results_stay() -> None:
    leave_run()
    job = adoption.adopt(PREFIX, "local.lab")
    commands.delete(job)
    purge.deleted(stands(job))
    with pytest.raises(NotAdopted, match="deleted"):
        adoption.adopt(PREFIX, "local.lab")
    assert len(list(container(settings().results_container).list_blob_names(name_starts_with=PREFIX))) == 4


def test_success_before_the_listing_waits_for_the_results() -> None:
    put(PREFIX, metadata__SUCCESS_dot_txt=b"", metadata__num_jobs_submitted_dot_txt=b"1")
    job = adoption.adopt(PREFIX, "local.lab")
    assert finalizer.finalize(job) == "failed"
    assert artifacts.of_job(job.job_id) == {}


def test_an_operator_adopts_older_results_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    leave_run()
    assert main(["adopt", PREFIX.rstrip("/"), "nothing/here", "--owner", "local.ann"]) == 3
    said = capsys.readouterr()
    ((_, job_id),) = index.entries("local.ann")
    assert said.out == f"{PREFIX.rstrip('/')}: job {job_id}, completed\n"
    assert "nothing/here: not adopted, it has neither SUCCESS.txt nor FAILURE.txt" in said.err
    assert main(["adopt", PREFIX, "--owner", "local.ann"]) == 0


@pytest.mark.parametrize("below", ["1/", "1/sub/", "9/"])
def test_what_lies_among_a_submitted_job_s_results_is_nobody_else_s(below: str) -> None:
    job = make_job(JobStatus.RUNNING, run=2)
    prefix = f"{job.job_id}/{below}"
    leave_run(prefix)
    assert events.take_in(blob_created(f"{prefix}metadata/SUCCESS.txt")) == "stale"
    with pytest.raises(NotAdopted, match="submitted here"):
        adoption.adopt(prefix, "local.lab")
    assert (stands(job), listed()) == (job, [])


def test_a_failure_that_is_found_while_a_build_runs_is_told_by_the_next() -> None:
    job = make_job(JobStatus.RUNNING)
    put_results(job)
    tell(job, "terminal", status="completed")
    folder = job.results_prefix.partition("/")[2]
    put(folder, metadata__FAILURE_dot_txt=b"disk full")
    flip = once("$batch", lambda: events.take_in(blob_created(f"{folder}metadata/FAILURE.txt")))
    with operations(before=flip):
        assert finalizer.finalize(stands(job)) == "published"
    assert stands(job).status is JobStatus.FAILED
    assert finalizer.finalize(stands(job)) == "published"
    assert not artifacts.of_job(job.job_id)["result_manifest"].complete  # type: ignore[index]
    assert finalizer.finalize(stands(job)) == "settled"
