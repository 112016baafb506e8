"""Which rows of a part table answer a question, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import filters, selection
from blast_artifacts.views.order import Order
from blast_artifacts.views.part_table import PartTable, Slab
from blast_artifacts.views.parts import Tables
from blast_artifacts.views.question import Question

_NONE = pl.Series("place", [], pl.Int64)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places in order; how many rows pass, and how many do not for an unknown value alone."""

    places: pl.Series
    filtered: int
    excluded_unknown: int


def table_of(question: Question, tables: Tables) -> PartTable:
    """The part table whose rows a question is about."""
    return tables.of_hits if question.table is ArtifactType.ALIGNMENTS else tables.of_pairs


def choose(
    question: Question, tables: Tables, order: Order, count: int, last: Sequence[Any] | None
) -> Chosen:
    """The first so many rows that pass, behind the row with the keys `last` where these are given."""
    table, key = table_of(question, tables), order[0]
    texts = table.is_text(key.column)
    found, filtered, unknown = [_NONE], 0, 0
    for slab in table.slabs(texts):
        passing, excluded = _passing(question, tables, slab)
        filtered, unknown = filtered + int(passing.sum()), unknown + excluded
        if not texts:
            passing = selection.near(passing, table.column(key.column, slab), key, count, last)
        places, values = _places(passing, slab), partial(table.values_in, slab)
        if last is not None:
            places = selection.behind(places, order, last, values)
        found.append(selection.first(places, order, count, values))
    best = selection.first(pl.concat(found), order, count, table.values)
    return Chosen(selection.arranged(best, order, table.values), filtered, unknown)


def passing_places(question: Question, tables: Tables, slab: Slab) -> pl.Series:
    """The places in a stretch that pass, ascending."""
    return _places(_passing(question, tables, slab)[0], slab)


def _places(passing: pl.Series, slab: Slab) -> pl.Series:
    return passing.arg_true().cast(pl.Int64).alias("place") + slab[0]


def _passing(question: Question, tables: Tables, slab: Slab) -> tuple[pl.Series, int]:
    """Which rows of a stretch pass; how many do not for an unknown value alone."""
    table = table_of(question, tables)
    if not question.filters:
        return pl.repeat(True, slab[1] - slab[0], eager=True), 0
    said = filters.words(question, tables.taxonomy)
    columns = {
        name: table.made(name, slab, filters.made_of(question, name, passed)) for name, passed in said.items()
    }
    columns |= {name: _compared(tables, table, name, slab) for name in filters.compared(question)}
    named = pl.all_horizontal(pl.repeat(True, pl.len()), *said)
    known = filters.ranges(question)
    marked = pl.DataFrame(columns).select(
        passing=named & known.fill_null(False), unknown=(named & known.is_null()).sum()
    )
    return marked["passing"], int(marked["unknown"][0])


def _compared(tables: Tables, table: PartTable, name: str, slab: Slab) -> pl.Series:
    if name == "hsp_cover":
        return table.made(name, slab, filters.hsp_cover(tables.query_lengths))
    return table.column(name, slab)
