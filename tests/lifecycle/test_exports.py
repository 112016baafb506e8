"""The life of a large export: asked for once, made once, healed, and gone with what it was made of."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    commands,
    due,
    exporter,
    exports,
    finalizer,
    messages,
    poison,
    purge,
    sentinel,
)
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.exports import Export
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus
from blast_artifacts.views.export import parse_export
from shared import clock, rows
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container, table
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.operations import Stopped, lose_reply, once, operations, stop_at
from tests.triggers.conftest import taken

PARAMS = {"table": "alignments", "format": "csv"}


@pytest.fixture
def job(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A published job; waits are short enough to be sat out."""
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.2")
    monkeypatch.setenv("LEASE_SECONDS", "0.3")
    monkeypatch.setenv("RENEWAL_SECONDS", "0.1")
    settings.cache_clear()
    job = make_job(JobStatus.RUNNING)
    put_results(job, batches=2)
    tell(job, "terminal", status="completed")
    assert finalizer.finalize(stands(job)) == "published"
    taken()
    return stands(job)


def change(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()


def parts_of(job: Job) -> Artifact:
    found = artifacts.find(job.job_id, ArtifactType.PARTS)
    assert found is not None
    return found


def key_of(job: Job, **params: str) -> str:
    return exports.key_of(parts_of(job).fingerprint, parse_export({**PARAMS, **params}).key)


def ask(job: Job, **params: str) -> Export:
    return exports.ask(job.job_id, parts_of(job), key_of(job, **params), {**PARAMS, **params})


def standing(job: Job, **params: str) -> Export:
    found = exports.find(job.job_id, key_of(job, **params))
    assert found is not None
    return found


def make_all() -> list[str]:
    return [finalizer.take_in(message) for message in taken()]


def made_after_asking(job: Job) -> list[str]:
    """What becomes of the messages that come first, while somebody asks again and again."""
    while not (sent := taken()):
        ask(job)
    return [finalizer.take_in(message) for message in sent]


def come() -> list[str]:
    """What becomes of the messages that come by themselves."""
    while not (sent := taken()):
        time.sleep(0.05)
    return [finalizer.take_in(message) for message in sent]


def file(job: Job) -> bytes:
    blob = container(settings().artifacts_container).download_blob(str(standing(job).blob))
    return bytes(blob.readall())


def exported_blobs(job: Job) -> list[str]:
    names = container(settings().artifacts_container).list_blob_names(name_starts_with=f"{job.job_id}/")
    return [name for name in names if "/exports/" in name]


def after(moment: str | None) -> None:
    """Wait until that moment has passed."""
    assert moment is not None
    while clock.to_text(clock.now()) <= moment:
        pass


def test_many_who_ask_at_once_enqueue_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "RETRY_BASE_SECONDS", "60")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ask(job), range(8)))
    assert {export.status for export in found} == {ArtifactState.PENDING}
    assert make_all() == ["made"]
    assert ask(job).status is ArtifactState.READY
    assert file(job).count(b"\n") == 119
    assert taken() == []


def test_a_second_message_makes_nothing_twice(job: Job) -> None:
    ask(job)
    (message,) = taken()
    assert [finalizer.take_in(message) for _ in range(2)] == ["made", "settled"]
    assert len(exported_blobs(job)) == 1


def test_a_message_that_is_lost_is_sent_again_later_and_later(job: Job) -> None:
    began = str(ask(job).asked_at)
    assert len(taken()) == 1
    sent: list[datetime] = []
    while len(sent) < 3:
        ask(job)
        if taken():
            sent.append(clock.from_text(str(standing(job).asked_at)))
    waits = [(one - other).total_seconds() for other, one in pairwise([clock.from_text(began), *sent])]
    assert [wait >= least for wait, least in zip(waits, (0.2, 0.4, 0.8), strict=True)] == [True] * 3
    assert standing(job).attempts == 0


def test_what_fails_each_time_is_failed_for_good_until_the_next_build(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, "MAX_ATTEMPTS", "2")
    monkeypatch.setattr(exporter, "write_export", lambda *_: 1 / 0)
    for attempt in (1, 2):
        assert "failed" in made_after_asking(job)
        put_off = standing(job)
        assert (put_off.status, put_off.attempts) == (ArtifactState.PENDING, attempt)
        assert ask(job) == put_off, "nobody is asked before the back-off has passed"
    assert "failed" in made_after_asking(job)
    failed = ask(job)
    assert (failed.status, failed.error_code) == (ArtifactState.FAILED, "attempts_exhausted")
    assert "ZeroDivisionError" in str(failed.error)
    monkeypatch.undo()
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    taken()
    assert ask(job).status is ArtifactState.PENDING
    assert make_all() == ["made"]


