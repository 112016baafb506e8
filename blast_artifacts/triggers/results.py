"""HTTP: the views of a job's results, as stored or asked of their tables, and the raw files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import azure.functions as func

from blast_artifacts.lifecycle import artifacts
from blast_artifacts.lifecycle.artifacts import Artifact
from blast_artifacts.lifecycle.jobs import Job
from blast_artifacts.terms import ArtifactState, ArtifactType
from blast_artifacts.triggers.access import Permit, for_artifact_reader, for_reader, register
from blast_artifacts.triggers.published import (
    awaited_state,
    by_link,
    not_yet,
    of_published,
    understood,
    wants_link,
)
from blast_artifacts.views.file_pages import parse_file_page
from blast_artifacts.views.graphic import parse_graphic
from blast_artifacts.views.parameters import PARAMETERS, BadQuestion
from blast_artifacts.views.question import parse_question
from shared import codec
from shared.errors import AppError
from shared.http import Stored, answer_file, answer_json, answer_stored, unchanged
from shared.settings import settings

if TYPE_CHECKING:
    from blast_artifacts.lifecycle.questions import Asked

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

Parse = Callable[[Mapping[str, str]], "Asked | None"]
"""What a request asks, None where that is the artifact; raises BadQuestion."""


def _view(
    kind: ArtifactType, parse: Parse, req: func.HttpRequest, permit: Permit, artifact: Artifact | None
) -> func.HttpResponse:
    with understood():
        asked = parse(req.params)
        serve = partial(_answered, permit.job_id, asked, req) if asked else partial(_artifact, req)
        published = of_published(permit.job_id, artifact, serve)
        return published or _absent(kind, asked, permit.job, req)


def _asked(kind: ArtifactType, params: Mapping[str, str]) -> Asked | None:
    """What the request asks of the view; None where that is the artifact. Raises BadQuestion."""
    asked: Asked
    if kind is ArtifactType.MANIFEST:
        asked = parse_file_page(params)
    elif kind in PARAMETERS:
        asked = parse_question(kind, params)
    elif name := next(iter(params), None):
        raise BadQuestion(name[:40], f"There is no parameter {name[:40]!r} here.")
    else:
        return None
    return None if asked.is_default else asked


def _artifact(req: func.HttpRequest, artifact: Artifact) -> func.HttpResponse:
    stored = Stored(
        artifact.sha256, artifact.size, artifact.plain_size, lambda: artifacts.stored_bytes(artifact)
    )
    return answer_stored(req, stored, {"X-Artifact-State": "ready", "X-Artifact-Source": "artifact"})


def _answered(job_id: str, asked: Asked, req: func.HttpRequest, artifact: Artifact) -> func.HttpResponse:
    from blast_artifacts.lifecycle import questions

    mark = questions.mark_of(artifact.sha256, artifact.fingerprint, asked)
    headers = {"X-Artifact-State": "ready", "X-Artifact-Source": "query"}
    if same := unchanged(req, mark, headers):
        return same
    packed = questions.of_published(job_id, artifact, asked, mark)
    return answer_stored(
        req, Stored(mark, len(packed.stored), packed.plain_size, lambda: packed.stored), headers
    )


def _absent(kind: ArtifactType, asked: Asked | None, job: Job, req: func.HttpRequest) -> func.HttpResponse:
    """The live answer or the state, where nothing is published for the current run."""
    if kind is ArtifactType.EXECUTION_STEPS:
        return _time_line(job, req)
    state = awaited_state(job, kind, *((ArtifactType.PARTS,) if asked else ()))
    return _live(kind, asked, job, state, req) or not_yet(job, state)


def _time_line(job: Job, req: func.HttpRequest) -> func.HttpResponse:
    from blast_artifacts.lifecycle import states, steps, terminal

    headers = {"X-Artifact-State": "missing", "X-Artifact-Source": "live"}
    if not job.is_terminal:
        return answer_json(steps.time_line(job), headers=headers)
    state = states.states(job)[ArtifactType.EXECUTION_STEPS]["state"]
    if state == ArtifactState.FAILED and terminal.ask_for_newer(job.job_id):
        state = ArtifactState.PENDING
    elif state == ArtifactState.MISSING:
        terminal.ask_once(job)
        state = ArtifactState.PENDING
    elif state == ArtifactState.PENDING:
        terminal.ask_again(job)
    headers["X-Artifact-State"] = state
    body = codec.to_json(steps.time_line(job))
    return answer_stored(req, _stored(body), headers)


def _live(
    kind: ArtifactType, asked: Asked | None, job: Job, state: ArtifactState, req: func.HttpRequest
) -> func.HttpResponse | None:
    """What the artifact would answer, of a small result that is read now; None where that cannot be."""
    from blast_artifacts.lifecycle import live, questions

    if not job.is_terminal:
        return None
    headers = {"X-Artifact-State": state.value, "X-Artifact-Source": "live"}
    with live.reading(job) as found:
        body = found.built.artifacts.get(kind) if found else None
        if found is None or body is None:
            return None
        default = _stored(body)
        if asked is None:
            return answer_stored(req, default, headers)
        mark = questions.mark_of(default.sha256, found.built.fingerprint, asked)
        if same := unchanged(req, mark, headers):
            return same
        packed = questions.of_reading(found, asked, body)
    return answer_stored(
        req, Stored(mark, len(packed.stored), packed.plain_size, lambda: packed.stored), headers
    )


def _stored(body: bytes) -> Stored:
    stored = codec.pack(body)
    return Stored(codec.digest(stored), len(stored), len(body), lambda: stored)


def _file(req: func.HttpRequest, job: Job) -> func.HttpResponse:
    from blast_artifacts.lifecycle import results

    in_body = wants_link(req)
    name = _file_name(req.route_params.get("file_id", ""))
    source = results.find_source(job.results_prefix + name)
    if source is None:
        raise AppError("not_found", "There is no such file.")
    if source.size <= settings().through_function_bytes:
        return answer_file(req, source.name, source.size, lambda: b"".join(source.blocks()))
    return by_link(in_body, source.container_name, source.path, source.name)


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


_JOB = "blast/jobs/{job_id}"
_READ = ["GET", "HEAD"]

for _path, _kind in VIEWS.items():
    register(
        *(blueprint, f"read_{_kind}", _READ, f"{_JOB}/{_path}"),
        for_artifact_reader(_kind, partial(_view, _kind, partial(_asked, _kind))),
    )
_PAIRS = ArtifactType.DESCRIPTIONS
register(
    *(blueprint, "read_graphic", _READ, f"{_JOB}/results/graphic"),
    for_artifact_reader(_PAIRS, partial(_view, _PAIRS, parse_graphic)),
)
register(blueprint, "read_file", _READ, f"{_JOB}/results/files/{{file_id}}", for_reader(_file))
