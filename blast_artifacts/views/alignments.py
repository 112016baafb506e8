"""HSPs as the file has them: by query in input order, in file order within one."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl

from blast_artifacts.reading.hits import HIT_COLUMNS, SEQUENCES
from blast_artifacts.views.pages import (
    PAGE_SIZE,
    Row,
    fetch_rows,
    next_cursor,
    parts_of_first,
    query_key,
    up_to_rows,
)
from blast_artifacts.views.part_table import PartTable
from blast_artifacts.views.result import QUERY_KEY, Result

PAGE_BYTES = 8 * 1024 * 1024
"""Sequences and titles on one page; a page of very long ones has fewer rows than its size."""

_LONG = (*SEQUENCES, "btop", "qtitle", "stitle", "sallseqid")

_KEYS = frozenset({"qindex", "iteration"})


def alignments(result: Result) -> dict[str, Any]:
    """The first page, and which columns the files have."""
    page = _first_hits(result, PAGE_SIZE + 1)
    shown = bounded(with_titles(result.queries, page.head(PAGE_SIZE)))
    total = result.sums.hsps
    last = shown.select(*QUERY_KEY, "place").row(-1) if shown.height else ()
    present = {name for report in result.reports for name in report.columns}
    return {
        "total": total,
        "filtered": total,
        "excluded_unknown": 0,
        "columns_present": [name for name in HIT_COLUMNS if name in present],
        "columns_missing": [name for name in HIT_COLUMNS if name not in present and name not in _KEYS],
        "sequences": _sequences(result, present),
        "page_size": PAGE_SIZE,
        "next_cursor": next_cursor(result, "alignments", page.height > shown.height, last),
        "rows": alignment_rows(shown),
    }


def _first_hits(result: Result, rows: int) -> pl.DataFrame:
    hits = result.hits(parts_of_first(result, "hsps", rows))
    order = (
        hits.with_row_index("place")
        .filter(up_to_rows(result, "hsps", rows))
        .select("place", *QUERY_KEY)
        .sort(*QUERY_KEY, "place", nulls_last=False)
        .head(rows)
        .collect()
    )
    places = order["place"].to_list()
    return fetch_rows(hits, places).with_columns(place=pl.Series(places, dtype=pl.Int64))


def letters(table: PartTable, places: pl.Series) -> pl.Series:
    """How long the alignments at these places are: by their places where the format tells no length."""
    told = table.values("length", places).cast(pl.Int64)
    if not told.null_count():
        return told
    spans = [
        (table.values(end, places).cast(pl.Int64) - table.values(start, places).cast(pl.Int64)).abs() + 1
        for start, end in (("qstart", "qend"), ("sstart", "send"))
    ]
    longest = pl.select(pl.max_horizontal(*spans)).to_series()
    return pl.select(pl.coalesce(told, longest, 0)).to_series()


def bounded(page: pl.DataFrame) -> pl.DataFrame:
    """As many rows (with titles) as fit; of a first that does not fit alone the sequences are left out."""
    letters = pl.sum_horizontal(pl.col(name).str.len_bytes().fill_null(0) for name in _LONG)
    fitting = page.filter(letters.cum_sum() <= PAGE_BYTES)
    if fitting.is_empty() and page.height:
        return page.head(1).with_columns(pl.lit(None, pl.String).alias(name) for name in (*SEQUENCES, "btop"))
    return fitting


def _sequences(result: Result, present: set[str]) -> dict[str, Any]:
    if "sseq" in present or not result.sums.hsps:
        return {"present": "sseq" in present, "reason": None}
    formats = ", ".join(sorted({report.format or "?" for report in result.reports if report.rows}))
    reason = (
        f"Output format {formats} was written without sequences; rerun with -outfmt '7 std qseq sseq' or 15."
    )
    return {"present": False, "reason": reason}


def with_titles(queries: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """Hits with `qtitle`, the title of the query."""
    few = queries.join(hits.select(QUERY_KEY), on=QUERY_KEY, how="semi", nulls_equal=True)
    titles = few.select(*QUERY_KEY, qtitle="title")
    return hits.join(titles, on=QUERY_KEY, how="left", nulls_equal=True, maintain_order="left")


def alignment_rows(hits: pl.DataFrame) -> list[Row]:
    """HSPs, each with the title of its query, as the table shows them."""
    return [_row(values) for values in hits.select(query_key(), "source", "qtitle", *HIT_COLUMNS).to_dicts()]


def _row(values: Row) -> Row:
    if values["extra"] is not None:
        values["extra"] = orjson.loads(values["extra"])
    return values
