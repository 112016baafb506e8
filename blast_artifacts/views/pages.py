"""The first page of a table in the order of the queries, without sorting what is not on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from blast_artifacts.tables.part import Part
from blast_artifacts.views.cursor import question_hash, write_cursor
from blast_artifacts.views.result import Result

PAGE_SIZE = 100
NEAR = 4096
"""Rows between two wanted ones that are read along with them."""

Row = dict[str, Any]


def query_key() -> pl.Expr:
    """What a query is, whatever its id says: batch and ordinal in it."""
    return pl.format("@{}:{}", "batch", "qindex").alias("query_key")


def up_to_rows(result: Result, counted: str, rows: int) -> pl.Expr:
    """Takes the first queries that have this many rows together, by the count in this query column."""
    if not result.knows_queries:
        return pl.lit(True)
    before = pl.col(counted).fill_null(0).cum_sum().shift(1, fill_value=0)
    return up_to_query(result.queries.filter(before <= rows))


def up_to_query(queries: pl.DataFrame) -> pl.Expr:
    """Takes what belongs to queries up to the last of these."""
    if queries.is_empty():
        return pl.lit(False)
    batch, qindex = (pl.lit(value, pl.Int64) for value in queries.select("batch", "qindex").row(-1))
    return (pl.col("batch") < batch) | ((pl.col("batch") == batch) & (pl.col("qindex") <= qindex))


def parts_of_first(result: Result, counted: Literal["pairs", "hsps"], rows: int) -> list[Part]:
    """The first parts, in which the first rows by query lie: of so many parts only the heads are read."""
    found = 0
    for part in result.parts:
        found += getattr(part.sums, counted)
        if found >= rows:
            return parts_up_to(result, part.reports[-1].batch)
    return result.parts


def parts_up_to(result: Result, batch: int) -> list[Part]:
    """The first parts, in which all rows of batches up to this one lie: batches are read in order."""
    return [part for part in result.parts if part.reports and part.reports[0].batch <= batch]


def fetch_rows(table: pl.LazyFrame, places: Sequence[int]) -> pl.DataFrame:
    """The rows at these positions, in this order; reads only the stretches of the table they lie in."""
    found = [table.head(0).collect()]
    ranks: dict[int, int] = {}
    for stretch in stretches(sorted(places)):
        rows = table.slice(stretch[0], stretch[-1] - stretch[0] + 1).collect()
        found.append(rows[[place - stretch[0] for place in stretch]])
        ranks |= {place: len(ranks) + rank for rank, place in enumerate(stretch)}
    return pl.concat(found)[[ranks[place] for place in places]]


def stretches(places: Sequence[int]) -> list[list[int]]:
    """Cuts ascending positions where it pays to read anew rather than on."""
    stretches: list[list[int]] = []
    for place in places:
        if stretches and place - stretches[-1][-1] <= NEAR:
            stretches[-1].append(place)
        else:
            stretches.append([place])
    return stretches


def next_cursor(result: Result, table: str, more: bool, last: Sequence[Any]) -> str | None:
    """The cursor behind the last row of a default page; null where nothing follows."""
    return write_cursor(result.fingerprint, question_hash(table), last) if more else None
