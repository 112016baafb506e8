"""What goes into a report of a built folder, as much as there is room for, and what it leaves out."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.commands.outcome import UsageError
from blast_artifacts.files import shown
from blast_artifacts.terms import ArtifactType, JobStatus

if TYPE_CHECKING:
    import polars as pl

MOST_QUERIES = 200
MOST_NAMED = 5000
"""Queries with hits of which there are rows, and queries that are named."""

MOST_SUBJECTS = 500


@dataclass(frozen=True, slots=True)
class Measure:
    """How much there is of one query at most; `drawn` are subjects in pictures."""

    subjects: int
    hsps: int
    drawn: int | None = None


MEASURES = (
    Measure(MOST_SUBJECTS, 100),
    Measure(MOST_SUBJECTS, 100, MOST_SUBJECTS),
    Measure(MOST_SUBJECTS, 10, MOST_SUBJECTS),
    Measure(MOST_SUBJECTS, 0, MOST_SUBJECTS),
    Measure(100, 0, 100),
    Measure(10, 0, 10),
)
"""Of the first query as much as fits is taken, of the others all or nothing."""

_BASE64 = 3 / 4
_SPARE = 0.98
"""Parts are measured apart, and may come to a little more together."""


def contents_within(folder: BuiltFolder, room: int) -> tuple[dict[str, Any], bytes]:
    """The contents as src/report/contents.ts names them, and the same as base64 of at most `room` bytes.

    Raises UsageError where not even what is known of the whole search fits.
    """
    from blast_artifacts.views.result import last_rounds

    every = folder.queries()
    queries = last_rounds(every)
    contents = _of_all(folder, queries, every.height > queries.height)
    left = int(room * _BASE64 * _SPARE) - _size(contents)
    contents["taxonomy"] = _fitting(_taxonomy(folder), left // 4)
    left -= _size(contents["taxonomy"])
    named = _named(folder, queries)
    least = _size(_fitting(named, left // 2))
    contents["of_queries"] = list(_of_queries(folder, queries, left - least))
    contents["queries"] = _fitting(named, left - _size(contents["of_queries"]))
    while True:
        contents["left_out"] = list(_left_out(folder, contents, every, queries))
        text = base64.b64encode(_packed(contents))
        if len(text) <= room:
            return contents, text
        if not contents["of_queries"]:
            raise UsageError("a report is too small for what is known of this search alone")
        contents["of_queries"].pop()


def _packed(value: Any) -> bytes:
    return gzip.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def _size(value: Any) -> int:
    return len(_packed(value))


def _of_all(folder: BuiltFolder, queries: pl.DataFrame, drops_rounds: bool) -> dict[str, Any]:
    """What is the same whatever query is looked at; no list that grows with the result."""
    aggregate, manifest = folder.artifact(ArtifactType.AGGREGATE), folder.artifact(ArtifactType.MANIFEST)
    totals = {"descriptions": "subjects", "alignments": "hsps"}
    tables = {
        name: {**folder.artifact(kind), "next_cursor": None, "rows": []}
        for name, kind in zip(totals, (ArtifactType.DESCRIPTIONS, ArtifactType.ALIGNMENTS), strict=True)
    }
    for name, column in totals.items():
        if drops_rounds:
            tables[name]["total"] = int(queries[column].sum())
    return {
        "job": _job(folder),
        "read_at": _read_at(folder),
        "manifest": {**manifest, "files": [], "side_files": [], "next_cursor": None},
        "aggregate": {**aggregate, "top_subjects": [], "best_hits": []},
        "tables": tables,
    }


def _taxonomy(folder: BuiltFolder) -> dict[str, Any]:
    """The organisms of all queries: as they were built, where only the build had the taxonomy table."""
    if _lacks_table(folder):
        return folder.artifact(ArtifactType.TAXONOMY)
    return folder.answer(ArtifactType.TAXONOMY, {"page_size": str(MOST_SUBJECTS)})


def _lacks_table(folder: BuiltFolder) -> bool:
    return folder.artifact(ArtifactType.TAXONOMY)["lineage_source"] is not None and not folder.has_taxonomy


def _named(folder: BuiltFolder, queries: pl.DataFrame) -> dict[str, Any]:
    """The first queries, each once."""
    from blast_artifacts.views.queries import query_rows

    by_status = queries.group_by("status").len().sort("status")
    return {
        **folder.artifact(ArtifactType.QUERIES),
        "total": queries.height,
        "filtered": queries.height,
        "by_status": dict(by_status.iter_rows()),
        "rows": query_rows(queries.head(MOST_NAMED)),
    }


def _fitting(table: Mapping[str, Any], room: int) -> dict[str, Any]:
    """A table with as many of its first rows as there is room for."""
    rows = table["rows"]
    while rows and (size := _size(rows)) > room:
        rows = rows[: int(len(rows) * max(0.0, 0.9 * room / size))]
    return {**table, "rows": rows, "next_cursor": None}


def _of_queries(folder: BuiltFolder, queries: pl.DataFrame, room: int) -> Iterator[dict[str, Any]]:
    """The first queries with hits, as long as there is room; where rows do not tell their query, all rows."""
    found: list[dict[str, Any] | None] = [
        *queries.filter(queries["subjects"] > 0).head(MOST_QUERIES).to_dicts()
    ]
    if queries.is_empty() and folder.artifact(ArtifactType.ALIGNMENTS)["total"]:
        found = [None]
    measures: Sequence[Measure] = MEASURES
    for query in found:
        whole = _of_query(folder, query)
        fitting = (_cut(whole, measure) for measure in measures)
        taken = next((one for one in fitting if _size(one) <= room), None)
        if taken is None:
            return
        yield taken
        room -= _size(taken)
        measures = MEASURES[:1]


def _of_query(folder: BuiltFolder, query: Mapping[str, Any] | None) -> dict[str, Any]:
    from blast_artifacts.views.drawing import ENVELOPE
    from blast_artifacts.views.result import of_round

    asked = {"query": f"@{query['batch']}:{query['qindex']}"} if query else {}
    kept = of_round(query) if query else {}

    def answer(table: ArtifactType, rows: int) -> dict[str, Any]:
        return folder.answer(table, {**asked, "page_size": str(rows)}, kept)

    def without_envelope(found: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in found.items() if name not in ENVELOPE}

    descriptions = answer(ArtifactType.DESCRIPTIONS, MOST_SUBJECTS)
    alignments = answer(ArtifactType.ALIGNMENTS, MEASURES[0].hsps)
    return {
        "row": _query_row(query),
        "descriptions": {name: descriptions[name] for name in ("filtered", "rows")},
        "alignments": {name: alignments[name] for name in ("filtered", "rows")},
        "graphic": without_envelope(folder.drawing(asked)),
        "taxonomy": without_envelope(answer(ArtifactType.TAXONOMY, MOST_SUBJECTS)),
    }


def _query_row(query: Mapping[str, Any] | None) -> dict[str, Any] | None:
    from blast_artifacts.views.queries import COLUMNS

    if query is None:
        return None
    keyed = {**query, "query_key": f"@{query['batch']}:{query['qindex']}"}
    return {name: keyed[name] for name in COLUMNS}


def _cut(of_query: Mapping[str, Any], to: Measure) -> dict[str, Any]:
    most = {"descriptions": to.subjects, "alignments": to.hsps, "graphic": to.drawn, "taxonomy": to.subjects}
    cut = {name: {**of_query[name], "rows": of_query[name]["rows"][:rows]} for name, rows in most.items()}
    drawn = cut["graphic"]["rows"]
    cut["graphic"] |= {
        "shown_subjects": len(drawn),
        "shown_hsps": sum(len(row["hsps"]) for row in drawn),
    }
    return {**of_query, **cut}


def _left_out(
    folder: BuiltFolder, contents: Mapping[str, Any], every: pl.DataFrame, queries: pl.DataFrame
) -> Iterator[str]:
    """What the result has and the report has not, a sentence each."""
    taken = contents["of_queries"]
    with_hits = int((queries["subjects"] > 0).sum())
    if len(taken) < with_hits:
        yield f"Rows and pictures are of the first {len(taken):,} of {with_hits:,} queries with hits."
    nameless = contents["tables"]["descriptions"]["total"] - int(queries["subjects"].sum())
    if nameless > 0 and not queries.is_empty():
        yield f"Subjects whose query no row tells, {nameless:,} of them, are not here."
    rounds = every.select("batch", "qindex").is_duplicated()
    if rounds.any():
        several = every.filter(rounds).select("batch", "qindex").n_unique()
        yield f"Of {_counted(several)} only the last round of PSI-BLAST is here."
    yield from _shorter("subjects", "best", [one["descriptions"] for one in taken])
    yield from _shorter("alignments", "first", [one["alignments"] for one in taken])
    drawn = [{**one["graphic"], "filtered": one["graphic"]["subjects"]} for one in taken]
    yield from _shorter("subjects in pictures", "best", drawn)
    yield from _shorter("organisms", "best", [one["taxonomy"] for one in taken])
    named, organisms = contents["queries"], contents["taxonomy"]
    if len(named["rows"]) < named["total"]:
        yield f"The first {len(named['rows']):,} of {named['total']:,} queries are named."
    if len(organisms["rows"]) < organisms["total"]:
        yield f"The best {len(organisms['rows']):,} of {organisms['total']:,} organisms are listed."
    if _lacks_table(folder):
        yield "Organisms of single queries have no lineages: the --taxonomy TABLE of the build was not given."


def _shorter(what: str, which: str, tables: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Of how many queries a table is not whole."""
    cut = [len(table["rows"]) for table in tables if len(table["rows"]) < table["filtered"]]
    if cut:
        fewer = ", or fewer" if min(cut) < max(cut) else ""
        rows = f"only the {which} {max(cut):,} {what}{fewer}" if max(cut) else f"no {what}"
        yield f"Of {_counted(len(cut))} {rows} are here."


def _counted(queries: int) -> str:
    return f"{queries:,} {'query' if queries == 1 else 'queries'}"


def _job(folder: BuiltFolder) -> dict[str, Any]:
    """The folder as the page knows a job that has ended."""
    manifest = folder.artifact(ArtifactType.MANIFEST)
    search: dict[str, Any] = next(iter(manifest["searches"]), {})
    at = _read_at(folder)
    unknown = dict.fromkeys(("phase", "started_at", "error"))
    return {
        **unknown,
        "job_id": manifest["job_id"],
        "run": manifest["run"],
        "status": JobStatus.COMPLETED,
        "title": shown(folder.path.resolve().name),
        "program": (search.get("program") or "").lower(),
        "database": search.get("database") or "",
        **dict.fromkeys(("created_at", "finished_at", "updated_at"), at),
        "warnings": [],
        "artifacts": {kind: {"state": "ready"} for kind in ArtifactType if kind != ArtifactType.PARTS},
    }


def _read_at(folder: BuiltFolder) -> str:
    """When the results were read: equal folders have equal reports."""
    seconds = (folder.path / "manifest.json.gz").stat().st_mtime
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
