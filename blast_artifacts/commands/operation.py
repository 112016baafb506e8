"""`rebuild` and `purge`: what an operator does to a job, whosever it is."""

from __future__ import annotations

from blast_artifacts.lifecycle import commands, jobs, purge, results, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.errors import AppError
from shared.settings import settings
from shared.storage import container
from shared.words import counted


class Refused(Exception):
    """The job is not in a state for that; the text says why."""


def rebuild(job_id: str) -> str:
    """Have a job's artifacts built anew, its attempts whole; gives what became of it. Raises Refused."""
    job = _job(job_id)
    if job.status is JobStatus.DELETED:
        raise Refused("it is deleted")
    standing = sentinel.find(job_id)
    if standing and standing.run == job.run and standing.is_held(clock.now()):
        return f"a build is under way, its lease holds until {standing.lease_until}"
    if standing and standing.run == job.run and standing.is_fanned_out:
        return "a build is under way, part by part: `inspect` tells how far it is"
    try:
        commands.rebuild(job)
    except AppError as refusal:
        raise Refused(refusal.detail) from refusal
    return "asked for; what is published is served until then"


def remains(job_id: str) -> str:
    """What a purge would delete, in words."""
    job = _job(job_id)
    counts = {name: _count(name, f"{job_id}/") for name in _containers(job)}
    return ", ".join(f"{count} in {name}" for name, count in counts.items())


def purge_job(job_id: str) -> str:
    """Delete a job for its owner and everything that it left, now; gives what became of it."""
    job = _job(job_id)
    if job.status is not JobStatus.DELETED:
        commands.delete(job)
    buried = _job(job_id)
    sentinel.bury(buried)
    removed = purge.deleted(buried)
    return f"deleted with {counted(removed, 'blob')}; the timer looks once more when no claim on it can live"


def _job(job_id: str) -> Job:
    job = jobs.get_summary(job_id)
    if job is None:
        raise Refused("there is no such job")
    return job


def _containers(job: Job) -> list[str]:
    """Where a purge deletes; an adopted prefix belongs to somebody else."""
    given = settings()
    names = [given.artifacts_container, given.payloads_container, given.queries_container]
    name, folder = results.split_prefix(job.results_prefix)
    return [*names, name] if folder == f"{job.job_id}/{job.run}/" else names


def _count(name: str, folder: str) -> int:
    return sum(1 for _ in container(name).list_blob_names(name_starts_with=folder))
