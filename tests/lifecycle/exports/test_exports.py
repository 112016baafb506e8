"""The life of a large export: asked for once, made once, and gone with what it was made of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from blast_artifacts.lifecycle import (
    backfill,
    commands,
    exports,
    finalizer,
    purge,
    sentinel,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState
from shared import clock
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.exports.exporting import (
    after,
    ask,
    change,
    exported_blobs,
    file,
    key_of,
    make_all,
    parts_of,
    standing,
)
from tests.operations import once, operations
from tests.triggers.conftest import taken


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
