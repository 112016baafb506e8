"""HTTP: the artifacts of a job, each by one point read and its blob, and the raw files."""

from __future__ import annotations

import base64
import binascii
from functools import partial

import azure.functions as func

from blast_artifacts.lifecycle import artifacts
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType
from blast_artifacts.triggers.access import caller_of, job_id_of, no_such_job, owned_job
from shared import clock, codec
from shared.errors import AppError
from shared.http import Handler, Stored, answer, answer_file, answer_json, answer_stored, redirect
from shared.settings import settings

blueprint = func.Blueprint()

VIEWS = {
    "execution-steps": ArtifactType.EXECUTION_STEPS,
    "results": ArtifactType.MANIFEST,
    "results/aggregate": ArtifactType.AGGREGATE,
    "results/queries": ArtifactType.QUERIES,
    "results/descriptions": ArtifactType.DESCRIPTIONS,
    "results/alignments": ArtifactType.ALIGNMENTS,
    "results/taxonomy": ArtifactType.TAXONOMY,
}
"""The path of each view below the job, and the artifact that it is."""

_TABLES = (ArtifactType.QUERIES, ArtifactType.DESCRIPTIONS, ArtifactType.ALIGNMENTS, ArtifactType.TAXONOMY)
DEFAULTS = {kind: {"page_size": "100"} for kind in _TABLES}
"""What a request may spell out and be the default one."""


def handler_of(kind: ArtifactType) -> Handler:
    """The function that answers for one view."""

    def view(req: func.HttpRequest) -> func.HttpResponse:
        return answer(partial(_view, kind), req)

    return view


def _register(path: str, kind: ArtifactType) -> None:
    route = blueprint.route(
        route=f"blast/jobs/{{job_id}}/{path}",
        methods=["GET", "HEAD"],
        auth_level=func.AuthLevel.ANONYMOUS,
    )
    blueprint.function_name(f"read_{kind}")(route(handler_of(kind)))


for _path, _kind in VIEWS.items():
    _register(_path, _kind)


@blueprint.function_name("read_file")
@blueprint.route(
    route="blast/jobs/{job_id}/results/files/{file_id}",
    methods=["GET", "HEAD"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
def read_file(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_file, req)


def _view(kind: ArtifactType, req: func.HttpRequest) -> func.HttpResponse:
    caller, job_id = caller_of(req), job_id_of(req)
    artifact = artifacts.find(job_id, kind)
    if artifact is not None and not caller.may_read(artifact.owner):
        raise no_such_job()
    job = None if artifact else owned_job(caller, job_id)
    _refuse_questions(kind, req)
    if artifact is not None and artifact.status is not ArtifactState.MISSING:
        answered = _published(job_id, artifact, req) or _published_again(job_id, artifact, req)
        if answered:
            return answered
    return _absent(kind, job or owned_job(caller, job_id), req)


def _published(job_id: str, artifact: Artifact, req: func.HttpRequest) -> func.HttpResponse | None:
    """The artifact; None where its blob is gone."""
    if artifact.status is ArtifactState.FAILED:
        raise artifact_failed(artifact.error_code, artifact.error)
    if artifact.is_outdated:
        _ask_for_newer(job_id)
    headers = {"X-Artifact-State": "ready", "X-Artifact-Source": "artifact"}
    stored = Stored(
        artifact.sha256, artifact.size, artifact.plain_size, lambda: artifacts.stored_bytes(artifact)
    )
    try:
        return answer_stored(req, stored, headers)
    except artifacts.BlobGone:
        return None


def _published_again(job_id: str, lost: Artifact, req: func.HttpRequest) -> func.HttpResponse | None:
    """The build that took the place of one whose blob is gone; where none did, None, and the row says so."""
    if artifacts.mark_missing(job_id, lost):
        return None
    artifact = artifacts.find(job_id, lost.type)
    return _published(job_id, artifact, req) if artifact else None


def _ask_for_newer(job_id: str) -> None:
    from blast_artifacts.lifecycle import terminal

    terminal.ask_for_newer(job_id)


def _absent(kind: ArtifactType, job: Job, req: func.HttpRequest) -> func.HttpResponse:
    """The live answer or the state, where nothing is published for the current run."""
    from blast_artifacts.lifecycle import live, states, steps, terminal

    is_time_line = kind is ArtifactType.EXECUTION_STEPS
    if is_time_line and not job.is_terminal:
        headers = {"X-Artifact-State": "missing", "X-Artifact-Source": "live"}
        return answer_json(steps.time_line(job), headers=headers)
    state = states.states(job)[kind]
    if state["state"] == ArtifactState.FAILED and not is_time_line:
        raise artifact_failed(state["error_code"], state["error"])
    body: bytes | None = None
    if job.is_terminal:
        if state["state"] == ArtifactState.MISSING:
            terminal.ask_once(job)
            state = {"state": ArtifactState.PENDING}
        body = codec.to_json(steps.time_line(job)) if is_time_line else live.read(job, kind)
    if body is not None:
        stored = codec.pack(body)
        headers = {"X-Artifact-State": state["state"], "X-Artifact-Source": "live"}
        found = Stored(codec.digest(stored), len(stored), len(body), lambda: stored)
        return answer_stored(req, found, headers)
    said = {"job_id": job.job_id, "run": job.run, "status": job.status, "state": state["state"]}
    headers = {"Retry-After": str(_patience(job)), "X-Artifact-State": state["state"]}
    return answer_json(said, 202, headers)


def _patience(job: Job) -> int:
    """Seconds until a caller should ask again: from 2, growing with the wait so far, to 30."""
    since = clock.from_text(job.finished_at or job.updated_at)
    waited = (clock.now() - since).total_seconds()
    return int(min(30, max(2, waited / 10)))


def artifact_failed(code: str | None, reason: str | None) -> AppError:
    return AppError("artifact_failed", reason or "It could not be built.", reason=code)


def _refuse_questions(kind: ArtifactType, req: func.HttpRequest) -> None:
    """A request that spells out defaults is the default request; any other cannot be answered yet."""
    for name, value in req.params.items():
        if DEFAULTS.get(kind, {}).get(name) != value:
            sentence = f"The parameter {name[:40]!r} cannot be answered here."
            raise AppError("unsupported_parameter", sentence, parameter=name[:40])


def _file(req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle import results
    from shared.links import link

    job = owned_job(caller_of(req), job_id_of(req))
    name = _file_name(req.route_params.get("file_id", ""))
    source = results.find_source(job.results_prefix + name)
    if source is None:
        raise AppError("not_found", "There is no such file.")
    if source.size <= settings().through_function_bytes:
        return answer_file(req, source.name, source.size, lambda: b"".join(source.blocks()))
    made = link(source.container_name, source.path, source.name)
    if req.params.get("link") == "1":
        return answer_json({"url": made.url, "expires_at": made.expires_at})
    return redirect(made.url)


def _file_name(file_id: str) -> str:
    """The name that a file id stands for: base64url, no padding, of the path below the results prefix."""
    try:
        name = base64.b64decode(file_id + "=" * (-len(file_id) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AppError("not_found", "There is no such file.") from error
    parts = name.split("/")
    if not name or len(name) > 1024 or "\\" in name or not name.isprintable() or {"", ".", ".."} & set(parts):
        raise AppError("not_found", "There is no such file.")
    return name
