"""The end of a run: recorded, and its finalization set going, in an order that loses neither."""

from __future__ import annotations

from datetime import datetime

from blast_artifacts.lifecycle import due, jobs, messages, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import Failure, TerminalEvent
from blast_artifacts.terms import JobStatus, SentinelStatus
from shared import clock


def end(event: TerminalEvent) -> Job | None:
    """Record the end of the run and ask for its artifacts; a duplicate runs every step again.

    None where the event is about no live job or another run.
    """
    job = jobs.get_summary(event.job)
    if job is None or job.status is JobStatus.DELETED or job.run != event.run:
        return None
    return _end(job, JobStatus(event.status), event.at, event.error)


def end_by_marker(job: Job, status: JobStatus, at: datetime, error: Failure | None) -> Job | None:
    """Record the end that a marker beside the results tells.

    A failure that is found beside a success is the one thing that changes an end: it wins.
    """
    ended = _end(job, status, at, error)
    if ended is None or status is not JobStatus.FAILED or ended.status is not JobStatus.COMPLETED:
        return ended
    code, text = (error.code, error.message) if error else ("pipeline", "")
    failed = jobs.change(job.job_id, job.run, lambda standing: standing.failed_after_all(at, code, text))
    if failed is not None:
        ask_anew(failed)
    return failed


def give_up(job: Job) -> None:
    """Call a job cancelled of which the pipeline says nothing more."""
    reason = Failure(code="cancel_timeout", message="The pipeline did not say that it had stopped.")
    _end(job, JobStatus.CANCELLED, clock.now(), reason)


def ask_once(job: Job) -> None:
    """Ask for artifacts that an ended job lacks and for which nobody has asked; of many callers, one asks."""
    standing = sentinel.find(job.job_id)
    if standing is None or standing.run < job.run:
        due.schedule(due.Kind.FINALIZE, job.job_id, job.run, due.soon())
        if sentinel.await_build(job):
            messages.send_finalize(job.job_id, job.run)
    elif standing.status is SentinelStatus.READY:
        ask_anew(job)


def ask_again(job: Job) -> None:
    """Ask once more for a build that is to come where due row and message of it are lost."""
    standing = sentinel.find(job.job_id)
    if standing and standing.run == job.run and standing.is_forgotten(clock.now()):
        ask_anew(job)


def ask_for_newer(job_id: str) -> bool:
    """Have what an older builder published, or failed at, built anew, once; whether such a build is to come.

    A rebuild that fails is not asked for again.
    """
    standing = sentinel.find(job_id)
    if standing is None or standing.status is SentinelStatus.PENDING or not standing.is_outdated:
        return standing is not None and standing.status is SentinelStatus.PENDING
    job = jobs.get_summary(job_id)
    if job is None or not job.is_terminal or job.run != standing.run:
        return False
    ask_anew(job)
    return True


def ask_anew(job: Job) -> None:
    """Have the artifacts of a job that has ended built once more; those that stand are served until then."""
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, due.soon())
    if sentinel.reopen(job):
        messages.send_finalize(job.job_id, job.run)


def ask_later(job: Job) -> None:
    """Have the artifacts built once more for whatever has changed until then: many changes, one build."""
    at = due.soon()
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, at)
    sentinel.reopen(job, not_before=at)


def ask_for_artifacts(job: Job) -> None:
    """The sentinel first, so that a builder finds it, then the message."""
    sentinel.await_build(job)
    messages.send_finalize(job.job_id, job.run)


def _end(job: Job, status: JobStatus, at: datetime, error: Failure | None) -> Job | None:
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, due.soon())
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
