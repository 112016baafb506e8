"""A job of several parts: planned, built part by part, merged; and what a part that fails costs."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from blast_artifacts.commands import operation
from blast_artifacts.commands.inspection import describe
from blast_artifacts.lifecycle import (
    artifacts,
    backfill,
    checkpoints,
    claims,
    commands,
    fan_out,
    finalizer,
    part_builder,
    plans,
    poison,
    purge,
    questions,
    sentinel,
)
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import BuildPart
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.lifecycle.states import states
from blast_artifacts.lifecycle.submit import submit
from blast_artifacts.terms import BUILDER_VERSION, ArtifactState, ArtifactType, JobStatus, SentinelStatus
from blast_artifacts.views import build as views
from blast_artifacts.views.question import parse_question
from shared import codec
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import CASES, make_job, put_results, stands, tell
from tests.lifecycle.roads import go_on, lose_due_rows, messages
from tests.operations import Stopped, at, once, operations, stop_at
from tests.views.built import outfmt7

SAME = CASES / "same-search"
OF_EVERY_BUILD = tuple(set(ArtifactType) - {ArtifactType.PARTS, ArtifactType.EXECUTION_STEPS})
"""Artifacts that tell of the input alone."""


@pytest.fixture(autouse=True)
def two_files_a_part(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And back-offs that pass while a test waits."""
    for name, value in (
        ("PART_FILES", "2"),
        ("LEASE_SECONDS", "0.4"),
        ("RENEWAL_SECONDS", "0.1"),
        ("RETRY_BASE_SECONDS", "0.01"),
        ("RETRY_CAP_SECONDS", "0.1"),
    ):
        monkeypatch.setenv(name, value)
    settings.cache_clear()


def ended(batches: int = 5) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job, batches=batches)
    return over(job)


def over(job: Job) -> Job:
    tell(job, "terminal", status="completed")
    work()
    return stands(job)


def put_files(job: Job, files: Mapping[str, bytes], queries: bytes) -> None:
    container_name, _, folder = job.results_prefix.partition("/")
    for name, content in {**files, "metadata/SUCCESS.txt": b""}.items():
        container(container_name).upload_blob(folder + name, content)
    container(settings().queries_container).upload_blob(f"{job.job_id}/query.fa", queries)


def work() -> list[dict[str, Any]]:
    """The messages of the artifacts queue, taken off it."""
    return [json.loads(text) for text in messages(settings().artifacts_queue)]


def take_in(message: Mapping[str, Any]) -> str:
    return finalizer.take_in(json.dumps(message))


def drained() -> list[str]:
    """What became of all messages, until there is none."""
    outcomes: list[str] = []
    while waiting := work():
        outcomes += [take_in(message) for message in waiting]
    return outcomes


def standing(job: Job) -> Sentinel:
    found = sentinel.find(job.job_id)
    assert found is not None
    return found


def body(job: Job, kind: ArtifactType) -> Any:
    row = artifacts.find(job.job_id, kind)
    assert row is not None, kind
    return codec.from_json(codec.unpack(artifacts.stored_bytes(row)))


def bodies(job: Job) -> dict[str, str]:
    """Every artifact that tells of the input, without the job's id."""
    return {kind: json.dumps(body(job, kind)).replace(job.job_id, "JOB") for kind in OF_EVERY_BUILD}


def whole(job: Job) -> None:
    """All artifacts are ready and of one build; a purge leaves every blob of it, and no checkpoint."""
    purge.superseded(job.job_id, job.run)
    now = standing(job)
    assert (now.status, now.phase, now.lease_until) == (SentinelStatus.READY, None, None)
    found = artifacts.of_job(job.job_id)
    assert set(found) == set(ArtifactType)
    assert {(row.build, row.status) for row in found.values()} == {(now.build, ArtifactState.READY)}
    names = set(container(settings().artifacts_container).list_blob_names())
    tables = {
        table["path"] for part in body(job, ArtifactType.PARTS)["parts"] for table in part["tables"].values()
    }
    assert {row.blob for row in found.values()} | tables <= names
    assert checkpoints.of_job(job.job_id) == []


