from __future__ import annotations

import time
from functools import partial

import pytest

from blast_artifacts.__main__ import main
from blast_artifacts.lifecycle import (
    adoption,
    artifacts,
    backfill,
    commands,
    events,
    finalizer,
    index,
    jobs,
    live,
    purge,
)
from blast_artifacts.lifecycle.adoption import NotAdopted, Undecided
from blast_artifacts.terms import ArtifactType, JobStatus
from shared import codec
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import PREFIX, blob_created, leave_run, make_job, put, put_results, stands, tell
from tests.lifecycle.roads import lose_due_rows, make_everything
from tests.operations import Stopped, at, once, operations, stop_at


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


def test_two_markers_at_once_are_one_entry_of_the_list() -> None:
    """Whichever claims the prefix first fixes the time that the entry's place follows from."""
    leave_run()
    time.sleep(1.1)  # Storage tells a blob's time in whole seconds.

    def fail_too() -> None:
        leave_run(marker="FAILURE", text=b"disk full")
        events.take_in(blob_created(f"{PREFIX}metadata/FAILURE.txt"))

    with operations(before=once("$batch", fail_too)):
        assert events.take_in(blob_created(f"{PREFIX}metadata/SUCCESS.txt")) == "applied"
    (job_id,) = listed()
    job = jobs.get_summary(job_id)
    assert job is not None
    assert job.status is JobStatus.FAILED


def test_two_who_adopt_at_once_get_one_job_of_the_first() -> None:
    leave_run()
    with operations(before=once("$batch", lambda: adoption.adopt(PREFIX, "local.eve"))):
        job = adoption.adopt(PREFIX, "local.lab")
    assert job.owner == "local.lab"
    assert (len(listed()), list(index.entries("local.eve"))) == (1, [])


def is_job(prefix: str) -> bool:
    full = f"{settings().results_container}/{prefix}"
    return any((job := jobs.get_summary(one)) and job.results_prefix == full for one in listed())


OUTER, INNER = "a/", "a/b/c/"


def left(prefix: str) -> str:
    """The event of a run that has just been left there."""
    leave_run(prefix)
    return blob_created(f"{prefix}metadata/SUCCESS.txt")


def appear(prefix: str) -> None:
    events.take_in(left(prefix))


def is_step(operation: str) -> bool:
    """Of an adoption: a write, or a look at who has claimed a prefix."""
    return "'prefix'" in operation or not operation.startswith(("GET", "HEAD"))


@pytest.mark.parametrize(("first", "second"), [(OUTER, INNER), (INNER, OUTER)])
def test_of_two_runs_one_within_the_other_one_is_adopted(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    """The second appears, and is adopted, before each step of the first's adoption in turn."""
    for name in ("RETRY_BASE_SECONDS", "RETRY_CAP_SECONDS"):
        monkeypatch.setenv(name, "0.001")
    settings.cache_clear()
    make_everything()
    with operations() as counted:
        events.take_in(left(f"warm/{first}"))
    steps = list(filter(is_step, counted.seen))
    listed_at = next(n for n, step in enumerate(steps, 1) if "$batch" in step)
    for number in range(1, listed_at + 1):
        lose_due_rows()
        other = partial(appear, f"{number}/{second}")
        event = left(f"{number}/{first}")
        with operations(before=at(number, is_step, other)):
            events.take_in(event)
        for _ in range(3):
            backfill.run()
        adopted = [prefix for prefix in (first, second) if is_job(f"{number}/{prefix}")]
        assert len(adopted) == 1, (adopted, steps[number - 1])


def test_what_another_run_leaves_within_an_adopted_prefix_is_not_read() -> None:
    leave_run("o/")
    job = adoption.adopt("o/", "local.lab")
    leave_run("o/in/")
    put("o/deeper/run/", batch_000_dot_out=b"a\tb\n", metadata__batch_list_dot_txt=b"x")
    seen = live.read(job, ArtifactType.AGGREGATE)
    assert finalizer.finalize(job) == "published"
    row = artifacts.of_job(job.job_id)[ArtifactType.AGGREGATE]
    stored = codec.unpack(artifacts.stored_bytes(row))
    aggregate = codec.from_json(stored)
    assert (aggregate["totals"]["hsps"], aggregate["sources"]["files"]) == (59, 1)
    assert seen == stored


def test_a_run_whose_metadata_lie_deeper_is_read_whole() -> None:
    job = make_job(JobStatus.RUNNING)
    folder = job.results_prefix.partition("/")[2]
    leave_run(f"{folder}job-0123/")
    tell(job, "terminal", status="completed")
    assert finalizer.finalize(stands(job)) == "published"
    assert artifacts.of_job(job.job_id)[ArtifactType.AGGREGATE].complete


def test_what_is_being_adopted_is_no_reason_to_refuse_what_lies_within_for_good() -> None:
    leave_run("o/")
    with pytest.raises(Stopped), operations(after=stop_at(settings().job_index_table)):
        adoption.adopt("o/", "local.lab")
    leave_run("o/in/")
    with pytest.raises(Undecided):
        adoption.adopt("o/in/", "local.lab")
    with pytest.raises(NotAdopted, match="other results within"):
        adoption.adopt("o/", "local.lab")
    assert adoption.adopt("o/in/", "local.lab").status is JobStatus.COMPLETED
