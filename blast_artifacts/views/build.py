"""Result files -> tables -> artifacts: the one road of the finalizer and of the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from blast_artifacts.reading.folder import Folder, open_folder
from blast_artifacts.reading.hits import Source
from blast_artifacts.reading.outfmt import OutfmtSpec, parse_outfmt
from blast_artifacts.reading.read import ReadOptions
from blast_artifacts.tables.part import OnProgress, Part, PartOptions, plan_parts, write_part
from blast_artifacts.tables.query_fasta import QueryFasta, joined, read_query_fasta
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.aggregate import aggregate
from blast_artifacts.views.alignments import alignments
from blast_artifacts.views.canonical import canonical_json, digest
from blast_artifacts.views.descriptions import descriptions
from blast_artifacts.views.envelope import envelope
from blast_artifacts.views.manifest import file_lines, manifest
from blast_artifacts.views.missing import account_for_queries
from blast_artifacts.views.queries import queries
from blast_artifacts.views.result import Job, Result
from blast_artifacts.views.subjects import Subjects, survey_subjects
from blast_artifacts.views.taxonomy import organisms
from shared.errors import told

__all__ = ["Built", "Job", "build_result"]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Built:
    """What a build made: artifacts as JSON, those that failed with their reasons, the tables' paths.

    `files` is a line of JSON for every file, null where the manifest shows them all. `summary` is what the
    command line prints.
    """

    artifacts: dict[ArtifactType, bytes]
    failed: dict[ArtifactType, str]
    parts: list[Path]
    files: bytes | None
    fingerprint: str
    complete: bool
    summary: dict[str, Any]


def build_result(
    job: Job,
    sources: Sequence[Source],
    folder: Path,
    *,
    iteration: int | Literal["last", "all"] = "last",
    outfmt: OutfmtSpec | None = None,
    outfmts: Mapping[str, OutfmtSpec] | None = None,
    taxonomy: Taxonomy | None = None,
    deadline: float | None = None,
    on_progress: OnProgress | None = None,
) -> Built:
    """Builds all artifacts of a results prefix; the tables go into `folder`.

    `outfmt` is the format the search was asked for, `outfmts` those of single files by name; without either
    the job or ElasticBLAST's configuration tells. `deadline` is on the monotonic clock, in seconds: what was
    not read by then is said, and the result is not complete. `taxonomy` gives taxids
    names and lineages. Errors of the storage are raised.
    """
    found = open_folder(sources)
    fasta, orders = _submitted_queries(job, found)
    spec = outfmt or _asked(job, found)
    read = partial(_read_options, job, found, spec, outfmts or {}, iteration)
    lengths = None if fasta is None else fasta.length_table()
    options = PartOptions(read, lengths, orders, deadline, on_progress)
    plan = plan_parts(found.results) or [[]]
    parts = [write_part(files, folder, number, options) for number, files in enumerate(plan)]
    marks = [str(iteration), repr(spec), repr(sorted((outfmts or {}).items()))]
    marks += [taxonomy.mark] if taxonomy else []
    result = Result(job, found, parts, _fingerprint(job, found, parts, fasta, marks), taxonomy=taxonomy)
    account_for_queries(result, fasta, orders, folder)
    return _publishable(result)


def _publishable(result: Result) -> Built:
    shared = envelope(result)
    artifacts: dict[ArtifactType, bytes] = {}
    failed: dict[ArtifactType, str] = {}
    totals: dict[str, Any] = {}
    subjects: list[Subjects] = []

    def surveyed() -> Subjects:
        if not subjects:
            subjects.append(survey_subjects(result))
        return subjects[0]

    def figures() -> dict[str, Any]:
        view = aggregate(result, surveyed())
        totals.update(view["totals"])
        return view

    views: dict[ArtifactType, Callable[[], dict[str, Any]]] = {
        ArtifactType.MANIFEST: partial(manifest, result),
        ArtifactType.AGGREGATE: figures,
        ArtifactType.QUERIES: partial(queries, result),
        ArtifactType.DESCRIPTIONS: partial(descriptions, result),
        ArtifactType.ALIGNMENTS: partial(alignments, result),
        ArtifactType.TAXONOMY: lambda: organisms(result, surveyed()),
    }
    for kind, view in views.items():
        try:
            artifacts[kind] = canonical_json({**shared, **view()})
        except Exception as error:  # one view that fails must not take the others with it
            _log.exception("%s could not be built", kind)
            failed[kind] = told(error)
    return Built(
        artifacts,
        failed,
        [path for part in result.parts for path in part.paths],
        file_lines(result),
        result.fingerprint,
        shared["complete"] and not failed,
        _summary(result, shared, totals),
    )


def _summary(result: Result, shared: dict[str, Any], totals: dict[str, Any]) -> dict[str, Any]:
    sources = [
        {
            "name": report.name,
            "format": report.format,
            "state": report.state.value,
            "reason": report.reason,
            "rows": report.rows,
            "rejected": report.rejected,
        }
        for report in result.reports
    ]
    counts = {name: totals.get(name) for name in ("queries", "queries_with_hits", "pairs", "hsps")}
    return {"complete": shared["complete"], **counts, "sources": sources, "warnings": shared["warnings"]}


def _asked(job: Job, folder: Folder) -> OutfmtSpec | None:
    value = job.options.get("outfmt", folder.options.get("outfmt"))
    try:
        return parse_outfmt(value) if isinstance(value, str | int | list) else None
    except ValueError:
        return None


def _read_options(
    job: Job,
    folder: Folder,
    spec: OutfmtSpec | None,
    specs: Mapping[str, OutfmtSpec],
    iteration: int | Literal["last", "all"],
    source: Source,
) -> ReadOptions:
    inside_job = job.status is not None or folder.success or folder.failure is not None
    program = job.program or folder.program
    return ReadOptions(specs.get(source.name, spec), iteration, inside_job, program)


def _submitted_queries(job: Job, folder: Folder) -> tuple[QueryFasta | None, dict[int, QueryFasta]]:
    """All submitted queries, and those of each batch where it is known which they are."""
    orders = {batch: read_query_fasta(source) for batch, source in folder.query_batches.items()}
    batches = {batch for _, batch in folder.results}
    if job.query_fasta is None:
        return (joined(list(orders.values())) if orders else None), orders
    fasta = read_query_fasta(job.query_fasta)
    if not orders and len(batches) == 1:
        orders = {batches.pop(): fasta}
    return fasta, orders


def _fingerprint(
    job: Job, folder: Folder, parts: Sequence[Part], fasta: QueryFasta | None, marks: Sequence[str]
) -> str:
    """Of everything that the artifacts are made of: names and content, not places or times."""
    files = [
        [report.name, report.size, part.digests.get(report.name)] for part in parts for report in part.reports
    ]
    side = [folder.success, folder.failure, folder.submitted, sorted(folder.exit_codes.items())]
    records = [fasta.ids, fasta.lengths] if fasta else None
    search = [job.program, job.database, {**folder.options, **job.options}]
    return digest([files, side, records, search, list(marks)])
