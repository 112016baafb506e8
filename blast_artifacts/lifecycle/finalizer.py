"""The finalizer: claims a finished run, builds its artifacts from the results, publishes them at once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from blast_artifacts.lifecycle import (
    artifacts,
    claims,
    due,
    exporter,
    jobs,
    results,
    sentinel,
    steps,
    submit,
    terminal,
)
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.claims import Busy, Claim, ClaimLost, Settled
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import WORK, MakeExport
from blast_artifacts.lifecycle.taxa import taxonomy
from blast_artifacts.lifecycle.workplace import workplace
from blast_artifacts.reading.folder import open_folder
from blast_artifacts.reading.hits import Source
from blast_artifacts.terms import SCHEMA_VERSION, ArtifactState, ArtifactType, JobStatus, SentinelStatus
from blast_artifacts.views import build as views
from blast_artifacts.views.build import Built
from shared import codec
from shared.errors import told
from shared.log_lines import note
from shared.settings import settings
from shared.storage import container

log = logging.getLogger(__name__)

_ALWAYS_REQUIRED = frozenset({ArtifactType.EXECUTION_STEPS, ArtifactType.MANIFEST})


class NotListableYet(Exception):
    """The job claims success, but its results are not all to be seen."""


def take_in(text: str | bytes) -> str:
    """Act on one message of the artifacts queue and say what became of it.

    `published`, `failed` (released for a later attempt), `lost`, `busy`, `settled`, `not_terminal`, `gone` or
    `malformed`; nothing of the message but the job's id is believed. An export is handed on.
    """
    try:
        message = WORK.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        log.error("finalize message refused: %s", fault["msg"])
        return "malformed"
    if isinstance(message, MakeExport):
        return exporter.make(message)
    job = jobs.get_summary(message.job)
    if job is None or job.status is JobStatus.DELETED:
        log.warning("finalize message for job %s, which is not there", message.job)
        return "gone"
    if not job.is_terminal:
        due.schedule(due.Kind.FINALIZE, job.job_id, job.run, due.back_off(0))
        return "not_terminal"
    return finalize(job)


def finalize(job: Job) -> str:
    """Build and publish the artifacts of a terminal job's current run, if it can be claimed."""
    note(job=job.job_id, run=job.run)
    try:
        claim = claims.claim(job)
    except Settled:
        return "settled"
    except Busy:
        return "busy"
    note(build=claim.token, attempt=claim.attempt)
    try:
        with claim.kept_alive(), workplace() as folder:
            _build_claimed(claim, folder)
    except ClaimLost:
        log.warning("job %s run %d: claim %s lost, nothing published", job.job_id, job.run, claim.token)
        return "lost"
    except Exception as error:
        _put_off(claim, error)
        return "failed"
    return "published"


def build(
    job: Job,
    sources: Sequence[Source],
    folder: Path,
    deadline: float,
    on_progress: Callable[[int], None] | None = None,
) -> Built:
    """What the results of a job's current run come to; its tables lie in `folder`."""
    submission = submit.read_request(job.job_id)
    search = views.Job(
        job_id=job.job_id,
        run=job.run,
        status=job.status,
        program=job.program,
        database=job.database,
        options=submission.options if submission else {},
        query_fasta=results.find_source(submit.query_blob(job.job_id)),
    )
    return views.build_result(
        search, sources, folder, taxonomy=taxonomy(), deadline=deadline, on_progress=on_progress
    )


def refuse_unlisted(job: Job, sources: Sequence[Source]) -> None:
    """Raise NotListableYet for a job that claims success while results lack; a listing may lag behind."""
    if job.status is not JobStatus.COMPLETED:
        return
    folder = open_folder(sources)
    if not folder.results:
        raise NotListableYet("the job has completed, but no result file is to be seen")
    if missing := folder.missing_batches():
        raise NotListableYet(f"of {missing} batches no result is to be seen")


def _build_claimed(claim: Claim, folder: Path) -> None:
    """All blobs first, under paths that bear the claim's token; then the rows."""
    job = claim.job
    sources = results.list_results(job.results_prefix)
    if claim.attempt < settings().max_attempts:
        refuse_unlisted(job, sources)
    deadline = time.monotonic() + settings().build_deadline_seconds
    built = build(job, sources, folder, deadline, on_progress=lambda _bytes: claim.check())
    read = sum(source.size for source in sources)
    note(bytes=read, rows=built.summary["hsps"], complete=built.complete)
    time_line = codec.to_json(steps.time_line(job))
    published = [*_upload_artifacts(claim, built, time_line), _upload_parts(claim, built)]
    if claim.follows_a_build:
        due.schedule_purge(job.job_id, job.run)
    claim.publish(_end_of(claim, built, published), published)
    if codec.to_json(steps.time_line(job)) != time_line:
        terminal.ask_later(job)