def test_what_takes_longer_than_a_build_may_is_failed_and_leaves_nothing(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, "BUILD_DEADLINE_SECONDS", "0.000001")
    ask(job)
    assert make_all() == ["failed"]
    failed = ask(job)
    assert (failed.status, failed.error_code) == (ArtifactState.FAILED, "time_budget")
    assert exported_blobs(job) == []


def test_storage_that_does_not_answer_is_no_empty_file(job: Job) -> None:
    class Broken(Exception):
        pass

    def refuse(operation: str) -> None:
        if operation.startswith("PUT") and "/exports/" in operation:
            raise Broken

    ask(job)
    with operations(before=refuse):
        assert make_all() == ["failed"]
    assert ask(job).status is ArtifactState.PENDING
    assert exported_blobs(job) == []
    assert "made" in made_after_asking(job)


def test_the_message_of_an_export_put_off_comes_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(job)
    with monkeypatch.context() as patch:
        patch.setattr(exporter, "write_export", lambda *_: 1 / 0)
        assert make_all() == ["failed"]
    assert come() == ["made"]


def test_a_message_that_meets_a_lease_comes_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "LEASE_SECONDS", "2")
    ask(job)
    with operations(before=stop_at("/exports/")), pytest.raises(Stopped):
        make_all()
    assert (standing(job).lease_until is not None, standing(job).attempts) == (True, 1)
    messages.send_export(job.job_id, job.run, key_of(job))
    assert make_all() == ["busy"], "its builder may live"
    assert come() == ["made"], "without the timer, and though nobody asks"


def lapse(job: Job) -> None:
    """The lease of whoever is at the export is over."""
    row = rows.find(table(settings().job_artifact_table), job.job_id, key_of(job))
    if row and row.get("lease_until"):
        values = {**row.values, "lease_until": clock.to_text(clock.later(-1))}
        rows.replace(table(settings().job_artifact_table), row, values)


def test_a_builder_that_stops_anywhere_is_followed_by_one_that_makes_it(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, "LEASE_SECONDS", "600")
    change(monkeypatch, "RENEWAL_SECONDS", "200")
    for _ in range(2):  # the tables are fetched the first time
        exports.purge(job.job_id, ())
        ask(job)
        (message,) = taken()
        with operations() as counted:
            assert finalizer.take_in(message) == "made"
    for stop in range(1, len(counted) + 1):
        exports.purge(job.job_id, ())
        ask(job)
        (message,) = taken()
        with operations(stop_after=stop), pytest.raises(Stopped):
            finalizer.take_in(message)
        lapse(job)
        if ask(job).status is not ArtifactState.READY:
            while not (sent := taken()):
                ask(job)
            assert "made" in [finalizer.take_in(one) for one in sent]
        assert file(job).count(b"\n") == 119


def test_a_lost_reply_to_the_last_write_is_no_failure(job: Job) -> None:
    ask(job)
    (message,) = taken()
    key = key_of(job).removeprefix(exports.PREFIX)
    seen: list[str] = []

    def lose_second(operation: str) -> None:
        if operation.startswith("PUT") and key in operation and "exports/" not in operation:
            seen.append(operation)
            if len(seen) == 2:
                lose_reply("")(operation)

    with operations(after=lose_second):
        assert finalizer.take_in(message) == "made"
    assert ask(job).status is ArtifactState.READY


def test_a_job_that_is_deleted_meanwhile_keeps_nothing(job: Job) -> None:
    ask(job)
    (message,) = taken()
    with operations(before=once("/exports/", lambda: commands.delete(job))):
        assert finalizer.take_in(message) == "lost"
    assert list(exports.of_job(job.job_id)) == []
    assert exported_blobs(job) == []
    assert finalizer.take_in(message) == "gone"


def test_a_retry_takes_the_exports_of_the_run_before_with_it(job: Job) -> None:
    ask(job)
    (message,) = taken()
    assert finalizer.take_in(message) == "made"
    assert sentinel.start_run(replace(job, run=2))
    assert list(exports.of_job(job.job_id)) == []
    assert finalizer.take_in(message) == "gone"


