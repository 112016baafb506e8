"""The sentinel: the row that stands for the whole finalization of a job's current run."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from blast_artifacts.lifecycle import due, exports
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.leases import Leased
from blast_artifacts.terms import BUILDER_VERSION, SCHEMA_VERSION, ArtifactType, SentinelStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)

KEY = "artifact_finalizer"
PARTS = "parts"
"""The phase of a build that is fanned out: its parts are built each for itself, then merged."""

_TYPES = frozenset(ArtifactType)


@dataclass(frozen=True)
class Sentinel(Leased):
    """The finalization of one run; `lease_until` is set while a claim holds, `not_before` after a failure.

    `build` is the last that was begun, `job_status` the end of the job that it tells of, `parts` the number
    of parts that it is fanned out to.
    """

    status: SentinelStatus
    owner: str
    run: int
    updated_at: str
    build: str | None = None
    attempts: int = 0
    lease_until: str | None = None
    not_before: str | None = None
    schema_version: int = field(default_factory=lambda: SCHEMA_VERSION)
    builder_version: int = field(default_factory=lambda: BUILDER_VERSION)
    fingerprint: str | None = None
    error_code: str | None = None
    error: str | None = None
    job_status: str | None = None
    phase: str | None = None
    parts: int | None = None
    written_at: datetime | None = None

    def settles(self, job: Job) -> bool:
        """Whether nothing is left to do for the job as it stands by a builder of this version.

        What an older one published or failed at, and what tells of another end than the job has come to
        since, may be built anew.
        """
        if self.status in (SentinelStatus.READY, SentinelStatus.FAILED):
            return not self.is_outdated and self.job_status == job.status
        return self.status is SentinelStatus.DELETED

    @property
    def is_outdated(self) -> bool:
        return (self.schema_version, self.builder_version) < (SCHEMA_VERSION, BUILDER_VERSION)

    @property
    def is_of_a_later_builder(self) -> bool:
        return (self.schema_version, self.builder_version) > (SCHEMA_VERSION, BUILDER_VERSION)

    @property
    def is_fanned_out(self) -> bool:
        """Whether parts of a build are under way that this builder may go on with."""
        return self.status is SentinelStatus.PENDING and self.phase == PARTS and not self.is_outdated

    def is_forgotten(self, moment: datetime) -> bool:
        """Whether the build that is to come has been left alone for longer than any work is put off."""
        age = (moment - self.stored_at).total_seconds()
        return self.status is SentinelStatus.PENDING and age > settings().retry_cap_seconds

    def values(self) -> dict[str, Any]:
        """What its row has of it."""
        return {name: value for name, value in asdict(self).items() if name != "written_at"}


def find(job_id: str) -> Sentinel | None:
    row = rows.find(table(settings().job_artifact_table), job_id, KEY)
    return from_row(row) if row else None


def await_build(job: Job) -> bool:
    """Make the sentinel of the job's current run `pending`, unless it is that run's already.

    True where this call made it so: of many callers at once, one. The rows of an earlier run go with it.
    """
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, KEY)
    if row is not None:
        return from_row(row).run < job.run and start_run(job)
    try:
        rows.insert(states, job.job_id, KEY, fresh(job).values())
    except rows.Conflict:
        return False
    return True


def reopen(job: Job, not_before: datetime | None = None) -> bool:
    """Let the current run be built anew, its attempts whole; what is published stays until then.

    False where a claim is at work already, which will do, or where nothing of the run may be built.
    """
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, KEY)
    if row is None:
        return await_build(job)
    standing = from_row(row)
    gone = standing.run != job.run or standing.status is SentinelStatus.DELETED
    if gone or standing.is_fanned_out or standing.is_held(clock.now()):
        return False
    anew = replace(
        fresh(job),
        build=standing.build,
        not_before=clock.to_text(not_before) if not_before else None,
        schema_version=max(standing.schema_version, SCHEMA_VERSION),
        builder_version=max(standing.builder_version, BUILDER_VERSION),
    )
    try:
        rows.replace(states, row, anew.values())
    except rows.Conflict:
        return False
    return True


def start_run(job: Job) -> bool:
    """Move the sentinel to the job's new run and remove the rows of the run before, all at once.

    False where it is there already, or where the job is deleted.
    """
    return _clear(job, fresh(job))


def bury(job: Job) -> None:
    """Fence every build and export of a deleted job and remove their rows, all at once."""
    _clear(job, replace(fresh(job), status=SentinelStatus.DELETED))


def _clear(job: Job, next_one: Sentinel) -> bool:
    states = table(settings().job_artifact_table)
    for _ in rows.tries():
        found = {row.key: row for row in rows.partition_rows(states, job.job_id)}
        row = found.get(KEY)
        standing = from_row(row) if row else None
        if standing and not _may_follow(standing, next_one):
            return False
        if standing and standing.run < next_one.run:
            due.schedule_purge(job.job_id, standing.run)
        stale = [rows.Write(key, None) for key in found if key in _TYPES or key.startswith(exports.PREFIX)]
        first = rows.Write(KEY, next_one.values(), row.etag if row else None, first=row is None)
        try:
            rows.transact(states, job.job_id, [first, *stale], witness=KEY)
        except rows.Conflict:
            continue
        return True
    raise rows.Conflict(f"the sentinel of job {job.job_id} is changed too often")


def _may_follow(standing: Sentinel, next_one: Sentinel) -> bool:
    """A deletion follows everything and is followed by nothing; a run follows an earlier one."""
    if standing.status is SentinelStatus.DELETED:
        return False
    return next_one.status is SentinelStatus.DELETED or standing.run < next_one.run


def fresh(job: Job) -> Sentinel:
    """The sentinel of a run that nobody has claimed yet."""
    return Sentinel(SentinelStatus.PENDING, job.owner, job.run, clock.to_text(clock.now()))


def from_row(row: rows.Row) -> Sentinel:
    known = {name: value for name, value in row.values.items() if name in Sentinel.__dataclass_fields__}
    known |= {"status": SentinelStatus(known["status"]), "written_at": row.written_at}
    return Sentinel(**known)
