"""Filters as expressions over a table's columns; they compare what its rows show."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl

from blast_artifacts.reading.identity import subject_key
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views.question import Question

TaxaBelow = Callable[[int], Collection[int]]
"""A taxid and all that lie below it in the taxonomy."""

_QUERY_KEY = re.compile(r"@(\d{1,9}):(\d{1,9})", re.ASCII)

RANGES: Mapping[str, tuple[str, bool]] = {
    "min_identity": ("identity", True),
    "max_identity": ("identity", False),
    "min_query_cover": ("cover", True),
    "max_query_cover": ("cover", False),
    "min_bitscore": ("bits", True),
    "max_evalue": ("evalue", False),
}
"""What each filter compares, and whether it gives the lowest value (or the highest)."""


def hsp_cover(query_length: pl.Expr) -> pl.Expr:
    """The share of the query that one HSP covers, in percent.

    BLAST's own `qcovhsp` is not compared: for translated queries it is a third of what it should be.
    """
    positions = (pl.col("qend") - pl.col("qstart")).abs() + 1
    return pl.when(query_length > 0).then(100.0 * positions / query_length).round(2)


_OF_PAIRS = {
    "identity": pl.col("per_ident").round(2),
    "cover": pl.col("query_cover").round(2),
    "bits": pl.col("max_score"),
    "evalue": pl.col("evalue"),
}
_OF_HITS = {
    "identity": pl.col("pident"),
    "cover": hsp_cover(pl.coalesce("qlen", "query_length")),
    "bits": pl.col("bitscore"),
    "evalue": pl.col("evalue"),
}


def ranges(question: Question) -> list[pl.Expr]:
    """The numeric filters: true, false, or null where the value is unknown."""
    values = _OF_HITS if question.table is ArtifactType.ALIGNMENTS else _OF_PAIRS
    expressions = []
    for name, (value, lowest) in RANGES.items():
        if name in question.filters:
            bound = question.filters[name]
            expressions.append(values[value] >= bound if lowest else values[value] <= bound)
    return expressions


def query_filter(asked: str, column: str) -> pl.Expr:
    """Rows of a query, by its key or its id."""
    if key := _QUERY_KEY.fullmatch(asked):
        batch, qindex = map(int, key.groups())
        return (pl.col("batch") == batch) & (pl.col("qindex") == qindex)
    return pl.col(column) == asked


def subject_filter(asked: str, column: str) -> pl.Expr:
    """Rows of a subject, by its id as it is shown or in another of BLAST's spellings."""
    return pl.col(column).is_in({asked, subject_key(asked)})


def organism_filter(asked: str, names: pl.Expr) -> pl.Expr:
    """Rows with a name that contains the text."""
    return names.list.eval(_contains(pl.element(), asked)).list.any()


def taxid_filter(asked: Collection[int], taxids: pl.Expr) -> pl.Expr:
    """Rows with one of these taxids."""
    return taxids.list.eval(pl.element().is_in(list(asked))).list.any()


def text_filter(asked: str) -> pl.Expr:
    """Queries with the text in id or title."""
    return _contains(pl.col("query"), asked) | _contains(pl.col("title"), asked).fill_null(False)


def _contains(text: pl.Expr, asked: str) -> pl.Expr:
    return text.str.to_lowercase().str.contains(asked.lower(), literal=True)


def words(question: Question, below: TaxaBelow) -> list[pl.Expr]:
    """The filters that are no ranges: true or false."""
    asked: Mapping[str, Any] = question.filters
    hits = question.table is ArtifactType.ALIGNMENTS
    given: list[pl.Expr] = []
    if "query" in asked:
        given.append(query_filter(asked["query"], "qseqid" if hits else "query"))
    if "subject" in asked:
        given.append(subject_filter(asked["subject"], "sseqid" if hits else "subject"))
    if "organism" in asked:
        given.append(organism_filter(asked["organism"], pl.col("names")))
    if "taxid" in asked:
        given.append(taxid_filter(below(asked["taxid"]), pl.col("taxids")))
    if "status" in asked:
        given.append(pl.col("status").is_in(list(asked["status"])))
    if "text" in asked:
        given.append(text_filter(asked["text"]))
    return [each.fill_null(False) for each in given]
