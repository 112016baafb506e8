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
from shared.log_lines import note
from shared.settings import settings
from shared.storage import table

log = logging.getLogger(__name__)


class Settled(Exception):
    """The run is published, or failed for good."""


class Busy(Exception):
    """Another claim holds, or the back-off of the last failure has not passed."""


class ClaimLost(Exception):
    """The sentinel moved on while we worked: another claim, a new run, a deletion."""


class Claim:
    """The right to build one run, until the lease lapses or is lost.

    `follows_a_build` tells whether one of that run was begun before, published or not.
    """

    def __init__(self, job: Job, row: rows.Row, held: Sentinel, *, follows_a_build: bool) -> None:
        self.job = job
        self.token = str(held.build)
        self.attempt = held.attempts
        self.follows_a_build = follows_a_build
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


def _refuse(standing: Sentinel, job: Job) -> None:
    moment = clock.now()
    if standing.run != job.run:
        raise Busy(f"job {job.job_id} is at another run")
    if standing.settles(job):
        raise Settled(f"run {standing.run} is {standing.status}")
    if standing.is_of_a_later_builder:
        raise Busy("a later builder has this run")
    if standing.is_held(moment) or standing.must_wait(moment):
        raise Busy("a claim holds, or the back-off has not passed")


def _counts(standing: Sentinel) -> bool:
    """Whether earlier attempts count: those of a published build of an older version do not."""
    return standing.status is SentinelStatus.PENDING


def _fail_for_good(row: rows.Row, standing: Sentinel) -> None:
    due.schedule_purge(row.partition, standing.run)
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
