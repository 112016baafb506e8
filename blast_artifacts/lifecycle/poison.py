"""Messages that were tried too often: what they asked for is put in the hands of the timer.

Nothing here raises: a queue of poisoned messages has no other behind it.
"""

from __future__ import annotations

import logging

from blast_artifacts.lifecycle import due, events, jobs, sentinel
from blast_artifacts.lifecycle.messages import WORK, MakeExport
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.log_lines import note

log = logging.getLogger(__name__)


def take_in_event(text: str | bytes) -> str:
    """Try an event once more, long after its last try; gives what became of it, `failed` among it."""
    try:
        return events.take_in(text)
    except Exception:
        log.exception("a poisoned event failed again and is given up")
        return "failed"


def take_in_finalize(text: str | bytes) -> str:
    """Leave what is settled or under way alone, otherwise write a due row; gives what became of it.

    An export is asked for again by whoever still waits for it.
    """
    try:
        message = WORK.validate_json(text)
        note(job=message.job)
        return "left" if isinstance(message, MakeExport) else _see(message.job)
    except Exception:
        log.exception("a poisoned finalize message could not be read, or storage failed")
        return "failed"


def _see(job_id: str) -> str:
    job = jobs.get_summary(job_id)
    if job is None or job.status is JobStatus.DELETED:
        return "gone"
    standing = sentinel.find(job_id)
    if standing and standing.run == job.run and standing.settles(job):
        return "settled"
    if standing and standing.run == job.run and standing.is_held(clock.now()):
        return "busy"
    due.schedule(due.Kind.FINALIZE, job_id, job.run, due.back_off(0))
    log.warning("a finalize message of job %s was poisoned; the timer takes it up", job_id)
    return "due"
