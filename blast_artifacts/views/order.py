"""Total orders of the tables, and what lies behind a place in one of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from blast_artifacts.tables import ncbi
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.parameters import no_cursor
from blast_artifacts.views.question import Question
from blast_artifacts.views.result import QUERY_KEY


@dataclass(frozen=True, slots=True)
class Key:
    """A column that rows are ordered by."""

    column: str
    descending: bool = False
    nulls_last: bool = True

    def behind(self, value: Any) -> pl.Expr:
        """True for what comes after a value, by this column alone."""
        column = pl.col(self.column)
        if value is None:
            return pl.lit(False) & column.is_null() if self.nulls_last else column.is_not_null()
        border = literal(value)
        after: pl.Expr = column < border if self.descending else column > border
        return after.fill_null(self.nulls_last)

    def level(self, value: Any) -> pl.Expr:
        """True for what is neither before nor after a value."""
        return pl.col(self.column).eq_missing(literal(value))


def literal(value: Any) -> pl.Expr:
    """A value as it is: a column of small numbers must not make it small."""
    return pl.lit(value, pl.Int64) if isinstance(value, int) else pl.lit(value)


Order = tuple[Key, ...]

_IN_QUERY = {
    ArtifactType.QUERIES: (),
    ArtifactType.DESCRIPTIONS: tuple(Key(name, descending) for name, descending in ncbi.PAGE_ORDER.items()),
    ArtifactType.ALIGNMENTS: (Key("place"),),
}
"""What orders the rows of one query; `place` is the ordinal of a row in the files."""

_TAXA = (Key("best_evalue"), Key("best_bits", True), Key("subjects", True), Key("taxid"))


SHOWN_CHARACTERS = 100
"""Of a title or a name, that take part in sorting by it: a cursor holds them, and has to fit into a URL."""

ID_CHARACTERS = 250
"""Of a subject's id."""

_TITLE = pl.col("title").str.head(SHOWN_CHARACTERS)
KEYS: Mapping[ArtifactType, Mapping[str, pl.Expr]] = {
    ArtifactType.QUERIES: {"title": _TITLE},
    ArtifactType.DESCRIPTIONS: {
        "title": _TITLE,
        "subject": pl.col("subject").str.head(ID_CHARACTERS),
        "shown_identity": pl.col("per_ident").round(2),
        "shown_cover": pl.col("query_cover").round(2),
    },
    ArtifactType.ALIGNMENTS: {
        "stitle": pl.col("stitle").str.head(SHOWN_CHARACTERS),
        "sseqid": pl.col("sseqid").str.head(ID_CHARACTERS),
    },
    ArtifactType.TAXONOMY: {"name": pl.col("name").str.head(SHOWN_CHARACTERS)},
}
"""Columns that are compared otherwise than they are stored, or that are not stored."""

_SHOWN = {"per_ident": "shown_identity", "query_cover": "shown_cover"}


def order_of(question: Question) -> Order:
    """The columns that order the answer: the one asked for, then the table's own order, which is total."""
    if question.table is ArtifactType.TAXONOMY:
        own: Order = _TAXA
    else:
        # Only the table's own order turns round as a whole: queries without an ordinal change ends.
        turned = question.sort == "query" and question.descending
        own = tuple(Key(name, turned, nulls_last=turned) for name in QUERY_KEY) + _IN_QUERY[question.table]
    if question.sort == "query":
        return own
    column = _SHOWN.get(question.sort, question.sort)
    return Key(column, question.descending), *(key for key in own if key.column != column)


def keys(table: ArtifactType, names: Iterable[str]) -> list[pl.Expr]:
    """These columns as the rows of a table are compared by them."""
    return [KEYS[table].get(name, pl.col(name)).alias(name) for name in names]


def ordered(rows: pl.DataFrame, order: Order) -> pl.DataFrame:
    return rows.sort(
        [key.column for key in order],
        descending=[key.descending for key in order],
        nulls_last=[key.nulls_last for key in order],
        maintain_order=True,
    )


def position(order: Order, schema: Mapping[str, pl.DataType], last: Sequence[Any]) -> list[Any]:
    """The sort keys of a cursor; BadQuestion where these cannot be a row's."""
    if len(last) != len(order):
        raise no_cursor()
    return [_value(schema[key.column], value) for key, value in zip(order, last, strict=True)]


def _value(kind: pl.DataType, value: Any) -> Any:
    if value is None:
        return None
    if kind == pl.String and isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise no_cursor()
    if kind.is_integer() and (not isinstance(value, int) or not -(2**63) <= value < 2**63):
        raise no_cursor()
    if kind.is_integer() or kind.is_float():
        return float(value) if kind.is_float() else value
    raise no_cursor()
