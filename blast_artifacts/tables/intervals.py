"""Unions of 1-based, inclusive intervals."""

from __future__ import annotations

import polars as pl

SHIFT = 1 << 32
"""Distance between the number lines of two groups: more than any sequence is long."""


def covered_by_group(intervals: pl.DataFrame) -> pl.DataFrame:
    """Positions in the union of each group's intervals.

    Takes (group, low, high) in any order of rows; gives (group, covered), in order of groups. Every group
    gets a number line of its own, so that one sort and one running maximum serve all of them.
    """
    base = pl.col("group").cast(pl.Int64) * SHIFT
    lines = intervals.select("group", low=pl.col("low") + base, high=pl.col("high") + base).sort("low")
    reached = pl.col("high").cum_max().shift(1).fill_null(-1)
    fresh = (pl.col("high") - pl.max_horizontal(pl.col("low") - 1, reached)).clip(lower_bound=0)
    return (
        lines.select("group", covered=fresh)
        .set_sorted("group")
        .group_by("group", maintain_order=True)
        .agg(pl.col("covered").sum())
    )


def union(intervals: pl.DataFrame) -> pl.DataFrame:
    """The same positions as (low, high) intervals that neither overlap nor touch, in order."""
    ordered = intervals.select("low", "high").sort("low")
    reached = pl.col("high").cum_max().shift(1)
    apart = (pl.col("low") > reached + 1).fill_null(False).cum_sum()
    return (
        ordered.with_columns(block=apart)
        .set_sorted("block")
        .group_by("block", maintain_order=True)
        .agg(pl.col("low").first(), pl.col("high").max())
        .select("low", "high")
    )


def length(disjoint: pl.DataFrame) -> int:
    """Positions in intervals that do not overlap."""
    return int(disjoint.select((pl.col("high") - pl.col("low") + 1).sum()).item())
