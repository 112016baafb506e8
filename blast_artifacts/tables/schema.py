"""The columns of a part's three tables."""

from __future__ import annotations

import polars as pl

from blast_artifacts.reading.hits import hit_schema

HITS = pl.Schema({"batch": pl.Int64(), "source": pl.String(), **hit_schema()})
"""A row an HSP: the hit table, and the batch and the file it came from."""

PAIRS = pl.Schema(
    {
        "batch": pl.Int64(),
        "qindex": pl.Int64(),
        "iteration": pl.Int64(),
        "source": pl.String(),
        "sindex": pl.Int64(),
        "query": pl.String(),
        "subject": pl.String(),
        "max_score": pl.Float64(),
        "total_score": pl.Float64(),
        "query_cover": pl.Float64(),
        "query_cover_ncbi": pl.Int64(),
        "evalue": pl.Float64(),
        "min_evalue": pl.Float64(),
        "per_ident": pl.Float64(),
        "align_length": pl.Int64(),
        "acc_len": pl.Int64(),
        "query_length": pl.Int64(),
        "hsps": pl.Int64(),
        "taxids": pl.List(pl.Int64()),
        "names": pl.List(pl.String()),
        "title": pl.String(),
    }
)
"""A row a pair, with what `ncbi` defines; `sindex` is the 0-based ordinal of the subject in its query."""

QUERIES = pl.Schema(
    {
        "batch": pl.Int64(),
        "qindex": pl.Int64(),
        "iteration": pl.Int64(),
        "source": pl.String(),
        "query": pl.String(),
        "title": pl.String(),
        "length": pl.Int64(),
        "length_source": pl.String(),
        "status": pl.String(),
        "message": pl.String(),
        "subjects": pl.Int64(),
        "hsps": pl.Int64(),
        "best_bits": pl.Float64(),
        "best_evalue": pl.Float64(),
    }
)
"""A row a query of a file (or PSI-BLAST round of one), with hits or without.

`length_source` is `format` (the result file says it) or `query_fasta`.
"""


NO_PAIRS, NO_QUERIES = PAIRS.to_frame(), QUERIES.to_frame()


def unnamed_query() -> pl.Expr:
    """What a query without a name is called; its ordinal tells it from others."""
    return pl.format("(unnamed query {})", pl.col("qindex") + 1)
