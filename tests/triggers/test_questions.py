"""Questions to the tables, as a front end asks them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import requests

from blast_artifacts.lifecycle import artifacts, commands, finalizer
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactType
from blast_artifacts.triggers.results import VIEWS
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import make_job
from tests.triggers.conftest import App, asked
from tests.triggers.published import finished, published

FILTERED = {
    "results/descriptions": "max_evalue=1e-10&sort=total_score&order=desc",
    "results/alignments": "min_identity=90&sort=evalue&page_size=7",
    "results/queries": "status=hits&text=q",
    "results/taxonomy": "min_bitscore=50",
    "results/graphic": "query=@0:0&min_bitscore=50",
    "results": "page_size=1",
}
"""A question to each view."""


@pytest.fixture(scope="module")
def ready(reader: App) -> Job:
    """A job of ann's whose artifacts are published."""
    return published()


def where(job: Job, path: str, query: str = "") -> str:
    return f"blast/jobs/{job.job_id}/{path}" + (f"?{query}" if query else "")


def problem(answer: requests.Response) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"], answer.json().get("parameter")


SPELLINGS = {
    "results/descriptions": [
        "page_size=100",
        "sort=query",
        "order=asc&sort=query&page_size=100",
        "order=asc",
    ],
    "results/alignments": ["page_size=0100", "sort=query&order=asc"],
    "results/queries": ["page_size=100&sort=query", "cursor="],
    "results/taxonomy": ["sort=best_evalue", "page_size=100&organism="],
    "results": ["page_size=500"],
}


@pytest.mark.parametrize("path", SPELLINGS)
def test_defaults_spelled_out_are_the_artifact_byte_for_byte(reader: App, ready: Job, path: str) -> None:
    plain = reader.get(where(ready, path))
    for query in SPELLINGS[path]:
        spelled = reader.get(where(ready, path, query))
        assert (spelled.content, spelled.headers["ETag"]) == (plain.content, plain.headers["ETag"]), query
        assert spelled.headers["X-Artifact-Source"] == "artifact"


@pytest.mark.parametrize("path", FILTERED)
def test_an_answer_is_served_as_an_artifact_is(reader: App, ready: Job, path: str) -> None:
    asking = where(ready, path, FILTERED[path])
    answer = reader.get(asking, headers={"Accept-Encoding": "gzip"}, stream=True)
    stored = answer.raw.read(decode_content=False)
    assert (answer.headers["X-Artifact-State"], answer.headers["X-Artifact-Source"]) == ("ready", "query")
    assert (answer.headers["Content-Encoding"], answer.headers["Cache-Control"]) == (
        "gzip",
        "private, no-cache",
    )
    plain = reader.get(asking, headers={"Accept-Encoding": "identity"})
    assert gzip.decompress(stored) == plain.content
    assert plain.headers["ETag"] != answer.headers["ETag"]
    head = reader.call("HEAD", asking, headers={"Accept-Encoding": "gzip"})
    assert head.headers["Content-Length"] == str(len(stored))
    assert head.headers["ETag"] == answer.headers["ETag"]
    for mark in (answer.headers["ETag"], f"W/{answer.headers['ETag']}"):
        again = reader.get(asking, headers={"Accept-Encoding": "gzip", "If-None-Match": mark})
        assert (again.status_code, again.content) == (304, b"")


def test_an_answer_shows_what_all_pages_share_and_its_own_rows(reader: App, ready: Job) -> None:
    default = reader.get(where(ready, "results/descriptions")).json()
    answer = reader.get(where(ready, "results/descriptions", "query=@1:0&sort=max_score&order=desc")).json()
    for field in ("schema_version", "job_id", "run", "complete", "sources", "warnings", "total"):
        assert answer[field] == default[field]
    mine = [row for row in default["rows"] if row["query_key"] == "@1:0"]
    assert answer["rows"] == sorted(mine, key=lambda row: -row["max_score"])
    assert answer["filtered"] == len(mine) > 0


def test_an_empty_parameter_is_one_that_is_not_given(reader: App, ready: Job) -> None:
    given = "&".join(f"{each['name']}=" for each in described(reader, "results/descriptions"))
    empty = reader.get(where(ready, "results/descriptions", given))
    default = reader.get(where(ready, "results/descriptions"))
    assert (empty.status_code, empty.content) == (200, default.content)
    assert (empty.headers["ETag"], empty.headers["X-Artifact-Source"]) == (
        default.headers["ETag"],
        "artifact",
    )


def described(reader: App, view: str) -> list[dict[str, Any]]:
    """The query parameters of a view by openapi.json, all of which may be empty."""
    path = reader.get("openapi.json").json()["paths"][f"/blast/jobs/{{job_id}}/{view}"]
    found = [each for each in path["get"]["parameters"] if each["in"] == "query"]
    assert found
    assert all(each["allowEmptyValue"] for each in found)
    return found


def test_a_query_is_found_by_its_key_and_by_its_id(reader: App, ready: Job) -> None:
    every = reader.get(where(ready, "results/queries")).json()["rows"]
    for row in (every[0], every[-1]):
        by_key = reader.get(where(ready, "results/queries", f"query={row['query_key']}")).json()
        by_id = reader.get(where(ready, "results/queries", f"query={row['query']}")).json()
        assert by_key["rows"] == [row]
        assert by_id["rows"] == [each for each in every if each["query"] == row["query"]]
    assert reader.get(where(ready, "results/queries", "query=@9:9")).json()["rows"] == []