def test_a_rebuild_keeps_the_export_of_the_same_results_and_of_no_others(job: Job) -> None:
    ask(job)
    assert make_all() == ["made"]
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    taken()
    assert ask(job).status is ArtifactState.READY

    ask(job, format="tsv")
    (late,) = taken()
    container_name, _, folder = job.results_prefix.partition("/")
    container(container_name).delete_blob(f"{folder}batch_001-blastn-nt.out.gz")
    container(container_name).upload_blob(f"{folder}metadata/num_jobs_submitted.txt", b"1", overwrite=True)
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    taken()
    assert finalizer.take_in(late) == "superseded"
    assert ask(job).status is ArtifactState.PENDING
    assert make_all() == ["made"]
    assert file(job).count(b"\n") == 60

    purge.superseded(job.job_id, job.run)
    (row,) = exports.of_job(job.job_id)
    assert exported_blobs(job) == [row.get("blob")]
    assert file(job).count(b"\n") == 60


def test_an_export_whose_blob_is_gone_is_made_again(job: Job) -> None:
    ask(job)
    assert make_all() == ["made"]
    container(settings().artifacts_container).delete_blob(str(standing(job).blob))
    assert ask(job).status is ArtifactState.PENDING
    assert make_all() == ["made"]
    assert file(job).count(b"\n") == 119


def test_a_part_that_is_gone_is_written_into_its_row_and_the_export_waits(job: Job) -> None:
    ask(job)
    blobs = container(settings().artifacts_container)
    for name in list(blobs.list_blob_names(name_starts_with=f"{job.job_id}/")):
        if name.endswith(".parquet"):
            blobs.delete_blob(name)
    assert make_all() == ["failed"]
    assert parts_of(job).status is ArtifactState.MISSING
    assert standing(job).status is ArtifactState.PENDING
    assert exported_blobs(job) == []


def test_the_timer_gives_up_what_was_kept_long_enough(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "EXPORT_KEEP_SECONDS", "0.3")
    made_at = clock.from_text(ask(job).created_at)
    assert make_all() == ["made"]
    after(clock.to_text(made_at + timedelta(seconds=0.3)))
    backfill.run()
    assert list(exports.of_job(job.job_id)) == []
    assert exported_blobs(job) == []
    assert parts_of(job).status is ArtifactState.READY


def test_a_job_keeps_only_so_many_exports(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "EXPORTS_PER_JOB", "2")
    for form in ("csv", "tsv"):
        ask(job, format=form)
    with pytest.raises(AppError) as refused:
        ask(job, format="jsonl")
    assert refused.value.code == "too_many_exports"
    assert make_all() == ["made", "made"]
    monkeypatch.setattr(exports, "_FETCHED_AFTER", -1.0)
    ask(job, format="jsonl")
    assert len(list(exports.of_job(job.job_id))) == 2
    assert exports.find(job.job_id, key_of(job, format="csv")) is None
    assert len(exported_blobs(job)) == 1


def test_an_export_whose_builder_died_is_made_though_nobody_asks_again(job: Job) -> None:
    ask(job)
    (message,) = taken()
    with operations(before=stop_at("/exports/")), pytest.raises(Stopped):
        finalizer.take_in(message)
    dead = standing(job)
    assert (dead.status, dead.attempts) == (ArtifactState.PENDING, 1)
    while standing(job).status is ArtifactState.PENDING:
        backfill.run()
        assert set(make_all()) <= {"made", "busy"}
    assert file(job).count(b"\n") == 119
    while any(work.kind is due.Kind.EXPORT for work in due.overdue(clock.later(1e6))):
        backfill.run()
        assert taken() == []


def test_the_timer_asks_for_no_export_that_is_made_or_being_made(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "60")  # not to lapse on a busy machine
    settings.cache_clear()
    ask(job)
    (message,) = taken()

    def tick() -> None:
        after(clock.to_text(due.soon()))
        backfill.run()
        assert taken() == []

    with operations(before=once("/exports/", tick)):
        assert finalizer.take_in(message) == "made"
    assert not exports.ask_again(job.job_id, job.run)


def test_a_poisoned_message_is_left_to_the_timer(job: Job) -> None:
    ask(job)
    (message,) = taken()
    assert poison.take_in_finalize(message) == "left"
    assert taken() == []


def test_a_claim_is_lost_to_nobody_while_it_is_renewed(job: Job) -> None:
    ask(job)
    (message,) = taken()
    seen: list[str] = []

    def other() -> None:
        began = clock.now()
        while (clock.now() - began).total_seconds() < 2 * settings().lease_seconds:
            pass
        seen.append(finalizer.take_in(message))

    with operations(before=once("/exports/", other)):
        assert finalizer.take_in(message) == "made"
    assert seen == ["busy"]


def test_a_process_that_stops_before_the_message_is_asked_to_send_it_again(job: Job) -> None:
    with operations(before=stop_at("/messages")), pytest.raises(Stopped):
        ask(job)
    assert taken() == []
    while not taken():
        ask(job)
