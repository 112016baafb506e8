"""Work under a claim on a run: its lease renewed meanwhile, given back where it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from blast_artifacts.lifecycle import claims
from blast_artifacts.lifecycle.claims import Busy, Claim, ClaimLost, Settled
from blast_artifacts.lifecycle.workplace import workplace
from shared.log_lines import note

log = logging.getLogger(__name__)


def carry_out(
    take: Callable[[], Claim], work: Callable[[Claim, Path], str], ask_later: Callable[[float], None]
) -> str:
    """Do work in a folder of its own, if its claim can be taken, and say what became of it.

    What `work` says, or `failed` (released for a later attempt), `lost`, `busy` or `settled`. Who holds the
    claim may be dead, and this its message come back: `ask_later` sends it for when the hold has passed.
    """
    try:
        claim = take()
    except Settled:
        return "settled"
    except Busy as busy:
        if busy.seconds:
            ask_later(busy.seconds)
        return "busy"
    note(build=claim.build, attempt=claim.attempt)
    job = claim.job
    try:
        with claim.kept_alive(), workplace() as folder:
            return work(claim, folder)
    except ClaimLost:
        log.warning("job %s run %d: claim %s lost, nothing published", job.job_id, job.run, claim.token)
        return "lost"
    except Exception as error:
        claims.put_off(claim, error)
        return "failed"
