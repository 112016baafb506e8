"""Results that were not submitted here: a prefix with ElasticBLAST's end markers becomes a job."""

from __future__ import annotations

import hashlib
import logging
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from blast_artifacts.lifecycle import due, index, jobs, results, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import Failure
from blast_artifacts.reading.folder import Folder, open_folder, runs_within
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


class Undecided(NotAdopted):
    """Another adoption is at work on which it depends; the due row left asks again."""


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
        log.warning("results below %r were not adopted: %s", prefix, refusal)
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

    The job's id follows from the prefix, so that adopting twice is adopting once. From the due row on, which
    is written first, the timer finishes what a crash cut off.
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
        due.schedule(due.Kind.FINALIZE, job_id, 1, due.soon(), prefix=prefix, owner=owner)
        standing = _make(job_id, owner, full, ending)
    return terminal.end_by_marker(standing, ending.status, ending.at, ending.failure) or standing


def _submitted_job(prefix: str) -> Job | None:
    """The job that this part of the container belongs to, in whatever run and state; None for nobody's."""
    first = prefix.partition("/")[0]
    return jobs.get_summary(first) if _ID.fullmatch(first) else None


def _make(job_id: str, owner: str, full: str, ending: Ending) -> Job:
    """The prefix is claimed before it is listed, and the claim confirmed only where nothing lies within.

    Whoever adopts within it has its marker there before it looks for claims above: one of the two sees the
    other. Of many who adopt one prefix at once, the first fixes owner and time.
    """
    _refuse_within(full)
    claimed = _claim_prefix(full, job_id, owner, ending)
    sources = list(results.iterate_results(full))
    claimed = _confirm(claimed, [source.name for source in sources])
    job = _job(claimed, open_folder(results.own(sources)))
    index.add(job.owner, clock.from_text(job.created_at), job_id)
    try:
        jobs.create(job)
    except rows.Conflict:
        log.info("job %s was adopted by another", job_id)
    return jobs.get_summary(job_id) or job


def _job(claimed: rows.Row, folder: Folder) -> Job:
    at, full = str(claimed.get("created_at")), str(claimed.get("prefix"))
    return Job(
        job_id=str(claimed.get("job_id")),
        owner=str(claimed.get("owner")),
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


def _refuse_within(full: str) -> None:
    """Refuse a prefix within another that is a job, or is being made one."""
    container_name, folder = results.split_prefix(full)
    parts = folder.rstrip("/").split("/")
    for depth in range(1, len(parts)):
        above = _claim_of(f"{container_name}/{'/'.join(parts[:depth])}/")
        if above and above.get("confirmed"):
            raise NotAdopted("it lies within results that are a job already")
        if above:
            raise Undecided("it lies within results that are being adopted: tried again later")


def _claim_prefix(full: str, job_id: str, owner: str, ending: Ending) -> rows.Row:
    """The row that gives a prefix to one job for ever, whoever wrote it."""
    at = clock.to_text(ending.at)
    values = {"job_id": job_id, "run": 1, "prefix": full, "owner": owner, "created_at": at}
    with suppress(rows.Conflict):
        rows.insert(table(settings().job_index_table), PREFIXES, _row_key(full), values)
    claimed = _still_claimed(full)
    if claimed.get("job_id") != job_id:
        raise NotAdopted("it belongs to another job")
    return claimed


def _confirm(claimed: rows.Row, names: list[str]) -> rows.Row:
    """Keep the claim, or give it up where there are results of other runs within."""
    index_table, full = table(settings().job_index_table), str(claimed.get("prefix"))
    if not claimed.get("confirmed") and runs_within(names):
        rows.delete(index_table, claimed)
        raise NotAdopted("it has other results within it")
    if not claimed.get("confirmed"):
        with suppress(rows.Conflict):
            rows.replace(index_table, claimed, {**claimed.values, "confirmed": True})
        claimed = _still_claimed(full)
    if not claimed.get("confirmed"):
        raise Undecided("another is adopting it: tried again later")
    return claimed


def _still_claimed(full: str) -> rows.Row:
    claimed = _claim_of(full)
    if claimed is None:
        raise Undecided("another has just given it up: tried again later")
    return claimed


def _claim_of(full: str) -> rows.Row | None:
    return rows.find(table(settings().job_index_table), PREFIXES, _row_key(full))


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
