"""Submitting a job: rows and blobs in an order that a crash at any point leaves repairable."""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from blast_artifacts.lifecycle import due, fasta, index, jobs, messages, request
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared import clock, codec, rows
from shared.settings import settings
from shared.storage import container

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submission:
    """What was submitted, as the request blob keeps it: enough to resume from."""

    job_id: str
    owner: str
    created_at: str
    title: str | None
    program: str
    database: str
    options: dict[str, Any]
    records: int
    letters: int


def submit(owner: str, body: bytes) -> Job:
    """Take a job in and hand it to the pipeline; raises AppError where the request is not valid.

    The due row comes first: from then on the timer brings the job to `queued`, or forgets it where the
    caller was never answered.
    """
    asked = request.parse(body)
    query = fasta.check(asked.query, asked.program)
    created = clock.now()
    submission = Submission(
        job_id=str(uuid.uuid4()),
        owner=owner,
        created_at=clock.to_text(created),
        title=asked.title,
        program=asked.program,
        database=asked.database,
        options=asked.options.model_dump(exclude_none=True),
        records=query.records,
        letters=query.letters,
    )
    job_id = submission.job_id
    due.schedule(due.Kind.SUBMIT, job_id, 1, clock.later(settings().submit_resume_seconds))
    index.add(owner, created, job_id)
    container(settings().queries_container).upload_blob(f"{job_id}/query.fa", query.data)
    _keep(submission)
    return _hand_over(submission)


def resume(job_id: str) -> bool:
    """Finish a submit that stopped half-way; False where too little was stored and it is forgotten."""
    job = jobs.get_summary(job_id)
    if job is not None and job.status is not JobStatus.SUBMITTING:
        return True
    submission = _kept(job_id)
    if submission is None:
        log.warning("job %s was never wholly submitted: forgotten", job_id)
        _forget_query(job_id)
        return False
    _hand_over(submission)
    return True


def read_request(job_id: str) -> Submission | None:
    """What was submitted as this job; None for a job that was not submitted here."""
    return _kept(job_id)


def results_prefix(job_id: str, run: int) -> str:
    return f"{settings().results_container}/{job_id}/{run}/"


def query_blob(job_id: str) -> str:
    return f"{settings().queries_container}/{job_id}/query.fa"


def _hand_over(submission: Submission) -> Job:
    """Write the job row, tell the pipeline, and only then call the job queued."""
    job = _new_job(submission)
    try:
        jobs.create(job)
    except rows.Conflict:
        log.info("job %s has its row already", job.job_id)
    messages.send_search(
        messages.Search(
            job=job.job_id,
            run=job.run,
            program=job.program,
            database=job.database,
            query=query_blob(job.job_id),
            results=job.results_prefix,
            options=submission.options,
        )
    )
    return jobs.change(job.job_id, job.run, lambda standing: standing.moved(JobStatus.QUEUED)) or job


def _new_job(submission: Submission) -> Job:
    return Job(
        job_id=submission.job_id,
        owner=submission.owner,
        status=JobStatus.SUBMITTING,
        run=1,
        program=submission.program,
        database=submission.database,
        results_prefix=results_prefix(submission.job_id, 1),
        created_at=submission.created_at,
        updated_at=submission.created_at,
        title=submission.title,
    )


def _request_path(job_id: str) -> str:
    return f"{job_id}/request.json.gz"


def _keep(submission: Submission) -> None:
    from azure.storage.blob import ContentSettings

    stored = codec.pack(codec.to_json(asdict(submission)))
    kind = ContentSettings(content_type="application/json", content_encoding="gzip")
    container(settings().payloads_container).upload_blob(
        _request_path(submission.job_id), stored, overwrite=True, content_settings=kind
    )


def _forget_query(job_id: str) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    with suppress(ResourceNotFoundError):
        container(settings().queries_container).delete_blob(f"{job_id}/query.fa")


def _kept(job_id: str) -> Submission | None:
    from azure.core.exceptions import ResourceNotFoundError

    payloads = container(settings().payloads_container)
    try:
        stored = payloads.download_blob(_request_path(job_id), decompress=False).readall()
    except ResourceNotFoundError:
        return None
    return Submission(**codec.from_json(codec.unpack(bytes(stored))))
