"""Exports too large for one answer: a row each, which says how far the blob is and who is at work on it.

Of many who ask for the same export one has it made. A message that is lost is sent again by the
timer, or for whoever asks later; what failed too often, or for a reason that stays, is failed for as long as
its build stands.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from blast_artifacts.lifecycle import due, messages, taxa
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.leases import Leased
from blast_artifacts.terms import BUILDER_VERSION, ArtifactState
from shared import clock, codec, rows
from shared.errors import AppError
from shared.links import LIFETIME
from shared.settings import settings
from shared.storage import container, table

log = logging.getLogger(__name__)

PREFIX = "export|"
_BEHIND = "export}"
_FETCHED_AFTER = 2 * LIFETIME.total_seconds()


@dataclass(frozen=True)
class Export(Leased):
    """One export of one input: `params` is the request as JSON, `build` names whose tables are read.

    `asked_at` is when its message was sent for the last time, null where it has to be sent; `size` counts
    bytes of the blob.
    """

    status: ArtifactState
    run: int
    build: str
    fingerprint: str
    params: str
    created_at: str
    updated_at: str
    asked_at: str | None = None
    asks: int = 0
    attempts: int = 0
    token: str | None = None
    lease_until: str | None = None
    not_before: str | None = None
    blob: str | None = None
    size: int = 0
    error_code: str | None = None
    error: str | None = None

    written_at: datetime | None = field(default=None, compare=False)

    def was_asked(self, moment: datetime) -> bool:
        """Whether its message may still be on its way."""
        wait = timedelta(seconds=due.wait(self.asks - 1))
        return self.asked_at is not None and self.by_storage(self.asked_at) + wait > moment

    def values(self) -> dict[str, Any]:
        """What its row has of it."""
        return {name: value for name, value in asdict(self).items() if name != "written_at"}


def key_of(fingerprint: str, key: str) -> str:
    """The key of the row of an export: equal in every build of one input under one taxonomy."""
    return PREFIX + codec.digest(codec.to_json([fingerprint, BUILDER_VERSION, key, taxa.mark()]))[:32]


def find(job_id: str, key: str) -> Export | None:
    row = rows.find(table(settings().job_artifact_table), job_id, key)
    return from_row(row) if row else None


def ask(job_id: str, artifact: Artifact, key: str, params: Mapping[str, str]) -> Export:
    """The export as it stands; it is asked for where nobody has, or where that came to nothing.

    Raises AppError `too_many_exports`.
    """
    states = table(settings().job_artifact_table)
    row = rows.find(states, job_id, key)
    standing = from_row(row) if row else None
    asked = _asked(standing, artifact, params)
    if asked is None:
        assert standing is not None
        return standing
    try:
        if asked.asks == 1:
            gone_at = clock.from_text(asked.created_at) + timedelta(seconds=settings().export_keep_seconds)
            due.schedule(due.Kind.PURGE, job_id, artifact.run, gone_at)
            due.schedule(due.Kind.EXPORT, job_id, artifact.run, due.soon())
        if row is None:
            _make_room(job_id)
            rows.insert(states, job_id, key, asked.values())
        else:
            rows.replace(states, row, asked.values())
    except rows.Conflict:
        return find(job_id, key) or asked
    messages.send_export(job_id, artifact.run, key)
    return asked


def _asked(standing: Export | None, artifact: Artifact, params: Mapping[str, str]) -> Export | None:
    """The row with which the export is asked for; null where that is not needed."""
    moment = clock.now()
    fresh = Export(
        ArtifactState.PENDING,
        artifact.run,
        artifact.build,
        artifact.fingerprint,
        codec.to_json(dict(params)).decode(),
        created_at=clock.to_text(moment),
        updated_at=clock.to_text(moment),
        asked_at=clock.to_text(moment),
        asks=1,
    )
    if standing is None:
        return fresh
    if standing.status is ArtifactState.READY:
        return None if _is_there(standing) else fresh
    if standing.status is ArtifactState.FAILED:
        return None if standing.build == artifact.build else fresh
    return _asked_again(standing)


def _asked_again(standing: Export) -> Export | None:
    """The row with which a pending export is asked for once more; null where somebody may be at it."""
    moment = clock.now()
    if standing.seconds_left(moment) or standing.was_asked(moment):
        return None
    now = clock.to_text(moment)
    asks = standing.asks + 1
    return replace(standing, asked_at=now, asks=asks, updated_at=now, lease_until=None, not_before=None)


def ask_again(job_id: str, run: int) -> bool:
    """Ask once more for every export of a run that nobody is at work on; whether one is still to be made."""
    states = table(settings().job_artifact_table)
    pending = [
        (row, standing)
        for row in of_job(job_id)
        if (standing := from_row(row)).run == run and standing.status is ArtifactState.PENDING
    ]
    for row, standing in pending:
        if asked := _asked_again(standing):
            with suppress(rows.Conflict):
                rows.replace(states, row, asked.values())
                messages.send_export(job_id, run, row.key)
    return bool(pending)


def _is_there(standing: Export) -> bool:
    return bool(container(settings().artifacts_container).get_blob_client(str(standing.blob)).exists())


def of_job(job_id: str) -> Iterator[rows.Row]:
    """The rows of all exports of a job."""
    return rows.partition_rows(table(settings().job_artifact_table), job_id, above=PREFIX, below=_BEHIND)


def _make_room(job_id: str) -> None:
    """Give up the export that has been settled longest, where a job has as many as it may have.

    One that was given out a short while ago is still being fetched through its link.
    """
    kept = list(of_job(job_id))
    if len(kept) < settings().exports_per_job:
        return
    old = clock.to_text(clock.later(-_FETCHED_AFTER))
    settled = [
        row for row in kept if row.get("status") != ArtifactState.PENDING and row.get("updated_at") < old
    ]
    if not settled:
        raise AppError("too_many_exports", "Wait until those under way are made and fetched.")
    _remove(min(settled, key=lambda row: str(row.get("updated_at"))))


def purge(job_id: str, builds: Collection[str]) -> None:
    """Give up exports of other builds than these, and what has been kept long enough."""
    old = clock.to_text(clock.later(-settings().export_keep_seconds))
    for row in of_job(job_id):
        if row.get("build") not in builds or row.get("created_at") <= old:
            _remove(row)


def _remove(row: rows.Row) -> None:
    """The row first: what is not in it is not given out."""
    from azure.core.exceptions import ResourceNotFoundError

    rows.delete(table(settings().job_artifact_table), row)
    if row.get("blob"):
        with suppress(ResourceNotFoundError):
            container(settings().artifacts_container).delete_blob(row.get("blob"))


def from_row(row: rows.Row) -> Export:
    known = {name: value for name, value in row.values.items() if name in Export.__dataclass_fields__}
    return Export(**{**known, "status": ArtifactState(known["status"]), "written_at": row.written_at})
