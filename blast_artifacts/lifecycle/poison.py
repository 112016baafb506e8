"""Messages that were tried too often: each is tried once more, and comes back later where that fails too.

Nothing here raises: a queue of poisoned messages has no other behind it.
"""

from __future__ import annotations

import logging

from pydantic import ValidationError

from blast_artifacts.lifecycle import due, events, jobs, messages, sentinel
from blast_artifacts.lifecycle.messages import WORK, MakeExport
from blast_artifacts.terms import JobStatus
from shared import clock
from shared.log_lines import note
from shared.settings import settings

log = logging.getLogger(__name__)


def take_in_event(text: str | bytes) -> str:
    """Try an event once more, long after its last try; gives what became of it."""
    try:
        return events.take_in(text)
    except Exception:
        log.exception("a poisoned event failed again")
        return _put_back(settings().events_queue, text)


def take_in_finalize(text: str | bytes) -> str:
    """Leave what is settled or under way alone, otherwise write a due row; gives what became of it.

    An export is asked for again by whoever still waits for it.
    """
    try:
        message = WORK.validate_json(text)
        note(job=message.job)
        return "left" if isinstance(message, MakeExport) else _see(message.job)
    except ValidationError:
        log.error("a poisoned message of the artifacts queue is none")
        return "malformed"
    except Exception:
        log.exception("a poisoned finalize message failed again")
        return _put_back(settings().artifacts_queue, text)


def _put_back(queue_name: str, text: str | bytes) -> str:
    """`later`, or `failed` where not even that works; the markers beside the results are left then."""
    try:
        messages.send_again(queue_name, text, settings().retry_cap_seconds)
    except Exception:
        log.exception("a poisoned message is given up")
        return "failed"
    return "later"


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
