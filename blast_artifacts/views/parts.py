"""The tables of all parts of a build, as questions see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from blast_artifacts.tables.schema import HITS, PAIRS, QUERIES
from blast_artifacts.tables.taxonomy import Taxonomy
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import resident
from blast_artifacts.views.order import KEYS
from blast_artifacts.views.part_table import PartTable
from blast_artifacts.views.result import QUERY_KEY, merge_queries


@dataclass(frozen=True)
class Tables:
    """The tables of all parts, in part order; those that are not there are empty."""

    of_hits: PartTable
    of_pairs: PartTable
    of_queries: PartTable
    taxonomy: Taxonomy | None = None

    def queries(self) -> pl.DataFrame:
        """A row a query, in input order, whatever shards it came from."""
        stored = self.of_queries
        return resident.hold((stored.mark, "merged"), lambda: merge_queries(stored.scan().collect()))

    def query_lengths(self) -> pl.DataFrame:
        return self.queries().select(*QUERY_KEY, query_length="length")


def scan(
    parts: Sequence[Mapping[str, str | Path]],
    taxonomy: Taxonomy | None = None,
    longest: int | None = None,
    **storage: Any,
) -> Tables:
    """The tables whose files these are; each part names those that are at hand.

    Those with an address rather than a path are read in ranges; `storage` says to `scan_parquet` how. Texts
    have `longest` letters at most where it is given.
    """

    def table(name: str, schema: pl.Schema, kind: ArtifactType) -> PartTable:
        files = [part[name] for part in parts if name in part]
        return PartTable(files, schema, KEYS[kind], storage, longest)

    return Tables(
        table("hits", HITS, ArtifactType.ALIGNMENTS),
        table("pairs", PAIRS, ArtifactType.DESCRIPTIONS),
        table("queries", QUERIES, ArtifactType.QUERIES),
        taxonomy,
    )
