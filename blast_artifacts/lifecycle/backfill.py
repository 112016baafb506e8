"""The timer's work: whatever is due is done, or put off with a fresh row, oldest first."""

from __future__ import annotations

import logging
import time

from blast_artifacts.lifecycle import due, jobs, purge, sentinel, submit, terminal
from blast_artifacts.lifecycle.due import Kind, Work
from shared import clock

log = logging.getLogger(__name__)

_MOST_ROWS = 500
_LONGEST_RUN = 40.0


def run() -> int:
    """Work off the due rows, bounded in number and time; gives the number that were seen.

    A row that fails is left where it is and does not keep the others from their turn.
    """
    began = time.monotonic()
    seen = 0
    for work in due.overdue(clock.now()):
        if seen >= _MOST_ROWS or time.monotonic() - began > _LONGEST_RUN:
            log.warning("more due work than one run takes: %d rows seen", seen)
            break
        seen += 1
        try:
            _work_off(work)
        except Exception:
            log.exception("due %s of job %s failed", work.kind, work.job_id)
    return seen


def _work_off(work: Work) -> None:
    if work.kind is Kind.FINALIZE:
        _see_finalized(work)
    elif work.kind is Kind.SUBMIT:
        _see_submitted(work)
    else:
        purge.superseded(work.job_id, work.run)
        due.settle(work)


def _see_finalized(work: Work) -> None:
    """Ask once more for the artifacts of a run that has none, unless a claim is at work on them."""
    job = jobs.get_summary(work.job_id)
    if job is None or job.run != work.run or job.status == "deleted":
        return due.settle(work)
    standing = sentinel.find(work.job_id)
    if standing and standing.run == work.run and standing.is_settled:
        return due.settle(work)
    due.schedule(Kind.FINALIZE, work.job_id, work.run, due.back_off(work.tries + 1), work.tries + 1)
    at_work = standing is not None and standing.run == work.run and standing.is_held(clock.now())
    if job.is_terminal and not at_work:
        terminal.ask_for_artifacts(job)
    return due.settle(work)


def _see_submitted(work: Work) -> None:
    job = jobs.get_summary(work.job_id)
    if job is None or job.status == "submitting":
        submit.resume(work.job_id)
    due.settle(work)
