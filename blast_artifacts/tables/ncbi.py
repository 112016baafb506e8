"""What NCBI's results page computes of the HSPs of one subject for one query.

Every definition is that of `GetSeqAlignSetCalcParams` in the NCBI C++ toolkit (acf8edf,
src/objtools/align_format/align_format_util.cpp, line 4247) unless its docstring names another place.
"""

from __future__ import annotations

import polars as pl

PLACES = 6
"""Decimals a sum of bit scores is exact to: no format prints more, and adding floats in another order must
not show."""


PAGE_ORDER = {
    "min_evalue": False,
    "max_score": True,
    "total_score": True,
    "query_cover": True,
    "per_ident": True,
    "subject": False,
    "source": False,
    "sindex": False,
}
"""The order of a query's pairs, column -> descending, unknown values last.

The page orders by the lowest E value of any HSP and breaks ties by score; accession, file and ordinal make
the order total.
"""


def rank() -> pl.Expr:
    """What makes an HSP the best of its pair: the highest bit score, the first of equals.

    Where a format tells no bits, the raw score (bits grow with it), else the lowest E value.
    """
    return pl.coalesce("bitscore", "score", -pl.col("evalue"))


def known_sum(column: str) -> pl.Expr:
    """Sum of a column, null where one of its values is."""
    return pl.when(pl.col(column).null_count() == 0).then(pl.col(column).sum())


def per_ident() -> pl.Expr:
    """Identical pairs over alignment length (gaps included) of one HSP, in percent.

    The page shows that of the highest-bit HSP, not the highest one (comment WB-1175, line 4287).
    """
    counted = pl.when(pl.col("length") > 0).then(100.0 * pl.col("nident") / pl.col("length"))
    return pl.coalesce(counted, "pident")


def query_cover() -> pl.Expr:
    """Union of the query ranges over the query's length (that of the range searched), in percent.

    Frames and strands do not matter (`s_MergeRangeList`, line 2940). Never clipped by the length: with
    -query_loc the coordinates count from the start of the whole sequence.
    """
    return pl.when(pl.col("query_length") > 0).then(100.0 * pl.col("covered") / pl.col("query_length"))


def query_cover_ncbi() -> pl.Expr:
    """The integer on NCBI's page: half rounds up, and what would be over 100 is 99."""
    rounded = (pl.col("query_cover") + 0.5).floor().cast(pl.Int64)
    return pl.when(rounded > 100).then(99).otherwise(rounded)
