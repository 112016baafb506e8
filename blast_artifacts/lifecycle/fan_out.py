"""A build of many parts, each a message of its own: begun, looked after, and brought to its merge.

No invocation needs the memory or the time of the whole job.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from blast_artifacts.lifecycle import checkpoints, messages
from blast_artifacts.lifecycle.claims import Claim
from blast_artifacts.lifecycle.sentinel import Sentinel
from shared import clock, rows
from shared.log_lines import note

log = logging.getLogger(__name__)


def begin(claim: Claim, parts: int) -> None:
    """Leave a claimed build, whose plan is stored, to so many parts; raises ClaimLost.

    What is cut off before the sentinel says so is begun anew by the next claim; after that the timer sends
    what was not sent.
    """
    job_id, run = claim.job.job_id, claim.job.run
    checkpoints.write_todos(job_id, claim.build, parts)
    claim.hand_over(parts)
    note(parts=parts)
    for number in range(parts):
        messages.send_part(job_id, run, claim.build, number)


def merge_if_done(job_id: str, run: int, build: str) -> None:
    """Ask for the merge where no part is left to be built; two who ask do no harm."""
    if not checkpoints.is_any_left(job_id, build):
        messages.send_merge(job_id, run, build)


def look_after(job_id: str, standing: Sentinel) -> None:
    """Send what is overdue once more: parts, or where none is left the merge.

    Parts whose message may still wait for its turn are not: a backlog is not to grow by itself.
    """
    moment = clock.now()
    build = str(standing.build)
    left = list(checkpoints.todos(job_id, build))
    if not left and not standing.seconds_left(moment):
        messages.send_merge(job_id, standing.run, build)
    overdue = [todo for todo in left if todo.is_overdue(moment)]
    if not overdue:
        return
    oldest = messages.oldest_work()
    lost = [todo for todo in overdue if not messages.is_waiting(todo.written_at, oldest)]
    if sent := sum(_ask_again(job_id, standing.run, todo) for todo in lost):
        log.warning("job %s run %d: %d of %d parts left were overdue", job_id, standing.run, sent, len(left))


def _ask_again(job_id: str, run: int, todo: checkpoints.Todo) -> bool:
    now = clock.to_text(clock.now())
    asked = replace(todo, asks=todo.asks + 1, lease_until=None, not_before=None, updated_at=now)
    try:
        checkpoints.change(todo, asked)
    except rows.Conflict:
        return False
    messages.send_part(job_id, run, todo.build, todo.number)
    return True
