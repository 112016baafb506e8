"""The sentinel: the row that stands for the whole finalization of a job's current run.

A claim takes it by ETag under a fresh token; only the holder of the claim's last ETag can publish.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import BUILDER_VERSION, SCHEMA_VERSION, ArtifactType, SentinelStatus
from shared import clock, rows
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)

KEY = "artifact_finalizer"
_TRIES = 5


@dataclass(frozen=True)
class Sentinel:
    """The finalization of one run; `lease_until` is set while a claim holds, `not_before` after a failure."""

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

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do for this run by a builder of this version."""
        if self.status is SentinelStatus.READY:
            return not self.is_outdated
        return self.status is not SentinelStatus.PENDING

    @property
    def is_outdated(self) -> bool:
        return (self.schema_version, self.builder_version) < (SCHEMA_VERSION, BUILDER_VERSION)

    @property
    def is_of_a_later_builder(self) -> bool:
        return (self.schema_version, self.builder_version) > (SCHEMA_VERSION, BUILDER_VERSION)

    def is_held(self, moment: datetime) -> bool:
        return self.lease_until is not None and clock.from_text(self.lease_until) > moment

    def must_wait(self, moment: datetime) -> bool:
        return self.not_before is not None and clock.from_text(self.not_before) > moment


class Settled(Exception):
    """The run is published, or failed for good."""


class Busy(Exception):
    """Another claim holds, or the back-off of the last failure has not passed."""


class ClaimLost(Exception):
    """The sentinel moved on while we worked: another claim, a new run, a deletion."""


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
        rows.insert(states, job.job_id, KEY, asdict(_fresh(job)))
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
    if gone or standing.is_held(clock.now()):
        return False
    wait = clock.to_text(not_before) if not_before else None
    try:
        rows.replace(states, row, asdict(replace(_fresh(job), not_before=wait)))
    except rows.Conflict:
        return False
    return True


def start_run(job: Job) -> bool:
    """Move the sentinel to the job's new run and remove the rows of the run before, all at once.

    False where it is there already, or where the job is deleted.
    """
    return _clear(job, _fresh(job))


def bury(job: Job) -> None:
    """Fence every build of a deleted job and remove its artifact rows, all at once."""
    _clear(job, replace(_fresh(job), status=SentinelStatus.DELETED))


def _clear(job: Job, fresh: Sentinel) -> bool:
    states = table(settings().job_artifact_table)
    for _ in range(_TRIES):
        found = {row.key: row for row in rows.partition_rows(states, job.job_id)}
        row = found.get(KEY)
        if row and not _may_follow(from_row(row), fresh):
            return False
        stale = [rows.Write(kind, None) for kind in ArtifactType if kind in found]
        first = rows.Write(KEY, asdict(fresh), row.etag if row else None, first=row is None)
        try:
            rows.transact(states, job.job_id, [first, *stale], witness=KEY)
        except rows.Conflict:
            continue
        return True
    raise rows.Conflict(f"the sentinel of job {job.job_id} is changed too often")


def _may_follow(standing: Sentinel, fresh: Sentinel) -> bool:
    """A deletion follows everything and is followed by nothing; a run follows an earlier one."""
    if standing.status is SentinelStatus.DELETED:
        return False
    return fresh.status is SentinelStatus.DELETED or standing.run < fresh.run


def _fresh(job: Job) -> Sentinel:
    return Sentinel(SentinelStatus.PENDING, job.owner, job.run, clock.to_text(clock.now()))


