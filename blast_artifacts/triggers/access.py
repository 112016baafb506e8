"""Authorization, in one place: whoever may not see a job is told that there is none."""

from __future__ import annotations

import re

import azure.functions as func

from blast_artifacts.lifecycle import jobs
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ID_PATTERN, JobStatus
from shared.errors import AppError
from shared.identity import Caller, identify
from shared.settings import settings
from shared.storage import connection

_ID = re.compile(ID_PATTERN)


def caller_of(req: func.HttpRequest) -> Caller:
    """Who calls; raises AppError `unauthenticated`."""
    return identify(req.headers, settings(), lambda: connection().is_emulator)


def job_id_of(req: func.HttpRequest) -> str:
    """The job id in the route; one that cannot be a job's is answered like one that is not."""
    job_id = str(req.route_params.get("job_id", ""))
    if not _ID.fullmatch(job_id):
        raise no_such_job()
    return job_id


def owned_job(caller: Caller, job_id: str, *, to_change: bool = False) -> Job:
    """The job, if the caller may see it; unknown, deleted and foreign are the same `not_found`.

    To change a job it takes its owner: a role that reads all changes nothing.
    """
    job = jobs.get_summary(job_id)
    if job is None or job.status is JobStatus.DELETED:
        raise no_such_job()
    if job.owner != caller.owner if to_change else not caller.may_read(job.owner):
        raise no_such_job()
    return job


def no_such_job() -> AppError:
    return AppError("not_found", "There is no such job.")
