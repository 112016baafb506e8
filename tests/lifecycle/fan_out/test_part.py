"""A part of a fanned-out build: finished once, asked for anew when overdue, given up with its reason."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from blast_artifacts.lifecycle import (
    backfill,
    checkpoints,
    claims,
    due,
    fan_out,
    finalizer,
    messages,
    part_builder,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import BuildPart
from blast_artifacts.terms import ArtifactState, ArtifactType, SentinelStatus
from blast_artifacts.views import build as views
from shared import clock
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.fan_out.several_parts import (
    body,
    drained,
    ended,
    stalled,
    standing,
    take_in,
    whole,
    work,
)
from tests.lifecycle.roads import go_on
from tests.local.host.running import until
from tests.operations import Stopped, operations, stop_at


def test_two_who_finish_the_same_part_count_once() -> None:
    job = ended()
    finalizer.finalize(job)
    first, *others = work()
    assert stalled(first) == "lost"
    over = checkpoints.done(job.job_id, first["build"])
    assert list(over) == [0]
    assert [take_in(message) for message in others] == ["built", "built"]
    assert drained()[-1] == "published"
    whole(job)
    assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 295


def test_a_file_that_changed_after_the_plan_costs_its_part_and_no_other() -> None:
    job = ended()
    finalizer.finalize(job)
    container_name, _, folder = job.results_prefix.partition("/")
    results = container(container_name)
    results.upload_blob(f"{folder}batch_002-blastn-nt.out.gz", b"another", overwrite=True)
    assert drained() == ["built", "failed", "built", "published"]
    whole(job)
    manifest = body(job, ArtifactType.MANIFEST)
    assert manifest["complete"] is False
    states = [(file["state"], file["reason"]) for file in manifest["files"]]
    assert states == [("read", None)] * 2 + [("unreadable", "part_failed")] * 2 + [("read", None)]
    warning = next(one for one in manifest["warnings"] if one["code"] == "part_failed")
    assert "batch_002-blastn-nt.out.gz was written anew, or removed" in warning["text"]
    assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 3 * 59


def test_a_file_that_vanished_after_the_plan_costs_its_part() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    container_name, _, folder = job.results_prefix.partition("/")
    container(container_name).delete_blob(f"{folder}batch_002-blastn-nt.out.gz")
    assert drained() == ["built", "failed", "published"]
    (warning,) = (one for one in body(job, ArtifactType.MANIFEST)["warnings"] if one["code"] == "part_failed")
    assert "batch_002-blastn-nt.out.gz was written anew, or removed" in warning["text"]


def test_a_part_that_fails_too_often_is_given_up_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    build = views.build_part

    def fail(search: Any, plan: Any, number: int, *others: Any) -> Any:
        if number == 1:
            raise MemoryError("no memory is left")
        return build(search, plan, number, *others)

    monkeypatch.setattr(views, "build_part", fail)
    go_on(job)
    whole(job)
    warnings = {one["code"]: one["text"] for one in body(job, ArtifactType.AGGREGATE)["warnings"]}
    assert "5 attempts failed; the last: MemoryError" in warnings["part_failed"]
    assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 2 * 59


def test_a_part_whose_builder_dies_each_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "0.1")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    first, second = work()
    take_in(first)
    for _ in range(5):
        with pytest.raises(Stopped), operations(before=stop_at("parquet")):
            until(lambda: take_in(second) != "busy")
    until(lambda: take_in(second) != "busy")
    assert checkpoints.done(job.job_id, second["build"])[1].status is ArtifactState.FAILED
    assert "published" in drained()
    (text,) = (one["text"] for one in body(job, ArtifactType.MANIFEST)["warnings"] if "part" in one["code"])
    assert "5 attempts failed; the last: the process died" in text


def test_the_timer_sends_overdue_parts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended()
    finalizer.finalize(job)
    first, second, third = work()
    assert take_in(first) == "built"
    held = checkpoints.find_todo(job.job_id, first["build"], second["part"])
    assert held is not None
    monkeypatch.setenv("LEASE_SECONDS", "60")
    settings.cache_clear()
    part_builder._Claim(BuildPart(**second), held)
    backfill.run()
    assert work() == [third]
    waited = checkpoints.find_todo(job.job_id, first["build"], third["part"])
    assert waited is not None
    assert waited.asks == 2
    for name in ("RETRY_BASE_SECONDS", "RETRY_CAP_SECONDS"):
        monkeypatch.setenv(name, "60")
    settings.cache_clear()
    fan_out.look_after(job.job_id, standing(job))
    assert work() == [], "its message may still be on its way"


def test_parts_behind_older_messages_are_not_sent_again_unless_they_were_lost() -> None:
    job = ended()
    messages.send_finalize("another-job", 1)
    time.sleep(1.1)  # the queue counts in whole seconds
    finalizer.finalize(job)
    for _ in range(3):
        fan_out.look_after(job.job_id, standing(job))
    older, *parts = work()
    assert (older["job"], len(parts)) == ("another-job", 3)
    with operations() as counted:
        fan_out.look_after(job.job_id, standing(job))
    peeks = [one for one in counted.seen if one.startswith("GET") and one.endswith("/messages")]
    assert len(peeks) == 1, "the queue is asked once for all of them"
    assert work() == parts


def test_parts_are_looked_after_as_often_however_long_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RETRY_BASE_SECONDS", "0.001"), ("RETRY_CAP_SECONDS", "3600")):
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    job = ended()
    finalizer.finalize(job)
    for _ in range(6):
        until(lambda: any(due.overdue(clock.now())))
        backfill.run()
    tries = {work.tries for work in due.overdue(clock.later(1e6)) if work.job_id == job.job_id}
    assert max(tries) == 3


def test_a_part_put_off_by_a_wrong_clock_is_not_held_once_it_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    first, second = work()
    with monkeypatch.context() as patch:
        now = clock.now
        patch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
        patch.setattr(views, "build_part", Mock(side_effect=OSError("storage was away")))
        assert take_in(first) == "put_off"

    def is_sent() -> bool:
        fan_out.look_after(job.job_id, standing(job))
        todo = checkpoints.find_todo(job.job_id, first["build"], first["part"])
        assert todo is not None
        return todo.asks > 1 and not todo.seconds_left(clock.now())

    until(is_sent)
    assert take_in(second) == "built"


def test_work_that_fails_is_put_off_once(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended()
    finalizer.finalize(job)
    monkeypatch.setattr(messages, "oldest_work", Mock(side_effect=OSError("the queue is away")))
    for _ in range(4):
        until(lambda: any(due.overdue(clock.now())))
        backfill.run()
        left = [work.kind for work in due.overdue(clock.later(1e6))]
        assert left.count(due.Kind.FINALIZE) == 1


def all_that_comes(job: Job) -> list[str]:
    """What becomes of all messages, without the timer, until the job's artifacts stand."""
    outcomes: list[str] = []

    def is_ready() -> bool:
        outcomes.extend(drained())
        return standing(job).status is SentinelStatus.READY

    until(is_ready, 20)
    return outcomes


