"""Queries that were submitted and that no result file names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from blast_artifacts.reading.hits import Query
from blast_artifacts.tables.parquet import scan
from blast_artifacts.tables.part import LISTS_ALL_QUERIES, queries_part
from blast_artifacts.tables.queries import fasta_rows
from blast_artifacts.tables.query_fasta import QueryFasta
from blast_artifacts.tables.schema import QUERIES
from blast_artifacts.terms import QueryStatus
from blast_artifacts.views.completeness import is_whole
from blast_artifacts.views.result import Result


def account_for_queries(
    result: Result, fasta: QueryFasta | None, orders: Mapping[int, QueryFasta], folder: Path
) -> None:
    """Counts the queries that no file names and adds them to the result as a part of their own.

    They had no hits where their files were read whole and are of a format that leaves such queries out; if
    not, they are unread. Where the records of a batch are known they stand at their ordinals in it, else in a
    batch behind the last one.
    """
    if not (orders or fasta):
        return
    tables = scan([part.queries for part in result.parts], QUERIES, result.storage)
    seen = tables.select("batch", "qindex", "query").unique(maintain_order=True).collect()
    if fasta and seen.height >= len(fasta.ids):
        result.queries_missing = 0
        return
    absent = _absent_by_place(seen, orders) if orders else None
    if absent is None:
        absent = _absent_by_name(seen, fasta) if fasta else {}
    result.queries_missing = sum(map(len, absent.values()))
    if not result.queries_missing:
        return
    rows = []
    for batch, places in sorted(absent.items()):
        status = _status(result, batch)
        result.queries_unread += len(places) if status is QueryStatus.UNREAD else 0
        rows.append(fasta_rows(batch, [_query(ordinal, record, status) for ordinal, record in places]))
    result.parts.append(queries_part(folder, len(result.parts), pl.concat(rows)))


Absent = dict[int, list[tuple[int, tuple[QueryFasta, int]]]]
"""Batch -> (ordinal in it, (records, place in them))."""


def _absent_by_place(seen: pl.DataFrame, orders: Mapping[int, QueryFasta]) -> Absent | None:
    """None where the files name other queries than the records do."""
    absent: Absent = {}
    for batch, records in sorted(orders.items()):
        of_batch = seen.filter(pl.col("batch") == batch)
        named = dict(of_batch.select("qindex", "query").iter_rows())
        if any(
            place >= len(records.ids) or records.ids[place] not in (None, name)
            for place, name in named.items()
        ):
            return None
        places = [place for place in range(len(records.ids)) if place not in named]
        if places:
            absent[batch] = [(place, (records, place)) for place in places]
    return absent


def _absent_by_name(seen: pl.DataFrame, fasta: QueryFasta) -> Absent:
    left = Counter(seen["query"])
    places = list(_left_out(fasta, left))
    behind = int(seen["batch"].max() or 0) + 1 if seen.height else 0  # type: ignore[arg-type]
    return {behind: [(n, (fasta, place)) for n, place in enumerate(places)]} if places else {}


def _left_out(fasta: QueryFasta, left: Counter[str]) -> Iterator[int]:
    for place, name in enumerate(fasta.ids):
        if name is not None and left[name]:
            left[name] -= 1
        elif name is not None:
            yield place


def _status(result: Result, batch: int) -> QueryStatus:
    reports = [report for report in result.reports if report.batch == batch] or result.reports
    silent = all(is_whole(result, report) and report.format not in LISTS_ALL_QUERIES for report in reports)
    return QueryStatus.NO_HITS if silent else QueryStatus.UNREAD


def _query(ordinal: int, record: tuple[QueryFasta, int], status: QueryStatus) -> Query:
    fasta, place = record
    return Query(ordinal, fasta.ids[place], fasta.titles[place] or None, fasta.lengths[place], status)