def test_pages_one_behind_the_other_are_the_whole(reader: App, ready: Job) -> None:
    whole = reader.get(where(ready, "results/alignments")).json()
    rows: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = reader.get(where(ready, "results/alignments", f"page_size=23&cursor={cursor}")).json()
        assert page["total"] == whole["total"] == 118
        rows += page["rows"]
        cursor = page["next_cursor"]
    assert rows[:100] == whole["rows"]
    assert len(rows) == 118


@pytest.mark.parametrize("path", VIEWS)
def test_a_stranger_learns_nothing_whatever_is_asked(reader: App, ready: Job, path: str) -> None:
    bob = App(reader.address, "bob")
    for query in (FILTERED.get(path, "page_size=1"), "nonsense=1", "cursor=nonsense"):
        assert problem(bob.get(where(ready, path, query))) == (404, "not_found", None)
        assert problem(reader.get(f"blast/jobs/no-such-job/{path}?{query}")) == (404, "not_found", None)


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("results/descriptions", "max_evalue=small", "max_evalue"),
        ("results/descriptions", "max_evalue=nan", "max_evalue"),
        ("results/descriptions", "page_size=501", "page_size"),
        ("results/alignments", "sort=colour", "sort"),
        ("results/alignments", "order=up", "order"),
        ("results/taxonomy", "taxid=-1", "taxid"),
        ("results/queries", "status=lost", "status"),
        ("results/queries", "cursor=nonsense", "cursor"),
        ("results/aggregate", "page_size=100", "page_size"),
        ("results", "sort=name", "sort"),
        ("results", "page_size=0", "page_size"),
        ("results", "cursor=nonsense", "cursor"),
    ],
)
def test_a_question_that_cannot_be_understood_names_its_parameter(
    reader: App, ready: Job, path: str, query: str, parameter: str
) -> None:
    assert problem(reader.get(where(ready, path, query))) == (400, "invalid_parameter", parameter)


def test_a_cursor_of_another_question_is_refused(reader: App, ready: Job) -> None:
    cursor = reader.get(where(ready, "results/alignments", "page_size=5")).json()["next_cursor"]
    other = reader.get(where(ready, "results/alignments", f"sort=evalue&page_size=5&cursor={cursor}"))
    assert problem(other) == (400, "invalid_parameter", "cursor")


def test_a_rebuild_of_the_same_results_answers_the_same_and_of_others_says_so(reader: App) -> None:
    job = published()
    first = where(job, "results/alignments", "max_evalue=1&page_size=5")
    before = reader.get(first)
    second = f"{first}&cursor={before.json()['next_cursor']}"
    page = reader.get(second)

    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    for asking, seen in ((first, before), (second, page)):
        again = reader.get(asking)
        assert (again.content, again.headers["ETag"]) == (seen.content, seen.headers["ETag"])

    container_name, _, folder = job.results_prefix.partition("/")
    container(container_name).delete_blob(f"{folder}batch_001-blastn-nt.out.gz")
    container(container_name).upload_blob(f"{folder}metadata/num_jobs_submitted.txt", b"1", overwrite=True)
    commands.rebuild(job)
    assert finalizer.finalize(job) == "published"
    assert problem(reader.get(second)) == (410, "cursor_expired", None)
    assert reader.get(first).headers["ETag"] != before.headers["ETag"]


def test_a_running_job_has_no_answer_yet(reader: App) -> None:
    job = make_job()
    answer = reader.get(where(job, "results/descriptions", "max_evalue=1"))
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("path", FILTERED)
def test_a_question_before_the_build_is_answered_live_and_alike(reader: App, path: str) -> None:
    job = finished()
    asking = where(job, path, FILTERED[path])
    early = reader.get(asking)
    assert (early.status_code, early.headers["X-Artifact-Source"]) == (200, "live")
    assert early.headers["X-Artifact-State"] == "pending"
    assert reader.get(asking, headers={"If-None-Match": early.headers["ETag"]}).status_code == 304
    assert finalizer.finalize(job) == "published"
    late = reader.get(asking)
    assert late.headers["X-Artifact-Source"] == "query"
    assert (late.content, late.headers["ETag"]) == (early.content, early.headers["ETag"])


def test_a_part_that_is_gone_is_answered_live_and_built_once_more(reader: App) -> None:
    job = published()
    row = artifacts.find(job.job_id, ArtifactType.PARTS)
    assert row is not None
    blobs = container(settings().artifacts_container)
    for name in list(blobs.list_blob_names(name_starts_with=f"{job.job_id}/1/{row.build}/parts/")):
        if name.endswith(".parquet"):
            blobs.delete_blob(name)
    asking = where(job, "results/descriptions", "max_evalue=1")
    for _ in range(3):
        assert reader.get(asking).headers["X-Artifact-Source"] == "live"
    assert reader.get(where(job, "results/descriptions")).headers["X-Artifact-Source"] == "artifact"
    assert asked() == [job.job_id]
    assert finalizer.finalize(job) == "published"
    assert reader.get(asking).headers["X-Artifact-Source"] == "query"


def test_a_deleted_job_has_no_answers(reader: App) -> None:
    job = published()
    asking = where(job, "results/descriptions", "max_evalue=1")
    assert reader.get(asking).status_code == 200
    commands.delete(job)
    assert problem(reader.get(asking)) == (404, "not_found", None)
