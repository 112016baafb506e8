"""Whether what lies in a built folder is as `build` wrote it: of its kind, and of one result."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blast_artifacts.terms import ArtifactType

if TYPE_CHECKING:
    import polars as pl

    from blast_artifacts.views.parts import Tables

_ALWAYS = {"hits": "source", "pairs": "hsps", "queries": "status"}
"""A column that every table of a kind has; others are left out where no row has a value."""


class NotIntact(Exception):
    """Something is not as a build leaves it."""


def read_artifact(kind: ArtifactType, text: bytes) -> dict[str, Any]:
    """An artifact that is as its model says; raises NotIntact."""
    from blast_artifacts.views.cursor import read_cursor
    from blast_artifacts.views.models import ARTIFACTS

    try:
        ARTIFACTS[kind].model_validate_json(text, strict=True)
        found: dict[str, Any] = json.loads(text)
        if cursor := found.get("next_cursor"):
            read_cursor(cursor)
    except ValueError as error:
        raise NotIntact from error
    return found


def check_part(name: str, path: Path) -> None:
    """Raises NotIntact where a file is not the table of a part that it is called."""
    import polars as pl

    from blast_artifacts.tables.schema import HITS, PAIRS, QUERIES

    schema = {"hits": HITS, "pairs": PAIRS, "queries": QUERIES}[name]
    try:
        with silent_panics():
            there = pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise NotIntact from error
    if _ALWAYS[name] not in there or not there.items() <= schema.items():
        raise NotIntact


@contextmanager
def silent_panics() -> Iterator[None]:
    """Keeps off standard error what Polars itself writes there of a damaged file, before it raises."""
    if sys.stderr is None:  # it was closed before we began: nothing of it is seen
        yield
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def is_of(artifact: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """Whether an artifact is of the result that the manifest is of."""
    from blast_artifacts.views.drawing import ENVELOPE

    return all(artifact[name] == manifest[name] for name in ENVELOPE)


def agrees(kind: ArtifactType, artifact: Mapping[str, Any], tables: Tables) -> bool:
    """Whether an artifact and the tables of the parts can be of one result, by what both count."""
    pairs, hsps = tables.of_pairs.height, tables.of_hits.height
    match kind:
        case ArtifactType.MANIFEST:
            return bool(artifact["total"] == artifact["sources"]["files"])
        case ArtifactType.AGGREGATE:
            counted = {"pairs": pairs, "hsps": hsps, **_counted(tables.queries())}
            return all(artifact["totals"][name] in (None, count) for name, count in counted.items())
        case ArtifactType.QUERIES:
            return _begins(artifact, tables.queries())
        case ArtifactType.DESCRIPTIONS:
            return bool(artifact["total"] == pairs) and _adds_up(tables)
        case ArtifactType.ALIGNMENTS:
            return bool(artifact["total"] == hsps) and _adds_up(tables)
    return True


def _counted(queries: pl.DataFrame) -> dict[str, int]:
    import polars as pl

    with_hits = queries.filter(pl.col("subjects") > 0)
    tables = {"queries": queries, "queries_with_hits": with_hits}
    return {name: table.select("batch", "qindex").n_unique() for name, table in tables.items()}


def _begins(artifact: Mapping[str, Any], queries: pl.DataFrame) -> bool:
    from blast_artifacts.views.canonical import canonical_json
    from blast_artifacts.views.queries import query_rows

    rows = artifact["rows"]
    same = json.loads(canonical_json(query_rows(queries.head(len(rows)))))
    return bool(artifact["total"] == queries.height and rows == same)


def _adds_up(tables: Tables) -> bool:
    """Whether each query has as many pairs and HSPs as it says, and the best of them its score."""
    import polars as pl

    from blast_artifacts.views.result import QUERY_KEY

    told = tables.queries().filter(pl.col("hsps") > 0)
    for table, counts in (
        (
            tables.of_pairs,
            {"subjects": pl.len(), "hsps": pl.col("hsps").sum(), "best_bits": pl.col("max_score").max()},
        ),
        (tables.of_hits, {"hsps": pl.len(), "best_bits": pl.col("bitscore").max()}),
    ):
        found = table.scan().filter(pl.col("qindex").is_not_null()).group_by(QUERY_KEY).agg(**counts)
        counted = found.collect(engine="streaming").cast({name: told.schema[name] for name in counts})
        both = [frame.select(*QUERY_KEY, *counts).sort(QUERY_KEY) for frame in (told, counted)]
        if not both[0].equals(both[1]):
            return False
    return True
