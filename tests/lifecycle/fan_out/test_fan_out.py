"""A job of several parts: planned, built part by part, merged, whatever becomes of its messages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from blast_artifacts.commands import operation
from blast_artifacts.commands.inspection import describe
from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    checkpoints,
    commands,
    finalizer,
    poison,
    purge,
)
from blast_artifacts.lifecycle.states import states
from blast_artifacts.lifecycle.submit import submit
from blast_artifacts.terms import BUILDER_VERSION, ArtifactType
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.fan_out.several_parts import (
    body,
    drained,
    ended,
    over,
    stalled,
    standing,
    take_in,
    whole,
    work,
)
from tests.lifecycle.makers import put_results
from tests.lifecycle.roads import go_on, lose_due_rows
from tests.local.host.running import until


def test_a_job_of_several_parts_is_built_part_by_part_and_merged() -> None:
    job = ended()
    assert finalizer.finalize(job) == "fanned_out"
    asked = work()
    assert [message.get("part") for message in asked] == [0, 1, 2]
    assert states(job)[ArtifactType.PARTS] == {"state": "pending", "parts": 3, "parts_done": 0}
    assert [take_in(message) for message in asked[:2]] == ["built", "built"]
    assert work() == [], "a part is left"
    assert states(job)[ArtifactType.PARTS]["parts_done"] == 2
    assert take_in(asked[2]) == "built"
    (merge,) = work()
    assert merge == {"job": job.job_id, "run": 1, "build": asked[0]["build"], "merge": True}
    assert take_in(merge) == "published"
    whole(job)
    totals = body(job, ArtifactType.AGGREGATE)["totals"]
    assert (totals["queries"], totals["pairs"], totals["hsps"]) == (25, 45, 295)
    assert body(job, ArtifactType.MANIFEST)["complete"] is True
    assert len(body(job, ArtifactType.PARTS)["parts"]) == 3


def test_messages_that_come_twice_and_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "60")
    settings.cache_clear()
    job = ended()
    finalizer.finalize(job)
    asked = work()
    with ThreadPoolExecutor(3) as workers:
        outcomes = list(workers.map(take_in, [*asked, *asked, {"job": job.job_id, "run": 1}]))
    assert sorted(set(outcomes)) in (["built", "busy"], ["built", "busy", "settled"])
    assert outcomes.count("built") == 3
    merge = work()[0]
    with ThreadPoolExecutor(2) as workers:
        outcomes = sorted(workers.map(take_in, [merge, merge]))
    assert outcomes in (["busy", "published"], ["published", "settled"])
    whole(job)
    assert [take_in(message) for message in (*asked, merge)] == ["superseded"] * 3 + ["settled"]


def test_poisoned_messages_of_parts_and_merges_are_left_to_the_timer() -> None:
    job = ended()
    finalizer.finalize(job)
    part = work()[0]
    merge = {"job": job.job_id, "run": 1, "build": part["build"], "merge": True}
    for message in (part, merge):
        lose_due_rows()
        assert poison.take_in_finalize(json.dumps(message)) == "due"
    go_on(job)
    whole(job)
    assert poison.take_in_finalize(json.dumps(merge)) == "settled"


def test_what_tells_how_far_a_build_is() -> None:
    job = ended()
    finalizer.finalize(job)
    take_in(work()[0])
    text = "\n".join(describe(job.job_id))
    assert "1 of 3 parts are over, 0 are being built" in text
    assert "part by part" in operation.rebuild(job.job_id)


def test_a_rebuild_starts_nothing_while_parts_are_under_way() -> None:
    job = ended()
    finalizer.finalize(job)
    build = standing(job).build
    work()
    commands.rebuild(job)
    assert work() == []
    assert (standing(job).build, standing(job).phase) == (build, "parts")


def test_a_newer_builder_begins_anew_what_an_older_one_has_fanned_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    asked = work()
    monkeypatch.setattr("blast_artifacts.lifecycle.sentinel.BUILDER_VERSION", BUILDER_VERSION + 1)
    assert take_in(asked[0]) == "superseded"
    assert finalizer.finalize(job) == "fanned_out"
    assert standing(job).build != asked[0]["build"]
    drained()
    whole(job)


@pytest.mark.parametrize("act", [commands.delete, commands.retry])
def test_a_build_whose_job_goes_on_leaves_nothing(act: Any) -> None:
    job = submit(
        "local.ann", json.dumps({"program": "blastn", "database": "nt", "query": ">q\nAC\n"}).encode()
    )
    put_results(job, batches=5)
    job = over(job)
    finalizer.finalize(job)
    first, *others = work()
    assert take_in(first) == "built"
    act(job)
    assert [take_in(message) for message in others] == ["superseded"] * 2
    assert take_in({**first, "merge": True}) == "malformed"
    build = {name: first[name] for name in ("job", "run", "build")}
    assert take_in({**build, "merge": True}) == "gone"
    if act is commands.delete:
        backfill.run()
    else:
        purge.superseded(job.job_id, 1)
    assert checkpoints.of_job(job.job_id) == []
    assert not [n for n in container(settings().artifacts_container).list_blob_names() if "/parts/" in n]


def test_the_working_papers_of_a_published_build_are_purged() -> None:
    job = ended()
    finalizer.finalize(job)
    first, *others = work()
    stalled(first)
    for message in others:
        take_in(message)
    drained()
    blobs = container(settings().artifacts_container)
    removed = purge.superseded(job.job_id, 1)
    assert removed == 1 + 3 + 4, "the plan, accounts, and all that the one wrote who came second"
    parts = body(job, ArtifactType.PARTS)["parts"]
    led_to = [str(row.blob) for row in artifacts.of_job(job.job_id).values()]
    led_to += [table["path"] for part in parts for table in part["tables"].values()]
    assert sorted(blobs.list_blob_names()) == sorted(led_to)
    whole(job)


def test_a_fan_out_that_lasts_longer_than_the_purge_leaves_no_working_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUPERSEDED_PURGE_SECONDS", "0.2")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    time.sleep(0.3)
    backfill.run()
    drained()
    purge_by_the_timer(lambda: not any("plan.json" in name for name in blob_names()))
    assert purge.superseded(job.job_id, 1) == 0


def test_working_papers_go_while_the_next_build_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERSEDED_PURGE_SECONDS", "0.2")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    first = standing(job).build
    drained()
    commands.rebuild(job)
    finalizer.finalize(job)
    work()
    purge_by_the_timer(lambda: f"{job.job_id}/1/{first}/plan.json.gz" not in blob_names())
    drained()
    go_on(job)
    whole(job)


def test_a_build_stays_for_the_whole_time_after_it_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERSEDED_PURGE_SECONDS", "2")
    settings.cache_clear()
    job = ended(batches=3)
    finalizer.finalize(job)
    drained()
    builds, replaced = [standing(job).build], []
    for _ in range(2):
        time.sleep(1)
        commands.rebuild(job)
        drained()
        builds.append(standing(job).build)
        replaced.append(time.monotonic())
    assert len(set(builds)) == 3
    for build, at in zip(builds, replaced, strict=False):
        purge_by_the_timer(partial(_is_gone, build))
        assert time.monotonic() - at > 1.5
    whole(job)


def blob_names() -> list[str]:
    return list(container(settings().artifacts_container).list_blob_names())


def _is_gone(build: str | None) -> bool:
    return not any(f"/{build}/" in name for name in blob_names())


def purge_by_the_timer(is_gone: Callable[[], bool]) -> None:
    until(lambda: backfill.run() >= 0 and is_gone(), 20)
