"""The first rows of a table in some order, without sorting the rest: one key after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from blast_artifacts.views.order import Key, Order, ordered

SAMPLE = 32
"""Of so many rows one tells about where the first ones end."""

Values = Callable[[str, pl.Series], pl.Series]
"""A key at these places, in their order."""


def near(
    passing: pl.Series, column: pl.Series, key: Key, count: int, last: Sequence[Any] | None
) -> pl.Series:
    """Leaves of the passing rows those that may be among the first so many.

    `column` is the first key, `key`; where the keys `last` of a row are given, the first are those behind it.
    What is behind so many rows of a sample is behind as many of all.
    """
    level = passing & False
    if last is not None:
        level = passing & _told(column, key.level(last[0]))
        passing = passing & _told(column, key.behind(last[0]))
    sample = column.gather_every(SAMPLE).filter(passing.gather_every(SAMPLE)).drop_nulls()
    if len(sample) >= count:
        border = _border(sample, key, count)
        before = (column >= border) if key.descending else (column <= border)
        passing = passing & before.fill_null(not key.nulls_last)
    return passing | level


def _told(column: pl.Series, told: pl.Expr) -> pl.Series:
    return column.to_frame().select(told).to_series()


def first(places: pl.Series, order: Order, count: int, values: Values) -> pl.Series:
    """The first so many of these places, in no order; the next key is looked at only for what is tied."""
    chosen: list[pl.Series] = []
    for key in order:
        if len(places) <= count or not count:
            break
        within, tied = _cut(values(key.column, places), key, count)
        chosen.append(places.filter(within))
        count -= len(chosen[-1])
        places = places.filter(tied)
    return pl.concat([*chosen, places.head(count)])


def _cut(column: pl.Series, key: Key, count: int) -> tuple[pl.Series, pl.Series]:
    """Which values are surely among the first so many, and which are level with the last of these."""
    unknown, unknowns = column.is_null(), column.null_count()
    if not key.nulls_last:
        if unknowns >= count:
            return unknown & False, unknown
        count -= unknowns
    elif len(column) - unknowns <= count:
        return ~unknown, unknown
    border = _border(column, key, count)
    within = (column > border) if key.descending else (column < border)
    tied = (column == border).fill_null(False)
    return within.fill_null(not key.nulls_last), tied


def _border(column: pl.Series, key: Key, count: int) -> Any:
    known = column.drop_nulls()
    if known.dtype == pl.String:
        return known.sort(descending=key.descending)[count - 1]
    return known.top_k(count).min() if key.descending else known.bottom_k(count).max()


def behind(places: pl.Series, order: Order, last: Sequence[Any], values: Values) -> pl.Series:
    """Those of these places that come after the row with these keys."""
    after: list[pl.Series] = []
    for key, value in zip(order, last, strict=True):
        column = values(key.column, places)
        after.append(places.filter(_told(column, key.behind(value))))
        places = places.filter(_told(column, key.level(value)))
        if places.is_empty():
            break
    return pl.concat(after)


def arranged(places: pl.Series, order: Order, values: Values) -> pl.Series:
    """Places in order; looks at as many keys as it takes to tell them apart."""
    rows = places.alias("at").to_frame()
    for number, key in enumerate(order, start=1):
        rows = rows.with_columns(values(key.column, places).alias(key.column))
        names = [each.column for each in order[:number]]
        if not rows.select(names).is_duplicated().any():
            return ordered(rows, order[:number])["at"]
    return ordered(rows, order)["at"]
