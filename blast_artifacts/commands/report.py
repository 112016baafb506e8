"""`report DIR`: one HTML file of a built folder, to hand around; it opens without a network."""

from __future__ import annotations

import argparse
import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blast_artifacts.commands.folder import BuiltFolder
from blast_artifacts.commands.outcome import COMPLETE, NOT_COMPLETE, UsageError
from blast_artifacts.commands.taxonomy import add_taxonomy_to
from blast_artifacts.terms import ArtifactType, JobStatus

if TYPE_CHECKING:
    from blast_artifacts.commands.outcome import Parsers

TEMPLATE = Path(__file__).parents[2] / "web" / "dist-report" / "report.html"
"""The page with all of its code in one file, which set-up builds in a checkout."""

PLACE = "@report@"
MAIL_BYTES = 7_000_000
"""The largest report: mail makes a third more of it, and many servers refuse 10 MB."""

MOST_QUERIES = 200
MOST_NAMED = 5000
"""Queries with hits of which there are rows, and queries that are named."""

MOST_SUBJECTS = 500
HSPS = (100, 10, 0)
"""HSPs of a query with their letters; fewer where these are very long."""

_BASE64 = 3 / 4


def add_to(commands: Parsers) -> None:
    command = commands.add_parser("report", help="make one HTML file of a built result, to hand around")
    command.add_argument("folder", type=Path, metavar="DIR", help="folder that build has written")
    command.add_argument("--out", type=Path, metavar="FILE", help="the report (DIR/report.html)")
    add_taxonomy_to(command)
    command.set_defaults(run=report)


def report(options: argparse.Namespace) -> int:
    """Writes the report; exit code 3 where the result itself is not complete."""
    if not TEMPLATE.is_file():
        raise UsageError(
            "the template of reports is not there: in a checkout `python3 -m local package` builds it"
        )
    folder = BuiltFolder(options.folder, options.taxonomy)
    contents = _contents(folder, MAIL_BYTES - TEMPLATE.stat().st_size)
    out: Path = options.out or options.folder / "report.html"
    if not out.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {out.absolute().parent}")
    before, after = TEMPLATE.read_text("utf-8").split(PLACE)
    out.write_text(before + base64.b64encode(_packed(contents)).decode() + after, "utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes, {len(contents['of_queries'])} queries with hits")
    for sentence in contents["left_out"]:
        print(f"  left out: {sentence}")
    return COMPLETE if contents["manifest"]["complete"] else NOT_COMPLETE


def _packed(value: Any) -> bytes:
    return gzip.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)


def _contents(folder: BuiltFolder, room: int) -> dict[str, Any]:
    """What goes into the report, as src/report/contents.ts names it; `room` in bytes of base64."""
    whole = {
        "job": _job(folder),
        "manifest": folder.artifact(ArtifactType.MANIFEST),
        "aggregate": folder.artifact(ArtifactType.AGGREGATE),
        "queries": _queries(folder),
        "taxonomy": folder.answer(ArtifactType.TAXONOMY, {"page_size": str(MOST_SUBJECTS)}),
    }
    chosen = _Chosen(int(room * _BASE64) - len(_packed(whole)))
    with_hits = [row for row in whole["queries"]["rows"] if row["subjects"]]
    for row in with_hits[:MOST_QUERIES]:
        if not chosen.takes(folder, row):
            break
    count = whole["aggregate"]["totals"]["queries_with_hits"] or len(with_hits)
    left_out = [*chosen.left_out(count), *_left_out(whole)]
    return {**whole, "read_at": _read_at(folder), "left_out": left_out, "of_queries": chosen.queries}


@dataclass
class _Chosen:
    """The queries whose rows are in the report, as long as there is room."""

    room: int
    queries: list[dict[str, Any]] = field(default_factory=list)

    def takes(self, folder: BuiltFolder, row: dict[str, Any]) -> bool:
        """Whether a query found room; of the first, as much as does."""
        for hsps in HSPS:
            bundle = _of_query(folder, row, hsps)
            size = len(_packed(bundle))
            if size <= self.room:
                self.queries.append(bundle)
                self.room -= size
                return True
            if self.queries:
                return False
        return False

    def left_out(self, with_hits: int) -> Iterator[str]:
        """What of the tables is not there."""
        taken = len(self.queries)
        if taken < with_hits:
            yield f"Rows and pictures are of the first {taken:,} of {with_hits:,} queries with hits."
        cut = sum(1 for one in self.queries if one["descriptions"]["next_cursor"])
        if cut:
            yield f"Of {cut:,} queries only the best {MOST_SUBJECTS} subjects are here."
        cut = sum(1 for one in self.queries if one["alignments"]["next_cursor"])
        if cut:
            yield f"Of {cut:,} queries only the first {HSPS[0]} alignments are here, or fewer long ones."


def _of_query(folder: BuiltFolder, row: dict[str, Any], hsps: int) -> dict[str, Any]:
    asked = {"query": row["query_key"]}
    alignments = folder.answer(ArtifactType.ALIGNMENTS, {**asked, "page_size": str(max(1, hsps))})
    if not hsps:
        alignments |= {"rows": [], "next_cursor": "left out"}
    return {
        "query": row["query"],
        "query_key": row["query_key"],
        "descriptions": folder.answer(ArtifactType.DESCRIPTIONS, {**asked, "page_size": str(MOST_SUBJECTS)}),
        "alignments": alignments,
        "graphic": folder.drawing(asked),
        "taxonomy": folder.answer(ArtifactType.TAXONOMY, {**asked, "page_size": str(MOST_SUBJECTS)}),
    }


def _queries(folder: BuiltFolder) -> dict[str, Any]:
    """The queries by name, from as many pages as it takes."""
    found = folder.answer(ArtifactType.QUERIES, {"page_size": "500"})
    page = found
    while page["next_cursor"] and len(found["rows"]) < MOST_NAMED:
        page = folder.answer(ArtifactType.QUERIES, {"page_size": "500", "cursor": page["next_cursor"]})
        found["rows"] += page["rows"]
    return {**found, "next_cursor": page["next_cursor"]}


def _left_out(whole: dict[str, Any]) -> Iterator[str]:
    queries, taxonomy = whole["queries"], whole["taxonomy"]
    if queries["next_cursor"]:
        yield f"The first {len(queries['rows']):,} of {queries['total']:,} queries are named."
    if taxonomy["next_cursor"]:
        yield f"The best {len(taxonomy['rows']):,} of {taxonomy['total']:,} organisms are listed."


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
        "title": folder.path.resolve().name,
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
