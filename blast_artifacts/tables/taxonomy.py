"""Looks taxids up in the table that `taxdump` wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from blast_artifacts.tables.table_mark import table_mark
from blast_artifacts.tables.taxdump import ROOT

_ANSWERS_KEPT = 256
"""Pages are asked for again, and the table has millions of taxa."""


@dataclass(frozen=True, slots=True)
class Node:
    """A taxon of NCBI's tree."""

    taxid: int
    name: str | None
    rank: str | None


@dataclass(frozen=True, slots=True)
class Taxon:
    """What the table knows of a taxid; `node` is the taxon that stands for it now, if it was merged.

    `lineage` are the taxa above it, from the root's children down, without the root.
    """

    node: Node
    common_name: str | None
    blast_name: str | None
    lineage: tuple[Node, ...]

    @property
    def path(self) -> tuple[Node, ...]:
        """The lineage and the taxon itself; of the root nothing."""
        return (*self.lineage, self.node) if self.node.taxid != ROOT else ()


class NoTable(Exception):
    """A file that `taxdump` did not write."""


@dataclass(frozen=True)
class Taxonomy:
    """A lookup table on local disk."""

    path: Path

    @classmethod
    def opened(cls, path: Path) -> Taxonomy:
        """A table that somebody names; raises NoTable."""
        try:
            columns = pl.read_parquet_schema(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise NoTable(f"{path.name} is no taxonomy table") from error
        if not {"taxid", "current", "first", "last"} <= columns.keys():
            raise NoTable(f"{path.name} is no taxonomy table")
        return cls(path)

    @cached_property
    def mark(self) -> str:
        """Other in any other table."""
        return table_mark(self.path)

    @property
    def _table(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)

    def below(self, taxid: int) -> pl.Series:
        """A taxid and all that lie below it, those too that were merged into one of them (P54)."""
        own = self._table.filter(pl.col("taxid") == taxid).select("first", "last").collect()
        if own.is_empty() or own["first"][0] is None:
            return pl.Series([taxid], dtype=pl.Int32)
        inside = pl.col("first").is_between(*own.row(0))
        return self._table.filter(inside).select("taxid").collect().to_series()

    def named(self, text: str) -> pl.Series:
        """The taxids with this text in their name, merged ones with them; case does not matter."""
        wanted = pl.col("name").str.to_lowercase().str.contains(text.lower(), literal=True)
        current = self._table.filter(wanted).select("current").collect().to_series()
        mine = pl.col("current").is_in(current.implode())
        return self._table.filter(mine).select("taxid").collect().to_series()

    def names(self, taxids: Iterable[int]) -> dict[int, str]:
        """The names of the taxids that the table knows."""
        return _names(self, tuple(sorted(set(taxids))))

    def of(self, taxids: Iterable[int]) -> dict[int, Taxon]:
        """The taxids that the table knows; deleted ones and those that it never heard of are not there."""
        asked = pl.Series(sorted(set(taxids)), dtype=pl.Int64)
        places = self._table.select(pl.col("taxid").cast(pl.Int64), "current", "first", "last").collect()
        known = places.filter(pl.col("taxid").is_in(asked.implode()) & pl.col("first").is_not_null())
        firsts = known["first"].unique().sort()
        # An ancestor's numbers enclose one of those that are asked for.
        above = places.filter(
            (pl.col("taxid") == pl.col("current"))
            & (firsts.search_sorted(places["first"], "left") < firsts.search_sorted(places["last"], "right"))
        )
        nodes = self._nodes(above["taxid"])
        return {taxid: _taxon(nodes, current) for taxid, current in known.select("taxid", "current").rows()}

    def _nodes(self, taxids: pl.Series) -> dict[int, _Row]:
        wanted = self._table.filter(pl.col("taxid").is_in(taxids.cast(pl.Int32).implode()))
        rows = wanted.select("taxid", "parent", "name", "rank", "common_name", "blast_name").collect().rows()
        return {row[0]: row for row in rows}


@lru_cache(_ANSWERS_KEPT)
def _names(taxonomy: Taxonomy, taxids: tuple[int, ...]) -> dict[int, str]:
    table = pl.scan_parquet(taxonomy.path)
    asked = pl.Series(taxids, dtype=pl.Int64).cast(pl.Int32)
    known = table.filter(pl.col("taxid").is_in(asked.implode())).select("taxid", "current").collect()
    current = known["current"].drop_nulls().unique()
    named = table.filter(pl.col("taxid").is_in(current.implode()) & pl.col("name").is_not_null())
    names = named.select("name", current="taxid").collect()
    return dict(known.join(names, on="current").select("taxid", "name").iter_rows())


_Row = tuple[int, int, str | None, str | None, str | None, str | None]


def _taxon(nodes: dict[int, _Row], taxid: int) -> Taxon:
    _, parent, name, rank, common_name, blast_name = nodes[taxid]
    lineage: list[Node] = []
    above = parent if taxid != ROOT else ROOT
    while above != ROOT:
        _, parent, ancestor, its_rank, *_ = nodes[above]
        lineage.append(Node(above, ancestor, its_rank))
        above = parent
    return Taxon(Node(taxid, name, rank), common_name, blast_name, tuple(reversed(lineage)))