class Claim:
    """The right to build one run, until the lease lapses or is lost."""

    def __init__(self, job: Job, row: rows.Row, held: Sentinel) -> None:
        self.job = job
        self.token = str(held.build)
        self.attempt = held.attempts
        self._row = row
        self._held = held
        self._lock = threading.Lock()
        self._lost = False

    def check(self) -> None:
        """Raise ClaimLost once a renewal found the sentinel changed."""
        if self._lost:
            raise ClaimLost(f"the claim {self.token} on job {self.job.job_id} is lost")

    def renew(self) -> None:
        """Put the lease off by its whole length."""
        with self._lock:
            if not self._lost:
                self._write(replace(self._held, lease_until=clock.to_text(_lease_end())))

    def publish(self, end: Sentinel, artifacts: Sequence[Artifact]) -> None:
        """Move the sentinel and every artifact row in one transaction; raises ClaimLost."""
        with self._lock:
            self.check()
            self._lost = True
            writes = [rows.Write(KEY, asdict(end), self._row.etag), *(one.write() for one in artifacts)]
            try:
                rows.transact(table(settings().job_artifact_table), self.job.job_id, writes, witness=KEY)
            except rows.Conflict as error:
                raise ClaimLost(f"the claim {self.token} was overtaken") from error

    def ended(self, status: SentinelStatus, code: str | None = None, error: str | None = None) -> Sentinel:
        """The sentinel as it is to stand when the build is over."""
        return replace(
            self._held,
            status=status,
            lease_until=None,
            not_before=None,
            updated_at=clock.to_text(clock.now()),
            error_code=code,
            error=error,
        )

    def release(self, code: str, error: str, until: datetime) -> None:
        """Give the claim back after a failure; no other claim succeeds before `until`."""
        pending = self.ended(SentinelStatus.PENDING, code, error[:1000])
        with self._lock:
            if not self._lost:
                self._write(replace(pending, not_before=clock.to_text(until)))
            self._lost = True

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew the lease in the background while the body runs."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(settings().renewal_seconds):
                try:
                    self.renew()
                except Exception:
                    log.exception("renewing the claim %s failed", self.token)

        thread = threading.Thread(target=renew, name=f"renew-{self.token[:8]}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _write(self, sentinel: Sentinel) -> None:
        states = table(settings().job_artifact_table)
        try:
            etag = rows.replace(states, self._row, asdict(sentinel))
        except rows.Conflict:
            self._lost = True
            return
        self._row = replace(self._row, etag=etag)
        self._held = sentinel


def claim(job: Job) -> Claim:
    """Take the sentinel of the job's current run for one attempt; raises Settled or Busy.

    The attempt is counted in the claim itself, so that a process that dies of memory has counted too; past
    the cap the sentinel is failed for good instead.
    """
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, KEY)
    standing = from_row(row) if row else None
    if standing and standing.run == job.run:
        _refuse(standing)
    elif standing and standing.run > job.run:
        raise Busy(f"job {job.job_id} is at a later run")
    tries = standing.attempts if standing and standing.run == job.run and _counts(standing) else 0
    if tries >= settings().max_attempts and row and standing:
        _fail_for_good(row, standing)
    taken = Sentinel(
        SentinelStatus.PENDING,
        job.owner,
        job.run,
        updated_at=clock.to_text(clock.now()),
        build=uuid.uuid4().hex,
        attempts=tries + 1,
        lease_until=clock.to_text(_lease_end()),
    )
    try:
        if row is None:
            etag = rows.insert(states, job.job_id, KEY, asdict(taken))
        else:
            etag = rows.replace(states, row, asdict(taken))
    except rows.Conflict as error:
        raise Busy(f"job {job.job_id} was claimed by another") from error
    return Claim(job, rows.Row(job.job_id, KEY, {}, etag), taken)


def _refuse(standing: Sentinel) -> None:
    moment = clock.now()
    if standing.is_settled:
        raise Settled(f"run {standing.run} is {standing.status}")
    if standing.is_of_a_later_builder:
        raise Busy("a later builder has this run")
    if standing.is_held(moment) or standing.must_wait(moment):
        raise Busy("a claim holds, or the back-off has not passed")


def _counts(standing: Sentinel) -> bool:
    """Whether earlier attempts count: those of a published build of an older version do not."""
    return standing.status is SentinelStatus.PENDING


def _fail_for_good(row: rows.Row, standing: Sentinel) -> None:
    reason = standing.error or "the builder's process died"
    failed = replace(
        standing,
        status=SentinelStatus.FAILED,
        lease_until=None,
        not_before=None,
        updated_at=clock.to_text(clock.now()),
        error_code="attempts_exhausted",
        error=f"{standing.attempts} attempts failed; the last: {reason}"[:1000],
    )
    try:
        rows.replace(table(settings().job_artifact_table), row, asdict(failed))
    except rows.Conflict as error:
        raise Busy("claimed by another") from error
    raise Settled("failed for good")


def _lease_end() -> datetime:
    return clock.later(settings().lease_seconds)


def from_row(row: rows.Row) -> Sentinel:
    known = {name: value for name, value in row.values.items() if name in Sentinel.__dataclass_fields__}
    return Sentinel(**{**known, "status": SentinelStatus(known["status"])})
