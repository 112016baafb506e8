"""Jobs and events for the tests of the life cycle."""

from __future__ import annotations

import gzip
import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from blast_artifacts.lifecycle import events, jobs
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared.settings import settings
from shared.storage import container

CASES = Path(__file__).parents[1] / "data" / "cases"
TIME = "2026-11-24T10:00:00.000000Z"


def make_job(status: JobStatus = JobStatus.QUEUED, **changes: Any) -> Job:
    """A job row as submit leaves it."""
    job_id = str(uuid.uuid4())
    job = Job(
        job_id=job_id,
        owner="local.ann",
        status=status,
        run=1,
        program="blastn",
        database="nt",
        results_prefix=f"{settings().results_container}/{job_id}/{changes.get('run', 1)}/",
        created_at=TIME,
        updated_at=TIME,
    )
    job = replace(job, **changes)
    jobs.create(job)
    return job


def stands(job: Job) -> Job:
    """The job as its row has it now."""
    found = jobs.get_summary(job.job_id)
    assert found is not None
    return found


def tell(job: Job, kind: str, **fields: Any) -> str:
    """Send one event of the job through the door that the queue function uses."""
    time = {} if kind == "log" else {"at": "2026-11-24T10:00:00Z"}
    return events.take_in(json.dumps({"kind": kind, "job": job.job_id, "run": job.run, **time, **fields}))


def put_results(job: Job, case: str = "same-search/outfmt7.tsv", batches: int = 1) -> None:
    """Real output of a search in ElasticBLAST's layout, each batch the same, and the queries of one."""
    data = gzip.compress((CASES / case).read_bytes(), mtime=0)
    files = {f"batch_{number:03d}-blastn-nt.out.gz": data for number in range(batches)}
    files["metadata/num_jobs_submitted.txt"] = str(batches).encode()
    files["metadata/SUCCESS.txt"] = b""
    container_name, _, folder = job.results_prefix.partition("/")
    for name, content in files.items():
        container(container_name).upload_blob(folder + name, content)
    queries = (CASES / "same-search/query.fa").read_bytes()
    container(settings().queries_container).upload_blob(
        f"{job.job_id}/query.fa", queries * batches, overwrite=True
    )
