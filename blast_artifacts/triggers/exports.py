"""HTTP: whole tables as files; small ones at once, large ones made in the background and given by link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import azure.functions as func

from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType
from blast_artifacts.triggers.access import Permit, for_artifact_reader, register
from blast_artifacts.triggers.published import (
    LINK,
    awaited_state,
    by_link,
    not_yet,
    of_published,
    understood,
    wants_link,
)
from blast_artifacts.views.export import CONTENT_TYPES, Export, NoSequences, parse_export
from shared.errors import AppError
from shared.http import answer_file, not_modified
from shared.settings import settings

blueprint = func.Blueprint()


def _export(req: func.HttpRequest, permit: Permit, artifact: Artifact | None) -> func.HttpResponse:
    wants_link(req)
    with understood():
        export = parse_export(_asked(req))
    published = of_published(permit.job_id, artifact, partial(_of_build, permit, export, req))
    return published or _of_reading(export, permit.job, req)


def _of_build(permit: Permit, export: Export, req: func.HttpRequest, artifact: Artifact) -> func.HttpResponse:
    """The file at once, or what has become of it in the background."""
    from blast_artifacts.lifecycle import at_once, exports

    job_id = permit.job_id
    key = exports.key_of(artifact.fingerprint, export.key)
    headers = _headers(key, "ready", "query", artifact.complete)
    if same := not_modified(req, headers):
        return same
    if exports.find(job_id, key) is None:
        with suppress(at_once.TooLarge), _possible():
            body = at_once.of_published(job_id, artifact, export)
            return _file(req, job_id, export, body, headers)
    standing = exports.ask(job_id, artifact, key, _asked(req))
    if standing.status is ArtifactState.FAILED:
        raise AppError("export_failed", standing.error or "It could not be made.", reason=standing.error_code)
    if standing.status is ArtifactState.READY:
        where = settings().artifacts_container, str(standing.blob)
        return by_link(wants_link(req), *where, _name(job_id, export))
    return not_yet(permit.job, standing.status, since=standing.updated_at)


def _of_reading(export: Export, job: Job, req: func.HttpRequest) -> func.HttpResponse:
    """The file from a small result that is read now, or the state, where nothing is published."""
    from blast_artifacts.lifecycle import at_once, exports, live

    state = awaited_state(job, ArtifactType.PARTS)
    if not job.is_terminal:
        return not_yet(job, state)
    with live.reading(job) as found, suppress(at_once.TooLarge), _possible():
        if found:
            key = exports.key_of(found.built.fingerprint, export.key)
            headers = _headers(key, state, "live", found.built.complete)
            if same := not_modified(req, headers):
                return same
            return _file(req, job.job_id, export, at_once.of_tables(export, found.tables), headers)
    return not_yet(job, state)


def _asked(req: func.HttpRequest) -> dict[str, str]:
    """The parameters of the export itself, whatever way it is given out."""
    return {name: text for name, text in req.params.items() if name != LINK}


def _headers(key: str, state: str, source: str, complete: bool) -> dict[str, str]:
    return {
        "ETag": f'"{key.partition("|")[2]}"',
        "Cache-Control": "private, no-cache",
        "X-Artifact-State": state,
        "X-Artifact-Source": source,
        "X-Artifact-Complete": str(complete).lower(),
    }


def _name(job_id: str, export: Export) -> str:
    return f"{job_id}-{export.table}{CONTENT_TYPES[export.format][1]}"


def _file(
    req: func.HttpRequest, job_id: str, export: Export, body: bytes, headers: dict[str, str]
) -> func.HttpResponse:
    media_type = CONTENT_TYPES[export.format][0].partition(";")[0]  # the library adds the charset
    return answer_file(req, _name(job_id, export), len(body), lambda: body, media_type, headers)


@contextmanager
def _possible() -> Iterator[None]:
    """Says to the caller why there is no such export."""
    try:
        yield
    except NoSequences as lacking:
        raise AppError("export_failed", str(lacking), reason="no_sequences") from lacking


register(
    *(blueprint, "export_table", ["GET", "HEAD"], "blast/jobs/{job_id}/results/export"),
    for_artifact_reader(ArtifactType.PARTS, _export),
)
