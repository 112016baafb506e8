"""Follows the docs: every command block that is marked to be run is run as a reader would, and works."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blast_artifacts.lifecycle import events, finalizer, jobs, sentinel, submit
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus, SentinelStatus
from local.azurite import Azurite
from shared.health import _look as health
from shared.settings import settings
from shared.storage import container, queue
from tests.conftest import app_settings
from tests.docs.blocks import ROOT, Block, blocks
from tests.lifecycle.makers import CASES, make_job, put_results, stands, tell

BLOCKS = {block.name: block for block in blocks()}
RESULT = CASES / "same-search" / "outfmt7.tsv"
ENDED = "ended-job"


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """An account with all that the docs name, which asking for its health makes; its connection string."""
    with Azurite() as emulator:
        values = {"AzureWebJobsStorage": emulator.connection_string, "AUTH_MODE": "local"}
        with app_settings(values):
            assert health() == {}
            yield emulator.connection_string


@pytest.fixture
def shell(account: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a reader's shell: `python`, `az`, an account, a result file, a job of each kind."""
    tools = tmp_path / "tools"
    tools.mkdir()
    scripts = {"python": '"$@"', "python3": '"$@"', "az": '-m tests.docs.az "$@"'}
    for name, words in scripts.items():
        tool = tools / name
        tool.write_text(f"#!/bin/sh\nexec '{sys.executable}' {words}\n", "utf-8")
        tool.chmod(0o755)
    (tmp_path / "results.out.gz").write_bytes(gzip.compress(RESULT.read_bytes(), mtime=0))
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "AzureWebJobsStorage": account,
        "AZURE_STORAGE_CONNECTION_STRING": account,
        "AUTH_MODE": "local",
        "RESULT": "results.out.gz",
        "JOB": ENDED,
    }


def follow(block: Block, shell: dict[str, str], folder: Path) -> str:
    """Run a block in a folder; what it printed."""
    program = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-c"]}[block.language]
    done = subprocess.run(
        [*program, block.text], cwd=folder, env=shell, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{block.page}: {block.name}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def submitted(account: str) -> Job:
    """A job whose search waits on the queue, alone."""
    queue(settings().submit_queue).clear_messages()
    body = {"program": "blastn", "database": "nt", "query": (CASES / "same-search/query.fa").read_text()}
    return submit.submit("local.ann", json.dumps(body).encode())


@pytest.fixture
def ended(account: str) -> Job:
    """A job that has ended and is published, under an id of its own."""
    job = jobs.get_summary(ENDED)
    if job is None:
        job = make_job(JobStatus.RUNNING, job_id=ENDED, results_prefix=f"results/{ENDED}/1/")
        tell(job, "terminal", status="completed")
        put_results(job)
        finalizer.take_in(json.dumps({"job": ENDED}))
    return stands(job)


def test_every_marked_block_is_followed_by_a_test_and_has_a_name_of_its_own() -> None:
    followed = {name.removeprefix("test_follow_") for name in globals() if name.startswith("test_follow_")}
    assert {block.name.replace("-", "_") for block in blocks()} == followed
    assert len(blocks()) == len(BLOCKS)


def test_follow_build(shell: dict[str, str], tmp_path: Path) -> None:
    summary = json.loads(follow(BLOCKS["build"], shell, tmp_path))
    assert (summary["complete"], summary["hsps"]) == (True, 59)
    assert (tmp_path / "opened" / "manifest.json.gz").is_file()


def test_follow_producer(submitted: Job, shell: dict[str, str], tmp_path: Path) -> None:
    follow(BLOCKS["producer"], shell, tmp_path)
    is_taken_in(submitted)


@pytest.mark.skipif(not shutil.which("jq"), reason="no jq on the PATH")
def test_follow_shell(submitted: Job, shell: dict[str, str], tmp_path: Path) -> None:
    follow(BLOCKS["shell"], shell, tmp_path)
    is_taken_in(submitted)


def is_taken_in(submitted: Job) -> None:
    """Three events and one result file make a published job."""
    assert queue(settings().submit_queue).get_queue_properties().approximate_message_count == 0
    told = [take_in_event() for _ in range(3)]
    assert told == ["applied"] * 3
    job = stands(submitted)
    assert (job.status, job.started_at is None) == (JobStatus.COMPLETED, False)
    assert finalizer.take_in(json.dumps({"job": job.job_id})) == "published"


def take_in_event() -> str:
    message = queue(settings().events_queue).receive_message()
    assert message
    queue(settings().events_queue).delete_message(message)
    return events.take_in(base64.b64decode(message.content))


def test_follow_adopt(account: str, shell: dict[str, str], tmp_path: Path) -> None:
    for name in ("batch_000-blastn-nt.out", "metadata/SUCCESS.txt"):
        path = f"lab/my-search/{name}"
        data = b"" if name.endswith("SUCCESS.txt") else RESULT.read_bytes()
        container(settings().results_container).upload_blob(path, data, overwrite=True)
    assert "lab/my-search: job " in follow(BLOCKS["adopt"], shell, tmp_path)


def test_follow_inspect(ended: Job, shell: dict[str, str], tmp_path: Path) -> None:
    assert f"job {ENDED}: completed, run 1" in follow(BLOCKS["inspect"], shell, tmp_path)


def test_follow_rebuild(ended: Job, shell: dict[str, str], tmp_path: Path) -> None:
    assert "asked for" in follow(BLOCKS["rebuild"], shell, tmp_path)
    standing = sentinel.find(ENDED)
    assert standing is not None
    assert standing.status is SentinelStatus.PENDING


def test_follow_poison(account: str, shell: dict[str, str], tmp_path: Path) -> None:
    queue(f"{settings().artifacts_queue}-poison")
    poison = queue(f"{settings().events_queue}-poison")
    poison.send_message('{"kind": "step"}')
    events_seen, finalizes_seen = follow(BLOCKS["poison"], shell, tmp_path).splitlines()
    (message,) = json.loads(events_seen)
    assert base64.b64decode(message["content"]) == b'{"kind": "step"}'
    assert json.loads(finalizes_seen) == []


def test_follow_purge(ended: Job, shell: dict[str, str], tmp_path: Path) -> None:
    said = follow(BLOCKS["purge"], shell, tmp_path)
    assert "would delete" in said
    assert "deleted with" in said
    assert stands(ended).status is JobStatus.DELETED
