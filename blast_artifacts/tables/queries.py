"""The queries of a file with what was found for each, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from blast_artifacts.reading.hits import Query
from blast_artifacts.tables.schema import NO_PAIRS, NO_QUERIES, QUERIES, unnamed_query
from blast_artifacts.terms import QueryStatus

KEY = ["qindex", "iteration"]
_GIVEN = pl.Schema(
    {
        "qindex": pl.Int64(),
        "iteration": pl.Int64(),
        "query": pl.String(),
        "title": pl.String(),
        "length": pl.Int64(),
        "status": pl.String(),
        "message": pl.String(),
    }
)


class QueryRows:
    """Joins the queries that a reader gives out with the pairs that were made of their hits.

    A query comes out once its last pair has ended, in file order.
    """

    def __init__(self, batch: int, source: str, fasta_lengths: pl.DataFrame | None = None) -> None:
        self._columns = {"batch": pl.lit(batch, pl.Int64), "source": pl.lit(source, pl.String)}
        self._fasta_lengths = fasta_lengths
        self._waiting: list[Query] = []
        self._found = _found(NO_PAIRS)

    def add(
        self, queries: Iterable[Query], pairs: pl.DataFrame, open_query: tuple[int, int | None] | None
    ) -> pl.DataFrame:
        """The queries that are over; `open_query` is that of the pair that may go on."""
        self._waiting.extend(queries)
        if pairs.height:
            self._found = _summed(pl.concat([self._found, _found(pairs)]))
        over = len(self._waiting)
        for place in range(over - 1, -1, -1):
            if (self._waiting[place].index, self._waiting[place].iteration) == open_query:
                over = place
        ready, self._waiting = self._waiting[:over], self._waiting[over:]
        return self._rows(ready)

    def close(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The rest, given the last pair; a query whose end the reader never saw is `partial`."""
        rows = self.add([], pairs, None)
        cut = self._found.drop_nulls("qindex").iter_rows(named=True)
        never_ended = [
            Query(row["qindex"], row["query"], status=QueryStatus.PARTIAL, iteration=row["iteration"])
            for row in cut
        ]
        return pl.concat([rows, self._rows(never_ended)])

    def _rows(self, queries: list[Query]) -> pl.DataFrame:
        if not queries:
            return NO_QUERIES
        given = pl.DataFrame([_values(query) for query in queries], schema=_GIVEN, orient="row")
        rows = given.join(self._found, on=KEY, how="left", nulls_equal=True, maintain_order="left")
        self._found = self._found.join(given, on=KEY, how="anti", nulls_equal=True, maintain_order="left")
        rows = rows.with_columns(query=pl.coalesce("query", "query_right", unnamed_query()))
        searched = pl.col("status").is_in([QueryStatus.HITS, QueryStatus.NO_HITS, QueryStatus.PARTIAL])
        none = pl.when(searched).then(0)
        return (
            self._with_lengths(rows)
            .with_columns(
                subjects=pl.coalesce("subjects", none), hsps=pl.coalesce("hsps", none), **self._columns
            )
            .select(pl.col(name).cast(kind) for name, kind in QUERIES.items())
        )

    def _with_lengths(self, rows: pl.DataFrame) -> pl.DataFrame:
        fasta_length = pl.lit(None, pl.Int64)
        if self._fasta_lengths is not None:
            rows = rows.join(self._fasta_lengths, on="query", how="left", maintain_order="left")
            fasta_length = pl.col("fasta_length")
        of_hits = pl.col("query_length")
        return rows.with_columns(
            length=pl.coalesce("length", fasta_length, of_hits),
            length_source=pl.when(pl.col("length").is_null() & fasta_length.is_not_null())
            .then(pl.lit("query_fasta"))
            .when(pl.coalesce("length", of_hits).is_not_null())
            .then(pl.lit("format")),
        )


def _values(query: Query) -> tuple[object, ...]:
    return (
        query.index,
        query.iteration,
        query.id,
        query.title,
        query.length,
        query.status.value,
        query.message,
    )


def _found(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.group_by(KEY, maintain_order=True).agg(
        pl.col("query").first(),
        pl.col("query_length").first(),
        subjects=pl.len().cast(pl.Int64),
        hsps=pl.col("hsps").sum(),
        best_bits=pl.col("max_score").max(),
        best_evalue=pl.col("min_evalue").min(),
    )


def _summed(found: pl.DataFrame) -> pl.DataFrame:
    return found.group_by(KEY, maintain_order=True).agg(
        pl.col("query", "query_length").first(),
        pl.col("subjects", "hsps").sum(),
        pl.col("best_bits").max(),
        pl.col("best_evalue").min(),
    )


def fasta_rows(batch: int, queries: list[Query]) -> pl.DataFrame:
    """Queries of the query FASTA that no file names, as rows of the table."""
    given = pl.DataFrame([_values(query) for query in queries], schema=_GIVEN, orient="row")
    none = pl.when(pl.col("status") == QueryStatus.NO_HITS).then(0)
    known = {"batch": pl.lit(batch), "length_source": pl.lit("query_fasta")}
    rows = given.with_columns(query=pl.coalesce("query", unnamed_query()), subjects=none, hsps=none, **known)
    absent = [pl.lit(None, kind).alias(name) for name, kind in QUERIES.items() if name not in rows.columns]
    return rows.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in QUERIES.items())
