"""Claims: the right to build a run, taken on its sentinel by ETag under a fresh token.

Only the holder of the claim's last ETag can publish, so that a builder that stalled changes nothing.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial

from blast_artifacts.lifecycle import due, sentinel
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import SentinelStatus
from shared import clock, rows
from shared.errors import told
from shared.log_lines import note
from shared.settings import settings
from shared.storage import table
from shared.words import counted

log = logging.getLogger(__name__)


class Settled(Exception):
    """The run is published, or failed for good."""


class Busy(Exception):
    """Another claim holds, or the back-off of the last failure has not passed.

    `seconds` is how long that lasts; 0 where nobody knows, or whoever has the run brings it to its end.
    """

    def __init__(self, reason: str, seconds: float = 0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class ClaimLost(Exception):
    """The sentinel moved on while we worked: another claim, a new run, a deletion."""


class NotListableYet(Exception):
    """The job claims success, but its results are not all to be seen."""


class Claim:
    """The right to build one run, or to merge its parts, until the lease lapses or is lost.

    `build` names the build, `token` this claim on it; what the claim writes lies below `folder`.
    `follows_a_build` tells whether one of that run was begun before, published or not.
    """

    def __init__(
        self, job: Job, row: rows.Row, held: Sentinel, *, follows_a_build: bool = False, token: str = ""
    ) -> None:
        self.job = job
        self.build = str(held.build)
        self.token = token or self.build
        self.parts = held.parts or 0
        self.attempt = held.attempts
        self.follows_a_build = follows_a_build
        self._row = row
        self._held = held
        self._lock = threading.Lock()
        self._lost = False

    @property
    def folder(self) -> str:
        build = f"{self.job.job_id}/{self.job.run}/{self.build}"
        return build if self.token == self.build else f"{build}/merged-{self.token}"

    def check(self) -> None:
        """Raise ClaimLost once a renewal found the sentinel changed."""
        if self._lost:
            raise ClaimLost(f"the claim {self.token} on job {self.job.job_id} is lost")

    def renew(self) -> None:
        """Put the lease off by its whole length."""
        with self._lock:
            if not self._lost:
                self._write(_leased(self._held))

    def publish(self, end: Sentinel, artifacts: Sequence[Artifact]) -> None:
        """Move the sentinel and every artifact row in one transaction; raises ClaimLost."""
        with self._lock:
            self.check()
            self._lost = True
            writes = [
                rows.Write(sentinel.KEY, end.values(), self._row.etag),
                *(one.write() for one in artifacts),
            ]
            try:
                rows.transact(
                    table(settings().job_artifact_table), self.job.job_id, writes, witness=sentinel.KEY
                )
            except rows.Conflict as error:
                raise ClaimLost(f"the claim {self.token} was overtaken") from error

    def hand_over(self, parts: int) -> None:
        """End the lease and leave the build to so many parts, its attempts whole; raises ClaimLost."""
        fanned_out = replace(
            self.ended(SentinelStatus.PENDING), phase=sentinel.PARTS, parts=parts, attempts=0
        )
        with self._lock:
            self.check()
            self._write(fanned_out)
            self.check()
            self._lost = True

    def ended(self, status: SentinelStatus, code: str | None = None, error: str | None = None) -> Sentinel:
        """The sentinel as it is to stand when the build is over."""
        pending = status is SentinelStatus.PENDING
        return replace(
            self._held,
            status=status,
            phase=self._held.phase if pending else None,
            parts=self._held.parts if pending else None,
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

    def kept_alive(self) -> AbstractContextManager[None]:
        """Renew the lease in the background while the body runs."""
        return renewed(self.renew, self.token)

    def _write(self, changed: Sentinel) -> None:
        states = table(settings().job_artifact_table)
        try:
            etag = rows.replace(states, self._row, changed.values())
        except rows.Conflict:
            self._lost = True
            return
        self._row = replace(self._row, etag=etag)
        self._held = changed


@contextmanager
def renewed(renew: Callable[[], None], token: str) -> Iterator[None]:
    """Call `renew` every RENEWAL_SECONDS in the background while the body runs."""
    over = threading.Event()

    def keep_on() -> None:
        while not over.wait(settings().renewal_seconds):
            try:
                renew()
            except Exception:
                log.exception("renewing the claim %s failed", token)

    # In this context, so that what the thread logs bears the invocation's id.
    run = partial(copy_context().run, keep_on)
    thread = threading.Thread(target=run, name=f"renew-{token[:8]}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def claim(job: Job) -> Claim:
    """Take the sentinel of the job's current run for one attempt; raises Settled or Busy.

    The attempt is counted in the claim itself, so that a process that dies of memory has counted too; past
    the cap the sentinel is failed for good instead. What an earlier run published goes first.
    """
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, sentinel.KEY)
    if row and sentinel.from_row(row).run < job.run:
        sentinel.start_run(job)
        row = rows.find(states, job.job_id, sentinel.KEY)
    standing = sentinel.from_row(row) if row else None
    if standing:
        _refuse(standing, job)
    tries = standing.attempts if standing and _counts(standing) else 0
    if tries >= settings().max_attempts and row and standing:
        _fail_for_good(row, standing)
    begun = replace(sentinel.fresh(job), build=uuid.uuid4().hex, job_status=job.status, attempts=tries + 1)
    taken = _leased(begun)
    try:
        if row is None:
            etag = rows.insert(states, job.job_id, sentinel.KEY, taken.values())
        else:
            etag = rows.replace(states, row, taken.values())
    except rows.Conflict as error:
        raise Busy(f"job {job.job_id} was claimed by another") from error
    follows = standing is not None and standing.build is not None
    return Claim(job, rows.Row(job.job_id, sentinel.KEY, {}, etag), taken, follows_a_build=follows)


def claim_merge(job: Job, build: str) -> Claim:
    """Take the sentinel of a fanned-out build for one attempt to merge it; raises Settled or Busy."""
    states = table(settings().job_artifact_table)
    row = rows.find(states, job.job_id, sentinel.KEY)
    standing = sentinel.from_row(row) if row else None
    if row is None or standing is None or (standing.run, standing.build) != (job.run, build):
        raise Settled("another build has taken its place")
    if standing.status is not SentinelStatus.PENDING:
        raise Settled(f"run {standing.run} is {standing.status}")
    if not standing.is_fanned_out or standing.is_of_a_later_builder:
        raise Busy("another builder has this run")
    _refuse_held(standing)
    if standing.attempts >= settings().max_attempts:
        _fail_for_good(row, standing)
    taken = _leased(replace(standing, attempts=standing.attempts + 1, not_before=None))
    try:
        etag = rows.replace(states, row, taken.values())
    except rows.Conflict as error:
        raise Busy(f"build {build} is being merged by another") from error
    return Claim(job, rows.Row(job.job_id, sentinel.KEY, {}, etag), taken, token=uuid.uuid4().hex)


def put_off(claim: Claim, error: Exception) -> None:
    """Give the claim back until the back-off has passed, with a due row for that moment."""
    until = due.back_off(claim.attempt - 1)
    job = claim.job
    if isinstance(error, NotListableYet):
        log.warning("job %s run %d: %s; tried again later", job.job_id, job.run, error)
        code = "results_not_listable"
    else:
        log.error("job %s run %d: attempt %d failed", job.job_id, job.run, claim.attempt, exc_info=error)
        code = "build_failed"
    note(code=code)
    due.schedule(due.Kind.FINALIZE, job.job_id, job.run, until, tries=claim.attempt)
    claim.release(code, told(error), until)


def _refuse(standing: Sentinel, job: Job) -> None:
    if standing.run != job.run:
        raise Busy(f"job {job.job_id} is at another run")
    if standing.settles(job):
        raise Settled(f"run {standing.run} is {standing.status}")
    if standing.is_of_a_later_builder:
        raise Busy("a later builder has this run")
    if standing.is_fanned_out:
        raise Busy("its parts are under way")
    _refuse_held(standing)


def _refuse_held(standing: Sentinel) -> None:
    if seconds := standing.seconds_left(clock.now()):
        raise Busy("a claim holds, or the back-off has not passed", seconds)


def _counts(standing: Sentinel) -> bool:
    """Whether earlier attempts count: those of a published build of an older version do not."""
    return standing.status is SentinelStatus.PENDING


def _fail_for_good(row: rows.Row, standing: Sentinel) -> None:
    due.schedule_purge(row.partition, standing.run)
    reason = standing.error or "the builder's process died"
    failed = replace(
        standing,
        status=SentinelStatus.FAILED,
        phase=None,
        parts=None,
        lease_until=None,
        not_before=None,
        updated_at=clock.to_text(clock.now()),
        error_code="attempts_exhausted",
        error=f"{counted(standing.attempts, 'attempt')} failed; the last: {reason}"[:1000],
    )
    try:
        rows.replace(table(settings().job_artifact_table), row, failed.values())
    except rows.Conflict as error:
        raise Busy("claimed by another") from error
    note(for_good=True, code="attempts_exhausted")
    raise Settled("failed for good")


def lease_end() -> str:
    """Until when a claim holds that is taken or renewed now."""
    return clock.to_text(clock.later(settings().lease_seconds))


def _leased(standing: Sentinel) -> Sentinel:
    """The sentinel with a whole lease ahead."""
    return replace(standing, updated_at=clock.to_text(clock.now()), lease_until=lease_end())
