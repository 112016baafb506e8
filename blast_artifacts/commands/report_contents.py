"""What goes into a report of a built folder, as much as there is room for."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blast_artifacts.commands import report_room as space
from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.commands.outcome import UsageError
from blast_artifacts.commands.report_left_out import left_out
from blast_artifacts.files import shown
from blast_artifacts.terms import ArtifactType, JobStatus

if TYPE_CHECKING:
    import polars as pl

MOST_QUERIES = 200
MOST_NAMED = 5000
"""Queries with hits of which there are rows, and queries that are named."""

LONGEST = 2000
"""Letters of a text: titles of merged records have some hundreds, few have more."""

_BASE64 = 3 / 4
_SPARE = 0.98
"""Parts are measured apart, and may come to a little more together."""


def contents_within(folder: BuiltFolder, room: int) -> tuple[dict[str, Any], bytes]:
    """The contents as src/report/contents.ts names them, and the same as base64 of at most `room` bytes.

    Of several rounds of PSI-BLAST all of it is of the last. Raises UsageError where not even what is known of
    the whole search fits.
    """
    from blast_artifacts.views.result import last_rounds, older_rounds

    every = folder.queries()
    queries, kept = last_rounds(every), older_rounds(every)
    taxonomy = _taxonomy(folder, kept)
    contents = _of_all(folder, kept, queries, taxonomy)
    left = int(room * _BASE64 * _SPARE) - space.size(contents)
    contents["taxonomy"] = space.fitting_taxonomy(taxonomy, left // 4)
    left -= space.size(contents["taxonomy"])
    named = _named(folder, queries)
    least = space.size(space.fitting(named, left // 2))
    contents["of_queries"] = list(_of_queries(folder, queries, left - least))
    contents["queries"] = space.fitting(named, left - space.size(contents["of_queries"]))
    while True:
        contents["left_out"] = [
            *left_out(contents, every, queries, LONGEST),
            *_left_out_of_taxonomy(folder, taxonomy, contents["taxonomy"]),
        ]
        text = base64.b64encode(space.packed(contents))
        if len(text) <= room:
            return contents, text
        if not contents["of_queries"]:
            raise UsageError("a report is too small for what is known of this search alone")
        contents["of_queries"].pop()


def _of_all(
    folder: BuiltFolder, kept: Mapping[str, Any], queries: pl.DataFrame, taxonomy: Mapping[str, Any]
) -> dict[str, Any]:
    """What is the same whatever query is looked at; no list that grows with the result."""
    from blast_artifacts.views.drawing import ENVELOPE

    manifest = folder.artifact(ArtifactType.MANIFEST)
    kinds = {"descriptions": ArtifactType.DESCRIPTIONS, "alignments": ArtifactType.ALIGNMENTS}
    tables = {
        name: {**folder.artifact(kind), "next_cursor": None, "rows": []} for name, kind in kinds.items()
    }
    aggregate = folder.artifact(ArtifactType.AGGREGATE)
    totals = dict(aggregate["totals"])
    if kept:
        with_hits = int((queries["subjects"] > 0).sum())
        counts = {"subjects": taxonomy["subjects"], "queries_with_hits": with_hits}
        for (name, kind), counted in zip(kinds.items(), ("pairs", "hsps"), strict=True):
            found = folder.answer(kind, {"page_size": "1"}, kept)["filtered"]
            tables[name] |= {"total": found, "filtered": found}
            counts[counted] = found
        totals |= {name: count for name, count in counts.items() if totals[name] is not None}
    envelope = {name: aggregate[name] for name in ENVELOPE}
    return {
        "job": _job(folder),
        "read_at": _read_at(folder),
        "manifest": {**manifest, "files": [], "side_files": [], "next_cursor": None},
        "aggregate": {**envelope, "totals": totals, "units": aggregate["units"]},
        "tables": tables,
    }


def _taxonomy(folder: BuiltFolder, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The organisms of all queries: as they were built, where only the build had the taxonomy table."""
    if _lacks_table(folder) and not kept:
        return folder.artifact(ArtifactType.TAXONOMY)
    found = folder.answer(ArtifactType.TAXONOMY, {"page_size": str(space.MOST_SUBJECTS)}, kept)
    return {**found, "total": found["filtered"]}


def _lacks_table(folder: BuiltFolder) -> bool:
    return folder.artifact(ArtifactType.TAXONOMY)["lineage_source"] is not None and not folder.has_taxonomy


def _left_out_of_taxonomy(
    folder: BuiltFolder, found: Mapping[str, Any], here: Mapping[str, Any]
) -> Iterator[str]:
    if found["tree"] and not here["tree"]:
        yield "The tree of organisms is too large to be here."
    if _lacks_table(folder):
        which = "Organisms of single queries" if found["lineage_source"] else "Organisms"
        lacking = "no lineages, and no names where only the table knows them"
        yield f"{which} have {lacking}: the --taxonomy TABLE of the build was not given."


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


def _of_queries(folder: BuiltFolder, queries: pl.DataFrame, room: int) -> Iterator[dict[str, Any]]:
    """The first queries with hits, as long as there is room; where rows do not tell their query, all rows.

    One is there whole or not at all, but as much as fits of the first and of those that take half the room.
    """
    found: list[dict[str, Any] | None] = [
        *queries.filter(queries["subjects"] > 0).head(MOST_QUERIES).to_dicts()
    ]
    if queries.is_empty() and folder.artifact(ArtifactType.ALIGNMENTS)["total"]:
        found = [None]
    left, is_first = room, True
    for query in found:
        of_query = _of_query(folder, query)
        taken: dict[str, Any] | None = space.cut(of_query, space.WHOLE)
        takes = space.size(taken)
        if takes > left:
            if not is_first and takes <= room // 2:
                return
            taken = space.as_much_as_fits(of_query, left)
        if taken:
            yield taken
            left -= space.size(taken)
            is_first = False


def _of_query(folder: BuiltFolder, query: Mapping[str, Any] | None) -> dict[str, Any]:
    from blast_artifacts.views.drawing import ENVELOPE
    from blast_artifacts.views.result import of_round

    asked = {"query": f"@{query['batch']}:{query['qindex']}"} if query else {}
    kept = of_round(query) if query else {}

    def answer(table: ArtifactType, rows: int) -> dict[str, Any]:
        return folder.answer(table, {**asked, "page_size": str(rows)}, kept)

    def without_envelope(found: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in found.items() if name not in ENVELOPE}

    descriptions = answer(ArtifactType.DESCRIPTIONS, space.MOST_SUBJECTS)
    alignments = answer(ArtifactType.ALIGNMENTS, space.WHOLE.hsps)
    return {
        "row": _query_row(query),
        "descriptions": {name: descriptions[name] for name in ("filtered", "rows")},
        "alignments": {name: alignments[name] for name in ("filtered", "rows")},
        "graphic": without_envelope(folder.drawing(asked)),
        "taxonomy": without_envelope(answer(ArtifactType.TAXONOMY, space.MOST_SUBJECTS)),
    }


def _query_row(query: Mapping[str, Any] | None) -> dict[str, Any] | None:
    from blast_artifacts.views.queries import COLUMNS

    if query is None:
        return None
    keyed = {**query, "query_key": f"@{query['batch']}:{query['qindex']}"}
    return {name: keyed[name] for name in COLUMNS}


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
