"""A built result beside the rows of its tables, as Python has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from blast_artifacts.files import find_sources
from blast_artifacts.tables import parquet, schema
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.alignments import with_titles
from blast_artifacts.views.answer import answer
from blast_artifacts.views.build import Built, build_result
from blast_artifacts.views.parts import Tables, scan
from blast_artifacts.views.question import Question
from tests.views.built import LOCAL, artifact, folder_of

HITS, PAIRS, QUERIES = ArtifactType.ALIGNMENTS, ArtifactType.DESCRIPTIONS, ArtifactType.QUERIES


class Searched:
    """A result, and the rows of its tables as Python has them."""

    def __init__(self, built: Built, tables: Tables, *rows: list[dict[str, Any]]) -> None:
        self.built, self.tables = built, tables
        self.hits, self.pairs, self.queries = rows

    def rows(self, table: ArtifactType) -> list[dict[str, Any]]:
        return {HITS: self.hits, PAIRS: self.pairs, QUERIES: self.queries}[table]

    def default(self, table: ArtifactType) -> Any:
        return artifact(self.built, table)

    def answer(self, question: Question) -> dict[str, Any]:
        return answer(question, self.default(question.table), self.tables, self.built.fingerprint)


def read(place: Path, parts: Path, files: dict[str, str | bytes]) -> Searched:
    built = build_result(LOCAL, find_sources(folder_of(place, files), alone=True), parts)
    named = [{path.name.split(".")[1]: path} for path in built.parts]
    tables = scan(named)
    queries = tables.queries()
    hits = parquet.scan([each["hits"] for each in named if "hits" in each], schema.HITS, {}).collect()
    pairs = parquet.scan([each["pairs"] for each in named if "pairs" in each], schema.PAIRS, {}).collect()
    titled = with_titles(queries, hits)
    lengths = {(one["batch"], one["qindex"]): one["length"] for one in queries.to_dicts()}
    for one in (shown := titled.to_dicts()):
        one["query_length"] = one["qlen"] or lengths[one["batch"], one["qindex"]]
    return Searched(built, tables, shown, pairs.to_dicts(), queries.to_dicts())
