"""Whole tables as files: at once where they are small, by a link where they are not."""

from __future__ import annotations

import csv
import io
import json
import signal
from pathlib import Path

import azure.functions as func
import polars as pl
import pytest
import requests
from azure.core.exceptions import ServiceResponseError

from blast_artifacts.lifecycle import artifacts, at_once, commands, exports, finalizer, parts, purge
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.part_files import part_files
from blast_artifacts.terms import ArtifactType, JobStatus
from blast_artifacts.views.export import parse_export
from local.azurite import Azurite
from shared import storage
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container
from tests.conftest import app_settings, fresh_account
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.lifecycle.test_operations import call
from tests.local.host.running import ROOT, running_host, until
from tests.operations import operations
from tests.triggers.conftest import App, taken

BATCHES = 300


def finished(case: str = "same-search/outfmt7.tsv", batches: int = 2) -> Job:
    job = make_job(JobStatus.RUNNING)
    put_results(job, case, batches)
    tell(job, "terminal", status="completed")
    return stands(job)


def published(case: str = "same-search/outfmt7.tsv", batches: int = 2) -> Job:
    job = finished(case, batches)
    assert finalizer.finalize(job) == "published"
    taken()
    return job


@pytest.fixture(scope="module")
def ready(reader: App) -> Job:
    """A job of ann's whose artifacts are published, with sequences."""
    return published("same-search/outfmt5.xml")


def where(job: Job, query: str) -> str:
    return f"blast/jobs/{job.job_id}/results/export?{query}"


def problem(answer: requests.Response) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"], answer.json().get("parameter")


