"""The builder of large exports: claims the row of one, writes its blob as the rows come, settles the row."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import IO, cast

from blast_artifacts.lifecycle import (
    artifacts,
    claims,
    due,
    exports,
    jobs,
    messages,
    parts,
    sentinel,
    terminal,
)
from blast_artifacts.lifecycle.artifacts import Artifact, BlobGone
from blast_artifacts.lifecycle.exports import Export
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.messages import MakeExport
from blast_artifacts.terms import ArtifactState, ArtifactType, JobStatus, SentinelStatus
from blast_artifacts.views.export import CONTENT_TYPES, NoSequences, parse_export, write_export
from blast_artifacts.views.question import TABLES_OF
from shared import clock, codec, rows
from shared.blob_writer import BlobWriter
from shared.errors import told
from shared.log_lines import note
from shared.settings import settings
from shared.storage import container, table

log = logging.getLogger(__name__)


class Lost(Exception):
    """The row moved on while we worked: another claim, a new run, a deletion."""


class OutOfTime(Exception):
    """The export takes longer than a build may."""


def make(message: MakeExport) -> str:
    """Make an export, if it can be claimed, and say what became of it.

    `made`, `failed` (for good, or released for a later attempt), `lost`, `busy`, `waiting` (for tables that
    are built anew; the timer asks again), `settled`, `superseded` or `gone`.
    """
    note(job=message.job, run=message.run)
    job = jobs.get_summary(message.job)
    states = table(settings().job_artifact_table)
    row = rows.find(states, message.job, message.export)
    if job is None or job.status is JobStatus.DELETED or job.run != message.run or row is None:
        return "gone"
    standing = exports.from_row(row)
    if standing.status is not ArtifactState.PENDING:
        return "settled"
    if seconds := standing.seconds_left(clock.now()):
        messages.send_export(message.job, message.run, message.export, seconds)
        return "busy"
    listing = artifacts.find(message.job, ArtifactType.PARTS)
    if listing is None or listing.fingerprint != standing.fingerprint:
        rows.delete(states, row)
        return "superseded"
    if _is_awaited(job, listing):
        return "waiting"
    try:
        claim = _Claim(row, standing)
        if standing.attempts >= settings().max_attempts:
            return _fail(claim, "attempts_exhausted", standing.error or "the builder's process died")
    except Lost:
        return "busy"
    return _make_claimed(claim, listing)


def _is_awaited(job: Job, listing: Artifact) -> bool:
    """Whether the tables are to be built anew first, which is asked for where nobody has."""
    if listing.status is ArtifactState.READY and not listing.is_outdated:
        return False
    if listing.is_outdated:
        return terminal.ask_for_newer(job.job_id)
    terminal.ask_once(job)
    standing = sentinel.find(job.job_id)
    return standing is not None and standing.status is SentinelStatus.PENDING


class _Claim:
    """The right to make one export, until the lease lapses or is lost.

    The attempt is counted in the claim itself, so that a process that dies of memory has counted too.
    """

    def __init__(self, row: rows.Row, standing: Export) -> None:
        self.token = uuid.uuid4().hex
        self.row = row
        self.export = standing
        self._lock = threading.Lock()
        self._lost = False
        now = clock.to_text(clock.now())
        begun = replace(standing, attempts=standing.attempts + 1, token=self.token, asked_at=now)
        self.write(replace(begun, lease_until=claims.lease_end(), not_before=None))

    def check(self) -> None:
        if self._lost:
            raise Lost(self.token)

    def renew(self) -> None:
        with suppress(Lost):
            self.write(replace(self.export, lease_until=claims.lease_end()))

    def settle(self, changed: Export) -> None:
        """Give the claim up, with the export as it is to stand."""
        self.write(replace(changed, lease_until=None))
        self._lost = True

    def write(self, changed: Export) -> None:
        """Replace the row that is ours; raises Lost."""
        with self._lock:
            self.check()
            dated = replace(changed, updated_at=clock.to_text(clock.now()))
            try:
                etag = rows.replace(table(settings().job_artifact_table), self.row, dated.values())
            except rows.Conflict as conflict:
                self._lost = True
                raise Lost(self.token) from conflict
            self.row = replace(self.row, etag=etag)
            self.export = dated


def _make_claimed(claim: _Claim, listing: Artifact) -> str:
    job_id = claim.row.partition
    note(build=listing.build, attempt=claim.export.attempts)
    made: Export | None = None
    try:
        with claims.renewed(claim.renew, claim.token):
            made = _write(claim, listing)
        claim.settle(made)
    except Lost:
        log.warning("job %s: claim %s on an export lost", job_id, claim.token)
        if made:
            container(settings().artifacts_container).delete_blob(str(made.blob))
        return "lost"
    except NoSequences as lacking:
        return _fail(claim, "no_sequences", str(lacking))
    except OutOfTime as late:
        return _fail(claim, "time_budget", str(late))
    except Exception as error:
        log.exception("job %s: attempt %d of an export failed", job_id, claim.export.attempts)
        if isinstance(error, BlobGone):
            artifacts.mark_missing(job_id, error.artifact)
        return _put_off(claim, told(error))
    note(bytes=made.size)
    return "made"


def _write(claim: _Claim, listing: Artifact) -> Export:
    """The export, ready, its blob below a path that bears the claim's token."""
    where = parts.listed(listing)
    export = parse_export(codec.from_json(claim.export.params))
    media_type, ending = CONTENT_TYPES[export.format]
    name = f"{claim.row.key.removeprefix(exports.PREFIX)}-{claim.token}{ending}"
    path = f"{claim.row.partition}/{claim.export.run}/{listing.build}/exports/{name}"
    blob = container(settings().artifacts_container).get_blob_client(path)
    with (
        parts.opened(where, TABLES_OF[export.question.table]) as tables,
        BlobWriter(blob, _Watch(claim)) as target,
    ):
        try:
            write_export(export, parts.scanned(tables), cast("IO[bytes]", target))
        except Exception as error:
            raise target.error or error from None
        target.commit(media_type)
    return replace(
        claim.export, status=ArtifactState.READY, build=listing.build, blob=path, size=target.size, error=None
    )


class _Watch:
    """Ends the writing once the claim is lost or the time is over."""

    def __init__(self, claim: _Claim) -> None:
        self._claim = claim
        self._deadline = time.monotonic() + settings().build_deadline_seconds

    def __call__(self, size: int) -> None:
        self._claim.check()
        if time.monotonic() > self._deadline:
            raise OutOfTime(f"After {settings().build_deadline_seconds:.0f} s {size} bytes were written.")


def _fail(claim: _Claim, code: str, reason: str) -> str:
    failed = replace(claim.export, status=ArtifactState.FAILED, error_code=code, error=reason[:1000])
    return "failed" if _is_settled(claim, failed) else "lost"


def _put_off(claim: _Claim, reason: str) -> str:
    """Give the claim back; the message comes again when the back-off has passed."""
    wait = due.wait(claim.export.attempts - 1)
    until = clock.to_text(clock.later(wait))
    if not _is_settled(claim, replace(claim.export, not_before=until, asked_at=until, error=reason[:1000])):
        return "lost"
    messages.send_export(claim.row.partition, claim.export.run, claim.row.key, wait)
    return "failed"


def _is_settled(claim: _Claim, changed: Export) -> bool:
    try:
        claim.settle(changed)
    except Lost:
        return False
    return True