def in_one_part(job: Job, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same results, built as one part."""
    with monkeypatch.context() as patch:
        patch.setenv("PART_FILES", "1000")
        settings.cache_clear()
        twin = make_job(JobStatus.RUNNING, results_prefix=job.results_prefix)
        queries = container(settings().queries_container)
        data = queries.download_blob(f"{job.job_id}/query.fa").readall()
        queries.upload_blob(f"{twin.job_id}/query.fa", data)
        tell(twin, "terminal", status="completed")
        work()
        assert finalizer.finalize(stands(twin)) == "published"
    settings.cache_clear()
    return bodies(twin)


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


def test_artifacts_are_equal_in_bytes_to_those_of_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, XML, JSON and an archive's queries without hits, in one job."""
    names = ("outfmt7.tsv", "outfmt5.xml", "outfmt15.json", "outfmt7.tsv", "outfmt6.tsv")
    job = make_job(JobStatus.RUNNING)
    data = {
        f"batch_{n:03d}-blastn-nt.out.gz": gzip.compress((SAME / name).read_bytes(), mtime=0)
        for n, name in enumerate(names)
    }
    put_files(job, data, (SAME / "query.fa").read_bytes() * len(names))
    job = over(job)
    finalizer.finalize(job)
    assert drained() == ["built", "built", "built", "published"]
    whole(job)
    assert bodies(job) == in_one_part(job, monkeypatch)


def test_the_plan_names_every_file_in_the_version_that_was_listed() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    build = work()[0]["build"]
    _, plan = plans.load(f"{job.job_id}/1/{build}")
    container_name, _, folder = job.results_prefix.partition("/")
    listed = {
        blob.name.removeprefix(folder): (blob.size, blob.etag)
        for blob in container(container_name).list_blobs(name_starts_with=folder)
    }
    planned = [[source for source, _ in files] for files in plan.parts]
    assert [len(sources) for sources in planned] == [2, 1]
    for source in (source for sources in planned for source in sources):
        assert listed[source.name] == (source.size, source.version)


def test_a_pair_in_two_parts_is_one_pair_as_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three shards of two batches; a subject that all have lies in two parts, and twice in one."""
    own = {"q1": [("a", 50.0), ("b", 40.0)], "q2": []}
    shards = [
        {**own, "q1": [*own["q1"], (f"own{number}", 30.0)], "q2": [("c", 60.0 + number)]}
        for number in range(3)
    ]
    job = make_job(JobStatus.RUNNING)
    data = {
        f"shard_0{number}/batch_00{batch}-blastn-db_shard_0{number}.out": outfmt7(shard).encode()
        for number, shard in enumerate(shards)
        for batch in (0, 1)
    }
    put_files(job, data, b">q1\nACGT\n>q2\nACGT\n" * 2)
    job = over(job)
    finalizer.finalize(job)
    assert drained() == ["built", "built", "built", "published"]
    whole(job)
    assert bodies(job) == in_one_part(job, monkeypatch)
    totals = body(job, ArtifactType.AGGREGATE)["totals"]
    assert (totals["subjects"], totals["pairs"], totals["hsps"]) == (6, 2 * 6, 2 * 12)
    pair = next(row for row in body(job, ArtifactType.DESCRIPTIONS)["rows"] if row["subject"] == "c")
    assert (pair["hsps"], pair["max_score"], pair["total_score"]) == (3, 62.0, 183.0)
    query = body(job, ArtifactType.QUERIES)["rows"][0]
    assert (query["query"], query["subjects"], query["hsps"]) == ("q1", 5, 9)


def test_a_question_over_many_parts_has_the_answer_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended()
    finalizer.finalize(job)
    drained()
    asked = parse_question(
        ArtifactType.DESCRIPTIONS, {"max_evalue": "1e-20", "sort": "total_score", "order": "asc"}
    )
    row = artifacts.find(job.job_id, ArtifactType.DESCRIPTIONS)
    assert row is not None
    answer = codec.from_json(codec.unpack(questions.of_published(job.job_id, row, asked, "mark").stored))
    passing = [pair for pair in body(job, ArtifactType.DESCRIPTIONS)["rows"] if pair["evalue"] <= 1e-20]
    assert answer["filtered"] == len(passing) > 5
    assert answer["rows"][0]["total_score"] == min(pair["total_score"] for pair in passing)


def test_two_who_finish_the_same_part_count_once() -> None:
    """The first stalls past its lease; another builds the part meanwhile."""
    job = ended()
    finalizer.finalize(job)
    first, *others = work()

    def another() -> None:
        time.sleep(0.5)
        assert take_in(first) == "built"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_builder._Claim, "renew", lambda self: None)
        with operations(after=once("parquet", another)):
            assert take_in(first) == "lost"
    over = checkpoints.done(job.job_id, first["build"])
    assert list(over) == [0]
    assert [take_in(message) for message in others] == ["built", "built"]
    assert drained()[-1] == "published"
    whole(job)
    assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 295


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


def test_a_merge_that_wakes_up_too_late_changes_nothing() -> None:
    job = ended()
    finalizer.finalize(job)
    assert [take_in(message) for message in work()] == ["built"] * 3
    merge = work()[0]

    def another() -> None:
        time.sleep(0.5)
        assert take_in(merge) == "published"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims.Claim, "renew", lambda self: None)
        with operations(before=once("result_manifest.json.gz", another)):
            assert take_in(merge) == "lost"
    whole(job)


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


def test_a_part_whose_builder_dies_each_time_is_given_up() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    first, second = work()
    take_in(first)
    for _ in range(5):
        with pytest.raises(Stopped), operations(before=stop_at("parquet")):
            take_in(second)
        time.sleep(0.45)
    assert take_in(second) == "failed"
    assert drained() == ["published"]
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


def test_a_lost_merge_message_is_sent_by_the_timer_and_by_a_part_that_comes_again() -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    asked = work()
    assert [take_in(message) for message in asked] == ["built", "built"]
    (merge,) = work()
    assert take_in(asked[0]) == "settled"
    assert work() == [merge]
    backfill.run()
    assert work() == [merge]
    go_on(job)
    whole(job)


@pytest.mark.parametrize(
    "where",
    [
        *(pytest.param(where, marks=pytest.mark.nightly) for where in ("plan.json.gz", "$batch")),
        *("artifact_finalizer", "/messages"),
    ],
)
def test_a_plan_that_is_cut_off_is_made_anew_or_gone_on_with(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENEWAL_SECONDS", "60")
    settings.cache_clear()
    job = ended(batches=3)
    seen = 2 if where == "artifact_finalizer" else 1

    def counts(operation: str) -> bool:
        return where in operation and not operation.startswith("GET")

    for comes_after in (False, True):
        stop = at(seen, counts, _stop)
        hooks = (None, stop) if comes_after else (stop, None)
        with pytest.raises(Stopped), operations(None, *hooks):
            finalizer.finalize(job)
        go_on(job)
        whole(job)
        assert body(job, ArtifactType.AGGREGATE)["totals"]["hsps"] == 3 * 59
        commands.rebuild(job)
        work()


def _stop() -> None:
    raise Stopped


def test_a_merge_that_fails_is_tried_again_and_at_last_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ended(batches=3)
    finalizer.finalize(job)
    with monkeypatch.context() as patch:
        patch.setattr(views, "merge_parts", _fail)
        assert drained() == ["built", "built", "failed"]
        assert standing(job).phase == "parts"
    go_on(job)
    whole(job)
    commands.rebuild(job)
    with monkeypatch.context() as patch:
        patch.setattr(views, "merge_parts", _fail)
        go_on(job)
    assert (standing(job).status, standing(job).error_code) == ("failed", "attempts_exhausted")


def _fail(*_: object) -> None:
    raise OSError("no")


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


def test_a_rebuild_starts_nothing_while_parts_are_under_way() -> None:
    job = ended()
    finalizer.finalize(job)
    build = standing(job).build
    work()
    commands.rebuild(job)
    assert work() == []
    assert (standing(job).build, standing(job).phase) == (build, "parts")


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


def test_what_tells_how_far_a_build_is() -> None:
    job = ended()
    finalizer.finalize(job)
    take_in(work()[0])
    text = "\n".join(describe(job.job_id))
    assert "1 of 3 parts are over, 0 are being built" in text
    assert "part by part" in operation.rebuild(job.job_id)


def test_the_working_papers_of_a_published_build_are_purged() -> None:
    job = ended()
    finalizer.finalize(job)
    first, *others = work()

    def another() -> None:
        time.sleep(0.5)
        assert take_in(first) == "built"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_builder._Claim, "renew", lambda self: None)
        with operations(after=once("parquet", another)):
            take_in(first)
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
