"""Result files -> tables -> artifacts: the one road of the finalizer and of the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from blast_artifacts.reading.folder import Folder
from blast_artifacts.reading.hits import Notice, Report, Source
from blast_artifacts.reading.outfmt import OutfmtSpec
from blast_artifacts.tables.part import OnProgress, Part, PartOptions, queries_part, write_part
from blast_artifacts.tables.query_fasta import QueryFasta
from blast_artifacts.tables.regroup import regroup_across, regroup_within
from blast_artifacts.tables.schema import NO_QUERIES
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType, FileState
from blast_artifacts.views.aggregate import aggregate
from blast_artifacts.views.alignments import alignments
from blast_artifacts.views.canonical import canonical_json, digest
from blast_artifacts.views.descriptions import descriptions
from blast_artifacts.views.envelope import envelope
from blast_artifacts.views.manifest import file_lines, manifest
from blast_artifacts.views.missing import account_for_queries
from blast_artifacts.views.plan import Formats, Iteration, Plan, plan_build
from blast_artifacts.views.queries import queries
from blast_artifacts.views.result import Job, Result
from blast_artifacts.views.subjects import Subjects, survey_subjects
from blast_artifacts.views.taxonomy import organisms
from shared.errors import told

__all__ = ["Built", "Job", "build_part", "build_planned", "build_result", "merge_parts", "plan_build"]

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
    iteration: Iteration = "last",
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
    plan = plan_build(job, sources)
    formats = plan.formats(job, iteration, outfmt, outfmts)
    return build_planned(job, plan, folder, formats, taxonomy, deadline, on_progress)


def build_planned(
    job: Job,
    plan: Plan,
    folder: Path,
    formats: Formats,
    taxonomy: Taxonomy | None = None,
    deadline: float | None = None,
    on_progress: OnProgress | None = None,
) -> Built:
    """Builds every part of a plan, one after the other, and merges them."""
    parts = [
        build_part(job, plan, number, folder, formats, deadline, on_progress)
        for number in range(len(plan.parts))
    ]
    return merge_parts(job, plan, parts, folder, formats, taxonomy)


def build_part(
    job: Job,
    plan: Plan,
    number: int,
    folder: Path,
    formats: Formats,
    deadline: float | None = None,
    on_progress: OnProgress | None = None,
) -> Part:
    """Reads the files of one part into tables in `folder`."""
    lengths = None if plan.fasta is None else plan.fasta.length_table()
    read = partial(plan.read_options, job, formats)
    options = PartOptions(read, lengths, plan.orders, deadline, on_progress)
    part = write_part(plan.parts[number], folder, number, options)
    regroup_within(part, folder)
    return part


def unread_part(plan: Plan, number: int, folder: Path, why: str) -> Part:
    """A part of which nothing could be read, which is said in the report of each of its files."""
    part = queries_part(folder, number, NO_QUERIES)
    failed = "part_failed"
    notices = [Notice(failed, f"Files that are read together could not be read: {why}.")]
    part.reports = [
        Report(source.name, source.size, batch, state=FileState.UNREADABLE, reason=failed, notices=notices)
        for source, batch in plan.parts[number]
    ]
    return part


def merge_parts(
    job: Job,
    plan: Plan,
    parts: list[Part],
    folder: Path,
    formats: Formats,
    taxonomy: Taxonomy | None = None,
    storage: Mapping[str, Any] | None = None,
) -> Built:
    """All artifacts of the parts of a plan, in whatever parts it was read.

    Tables with an address rather than a path are read in ranges; `storage` says to `scan_parquet` how.
    Tables that the merge itself makes go into `folder`.
    """
    regroup_across(parts, folder, storage or {})
    marks = [*formats.marks, *([taxonomy.mark] if taxonomy else [])]
    fingerprint = _fingerprint(job, plan.folder, parts, plan.fasta, marks)
    result = Result(job, plan.folder, parts, fingerprint, taxonomy=taxonomy, storage=storage or {})
    account_for_queries(result, plan.fasta, plan.orders, folder)
    return _publishable(result, folder)


def _publishable(result: Result, folder: Path) -> Built:
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
        [path for part in result.parts for path in map(Path, part.paths) if path.parent == folder],
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
