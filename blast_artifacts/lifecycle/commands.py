"""What the owner of a job may ask for: cancel it, run it again, build its artifacts anew, delete it.

Each writes its due row first, so that the timer finishes what a crash cut off.
"""

from __future__ import annotations

from dataclasses import replace

from blast_artifacts.lifecycle import due, jobs, messages, sentinel, submit, terminal
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.errors import AppError
from shared.settings import settings


def cancel(job: Job) -> Job:
    """Ask the pipeline to stop; its terminal event decides, or the timer after CANCEL_TIMEOUT.

    Raises AppError `already_ended`; of a job that is being cancelled already the message goes out again.
    """
    if job.is_terminal:
        raise AppError("already_ended", f"The job is {job.status}.")
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, clock.later(settings().cancel_timeout))
    cancelled = jobs.change(job.job_id, job.run, _cancelling) or job
    if cancelled.status is JobStatus.CANCELLING:
        messages.to_pipeline(messages.Cancel(job=job.job_id, run=job.run))
    return cancelled


def retry(job: Job) -> Job:
    """Run the search again as the job's next run; raises AppError `not_ended` or `adopted`."""
    submission = submit.read_request(job.job_id)
    if not job.is_terminal:
        raise AppError("not_ended", f"The job is {job.status}; cancel it first.")
    if submission is None:
        raise AppError("adopted", "Only what was submitted here can be run again.")
    run = job.run + 1
    due.schedule(due.Kind.SUBMIT, job.job_id, run, clock.later(settings().submit_resume_seconds))
    started = jobs.change(job.job_id, job.run, _next_run)
    if started is None:
        raise AppError("not_ended", "The job was run again or deleted by another request.")
    return submit.hand_over(started, submission)


def rebuild(job: Job) -> Job:
    """Have the artifacts of the current run built anew; those that stand are served until then.

    Does nothing while a build is under way. Raises AppError `not_ended`.
    """
    if not job.is_terminal:
        raise AppError("not_ended", f"The job is {job.status}.")
    terminal.ask_anew(job)
    return job


def delete(job: Job) -> None:
    """Make the job unknown at once; what it left is purged by the timer, now and once more later.

    A pipeline that still runs it is told to stop.
    """
    due.schedule(due.Kind.PURGE, job.job_id, job.run, clock.now(), deletes=True)
    standing: Job | None = job
    while standing is not None and standing.status is not JobStatus.DELETED:
        buried = jobs.change(standing.job_id, standing.run, lambda found: found.deleted())
        if buried is not None:
            sentinel.bury(buried)
            if not standing.is_terminal:
                messages.to_pipeline(messages.Cancel(job=standing.job_id, run=standing.run))
        standing = jobs.get_summary(job.job_id)


def _cancelling(job: Job) -> Job | None:
    moved = job.moved(JobStatus.CANCELLING)
    return replace(moved, cancelling_since=moved.updated_at) if moved else None


def _next_run(job: Job) -> Job | None:
    """The job at the start of its next run; a job that has not ended stays as it is."""
    if not job.is_terminal:
        return None
    return replace(
        job,
        run=job.run + 1,
        status=JobStatus.SUBMITTING,
        results_prefix=submit.results_prefix(job.job_id, job.run + 1),
        updated_at=clock.to_text(clock.now()),
        phase=None,
        started_at=None,
        finished_at=None,
        error_code=None,
        error=None,
        error_line=None,
        exit_code=None,
        cancelling_since=None,
    )
