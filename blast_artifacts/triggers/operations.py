"""What every HTTP function takes and answers, for the API description; tests hold answers against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from blast_artifacts.lifecycle.request import SubmitRequest
from blast_artifacts.terms import ID_PATTERN, ArtifactType, JobStatus
from blast_artifacts.triggers import models
from blast_artifacts.views import export, file_pages, graphic, parameters
from blast_artifacts.views import models as views
from shared.settings import settings

JSON, PROBLEM, BINARY = "application/json", "application/problem+json", "application/octet-stream"


@dataclass(frozen=True)
class Parameter:
    """One parameter: its JSON schema and what it says."""

    name: str
    schema: Mapping[str, Any]
    says: str
    required: bool = False


@dataclass(frozen=True)
class Answer:
    """One answer without an error: bodies by media type, and headers beside those of every answer."""

    says: str
    bodies: Mapping[str, type[BaseModel] | None]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """`errors` are the codes beside those that follow from the door."""

    summary: str
    answers: Mapping[int, Answer]
    errors: tuple[str, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None


HEADERS = {
    "Cache-Control": "Nothing is kept by shared caches.",
    "Vary": "What an answer depends on.",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Expose-Headers": "What scripts of other origins may read.",
    "ETag": "Strong, one for each representation.",
    "Content-Encoding": "gzip, where the request accepts it.",
    "Content-Disposition": "An attachment, under a name of letters, digits and `._-`.",
    "X-Artifact-State": "ready, pending or missing.",
    "X-Artifact-Source": "artifact; query, of the tables behind it; live, read now from a small result.",
    "X-Artifact-Complete": "true where all that the pipeline left was read.",
    "Retry-After": "Seconds until it is worth asking again.",
    "Location": "Where to go on.",
}
ALWAYS = ("Cache-Control", "Vary", "X-Content-Type-Options", "Access-Control-Expose-Headers")

PATH = {
    "job_id": Parameter("job_id", {"type": "string", "pattern": f"^{ID_PATTERN}$"}, "A job."),
    "step": Parameter("step", {"type": "string", "pattern": "^[a-z0-9_]{1,40}$"}, "A step of the run."),
    "sequence": Parameter("sequence", {"type": "string", "pattern": "^[0-9]{1,6}$"}, "A chunk's number."),
    "file_id": Parameter(
        "file_id",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 5500},
        "A result file, by its id in the manifest.",
    ),
}

_MATCH = Parameter("If-None-Match", {"type": "string"}, "ETags of what the caller has; compared weakly.")
_ENCODING = Parameter("Accept-Encoding", {"type": "string"}, "With gzip the body comes as it is stored.")
_KEY = Parameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "A repeat with the same key and request finds the same job.",
)
_LIST = (
    Parameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Jobs a page."),
    Parameter("cursor", {"type": "string", "pattern": "^([0-9]{13}_[a-z0-9-]{8,64})?$"}, "`next_cursor`."),
    Parameter(
        "status",
        {"type": "array", "items": {"enum": sorted(set(JobStatus) - {JobStatus.DELETED})}, "minItems": 1},
        "Only jobs in one of these; several with commas.",
    ),
)
_LINK = Parameter(
    "link", {"const": "1"}, "Answer with a link where the file is too large, not by a redirect."
)

_TAKEN = Answer("Taken in; the job as it stands.", {JSON: models.JobSummary}, ("Location", "Retry-After"))
_UNCHANGED = Answer("What the caller has is current.", {}, ("ETag", "X-Artifact-State", "X-Artifact-Source"))
_LATER = Answer("Not there yet.", {JSON: models.NotYet}, ("Retry-After", "X-Artifact-State"))
_STORED = ("ETag", "Content-Encoding")
_TAGGED = (*_STORED, "X-Artifact-State", "X-Artifact-Source")


def _schema(asked: parameters.Parameter) -> dict[str, Any]:
    """The JSON schema of what a question's parameter takes."""
    bounds = {"minimum": asked.low, "maximum": asked.high, "default": asked.default}
    match asked.kind:
        case parameters.CHOICE:
            schema: dict[str, Any] = {"type": "string", "enum": list(asked.choices)}
        case parameters.CHOICES:
            schema = {"type": "array", "items": {"enum": list(asked.choices)}, "minItems": 1}
        case parameters.TEXT:
            schema = {"type": "string", "maxLength": asked.longest}
        case parameters.PLACES:
            schema = {"type": "string", "pattern": f"^{parameters.PLACES_PATTERN}$"}
        case kind:
            schema = {"type": kind}
    known = {name: value for name, value in bounds.items() if value is not None}
    if schema["type"] == "integer":
        known = {name: int(value) for name, value in known.items()}
    return schema | known


def _asked(*asked: parameters.Parameter) -> tuple[Parameter, ...]:
    return tuple(Parameter(one.name, _schema(one), one.sentence) for one in asked)


def _said(model: type[BaseModel], text: str) -> dict[int, Answer]:
    return {200: Answer(text, {JSON: model})}


def _view(summary: str, model: type[BaseModel], *asked: parameters.Parameter) -> Operation:
    return Operation(
        summary,
        {
            200: Answer("The artifact, or its live equal.", {JSON: model}, _TAGGED),
            202: _LATER,
            304: _UNCHANGED,
        },
        ("artifact_failed", "invalid_parameter", *(["cursor_expired"] if asked else ())),
        query=_asked(*asked),
        headers=(_MATCH, _ENCODING),
    )


