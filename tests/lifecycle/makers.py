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
PREFIX = "2026/11/24/my-run/"
CONFIG = {
    "blast": {"program": "blastn", "db": "pars", "options": "-evalue 1e-5 -outfmt '7 std'"},
}


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


def put(prefix: str, **files: bytes) -> None:
    for name, content in files.items():
        path = name.replace("__", "/").replace("_dot_", ".")
        container(settings().results_container).upload_blob(prefix + path, content, overwrite=True)


def leave_run(prefix: str = PREFIX, marker: str = "SUCCESS", text: bytes = b"") -> None:
    """What an unmodified ElasticBLAST run leaves."""
    output = gzip.compress((CASES / "same-search/outfmt7.tsv").read_bytes(), mtime=0)
    put(
        prefix,
        **{
            "batch_000-blastn-pars_dot_out_dot_gz": output,
            "metadata__num_jobs_submitted_dot_txt": b"1",
            "metadata__elastic-blast-config_dot_json": json.dumps(CONFIG).encode(),
            f"metadata__{marker}_dot_txt": text,
        },
    )


def blob_created(path: str, container_name: str | None = None) -> str:
    """A CloudEvent as Event Grid puts it on a queue."""
    where = f"/blobServices/default/containers/{container_name or settings().results_container}/blobs/{path}"
    return json.dumps(
        {
            "specversion": "1.0",
            "type": "Microsoft.Storage.BlobCreated",
            "source": "/subscriptions/0/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
            "id": str(uuid.uuid4()),
            "time": "2026-11-24T10:00:00Z",
            "subject": where,
            "data": {
                "api": "PutBlob",
                "contentType": "text/plain",
                "contentLength": 0,
                "blobType": "BlockBlob",
            },
        }
    )
