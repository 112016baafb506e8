"""Questions beside what lies in storage and on disk: what is fetched, what is gone, what is older."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobClient

from blast_artifacts.lifecycle import artifacts, finalizer, questions
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.part_files import part_files
from blast_artifacts.terms import ArtifactState, ArtifactType
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.test_operations import call
from tests.operations import operations
from tests.triggers.conftest import asked
from tests.triggers.published import finished, published


@pytest.fixture
def here(account: None) -> Job:
    """A published job, to be read in this process, which has read nothing of it yet."""
    return published()


def ask(job: Job, kind: ArtifactType, params: dict[str, str], **headers: str) -> Any:
    return call(f"read_{kind}", job, params, **headers)


def test_what_the_caller_has_is_known_without_opening_anything(here: Job) -> None:
    question = {"max_evalue": "1"}
    etag = ask(here, ArtifactType.DESCRIPTIONS, question).headers["ETag"]
    questions._answers.clear()
    artifacts._cache.clear()
    with operations() as counted:
        again = ask(here, ArtifactType.DESCRIPTIONS, question, if_none_match=etag)
    assert (again.status_code, len(counted)) == (304, 1)


def test_a_table_is_fetched_once_for_all_questions(here: Job) -> None:
    ask(here, ArtifactType.DESCRIPTIONS, {"max_evalue": "1"})
    with operations() as counted:
        assert ask(here, ArtifactType.DESCRIPTIONS, {"max_evalue": "2"}).status_code == 200
    assert len(counted) == 2
    with operations() as counted:
        assert ask(here, ArtifactType.DESCRIPTIONS, {"max_evalue": "2"}).status_code == 200
    assert len(counted) == 1


def test_only_the_tables_of_the_question_are_fetched(here: Job) -> None:
    with operations() as counted:
        ask(here, ArtifactType.DESCRIPTIONS, {"max_evalue": "1"})
    fetched = [one for one in counted.seen if one.endswith(".parquet")]
    assert fetched
    assert all(one.endswith(".pairs.parquet") for one in fetched)


def state_of_parts(job: Job) -> ArtifactState:
    row = artifacts.find(job.job_id, ArtifactType.PARTS)
    assert row is not None
    return row.status


@pytest.fixture
def fresh_cache() -> Iterator[None]:
    """This process has copies of nothing, and takes its bound from the settings anew."""
    part_files.cache_clear()
    yield
    part_files.cache_clear()


@pytest.mark.parametrize("kind", [ArtifactType.DESCRIPTIONS, ArtifactType.ALIGNMENTS])
def test_tables_that_do_not_fit_on_disk_are_read_in_ranges(
    here: Job, kind: ArtifactType, fresh_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = {"min_identity": "90", "sort": "evalue", "page_size": "9"}
    monkeypatch.setenv("PART_CACHE_BYTES", "1")
    settings.cache_clear()
    with operations() as counted:
        remote = ask(here, kind, question).get_body()
    assert not any(one.endswith(".parquet") for one in counted.seen)
    assert json.loads(remote)["filtered"] > 9
    monkeypatch.undo()
    settings.cache_clear()
    part_files.cache_clear()
    questions._answers.clear()
    assert ask(here, kind, question).get_body() == remote


def gone(blob: BlobClient) -> None:
    blob.delete_blob()


def garbled(blob: BlobClient) -> None:
    """Of the same size, and no Parquet."""
    size = blob.get_blob_properties().size
    blob.upload_blob(b"PAR1" + bytes(size - 8) + b"PAR1", overwrite=True)


def emptied(blob: BlobClient) -> None:
    blob.upload_blob(b"", overwrite=True)


def of_another_schema(blob: BlobClient) -> None:
    """Parquet whose account of its columns is none."""
    table = bytearray(blob.download_blob().readall())
    at = table.rindex(b"ARROW:schema") + 40
    table[at : at + 60] = b"x" * 60
    blob.upload_blob(bytes(table), overwrite=True)


@pytest.mark.parametrize("room", ["1", "100000000"])
@pytest.mark.parametrize("harm", [gone, garbled, emptied, of_another_schema])
def test_a_part_that_is_gone_or_damaged_is_seen_in_ranges_and_on_disk(
    here: Job,
    fresh_cache: None,
    monkeypatch: pytest.MonkeyPatch,
    room: str,
    harm: Callable[[BlobClient], None],
) -> None:
    monkeypatch.setenv("PART_CACHE_BYTES", room)
    settings.cache_clear()
    blobs = container(settings().artifacts_container)
    for name in list(blobs.list_blob_names(name_starts_with=f"{here.job_id}/1/")):
        if name.endswith(".pairs.parquet"):
            harm(blobs.get_blob_client(name))
    answer = ask(here, ArtifactType.DESCRIPTIONS, {"max_evalue": "1"})
    assert (answer.status_code, answer.headers["X-Artifact-Source"]) == (200, "live")
    assert state_of_parts(here) is ArtifactState.MISSING


def test_tables_of_an_older_builder_are_not_asked(here: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sentinel", "artifacts"):
        monkeypatch.setattr(f"blast_artifacts.lifecycle.{module}.BUILDER_VERSION", 99)
    question = {"max_evalue": "1"}
    for _ in range(2):
        assert ask(here, ArtifactType.DESCRIPTIONS, question).headers["X-Artifact-Source"] == "live"
    assert asked() == [here.job_id]
    monkeypatch.setenv("LIVE_STORED_BYTES", "0")
    settings.cache_clear()
    assert ask(here, ArtifactType.DESCRIPTIONS, question).status_code == 202
    assert ask(here, ArtifactType.DESCRIPTIONS, {}).headers["X-Artifact-Source"] == "artifact"
    assert finalizer.finalize(here) == "published"
    assert ask(here, ArtifactType.DESCRIPTIONS, question).headers["X-Artifact-Source"] == "query"


def test_a_newer_build_that_failed_for_good_is_said(here: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sentinel", "artifacts"):
        monkeypatch.setattr(f"blast_artifacts.lifecycle.{module}.BUILDER_VERSION", 99)
    monkeypatch.setenv("MAX_ATTEMPTS", "1")
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.001")
    settings.cache_clear()
    question = {"max_evalue": "1"}
    ask(here, ArtifactType.DESCRIPTIONS, question)
    monkeypatch.setattr("blast_artifacts.views.build.build_planned", lambda *_, **__: 1 / 0)
    assert [finalizer.finalize(here), finalizer.finalize(here)] == ["failed", "settled"]
    answer = ask(here, ArtifactType.DESCRIPTIONS, question)
    assert (answer.status_code, json.loads(answer.get_body())["code"]) == (409, "artifact_failed")
    assert ask(here, ArtifactType.DESCRIPTIONS, {}).status_code == 200


def test_a_long_list_of_files_is_paged_alike_live_and_published(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANIFEST_PAGE", "3")
    settings.cache_clear()
    job = finished(batches=10)

    def pages(**params: str) -> list[Any]:
        found = []
        while True:
            found.append(json.loads(ask(job, ArtifactType.MANIFEST, params).get_body()))
            if found[-1]["next_cursor"] is None:
                return found
            params["cursor"] = found[-1]["next_cursor"]

    early = [pages(), pages(page_size="4"), pages(page_size="500")]
    assert finalizer.finalize(job) == "published"
    assert [pages(), pages(page_size="4"), pages(page_size="500")] == early
    assert [len(found) for found in early] == [4, 3, 1]
    for found in early:
        names = [file["name"] for page in found for file in page["files"]]
        assert names == [f"batch_{number:03d}-blastn-nt.out.gz" for number in range(10)]
        assert {page["total"] for page in found} == {10}
    blobs = container(settings().artifacts_container)
    (listing,) = (name for name in blobs.list_blob_names() if name.endswith("/files.jsonl.gz"))
    blobs.delete_blob(listing)
    questions._answers.clear()
    assert pages()[1:] == early[0][1:]
    assert state_of_parts(job) is ArtifactState.MISSING
