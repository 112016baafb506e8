"""The state of a job's artifacts, as a caller sees it."""

from __future__ import annotations

from typing import Any

from blast_artifacts.lifecycle import artifacts, checkpoints, sentinel
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.lifecycle.sentinel import Sentinel
from blast_artifacts.terms import ArtifactState, ArtifactType, SentinelStatus
from shared import rows
from shared.settings import settings
from shared.storage import table


def states(job: Job) -> dict[str, dict[str, Any]]:
    """The state of every artifact type of the job's current run, by one query of its partition.

    Each has `state`; a ready one also `complete`, `bytes` (stored) and `updated_at`, a failed one
    `error_code` and `error`; that of the parts says of how many parts how many are over while they are built.
    """
    found = {row.key: row for row in rows.partition_rows(table(settings().job_artifact_table), job.job_id)}
    standing = sentinel.from_row(found[sentinel.KEY]) if sentinel.KEY in found else None
    rows_of_any_run = [artifacts.from_row(found[kind]) for kind in ArtifactType if kind in found]
    published = {one.type: one for one in rows_of_any_run if one.run == job.run}
    known = {kind.value: _state(job, published.get(kind), standing) for kind in ArtifactType}
    if standing and standing.is_fanned_out and standing.run == job.run:
        over = sum(key.startswith(f"{checkpoints.DONE}{standing.build}|") for key in found)
        known[ArtifactType.PARTS] |= {"parts": standing.parts, "parts_done": over}
    return known


def _state(job: Job, artifact: Artifact | None, standing: Sentinel | None) -> dict[str, Any]:
    if artifact is None or artifact.status is ArtifactState.MISSING:
        return _unpublished(job, standing)
    return _published(artifact)


def _published(artifact: Artifact) -> dict[str, Any]:
    if artifact.status is ArtifactState.FAILED:
        return {"state": artifact.status, "error_code": artifact.error_code, "error": artifact.error}
    return {
        "state": artifact.status,
        "complete": artifact.complete,
        "bytes": artifact.size,
        "updated_at": artifact.updated_at,
    }


def _unpublished(job: Job, standing: Sentinel | None) -> dict[str, Any]:
    if standing is None or standing.run != job.run:
        return {"state": ArtifactState.MISSING}
    if standing.status is SentinelStatus.FAILED:
        return {"state": ArtifactState.FAILED, "error_code": standing.error_code, "error": standing.error}
    is_lost = standing.status is SentinelStatus.READY
    return {"state": ArtifactState.MISSING if is_lost else ArtifactState.PENDING}
