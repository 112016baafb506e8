"""Results that were not submitted here: a prefix with ElasticBLAST's end markers becomes a job."""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from blast_artifacts.lifecycle import due, index, jobs, results, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import Failure
from blast_artifacts.reading.folder import Folder, open_folder
from blast_artifacts.terms import ID_PATTERN, JobStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import container, table

log = logging.getLogger(__name__)

PREFIXES = "prefix"
MARKERS = ("SUCCESS.txt", "FAILURE.txt")

_MARKER = re.compile(r"(?P<prefix>.+/)metadata/(?:SUCCESS|FAILURE)\.txt")
_ID = re.compile(ID_PATTERN)
_LONGEST_PREFIX = 900


class NotAdopted(Exception):
    """The prefix cannot become a job; the text says why."""


@dataclass(frozen=True)
class Ending:
    """What the markers of a prefix say; `at` is when the one that decides was written."""

    status: JobStatus
    at: datetime
    failure: Failure | None


def marker_prefix(path: str) -> str | None:
    """The results prefix, with `/` at its end, that the blob of that path is a marker of; None if of none."""
    match = _MARKER.fullmatch(path)
    return match["prefix"] if match else None


def see_marker(prefix: str) -> Job | None:
    """Record the end that the markers below a prefix of the results container tell.

    A hint: both markers are read again. A prefix of our own run is that run's; any other is adopted for
    DEFAULT_OWNER. None where there is no marker, or where the prefix may not be adopted.
    """
    full = f"{settings().results_container}/{prefix}"
    ending = _ending(full)
    if ending is None:
        return None
    own = _submitted_job(prefix)
    if own is not None and own.results_prefix == full:
        return terminal.end_by_marker(own, ending.status, ending.at, ending.failure)
    try:
        return adopt(prefix, settings().default_owner)
    except NotAdopted as refusal:
        log.warning("results below %s were not adopted: %s", prefix, refusal)
        return None


def see_overdue_marker(job: Job) -> None:
    """Record the end of a live run that its markers tell, where the pipeline has not told it for long.

    The pipeline knows more of an end than a marker does: it has CANCEL_TIMEOUT to say it.
    """
    ending = _ending(job.results_prefix)
    if ending and clock.now() - ending.at >= timedelta(seconds=settings().cancel_timeout):
        log.warning("job %s run %d: its end was told by a marker only", job.job_id, job.run)
        terminal.end_by_marker(job, ending.status, ending.at, ending.failure)


def adopt(prefix: str, owner: str) -> Job:
    """Make a job of `owner` of the results below a prefix, ended as its markers say; raises NotAdopted.

    The job's id follows from the prefix, so that adopting twice is adopting once.
    """
    _check(prefix, owner)
    if _submitted_job(prefix) is not None:
        raise NotAdopted("it lies among the results of a job that was submitted here")
    full = f"{settings().results_container}/{prefix}"
    ending = _ending(full)
    if ending is None:
        raise NotAdopted("it has neither SUCCESS.txt nor FAILURE.txt")
    job_id = str(uuid.uuid5(uuid.NAMESPACE_URL, full))
    standing = jobs.get_summary(job_id)
    if standing and standing.status is JobStatus.DELETED:
        raise NotAdopted("it was deleted here")
    if standing is None:
        standing = _make(job_id, owner, full, ending)
    return terminal.end_by_marker(standing, ending.status, ending.at, ending.failure) or standing


def _submitted_job(prefix: str) -> Job | None:
    """The job that this part of the container belongs to, in whatever run and state; None for nobody's."""
    first = prefix.partition("/")[0]
    return jobs.get_summary(first) if _ID.fullmatch(first) else None


def _make(job_id: str, owner: str, full: str, ending: Ending) -> Job:
    sources = results.list_results(full)
    _refuse_nested(full, [source.name for source in sources])
    folder = open_folder(sources)
    due.schedule(due.Kind.FINALIZE, job_id, 1, clock.later(settings().retry_base_seconds))
    _claim_prefix(full, job_id)
    job = _job(job_id, owner, full, folder, ending)
    index.add(owner, clock.from_text(job.created_at), job_id)
    try:
        jobs.create(job)
    except rows.Conflict:
        log.info("job %s was adopted by another", job_id)
    return jobs.get_summary(job_id) or job


def _job(job_id: str, owner: str, full: str, folder: Folder, ending: Ending) -> Job:
    at = clock.to_text(ending.at)
    return Job(
        job_id=job_id,
        owner=owner,
        status=JobStatus.RUNNING,
        run=1,
        program=folder.program or "",
        database=folder.database or "",
        results_prefix=full,
        created_at=at,
        updated_at=at,
        title=full.rstrip("/").rpartition("/")[2],
    )


def _check(prefix: str, owner: str) -> None:
    parts = prefix.split("/")
    if not owner:
        raise NotAdopted("DEFAULT_OWNER is not set")
    if not prefix.endswith("/") or len(prefix) > _LONGEST_PREFIX or {"", ".", ".."} & set(parts[:-1]):
        raise NotAdopted("it is no folder of the results container")


def _refuse_nested(full: str, names: list[str]) -> None:
    """One prefix, one run: none that lies within another, and none that has another within it."""
    container_name, folder = results.split_prefix(full)
    parts = folder.rstrip("/").split("/")
    above = [f"{container_name}/{'/'.join(parts[:depth])}/" for depth in range(1, len(parts))]
    if any(rows.find(table(settings().job_index_table), PREFIXES, _row_key(one)) for one in above):
        raise NotAdopted("it lies within results that are a job already")
    if any(name.count("/") > 1 and marker_prefix(name) for name in names):
        raise NotAdopted("it has other results within it")


def _claim_prefix(full: str, job_id: str) -> None:
    values = {"job_id": job_id, "run": 1, "prefix": full}
    try:
        rows.insert(table(settings().job_index_table), PREFIXES, _row_key(full), values)
    except rows.Conflict as conflict:
        held = rows.find(table(settings().job_index_table), PREFIXES, _row_key(full))
        if held is None or held.get("job_id") != job_id:
            raise NotAdopted("it belongs to another job") from conflict


def _row_key(full: str) -> str:
    return hashlib.sha256(full.encode()).hexdigest()


def _ending(full: str) -> Ending | None:
    """What the markers below `container/prefix/` say; FAILURE wins over SUCCESS, either may be empty."""
    found = {name: _marker(f"{full}metadata/{name}") for name in MARKERS}
    success, failure = found["SUCCESS.txt"], found["FAILURE.txt"]
    if failure:
        at, text = failure
        return Ending(JobStatus.FAILED, at, Failure(code="pipeline", message=text[:8192]))
    return Ending(JobStatus.COMPLETED, success[0], None) if success else None


def _marker(path: str) -> tuple[datetime, str] | None:
    from azure.core.exceptions import ResourceNotFoundError

    container_name, name = results.split_prefix(path)
    blob = container(container_name).get_blob_client(name)
    try:
        properties = blob.get_blob_properties()
        text = blob.download_blob(offset=0, length=8192).readall() if properties.size else b""
    except ResourceNotFoundError:
        return None
    return properties.last_modified, bytes(text).decode("utf-8", "replace").strip()
