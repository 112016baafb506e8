"""Submitting a job: rows and blobs in an order that a crash at any point leaves repairable."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from blast_artifacts.lifecycle import capacity, due, fasta, index, jobs, messages, request, sentinel
from blast_artifacts.lifecycle.fasta import Fasta
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.request import SubmitRequest
from blast_artifacts.terms import JobStatus
from shared import clock, codec, rows
from shared.errors import AppError
from shared.log_lines import note
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
    index_key: str | None = None
    warning: str | None = None


def submit(owner: str, body: bytes, key: str | None = None) -> Job:
    """Take a job in and hand it to the pipeline; raises AppError where the request is not valid.

    The due row comes first: from then on the timer brings the job to `queued`, or forgets it where the
    caller was never answered. A repeat with the same Idempotency-Key `key` and request takes every step again
    under the same id; with another request it is refused.
    """
    asked = request.parse(body)
    query = fasta.check(asked.query, asked.program)
    new = _submission(owner, asked, query)
    if key is None:
        return _take_in(new, query)
    row = index.key_row(key)
    fingerprint = codec.digest(codec.to_json(asked.model_dump()))
    new = replace(new, index_key=row)
    use = index.find_use(owner, row)
    if use is None:
        with suppress(rows.Conflict):
            return _take_in(new, query, index.KeyUse(fingerprint, new.job_id, new.created_at))
        use = index.find_use(owner, row)
    if use is None or use.fingerprint != fingerprint:
        raise AppError("idempotency_key_reused", "Send another request with another key.")
    return _repeat(replace(new, job_id=use.job_id, created_at=use.created_at), query)


def resume(job_id: str) -> bool:
    """Hand over a job whose submit or retry stopped half-way; False where too little was stored."""
    job = jobs.get_summary(job_id)
    if job is not None and job.status is not JobStatus.SUBMITTING:
        return True
    submission = read_request(job_id)
    if submission is None:
        return False
    if job is None:
        _create(submission)
    else:
        hand_over(job, submission)
    return True


def forget(job_id: str, owner: str, entries: Iterable[str]) -> None:
    """Remove the query of a job that was never wholly submitted, and its entries in its owner's index."""
    from azure.core.exceptions import ResourceNotFoundError

    log.warning("job %s was never wholly submitted: forgotten", job_id)
    with suppress(ResourceNotFoundError):
        container(settings().queries_container).delete_blob(f"{job_id}/query.fa")
    index.remove(owner, entries, job_id)


def hand_over(job: Job, submission: Submission, etag: str | None = None) -> Job:
    """Tell the pipeline of a run, and only then call the job queued.

    `etag` is that of the job's row where it was written just now. A job that was cancelled or deleted
    meanwhile is so for the pipeline too; raises AppError `not_found` for the latter.
    """
    if job.run > 1:
        sentinel.start_run(job)
    messages.to_pipeline(
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
    queued = job.moved(JobStatus.QUEUED)
    if etag and queued and jobs.replace_fresh(queued, etag):
        return queued
    standing = jobs.change(job.job_id, job.run, lambda found: found.moved(JobStatus.QUEUED))
    if standing is None or standing.status is JobStatus.CANCELLING:
        messages.to_pipeline(messages.Cancel(job=job.job_id, run=job.run))
    if standing is None:
        raise AppError("not_found", "The job was deleted by another request.")
    return standing


def read_request(job_id: str) -> Submission | None:
    """What was submitted as this job; None for a job that was not submitted here."""
    from azure.core.exceptions import ResourceNotFoundError

    payloads = container(settings().payloads_container)
    try:
        stored = payloads.download_blob(_request_path(job_id), decompress=False).readall()
    except ResourceNotFoundError:
        return None
    return Submission(**codec.from_json(codec.unpack(bytes(stored))))


def results_prefix(job_id: str, run: int) -> str:
    return f"{settings().results_container}/{job_id}/{run}/"


def query_blob(job_id: str) -> str:
    return f"{settings().queries_container}/{job_id}/query.fa"


def _submission(owner: str, asked: SubmitRequest, query: Fasta) -> Submission:
    return Submission(
        job_id=str(uuid.uuid4()),
        owner=owner,
        created_at=clock.to_text(clock.now()),
        title=asked.title,
        program=asked.program,
        database=asked.database,
        options=asked.options.model_dump(exclude_none=True),
        records=query.records,
        letters=query.letters,
    )


def _take_in(submission: Submission, query: Fasta, use: index.KeyUse | None = None) -> Job:
    submission = replace(submission, warning=_room())
    _guard(submission)
    created = clock.from_text(submission.created_at)
    index.add(submission.owner, created, submission.job_id, use, submission.index_key)
    return _store(submission, query)


def _room() -> str | None:
    """Refuse a job for which the cluster has no room; a warning where that cannot be told."""
    if not settings().blast_submit_sync_capacity_check:
        return None
    found = capacity.check()
    if found.has_room is False:
        raise AppError("no_capacity", found.reason)
    return None if found.has_room else found.reason


def _repeat(submission: Submission, query: Fasta) -> Job:
    """The job of an earlier request with this key; steps that it did not come to are taken now."""
    job = jobs.get_summary(submission.job_id)
    if job is not None and job.status is JobStatus.DELETED:
        raise AppError("idempotency_key_reused", "The job of this key was deleted; send another key.")
    if job is not None and job.status is not JobStatus.SUBMITTING:
        return job
    _guard(submission)
    return _store(submission, query)


def _guard(submission: Submission) -> None:
    """The due row of a submit: it knows what to remove of one that is forgotten."""
    entry = index.entry_key(clock.from_text(submission.created_at), submission.job_id)
    due.schedule(
        *(due.Kind.SUBMIT, submission.job_id, 1, clock.later(settings().submit_resume_seconds)),
        owner=submission.owner,
        entries=" ".join(filter(None, (entry, submission.index_key))),
    )


def _store(submission: Submission, query: Fasta) -> Job:
    queries = container(settings().queries_container)
    queries.upload_blob(f"{submission.job_id}/query.fa", query.data, overwrite=True)
    _keep(submission)
    return _create(submission)


def _create(submission: Submission) -> Job:
    note(job=submission.job_id)
    job = Job(
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
        index_key=submission.index_key,
        warning=submission.warning,
    )
    try:
        etag = jobs.create(job)
    except rows.Conflict:
        standing = jobs.get_summary(job.job_id)
        if standing and standing.status is not JobStatus.SUBMITTING:
            return standing
        etag = None
    return hand_over(job, submission, etag)


def _request_path(job_id: str) -> str:
    return f"{job_id}/request.json.gz"


def _keep(submission: Submission) -> None:
    from azure.storage.blob import ContentSettings

    stored = codec.pack(codec.to_json(asdict(submission)))
    kind = ContentSettings(content_type="application/json", content_encoding="gzip")
    container(settings().payloads_container).upload_blob(
        _request_path(submission.job_id), stored, overwrite=True, content_settings=kind
    )
