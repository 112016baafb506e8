"""Logs of a step, over HTTP."""

from __future__ import annotations

import pytest

from blast_artifacts.terms import JobStatus
from shared.settings import settings
from shared.storage import container
from tests.lifecycle.makers import make_job, tell
from tests.triggers.conftest import App
from tests.triggers.test_http import problem


def test_chunks_are_listed_with_what_is_missing_and_read_one_by_one(app: App) -> None:
    job = make_job(JobStatus.RUNNING)
    where = f"blast/jobs/{job.job_id}/execution-steps/logs/running"
    assert app.get(where).json()["chunks"] == []
    tell(job, "log", step="running", sequence=0, lines=["first", "\x1b[31msecond\x1b[0m"])
    tell(job, "log", step="running", sequence=2, lines=["last"], last=True)
    index = app.get(where).json()
    assert [chunk["sequence"] for chunk in index["chunks"]] == [0, 2]
    assert (index["last"], index["whole"], index["missing"]) == (2, False, [{"from": 1, "to": 1}])
    assert app.get(f"{where}/0").json()["lines"] == ["first", "second"]
    tell(job, "terminal", status="completed")
    tell(job, "log", step="running", sequence=1, lines=["late"])
    assert app.get(where).json()["whole"] is True


def test_a_log_may_lie_with_the_results(app: App) -> None:
    job = make_job(JobStatus.RUNNING)
    path = f"{job.job_id}/1/logs/BLAST_RUNTIME-000.out"
    container(settings().results_container).upload_blob(path, b"1 run start 000\n2 run exitCode 000 0\n")
    tell(job, "log", step="running", sequence=0, blob=path, last=True)
    chunk = app.get(f"blast/jobs/{job.job_id}/execution-steps/logs/running/0").json()
    assert chunk["lines"][-1] == "2 run exitCode 000 0"


@pytest.mark.parametrize(
    "tail", ["running/0", "running/x", "running/1234567", "RUNNING", "a..b", "running/-1"]
)
def test_what_is_no_chunk_is_not_found(app: App, tail: str) -> None:
    job = make_job(JobStatus.RUNNING)
    assert problem(app.get(f"blast/jobs/{job.job_id}/execution-steps/logs/{tail}")) == (404, "not_found")


def test_a_stranger_reads_no_logs(app: App) -> None:
    job = make_job(JobStatus.RUNNING)
    tell(job, "log", step="running", sequence=0, lines=["x"])
    for tail in ("running", "running/0"):
        where = f"blast/jobs/{job.job_id}/execution-steps/logs/{tail}"
        assert problem(App(app.address, "bob").get(where)) == (404, "not_found")