def _upload_artifacts(claim: Claim, built: Built, time_line: bytes) -> list[Artifact]:
    ended = bool(codec.from_json(time_line)["complete"])
    line = _upload(claim, built, ArtifactType.EXECUTION_STEPS, time_line, complete=ended)
    ready = [
        _upload(claim, built, kind, body, complete=built.complete) for kind, body in built.artifacts.items()
    ]
    failed = [
        replace(_row(claim, built, kind, ArtifactState.FAILED), error_code="build_failed", error=reason)
        for kind, reason in built.failed.items()
    ]
    return [line, *ready, *failed]


def _upload(claim: Claim, built: Built, kind: ArtifactType, body: bytes, *, complete: bool) -> Artifact:
    from azure.storage.blob import ContentSettings

    claim.check()
    stored = codec.pack(body)
    path = artifacts.blob_path(claim.job.job_id, claim.job.run, claim.token, kind)
    container(settings().artifacts_container).upload_blob(
        path,
        stored,
        overwrite=True,
        content_settings=ContentSettings(content_type="application/json", content_encoding="gzip"),
    )
    return replace(
        _row(claim, built, kind, ArtifactState.READY),
        complete=complete,
        blob=path,
        sha256=codec.digest(stored),
        size=len(stored),
        plain_size=len(body),
    )


def _upload_parts(claim: Claim, built: Built) -> Artifact:
    """The tables of each part, and the artifact that says where they lie."""
    folder = f"{claim.job.job_id}/{claim.job.run}/{claim.token}/parts"
    listed: dict[str, dict[str, dict[str, str | int]]] = {}
    for file in built.parts:
        claim.check()
        number, table_name, _ = file.name.split(".")
        path = f"{folder}/{number}-{claim.token}.{table_name}.parquet"
        with file.open("rb") as data:
            container(settings().artifacts_container).upload_blob(path, data, overwrite=True)
        listed.setdefault(number, {})[table_name] = {"path": path, "size": file.stat().st_size}
    parts = [{"part": int(number), "tables": tables} for number, tables in listed.items()]
    line = {
        "schema_version": SCHEMA_VERSION,
        "job_id": claim.job.job_id,
        "run": claim.job.run,
        "complete": built.complete,
        "parts": parts,
        "files": _upload_files(claim, built),
    }
    return _upload(claim, built, ArtifactType.PARTS, codec.to_json(line), complete=built.complete)


def _upload_files(claim: Claim, built: Built) -> str | None:
    """The list of all files, where the manifest does not show it whole; gives its path."""
    if built.files is None:
        return None
    path = f"{claim.job.job_id}/{claim.job.run}/{claim.token}/files.jsonl.gz"
    container(settings().artifacts_container).upload_blob(path, codec.pack(built.files), overwrite=True)
    return path


def _row(claim: Claim, built: Built, kind: ArtifactType, status: ArtifactState) -> Artifact:
    end = claim.ended(SentinelStatus.READY)
    return Artifact(
        type=kind,
        status=status,
        owner=claim.job.owner,
        run=claim.job.run,
        build=claim.token,
        schema_version=end.schema_version,
        builder_version=end.builder_version,
        fingerprint=built.fingerprint,
        updated_at=end.updated_at,
    )


def _end_of(claim: Claim, built: Built, published: Sequence[Artifact]) -> sentinel.Sentinel:
    """`ready` only if every artifact that the job's status requires is."""
    required = set(ArtifactType) if claim.job.status is JobStatus.COMPLETED else _ALWAYS_REQUIRED
    lacking = sorted(required - {one.type for one in published if one.status is ArtifactState.READY})
    if lacking:
        note(for_good=True, code="build_failed")
        end = claim.ended(SentinelStatus.FAILED, "build_failed", f"could not be built: {', '.join(lacking)}")
    else:
        end = claim.ended(SentinelStatus.READY)
    return replace(end, fingerprint=built.fingerprint)


def _put_off(claim: Claim, error: Exception) -> None:
    """Give the claim back until the back-off has passed, with a due row for that moment."""
    until = due.back_off(claim.attempt - 1)
    job = claim.job
    if isinstance(error, NotListableYet):
        log.warning("job %s run %d: %s; tried again later", job.job_id, job.run, error)
        code = "results_not_listable"
    else:
        log.error("job %s run %d: attempt %d failed", job.job_id, job.run, claim.attempt, exc_info=error)
        code = "build_failed"
    note(code=code)
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, until, tries=claim.attempt)
    claim.release(code, told(error), until)