def _table(summary: str, model: type[BaseModel], kind: ArtifactType) -> Operation:
    return _view(summary, model, *parameters.PARAMETERS[kind])


def _export() -> Operation:
    """Whole tables; of the filters each table takes its own."""
    own = [one for kind in export.FORMATS for one in parameters.PARAMETERS[kind]]
    asked = {one.name: one for one in own if one.name not in export.OF_PAGES}
    sorts = dict.fromkeys(name for kind in export.FORMATS for name in parameters.SORTS[kind])
    asked["sort"] = replace(asked["sort"], choices=tuple(sorts), default=None)
    table, *rest = _asked(*export.EXPORT_PARAMETERS, *asked.values())
    kinds = {kind.partition(";")[0]: None for kind, _ in export.CONTENT_TYPES.values()}
    tagged = ("ETag", "Content-Disposition", "X-Artifact-State", "X-Artifact-Source", "X-Artifact-Complete")
    return Operation(
        "A whole table as one file; the filters and sorts are those of the table",
        {
            200: Answer(
                "The file, or with `link=1` the link to a large one.", kinds | {JSON: models.Link}, tagged
            ),
            202: Answer(
                "A large one is being made.", {JSON: models.NotYet}, ("Retry-After", "X-Artifact-State")
            ),
            302: Answer("To a link that holds for five minutes.", {}, ("Location",)),
            304: replace(_UNCHANGED, headers=(*_UNCHANGED.headers, "X-Artifact-Complete")),
        },
        ("artifact_failed", "invalid_parameter", "export_failed", "too_many_exports"),
        query=(replace(table, required=True), *rest, _LINK),
        headers=(_MATCH,),
    )


OPERATIONS: dict[str, Operation] = {
    "submit_job": Operation(
        f"Submit a search; a body of at most {settings().max_body_bytes} bytes",
        {202: _TAKEN},
        (
            *("malformed_json", "invalid_request", "invalid_fasta", "fasta_too_large", "body_too_large"),
            *("length_required", "unsupported_media_type", "invalid_parameter", "idempotency_key_reused"),
            *("no_capacity", "not_found"),
        ),
        headers=(_KEY,),
        body=SubmitRequest,
    ),
    "list_jobs": Operation(
        "One's own jobs, newest first",
        _said(models.JobList, "A page of jobs; without `next_cursor` it is the last."),
        ("invalid_parameter",),
        query=_LIST,
    ),
    "get_job": Operation(
        "A job, the state of its artifacts, links", _said(models.JobSummary, "The job as it stands.")
    ),
    "delete_job": Operation(
        "Delete a job and all that it left", {202: Answer("Unknown from now on.", {JSON: models.Deleted})}
    ),
    "cancel_job": Operation("Ask the pipeline to stop", {202: _TAKEN}, ("already_ended",)),
    "retry_job": Operation("Search again, as the job's next run", {202: _TAKEN}, ("not_ended", "adopted")),
    "rebuild_job": Operation("Build the artifacts anew", {202: _TAKEN}, ("not_ended",)),
    "read_execution_steps": _view("Time line of the run; live while it runs", models.ExecutionSteps),
    "read_result_manifest": _view(
        "Every file with what became of it, and the search", views.Manifest, *file_pages.PARAMETERS
    ),
    "read_result_aggregate": _view("Totals, distributions, top subjects, best hits", views.Aggregate),
    "read_result_queries": _table(
        "Every query in order, those without hits too", views.Queries, ArtifactType.QUERIES
    ),
    "read_result_descriptions": _table(
        "NCBI's table: a row a query and subject", views.Descriptions, ArtifactType.DESCRIPTIONS
    ),
    "read_result_alignments": _table(
        "HSPs, with sequences where the format has them", views.Alignments, ArtifactType.ALIGNMENTS
    ),
    "read_result_taxonomy": _table("Organisms by taxid", views.Taxonomy, ArtifactType.TAXONOMY),
    "read_graphic": _view(
        "What pictures of one query are drawn from; the first with hits, if none is asked for",
        views.Graphic,
        *graphic.PARAMETERS,
    ),
    "export_table": _export(),
    "list_log_chunks": Operation(
        "Log chunks of a step, and whether these are all",
        _said(models.LogIndex, "At most 5,000 chunks and 100 gaps; `count` is of all."),
    ),
    "read_log_chunk": Operation("One log chunk", _said(models.LogChunk, "Its lines.")),
    "read_file": Operation(
        "A raw result file",
        {
            200: Answer(
                "The file, or with `link=1` the link to a large one.",
                {BINARY: None, JSON: models.Link},
                ("Content-Disposition",),
            ),
            302: Answer("To a link that holds for five minutes.", {}, ("Location",)),
        },
        ("invalid_parameter",),
        query=(_LINK,),
    ),
    "health": Operation(
        "Whether storage is in order",
        {
            200: Answer("All is there.", {JSON: models.Health}),
            503: Answer("It is not.", {JSON: models.Health}),
        },
    ),
    "read_openapi": Operation(
        "This description",
        {200: Answer("OpenAPI 3.1.", {JSON: None}, _STORED), 304: Answer("It is current.", {}, ("ETag",))},
        headers=(_MATCH, _ENCODING),
    ),
}
"""By the function's name."""