@pytest.mark.parametrize(
    ("query", "media_type", "name"),
    [
        ("table=descriptions", "text/csv; charset=utf-8", "descriptions.csv"),
        ("table=descriptions&format=ncbi-csv", "text/csv; charset=utf-8", "descriptions.csv"),
        ("table=queries&format=tsv", "text/tab-separated-values; charset=utf-8", "queries.tsv"),
        ("table=queries&format=jsonl", "application/x-ndjson", "queries.jsonl"),
        ("table=alignments&format=parquet", "application/vnd.apache.parquet", "alignments.parquet"),
        ("table=alignments&format=fasta", "text/x-fasta; charset=utf-8", "alignments.fasta"),
    ],
)
def test_a_small_export_is_the_answer_itself(
    reader: App, ready: Job, query: str, media_type: str, name: str
) -> None:
    answer = reader.get(where(ready, query))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ready.job_id}-{name}"'
    assert answer.headers["X-Artifact-Complete"] == "true"
    head = reader.call("HEAD", where(ready, query))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(answer.content)) != "0"
    again = reader.get(where(ready, query), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_row_that_passes_is_exported_in_the_order_asked_for(reader: App, ready: Job) -> None:
    asked_for = "min_identity=90&sort=evalue&order=desc"
    page = reader.get(f"blast/jobs/{ready.job_id}/results/alignments?{asked_for}&page_size=500").json()
    answer = reader.get(where(ready, f"table=alignments&format=csv&safe=0&{asked_for}"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == page["filtered"] > 50
    assert [(row["query_key"], row["sstart"]) for row in rows] == [
        (row["query_key"], str(row["sstart"])) for row in page["rows"]
    ]
    lines = reader.get(where(ready, f"table=alignments&format=jsonl&{asked_for}")).text.splitlines()
    assert [json.loads(line)["sstart"] for line in lines] == [row["sstart"] for row in page["rows"]]
    table = pl.read_parquet(reader.get(where(ready, f"table=alignments&format=parquet&{asked_for}")).content)
    assert table["sstart"].to_list() == [row["sstart"] for row in page["rows"]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "table"),
        ("table=taxonomy", "table"),
        ("table=queries&format=fasta", "format"),
        ("table=queries&page_size=5", "page_size"),
        ("table=descriptions&min_identity=x", "min_identity"),
        ("table=queries&link=true", "link"),
    ],
)
def test_an_export_that_cannot_be_understood_names_its_parameter(
    reader: App, ready: Job, query: str, parameter: str
) -> None:
    assert problem(reader.get(where(ready, query))) == (400, "invalid_parameter", parameter)


def test_a_stranger_learns_nothing_whatever_is_asked(reader: App, ready: Job) -> None:
    bob = App(reader.address, "bob")
    for query in ("table=queries", "table=queries&link=1", "nonsense=1"):
        assert problem(bob.get(where(ready, query))) == (404, "not_found", None)
        assert problem(reader.get(f"blast/jobs/no-such-job/results/export?{query}"))[0] == 404


def test_sequences_that_are_not_there_are_no_empty_file(reader: App) -> None:
    job = published()
    answer = reader.get(where(job, "table=alignments&format=fasta"))
    assert problem(answer)[:2] == (409, "export_failed")
    assert (answer.json()["reason"], "15" in answer.json()["detail"]) == ("no_sequences", True)


def test_a_running_job_has_no_export_and_an_ended_one_has_it_live(reader: App) -> None:
    running = reader.get(where(make_job(), "table=queries"))
    assert (running.status_code, running.json()["status"]) == (202, "queued")
    job = finished()
    early = reader.get(where(job, "table=alignments"))
    assert (early.status_code, early.headers["X-Artifact-Source"]) == (200, "live")
    assert finalizer.finalize(job) == "published"
    late = reader.get(where(job, "table=alignments"))
    assert (late.content, late.headers["ETag"]) == (early.content, early.headers["ETag"])
    assert late.headers["X-Artifact-Source"] == "query"


def test_a_part_that_is_gone_is_no_empty_file(reader: App) -> None:
    job = published()
    blobs = container(settings().artifacts_container)
    for name in list(blobs.list_blob_names(name_starts_with=f"{job.job_id}/")):
        if name.endswith(".parquet"):
            blobs.delete_blob(name)
    answer = reader.get(where(job, "table=alignments"))
    assert (answer.status_code, answer.headers["X-Artifact-Source"]) == (200, "live")
    assert answer.text.count("\n") == 119


def refused(answer: func.HttpResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, json.loads(answer.get_body())["code"]


def test_tables_that_cannot_be_fetched_are_no_empty_file(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.storage.RETRIES", 0)
    storage.forget()
    job = published()

    def break_off(operation: str) -> None:
        if operation.endswith(".parquet"):
            raise ServiceResponseError("the connection broke")

    with operations(before=break_off):
        assert refused(ask(job)) == (503, "storage_unavailable")
    assert ask(job).status_code == 200


def test_tables_that_cannot_be_read_in_ranges_are_no_empty_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with Azurite() as dying:
        values = {**fresh_account(dying.connection_string), "PART_CACHE_BYTES": "1"}
        with app_settings(values):
            part_files.cache_clear()
            job = published()
            listing = artifacts.find(job.job_id, ArtifactType.PARTS)
            assert listing is not None
            where = parts.listed(listing)
            dying.stop()
            with pytest.raises(AppError) as refusal, parts.opened(where, {"hits", "queries"}) as tables:
                at_once.of_tables(parse_export({"table": "alignments"}), tables)
            assert refusal.value.code == "storage_unavailable"
            part_files.cache_clear()


@pytest.fixture
def large(account: None, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A published job of which every export is large."""
    monkeypatch.setenv("EXPORT_AT_ONCE_BYTES", "0")
    settings.cache_clear()
    return published()


def ask(job: Job, **params: str) -> func.HttpResponse:
    return call("export_table", job, {"table": "alignments", **params})


def link(job: Job) -> str:
    answer = ask(job, link="1")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    body = json.loads(answer.get_body())
    assert set(body) == {"url", "expires_at"}
    return str(body["url"])


def test_a_large_export_is_made_in_the_background_and_given_by_link(
    large: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(large, link="1")
    said = {"job_id": large.job_id, "run": 1, "status": "completed", "state": "pending"}
    assert (first.status_code, json.loads(first.get_body())) == (202, said)
    assert (first.headers["Retry-After"], first.headers["Cache-Control"]) == ("2", "no-store")
    (message,) = taken()
    assert finalizer.take_in(message) == "made"

    answer = ask(large)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    file = requests.get(answer.headers["Location"], timeout=60)
    assert file.headers["Content-Disposition"] == f'attachment; filename="{large.job_id}-alignments.csv"'
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert requests.get(link(large), timeout=60).content == file.content
    change = {"x-ms-blob-type": "BlockBlob"}
    assert requests.put(link(large), data=b"x", headers=change, timeout=60).status_code == 403

    monkeypatch.undo()
    settings.cache_clear()
    exports.purge(large.job_id, ())
    assert ask(large).get_body() == file.content
    assert file.text.count("\n") == 119


def test_an_export_that_grows_too_large_is_made_in_the_background(
    large: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("THROUGH_FUNCTION_BYTES", "1000")
    settings.cache_clear()
    assert ask(large).status_code == 202
    (message,) = taken()
    assert finalizer.take_in(message) == "made"
    assert len(requests.get(link(large), timeout=60).content) > 1000


def test_few_rows_of_a_large_table_are_the_answer_itself(large: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    row = artifacts.find(large.job_id, ArtifactType.PARTS)
    assert row is not None
    size = parts.listed(row).size_of({"hits", "queries"})
    monkeypatch.setenv("EXPORT_AT_ONCE_BYTES", str(size - 1))
    settings.cache_clear()
    assert ask(large).status_code == 202
    some = ask(large, query="@1:0")
    assert some.status_code == 200
    assert 1 < some.get_body().count(b"\n") < 119


def test_an_export_that_cannot_be_made_says_why(large: Job) -> None:
    assert ask(large, format="fasta").status_code == 202
    (message,) = taken()
    assert finalizer.take_in(message) == "failed"
    answer = ask(large, format="fasta")
    body = json.loads(answer.get_body())
    assert (answer.status_code, body["code"], body["reason"]) == (409, "export_failed", "no_sequences")
    assert taken() == []


def test_a_deleted_job_has_no_export(large: Job) -> None:
    ask(large)
    (message,) = taken()
    assert finalizer.take_in(message) == "made"
    url = link(large)
    commands.delete(large)
    assert ask(large, link="1").status_code == 404
    purge.deleted(stands(large))
    assert requests.get(url, timeout=60).status_code == 404


def test_a_stranger_learns_nothing_of_a_large_export(large: Job) -> None:
    ask(large)
    answer = call("export_table", large, {"table": "alignments", "link": "1"}, user="bob")
    assert answer.status_code == 404


def test_an_export_whose_builder_was_killed_is_made_for_who_asks_again(azurite: str, tmp_path: Path) -> None:
    quick = {"LEASE_SECONDS": "1", "RENEWAL_SECONDS": "0.3", "RETRY_BASE_SECONDS": "0.5"}
    values = {**fresh_account(azurite), **quick, "EXPORT_AT_ONCE_BYTES": "0", "PART_FILES": str(BATCHES)}
    with app_settings(values):
        job = published(batches=BATCHES)
        assert ask(job, format="jsonl").status_code == 202

        def under_way() -> bool:
            return any(row.get("lease_until") for row in exports.of_job(job.job_id))

        with running_host(ROOT, tmp_path / "first.log", "build", values) as doomed:
            until(under_way)
            doomed.process.send_signal(signal.SIGKILL)
            doomed.process.wait()
        assert ask(job, format="jsonl").status_code == 202
        with running_host(ROOT, tmp_path / "second.log", "build", values):
            until(lambda: ask(job, format="jsonl").status_code == 302)
        (row,) = exports.of_job(job.job_id)
        assert int(row.get("attempts")) >= 2
        file = requests.get(ask(job, format="jsonl").headers["Location"], timeout=60)
        assert file.content.count(b"\n") == 59 * BATCHES