def test_the_message_of_a_builder_that_died_waits_for_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "2")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    first, second = work()
    todo = checkpoints.find_todo(job.job_id, second["build"], second["part"])
    assert todo is not None
    part_builder._Claim(BuildPart(**second), todo)
    assert take_in(first) == "built"
    assert take_in(second) == "busy", "it comes back before the lease has lapsed"
    assert all_that_comes(job) == ["built", "published"]


def test_the_message_of_a_merge_that_died_waits_for_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "2")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    assert [take_in(message) for message in work()] == ["built", "built"]
    (merge,) = work()
    claims.claim_merge(job, merge["build"])
    assert take_in(merge) == "busy"
    assert all_that_comes(job) == ["published"]


@pytest.mark.parametrize("lag", [0.5, 3.5])
def test_a_part_put_off_is_built_by_one_whose_clock_is_late(
    monkeypatch: pytest.MonkeyPatch, lag: float
) -> None:
    """Within the margin at its first coming, beyond it at a later one."""
    for name in ("RETRY_BASE_SECONDS", "RETRY_CAP_SECONDS"):
        monkeypatch.setenv(name, "1")
    settings.cache_clear()
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(seconds=lag))
    job = ended(batches=3)
    finalizer.finalize(job)
    first, second = work()
    with monkeypatch.context() as patch:
        patch.setattr(views, "build_part", Mock(side_effect=OSError("storage was away")))
        assert take_in(first) == "put_off"
    assert take_in(second) == "built"
    early = ["busy"] if lag > 2 else []
    assert all_that_comes(job) == [*early, "built", "published"]
