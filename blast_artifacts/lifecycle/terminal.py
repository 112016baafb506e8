"""The end of a run: recorded, and its finalization set going, in an order that loses neither."""

from __future__ import annotations

from blast_artifacts.lifecycle import due, jobs, messages, sentinel
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import TerminalEvent
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
    due.schedule(due.Kind.FINALIZE, event.job, event.run, clock.later(settings().retry_base_seconds))
    error = event.error
    ended = jobs.change(
        event.job,
        event.run,
        lambda standing: standing.ended(
            JobStatus(event.status),
            event.at,
            error.code if error else None,
            error.message if error else None,
            error.exit_code if error else None,
        ),
    )
    if ended is not None:
        ask_for_artifacts(ended)
    return ended


def ask_for_artifacts(job: Job) -> None:
    """The sentinel first, so that a builder finds it, then the message."""
    sentinel.await_build(job)
    messages.send_finalize(job.job_id, job.run)
