"""Due work: a row for everything that must still happen, which the timer reads in order of time.

A row is written before the work that it guards, and deleted only after a fresh read shows that settled.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared import clock, rows
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)

PARTITION = "due"
_MOST_TRIES = 1000


class Kind(StrEnum):
    SUBMIT = "submit"
    FINALIZE = "finalize"
    PURGE = "purge"
    EXPORT = "export"


@dataclass(frozen=True)
class Work:
    """One row of due work; `tries` counts how often it has come due.

    `deletes` marks a delete begun, `build` (of a purge) the one that was published then, `owner` and
    `entries` (keys of the index, with blanks between) a submit, `owner` and `prefix` (within the results
    container) an adoption.
    """

    job_id: str
    run: int
    kind: Kind
    tries: int
    row: rows.Row

    @property
    def build(self) -> str:
        return str(self.row.get("build", ""))

    @property
    def deletes(self) -> bool:
        return bool(self.row.get("deletes"))

    @property
    def owner(self) -> str:
        return str(self.row.get("owner", ""))

    @property
    def prefix(self) -> str:
        return str(self.row.get("prefix", ""))

    @property
    def entries(self) -> list[str]:
        return str(self.row.get("entries", "")).split()


def schedule(kind: Kind, job_id: str, run: int, at: datetime, **notes: Any) -> None:
    """Write a row that comes due at `at`, with what its work must know besides."""
    key = f"{_stamp(at)}_{job_id}_{run}_{kind}"
    rows.put(table(settings().job_artifact_table), PARTITION, key, notes)


def schedule_purge(job_id: str, run: int, build: str = "") -> None:
    """Write the row by which the run's superseded builds are purged, once nobody can be reading them.

    `build` is the one that takes the place of the others now, if one does.
    """
    at = clock.later(settings().superseded_purge_seconds)
    schedule(Kind.PURGE, job_id, run, at, build=build)


def put_off(work: Work) -> None:
    """Write the row that comes next, a back-off later."""
    tries = work.tries + 1
    schedule(work.kind, work.job_id, work.run, back_off(tries), **{**work.row.values, "tries": tries})


def soon() -> datetime:
    """When a check is due that work under way is not lost: within one to two back-offs from now.

    Rounded, so that many who guard the same work at once write the same row.
    """
    base = settings().retry_base_seconds
    return datetime.fromtimestamp(math.ceil(clock.now().timestamp() / base + 1) * base, UTC)


def back_off(tries: int) -> datetime:
    """When work that has come due `tries` times is due again."""
    return clock.later(wait(tries))


def wait(tries: int) -> float:
    """The back-off after that many tries, in seconds."""
    return min(settings().retry_base_seconds * 2.0 ** min(tries, 30), settings().retry_cap_seconds)


def overdue(moment: datetime) -> Iterator[Work]:
    """Rows due before `moment`, the oldest first; a row that nobody can read is removed."""
    states = table(settings().job_artifact_table)
    for row in rows.partition_rows(states, PARTITION, below=_stamp(moment)):
        try:
            _, job_id, run, kind = row.key.split("_")
            work = Work(job_id, int(run), Kind(kind), tries_of(row), row)
        except ValueError:
            log.error("due row %s is not one of ours: removed", row.key)
            rows.delete(states, row)
            continue
        yield work


def tries_of(row: rows.Row) -> int:
    """How often it has come due; what somebody else wrote there must not stop the timer, nor delay it."""
    tries = row.get("tries", 0)
    return tries if isinstance(tries, int) and 0 <= tries <= _MOST_TRIES else 0


def settle(work: Work) -> None:
    """Delete the row, unless it was written anew since it was read."""
    rows.delete(table(settings().job_artifact_table), work.row)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S%fZ")
