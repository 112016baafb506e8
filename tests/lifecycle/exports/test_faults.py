"""Exports amid faults: made once all the same, or failed with a reason, and nothing left over."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import Mock

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
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState
from shared import clock
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.exports.exporting import (
    after,
    ask,
    change,
    come,
    exported_blobs,
    file,
    key_of,
    lapse,
    made_after_asking,
    make_all,
    parts_of,
    standing,
)
from tests.operations import Stopped, lose_reply, once, operations, stop_at
from tests.triggers.conftest import taken


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


@pytest.mark.parametrize("lag", [-3600, 3600])
def test_a_builder_whose_clock_is_wrong_keeps_nobody_waiting(
    job: Job, monkeypatch: pytest.MonkeyPatch, lag: float
) -> None:
    ask(job)
    with monkeypatch.context() as patch:
        now = clock.now
        patch.setattr(clock, "now", lambda: now() - timedelta(seconds=lag))
        with operations(before=stop_at("/exports/")), pytest.raises(Stopped):
            make_all()
    began = clock.now()
    assert "made" in made_after_asking(job)
    assert clock.now() - began < timedelta(minutes=1)


def test_what_was_put_off_by_a_wrong_clock_is_not_put_off_by_who_asks_again(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(job)
    with monkeypatch.context() as patch:
        now = clock.now
        patch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
        patch.setattr(exporter, "write_export", lambda *_: 1 / 0)
        assert make_all() == ["failed"]
    while standing(job).asks == 1:
        ask(job)
    assert standing(job).seconds_left(clock.now()) == 0


def test_a_file_that_no_row_names_is_purged_once_nobody_can_be_writing_it(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(job)
    (message,) = taken()
    with monkeypatch.context() as patch:
        patch.setattr(exporter._Claim, "settle", Mock(side_effect=Stopped))
        with pytest.raises(Stopped):
            finalizer.take_in(message)
    (lost,) = exported_blobs(job)
    assert "made" in made_after_asking(job)
    purge.superseded(job.job_id, job.run)
    assert lost in exported_blobs(job), "somebody might still be at it"
    change(monkeypatch, "DELETED_PURGE_SECONDS", "0.001")
    purge.superseded(job.job_id, job.run)
    assert exported_blobs(job) == [standing(job).blob]


def test_an_export_that_is_given_up_while_it_fails_is_lost(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(job)

    def give_up(*_: object) -> None:
        exports.purge(job.job_id, ())
        raise OSError("storage was away")

    monkeypatch.setattr(exporter, "write_export", give_up)
    assert make_all() == ["lost"]
    assert list(exports.of_job(job.job_id)) == []


def test_an_export_waits_for_tables_that_are_built_anew(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "MAX_ATTEMPTS", "1")
    ask(job)
    artifacts.mark_missing(job.job_id, parts_of(job))
    (message,) = taken()
    assert [finalizer.take_in(message) for _ in range(3)] == ["waiting"] * 3
    assert standing(job).attempts == 0
    (asked,) = taken()
    assert finalizer.take_in(asked) == "published", "the tables are asked for once"
    assert finalizer.take_in(message) == "made"
