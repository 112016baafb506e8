"""The timer's work: whatever is due is done, or put off with a fresh row, oldest first."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta

from blast_artifacts.lifecycle import (
    adoption,
    commands,
    due,
    exports,
    fan_out,
    jobs,
    messages,
    purge,
    sentinel,
    steps,
    submit,
    terminal,
)
from blast_artifacts.lifecycle.due import Kind, Work
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.log_lines import action, note, note_largest
from shared.settings import settings

log = logging.getLogger(__name__)

_MOST_ROWS = 500
_LONGEST_RUN = 40.0
_FORGOTTEN_AFTER_TRIES = 3
_TRIES_OF_PARTS = 2
"""Parts go on while they are looked after: the back-off grows no further, as if nothing had come of it."""


def run() -> int:
    """Work off the due rows, bounded in number and time; gives the number that were seen.

    A row that fails is left where it is and does not keep the others from their turn.
    """
    began = time.monotonic()
    seen = failed = 0
    for work in due.overdue(clock.now()):
        if seen >= _MOST_ROWS or time.monotonic() - began > _LONGEST_RUN:
            log.warning("more due work than one run takes: %d rows seen", seen)
            break
        seen += 1
        try:
            _work_off(work)
        except Exception:
            failed += 1
            log.exception("due %s of job %s failed", work.kind, work.job_id)
            _leave_for_later(work)
    note(failed=failed)
    return seen


def _leave_for_later(work: Work) -> None:
    """Move work that fails out of the way of the rest."""
    try:
        due.put_off(work)
        due.settle(work)
    except Exception:
        log.exception("due %s of job %s stays where it is", work.kind, work.job_id)


def _work_off(work: Work) -> None:
    """A due row is deleted only after the next one is written, or a fresh read shows its work settled.

    The next one is the last thing that is written: work that fails is put off by who called.
    """
    job = jobs.get_summary(work.job_id)
    _SEEN_TO[work.kind](work, job)
    due.settle(work)


def _see_finalized(work: Work, job: Job | None) -> None:
    """Bring a run to its end and its artifacts to where they tell of it; a live claim is left to its work."""
    if work.prefix and (job is None or job.status is JobStatus.RUNNING):
        _resume_adoption(work)
        return
    if job is None or job.run != work.run or job.status is JobStatus.DELETED:
        return
    if job.is_terminal:
        _see_artifacts(work, job)
        return
    if job.status is JobStatus.CANCELLING:
        _give_up_waiting(job)
    else:
        adoption.see_overdue_marker(job)
    due.put_off(work)


def _resume_adoption(work: Work) -> None:
    try:
        adoption.adopt(work.prefix, work.owner)
    except adoption.Undecided:
        due.put_off(work)
    except adoption.NotAdopted as refusal:
        log.warning("results below %s were not adopted: %s", work.prefix, refusal)


def _see_artifacts(work: Work, job: Job) -> None:
    """Ask once more for the artifacts of a run that has none, or whose time line has changed since."""
    standing = sentinel.find(work.job_id)
    ours = standing if standing and standing.run == work.run else None
    if ours and ours.settles(job):
        if not ours.is_of_a_later_builder and not steps.is_told(job):
            terminal.ask_anew(job)
        return
    waited = clock.now() - clock.from_text(job.finished_at or job.updated_at)
    note_largest(oldest_pending_seconds=round(waited.total_seconds(), 1))
    if ours and ours.is_fanned_out:
        fan_out.look_after(job.job_id, ours)
        work = replace(work, tries=min(work.tries, _TRIES_OF_PARTS))
    elif not (ours and ours.is_held(clock.now())) and not _is_waiting(work):
        terminal.ask_for_artifacts(job)
    due.put_off(work)


def _is_waiting(work: Work) -> bool:
    return messages.is_waiting(work.row.written_at, messages.oldest_work())


def _give_up_waiting(job: Job) -> None:
    """Call a job cancelled whose pipeline has not answered for CANCEL_TIMEOUT, and tell it once more."""
    since = clock.from_text(job.cancelling_since or job.updated_at)
    if clock.now() - since >= timedelta(seconds=settings().cancel_timeout):
        messages.to_pipeline(messages.Cancel(job=job.job_id, run=job.run))
        terminal.give_up(job)


def _see_submitted(work: Work, job: Job | None) -> None:
    """Finish a submit or a retry, and watch its run from then on: the event of its end may be lost.

    One of which too little was stored is forgotten after a while.
    """
    if job is not None and job.run == work.run - 1 and job.is_terminal:
        commands.retry(job)
    elif job is not None and job.run != work.run:
        return
    elif submit.resume(work.job_id):
        due.schedule(Kind.FINALIZE, work.job_id, work.run, due.back_off(0))
    elif work.tries < _FORGOTTEN_AFTER_TRIES:
        due.put_off(work)
    else:
        submit.forget(work.job_id, work.owner, work.entries)


def _see_purged(work: Work, job: Job | None) -> None:
    """Purge a deleted job, and once more when no claim on it can live; else superseded builds."""
    if job is None:
        return
    if work.deletes and job.status is not JobStatus.DELETED:
        commands.delete(job)
    elif job.status is JobStatus.DELETED:
        sentinel.bury(job)
        with action("purge", job=job.job_id, run=job.run):
            note(blobs=purge.deleted(job), outcome="deleted")
        if not purge.is_old(job):
            again = clock.later(settings().deleted_purge_seconds)
            due.schedule(Kind.PURGE, job.job_id, job.run, again, deletes=True)
    else:
        with action("purge", job=work.job_id, run=work.run):
            removed = purge.superseded(work.job_id, work.run, work.build, work.row.written_at)
            note(blobs=removed, outcome="superseded")


def _see_exported(work: Work, job: Job | None) -> None:
    """Ask once more for exports whose builder is gone, whether or not somebody still waits for them."""
    if job is None or job.run != work.run or job.status is JobStatus.DELETED:
        return
    if exports.ask_again(work.job_id, work.run):
        due.put_off(work)


_SEEN_TO = {
    Kind.FINALIZE: _see_finalized,
    Kind.SUBMIT: _see_submitted,
    Kind.PURGE: _see_purged,
    Kind.EXPORT: _see_exported,
}
