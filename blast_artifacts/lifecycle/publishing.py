"""Publishing a build: all blobs first, under paths that bear the claim's token; then the rows, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from blast_artifacts.lifecycle import built_parts, due, sentinel, steps, terminal
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.built_parts import PartTables
from blast_artifacts.lifecycle.claims import Claim
from blast_artifacts.terms import SCHEMA_VERSION, ArtifactState, ArtifactType, JobStatus, SentinelStatus
from blast_artifacts.views.build import Built
from shared import codec
from shared.log_lines import note
from shared.settings import settings
from shared.storage import container

_ALWAYS_REQUIRED = frozenset({ArtifactType.EXECUTION_STEPS, ArtifactType.MANIFEST})


def publish(claim: Claim, built: Built, tables: Mapping[int, PartTables]) -> None:
    """Upload what was built and publish it; raises ClaimLost.

    `tables` are those of parts that lie in the storage already; what the build has on local disk takes their
    place.
    """
    note(rows=built.summary["hsps"], complete=built.complete)
    time_line = codec.to_json(steps.time_line(claim.job))
    published = [*_upload_artifacts(claim, built, time_line), _upload_parts(claim, built, tables)]
    if claim.follows_a_build or claim.parts:
        due.schedule_purge(claim.job.job_id, claim.job.run, claim.build)
    claim.publish(_end_of(claim, built, published), published)
    if codec.to_json(steps.time_line(claim.job)) != time_line:
        terminal.ask_later(claim.job)


def _upload_artifacts(claim: Claim, built: Built, time_line: bytes) -> list[Artifact]:
    ended = bool(codec.from_json(time_line)["complete"])
    line = _upload(claim, built, ArtifactType.EXECUTION_STEPS, time_line, complete=ended)
    ready = [
        _upload(claim, built, kind, body, complete=built.complete) for kind, body in built.artifacts.items()
    ]
    failed = [
        replace(_row(claim, built, kind, ArtifactState.FAILED), error_code="build_failed", error=reason)
        for kind, reason in built.failed.items()
    ]
    return [line, *ready, *failed]


def _upload(claim: Claim, built: Built, kind: ArtifactType, body: bytes, *, complete: bool) -> Artifact:
    from azure.storage.blob import ContentSettings

    claim.check()
    stored = codec.pack(body)
    path = f"{claim.folder}/{kind}.json.gz"
    container(settings().artifacts_container).upload_blob(
        path,
        stored,
        overwrite=True,
        content_settings=ContentSettings(content_type="application/json", content_encoding="gzip"),
    )
    return replace(
        _row(claim, built, kind, ArtifactState.READY),
        complete=complete,
        blob=path,
        sha256=codec.digest(stored),
        size=len(stored),
        plain_size=len(body),
    )


def _upload_parts(claim: Claim, built: Built, tables: Mapping[int, PartTables]) -> Artifact:
    """The artifact that says where the tables of each part lie."""
    local = built_parts.upload_tables(claim.folder, claim.token, built.parts, claim.check)
    numbers = sorted({*tables, *local})
    lying = {number: {**tables.get(number, {}), **local.get(number, {})} for number in numbers}
    parts = [
        {
            "part": number,
            "tables": {name: {"path": file.path, "size": file.size} for name, file in of_part.items()},
        }
        for number, of_part in lying.items()
    ]
    line = {
        "schema_version": SCHEMA_VERSION,
        "job_id": claim.job.job_id,
        "run": claim.job.run,
        "complete": built.complete,
        "parts": parts,
        "files": _upload_files(claim, built),
    }
    return _upload(claim, built, ArtifactType.PARTS, codec.to_json(line), complete=built.complete)


def _upload_files(claim: Claim, built: Built) -> str | None:
    """The list of all files, where the manifest does not show it whole; gives its path."""
    if built.files is None:
        return None
    path = f"{claim.folder}/files.jsonl.gz"
    container(settings().artifacts_container).upload_blob(path, codec.pack(built.files), overwrite=True)
    return path


def _row(claim: Claim, built: Built, kind: ArtifactType, status: ArtifactState) -> Artifact:
    end = claim.ended(SentinelStatus.READY)
    return Artifact(
        type=kind,
        status=status,
        owner=claim.job.owner,
        run=claim.job.run,
        build=claim.build,
        schema_version=end.schema_version,
        builder_version=end.builder_version,
        fingerprint=built.fingerprint,
        updated_at=end.updated_at,
    )


def _end_of(claim: Claim, built: Built, published: Sequence[Artifact]) -> sentinel.Sentinel:
    """`ready` only if every artifact that the job's status requires is."""
    required = set(ArtifactType) if claim.job.status is JobStatus.COMPLETED else _ALWAYS_REQUIRED
    lacking = sorted(required - {one.type for one in published if one.status is ArtifactState.READY})
    if lacking:
        note(for_good=True, code="build_failed")
        end = claim.ended(SentinelStatus.FAILED, "build_failed", f"could not be built: {', '.join(lacking)}")
    else:
        end = claim.ended(SentinelStatus.READY)
    return replace(end, fingerprint=built.fingerprint)
