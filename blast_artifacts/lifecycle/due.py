"""Due work: a row for everything that must still happen, which the timer reads in order of time.

A row is written before the work that it guards, and deleted only after a fresh read shows that settled.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared import clock, rows
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)

PARTITION = "due"


class Kind(StrEnum):
    SUBMIT = "submit"
    FINALIZE = "finalize"
    PURGE = "purge"


@dataclass(frozen=True)
class Work:
    """One row of due work; `tries` counts how often it has come due, `deletes` marks a delete begun."""

    job_id: str
    run: int
    kind: Kind
    tries: int
    deletes: bool
    row: rows.Row


def schedule(
    kind: Kind, job_id: str, run: int, at: datetime, tries: int = 0, *, deletes: bool = False
) -> None:
    """Write a row that comes due at `at`."""
    key = f"{_stamp(at)}_{job_id}_{run}_{kind}"
    rows.put(table(settings().job_artifact_table), PARTITION, key, {"tries": tries, "deletes": deletes})


def back_off(tries: int) -> datetime:
    """When work that has come due `tries` times is due again."""
    wait = settings().retry_base_seconds * 2 ** min(tries, 30)
    return clock.later(min(wait, settings().retry_cap_seconds))


def overdue(moment: datetime) -> Iterator[Work]:
    """Rows due before `moment`, the oldest first; a row that nobody can read is removed."""
    states = table(settings().job_artifact_table)
    for row in rows.partition_rows(states, PARTITION, below=_stamp(moment)):
        try:
            _, job_id, run, kind = row.key.split("_")
            work = Work(job_id, int(run), Kind(kind), int(row.get("tries", 0)), bool(row.get("deletes")), row)
        except ValueError:
            log.error("due row %s is not one of ours: removed", row.key)
            rows.delete(states, row)
            continue
        yield work


def settle(work: Work) -> None:
    """Delete the row, unless it was written anew since it was read."""
    rows.delete(table(settings().job_artifact_table), work.row)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S%fZ")
