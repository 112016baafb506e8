from __future__ import annotations

import polars as pl

from blast_artifacts.reading.hits import Query
from blast_artifacts.tables.pairs import PairGrouper
from blast_artifacts.tables.queries import QueryRows
from blast_artifacts.tables.schema import QUERIES
from blast_artifacts.terms import QueryStatus
from tests.tables.made import hits

Step = tuple[pl.DataFrame, list[Query]]
NOTHING = hits()


def collected(*steps: Step, lengths: pl.DataFrame | None = None) -> pl.DataFrame:
    grouper, rows = PairGrouper(3, "file", lengths), QueryRows(3, "file", lengths)
    tables = [QUERIES.to_frame()]
    for table, queries in steps:
        pairs = grouper.add(table)
        tables.append(rows.add(queries, pairs, grouper.open_query))
    tables.append(rows.close(grouper.close()))
    return pl.concat(tables)


def test_a_query_that_goes_through_several_batches_is_counted_once() -> None:
    found = collected(
        (hits({"bitscore": 50.0}, {"sseqid": "s2", "evalue": 1e-3}), []),
        (hits({"sseqid": "s2"}), []),
        (hits({"sseqid": "s3", "bitscore": 70.0}), [Query(0, "q1", length=200)]),
    )
    row = found.row(0, named=True)
    assert found.height == 1
    assert (row["batch"], row["subjects"], row["hsps"], row["best_bits"], row["best_evalue"]) == (
        3,
        3,
        4,
        100,
        1e-20,
    )


def test_queries_without_hits_stand_between_the_others_in_order() -> None:
    none = Query(1, "q2", status=QueryStatus.NO_HITS, message="No hits found")
    found = collected(
        (hits({}), [Query(0, "q1"), none]), (hits({"qindex": 2, "qseqid": "q3"}), [Query(2, "q3")])
    )
    assert found.select("query", "status", "subjects", "message").rows() == [
        ("q1", "hits", 1, None),
        ("q2", "no_hits", 0, "No hits found"),
        ("q3", "hits", 1, None),
    ]


def test_counts_of_a_query_that_was_not_read_are_unknown_not_zero() -> None:
    row = collected((NOTHING, [Query(0, "q1", status=QueryStatus.UNREAD)])).row(0, named=True)
    assert (row["subjects"], row["hsps"], row["best_bits"]) == (None, None, None)


def test_rounds_of_one_query_are_rows_of_their_own() -> None:
    table = hits({"iteration": 1}, {"iteration": 2}, {"iteration": 2, "sseqid": "s2"})
    found = collected((table, [Query(0, "q1", iteration=1), Query(0, "q1", iteration=2)]))
    assert found.select("iteration", "subjects").rows() == [(1, 1), (2, 2)]


def test_a_query_whose_end_never_came_is_partial() -> None:
    assert collected((hits({}), [])).select("query", "status", "hsps").rows() == [("q1", "partial", 1)]


def test_the_length_says_where_it_comes_from() -> None:
    lengths = pl.DataFrame({"query": ["q1", "q2"], "fasta_length": [400, 500]})
    given = [Query(0, "q1", length=200), Query(1, "q2"), Query(2, "q3")]
    found = collected((NOTHING, given), lengths=lengths)
    assert found.select("length", "length_source").rows() == [
        (200, "format"),
        (500, "query_fasta"),
        (None, None),
    ]
