"""What is merged of several parts is what one part would have been; queries in two parts are regrouped."""

from __future__ import annotations

import gzip

import pytest

from blast_artifacts.lifecycle import (
    artifacts,
    finalizer,
    questions,
)
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.views.question import parse_question
from shared import codec
from tests.lifecycle.fan_out.several_parts import (
    bodies,
    body,
    drained,
    ended,
    in_one_part,
    over,
    put_files,
    whole,
)
from tests.lifecycle.makers import CASES, make_job
from tests.views.built import outfmt7

SAME = CASES / "same-search"


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
