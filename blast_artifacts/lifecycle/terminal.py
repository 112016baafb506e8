"""The end of a run: recorded, and its finalization set going, in an order that loses neither."""

from __future__ import annotations

from datetime import datetime

from blast_artifacts.lifecycle import due, jobs, messages, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import Failure, TerminalEvent
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.settings import settings


def end(event: TerminalEvent) -> Job | None:
    """Record the end of the run and ask for its artifacts; a duplicate runs every step again.

    None where the event is about no live job or another run.
    """
    job = jobs.get_summary(event.job)
    if job is None or job.status is JobStatus.DELETED or job.run != event.run:
        return None
    return _end(job, JobStatus(event.status), event.at, event.error)


def give_up(job: Job) -> None:
    """Call a job cancelled of which the pipeline says nothing more."""
    reason = Failure(code="cancel_timeout", message="The pipeline did not say that it had stopped.")
    _end(job, JobStatus.CANCELLED, clock.now(), reason)


def ask_once(job: Job) -> None:
    """Ask for the artifacts of a job that has ended and of which nobody has; of many callers, one asks."""
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, clock.later(settings().retry_base_seconds))
    if sentinel.await_build(job):
        messages.send_finalize(job.job_id, job.run)


def ask_anew(job: Job) -> None:
    """Have the artifacts of a job that has ended built once more; those that stand are served until then."""
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, clock.later(settings().retry_base_seconds))
    if sentinel.reopen(job):
        messages.send_finalize(job.job_id, job.run)


def ask_for_artifacts(job: Job) -> None:
    """The sentinel first, so that a builder finds it, then the message."""
    sentinel.await_build(job)
    messages.send_finalize(job.job_id, job.run)


def _end(job: Job, status: JobStatus, at: datetime, error: Failure | None) -> Job | None:
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, clock.later(settings().retry_base_seconds))
    ended = jobs.change(
        job.job_id,
        job.run,
        lambda standing: standing.ended(
            status,
            at,
            error.code if error else None,
            error.message if error else None,
            error.exit_code if error else None,
        ),
    )
    if ended is not None:
        ask_for_artifacts(ended)
    return ended
