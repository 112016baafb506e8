"""What is left in logs, blobs, rows, messages and answers: no secret, and no place on disk."""

from __future__ import annotations

import gzip
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from blast_artifacts.lifecycle import finalizer, sentinel
from blast_artifacts.terms import JobStatus
from blast_artifacts.triggers.results import VIEWS
from shared.connections import EMULATOR_ACCOUNT
from shared.settings import settings
from shared.storage import blobs, connection, container, queue, table
from tests.conftest import app_settings, fresh_account
from tests.lifecycle.makers import make_job, put_results, stands, tell
from tests.local.host.running import ROOT, running_host
from tests.triggers.conftest import App
from tests.triggers.test_matrix import FILE_ID

TAILS = ("results?nothing=1", "results/files/nothing", "execution-steps/logs/running/0")


GIVEN = "c2VjcmV0LW9mLXRoZS1waXBlbGluZQ"
"""A signature that a pipeline prints with the commands that it runs."""
SAID = f"azcopy cp https://a.blob.core.windows.net/c/x?sv=2024&sig={GIVEN} . failed"


MARKS = ("AccountKey", "sig=", "SharedKey ")


def signs() -> list[bytes]:
    """Of a key, of a link's signature, of a connection string and of an identity's header."""
    key = connection().parts["AccountKey"]
    return [one.encode() for one in (key, key.replace("/", "%2F"), GIVEN, *MARKS)]


def places() -> list[bytes]:
    """What tells where the app runs and where it stores."""
    return [one.encode() for one in (str(ROOT), tempfile.gettempdir() + "/", EMULATOR_ACCOUNT, "127.0.0.1")]


def stored() -> Iterator[tuple[str, bytes]]:
    """Every blob, inflated, every row and every message of this account."""
    for name in (settings().artifacts_container, settings().payloads_container, settings().queries_container):
        for blob in container(name).list_blobs():
            data = container(name).download_blob(blob.name, decompress=False).readall()
            yield blob.name, gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    for name in (settings().job_state_table, settings().job_index_table, settings().job_artifact_table):
        for row in table(name).list_entities():
            yield f"{name}/{row['RowKey']}", repr(dict(row)).encode()
    for name in (settings().submit_queue, settings().events_queue, settings().artifacts_queue):
        for message in queue(name).peek_messages(max_messages=32):
            yield name, str(message.content).encode()


@dataclass
class Left:
    """An app, the job that went its whole road, the log of its host and what was stored."""

    app: App
    job_id: str
    log: Path
    kept: dict[str, bytes]


@pytest.fixture(scope="module")
def left(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """An app in which a search went its whole road, one large file has a link, and much has failed."""
    log = tmp_path_factory.mktemp("host") / "host.log"
    values = {**fresh_account(azurite), "THROUGH_FUNCTION_BYTES": "10"}
    with app_settings(values), running_host(ROOT, log, "http", values) as host:
        app = App(host.address)
        job = make_job(JobStatus.RUNNING)
        put_results(job)
        tell(job, "log", step="running", sequence=0, lines=[SAID])
        tell(job, "step", step="running", state="failed", detail={"said": SAID})
        tell(job, "terminal", status="completed")
        assert finalizer.finalize(stands(job)) == "published"
        told = {"code": "copy", "message": SAID}
        assert tell(make_job(JobStatus.RUNNING), "terminal", status="failed", error=told) == "applied"
        assert app.submit().status_code == 202
        assert "sig=" in app.get(f"blast/jobs/{job.job_id}/results/files/{FILE_ID}").headers["Location"]
        app.get(f"blast/jobs/{job.job_id}/results/export?table=queries")
        kept = dict(stored())
        blobs().delete_container(settings().payloads_container)
        failed = app.submit()
        assert (failed.status_code, failed.json()["code"]) == (503, "storage_unavailable")
        yield Left(app, job.job_id, log, kept)


def test_nothing_that_is_kept_holds_a_secret_or_a_place(left: Left) -> None:
    assert len(left.kept) > 15
    found = [
        (name, sign) for name, data in left.kept.items() for sign in (*signs(), *places()) if sign in data
    ]
    assert found == []


def test_the_log_holds_no_secret_though_links_were_given_and_storage_failed(
    left: Left,
) -> None:
    log = left.log.read_bytes()
    assert b"storage failed" in log
    assert [sign for sign in signs() if sign in log] == []


def test_neither_log_nor_row_of_a_build_that_fails_holds_a_secret_or_a_place(
    azurite: str, caplog: pytest.LogCaptureFixture
) -> None:
    with app_settings(fresh_account(azurite)), caplog.at_level(logging.INFO):
        job = make_job(JobStatus.RUNNING)
        put_results(job)
        tell(job, "log", step="running", sequence=0, lines=[SAID])
        tell(job, "terminal", status="completed")
        blobs().delete_container(settings().artifacts_container)
        assert finalizer.finalize(stands(job)) == "failed"
        standing = sentinel.find(job.job_id)
        assert standing
        assert standing.error == "ResourceNotFoundError"
        assert "attempt 1 failed" in caplog.text
        assert "ContainerNotFound" in caplog.text
        assert [sign for sign in signs() if sign in caplog.text.encode()] == []


def test_no_answer_holds_a_secret_or_a_place(left: Left) -> None:
    app, job_id = left.app, left.job_id
    paths = [f"blast/jobs/{job_id}", "blast/jobs", *(f"blast/jobs/{job_id}/{view}" for view in VIEWS)]
    paths += ["blast/jobs/nothing", *(f"blast/jobs/{job_id}/{tail}" for tail in TAILS)]
    for path in paths:
        answer = app.get(path)
        said = answer.content + repr(dict(answer.headers)).encode()
        assert [sign for sign in (*signs(), *places()) if sign in said] == [], path
    assert requests.get(f"{app.address}/api/nothing", timeout=10).content == b""
