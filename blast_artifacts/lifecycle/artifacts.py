"""Artifact rows, and the blobs that they point to."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from cachetools import LRUCache

from blast_artifacts.terms import BUILDER_VERSION, SCHEMA_VERSION, ArtifactState, ArtifactType
from shared import rows
from shared.settings import MIB, settings
from shared.storage import container, table

_CACHE_BYTES = 32 * MIB

_cache: LRUCache[str, bytes] = LRUCache(_CACHE_BYTES, getsizeof=len)
_lock = threading.Lock()


@dataclass(frozen=True)
class Artifact:
    """One artifact of the current run as its row has it; the row exists once the artifact is published.

    `blob` is the path in the artifacts container, `sha256` of the stored bytes, `size` their number,
    `plain_size` the number of bytes after gunzip.
    """

    type: ArtifactType
    status: ArtifactState
    owner: str
    run: int
    build: str
    schema_version: int
    builder_version: int
    fingerprint: str
    updated_at: str
    complete: bool = False
    blob: str | None = None
    sha256: str = ""
    size: int = 0
    plain_size: int = 0
    error_code: str | None = None
    error: str | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether a builder before this one made it."""
        return (self.schema_version, self.builder_version) < (SCHEMA_VERSION, BUILDER_VERSION)

    @property
    def answers(self) -> bool:
        """Whether readers are answered with it: what an older builder failed at is tried first."""
        is_failed = self.status is ArtifactState.FAILED
        return self.status is ArtifactState.READY or (is_failed and not self.is_outdated)

    def write(self) -> rows.Write:
        """This row as one write of the publishing transaction."""
        values: dict[str, Any] = {name: value for name, value in asdict(self).items() if name != "type"}
        return rows.Write(self.type, values)


class BlobGone(Exception):
    """The row of `artifact` stands, and a blob that it leads to does not."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__(artifact.blob)
        self.artifact = artifact


def find(job_id: str, kind: ArtifactType) -> Artifact | None:
    """The artifact's row, by one point read: it bears owner and state."""
    row = rows.find(table(settings().job_artifact_table), job_id, kind)
    return from_row(row) if row else None


def mark_missing(job_id: str, seen: Artifact) -> bool:
    """Say in the row that the blob is gone; False where the row has come to point to another since."""
    states = table(settings().job_artifact_table)
    row = rows.find(states, job_id, seen.type)
    if row is None or row.get("blob") != seen.blob:
        return False
    gone = replace(from_row(row), status=ArtifactState.MISSING)
    with suppress(rows.Conflict):
        rows.replace(states, row, gone.write().values or {})
    return True


def of_job(job_id: str) -> dict[ArtifactType, Artifact]:
    """All artifact rows of a job, by one query of its partition."""
    types = set(ArtifactType)
    found = rows.partition_rows(table(settings().job_artifact_table), job_id)
    return {ArtifactType(row.key): from_row(row) for row in found if row.key in types}


def stored_bytes(artifact: Artifact) -> bytes:
    """The stored bytes: gzip, as written; from this process's cache where it has them.

    Raises BlobGone.
    """
    from azure.core.exceptions import ResourceNotFoundError

    with _lock:
        stored = _cache.get(artifact.sha256)
    if stored is None:
        blobs = container(settings().artifacts_container)
        try:
            stored = bytes(blobs.download_blob(str(artifact.blob), decompress=False).readall())
        except ResourceNotFoundError as error:
            raise BlobGone(artifact) from error
        if len(stored) <= _CACHE_BYTES // 8:
            with _lock:
                _cache[artifact.sha256] = stored
    return stored


def from_row(row: rows.Row) -> Artifact:
    known = {name: value for name, value in row.values.items() if name in Artifact.__dataclass_fields__}
    known |= {"type": ArtifactType(row.key), "status": ArtifactState(known["status"])}
    return Artifact(**known)
