"""The answer to a question, from the tables of all parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from blast_artifacts.tables.taxa import with_lists
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import filters
from blast_artifacts.views.alignments import alignment_rows, bounded
from blast_artifacts.views.cursor import CursorExpired, same_input, write_cursor
from blast_artifacts.views.descriptions import description_rows
from blast_artifacts.views.filters import TaxaBelow
from blast_artifacts.views.order import Order, behind, order_of, ordered, position
from blast_artifacts.views.queries import query_rows
from blast_artifacts.views.question import Question
from blast_artifacts.views.result import QUERY_KEY, merge_queries
from blast_artifacts.views.subjects import survey_pairs
from blast_artifacts.views.taxonomy import taxon_rows

Default = Mapping[str, Any]


@dataclass
class Tables:
    """The tables of all parts, in part order; those that are not there are empty."""

    hits: pl.LazyFrame
    pairs: pl.LazyFrame
    queries: pl.LazyFrame
    taxa_below: TaxaBelow = lambda taxid: {taxid}


def scan(parts: Sequence[Mapping[str, str | Path]], **storage: Any) -> Tables:
    """The tables whose files these are; each part names those that are at hand.

    Those with an address rather than a path are read in ranges; `storage` says to `scan_parquet` how.
    """
    found = {}
    for name in ("hits", "pairs", "queries"):
        places = [part[name] for part in parts if name in part]
        options = storage if "://" in str(places[:1]) else {}
        found[name] = (
            pl.scan_parquet([str(place) for place in places], **options) if places else pl.LazyFrame()
        )
    return Tables(found["hits"], found["pairs"], found["queries"])


def answer(
    question: Question, default: Mapping[str, Any], tables: Tables, fingerprint: str
) -> dict[str, Any]:
    """One page; `default` is the table's artifact, of whose fields only those change that the question moves.

    Raises CursorExpired, and BadQuestion for a cursor that is none.
    """
    place = question.position
    if place is not None and not same_input(place, fingerprint):
        raise CursorExpired("The results were built anew from other input: begin again without a cursor.")
    view = _taxonomy if question.table is ArtifactType.TAXONOMY else _rows
    return {**default, **view(question, default, tables, fingerprint)}


@dataclass
class _Page:
    filtered: int
    excluded_unknown: int
    rows: pl.DataFrame
    more: bool


def _page(question: Question, rows: pl.DataFrame, order: Order, below: TaxaBelow) -> _Page:
    rows = rows.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    passing, unknown = _passing(question, below)
    counts = rows.select(passing.sum(), unknown.sum().alias("unknown"))
    rows = rows.filter(passing)
    filtered = rows.height
    if question.position is not None:
        rows = rows.filter(behind(order, position(order, rows.schema, question.position.last)))
    rows = ordered(rows, order)
    more = rows.height > question.page_size
    return _Page(filtered, counts["unknown"][0], rows.head(question.page_size), more)


def _passing(question: Question, below: TaxaBelow) -> tuple[pl.Expr, pl.Expr]:
    ranges = filters.ranges(question)
    every = pl.repeat(True, pl.len())
    words = pl.all_horizontal(every, *filters.words(question, below))
    known = pl.all_horizontal(every, *ranges)  # null where one is unknown and none is false
    return (words & known.fill_null(False)).alias("passing"), words & known.is_null()


def _frame(page: _Page, total: int, question: Question, order: Order, fingerprint: str) -> dict[str, Any]:
    last = page.rows.select(key.column for key in order).row(-1) if page.rows.height else ()
    return {
        "total": total,
        "filtered": page.filtered,
        "excluded_unknown": page.excluded_unknown,
        "page_size": question.page_size,
        "next_cursor": write_cursor(fingerprint, question.key, last) if page.more else None,
    }


def every_row(question: Question, tables: Tables) -> Iterator[pl.DataFrame]:
    """All rows that pass, in order, as frames one after the other; the first comes even without a row."""
    rows = _source(question, tables)
    passing, _ = _passing(question, tables.taxa_below)
    rows = rows.with_row_index("place").filter(passing)
    yield ordered(rows, order_of(question))


def _source(question: Question, tables: Tables) -> pl.DataFrame:
    if question.table is ArtifactType.DESCRIPTIONS:
        return tables.pairs.collect()
    queries = merge_queries(tables.queries.collect())
    if question.table is ArtifactType.QUERIES:
        return queries
    lengths = queries.select(*QUERY_KEY, query_length="length", qtitle="title")
    hits = tables.hits.collect().join(
        lengths, on=QUERY_KEY, how="left", nulls_equal=True, maintain_order="left"
    )
    listed = with_lists(hits)
    return hits.with_columns(listed["taxids"], listed["names"])


def _rows(question: Question, default: Default, tables: Tables, mark: str) -> dict[str, Any]:
    order = order_of(question)
    page = _page(question, _source(question, tables), order, tables.taxa_below)
    if question.table is ArtifactType.ALIGNMENTS:
        shown = bounded(page.rows)
        page = replace(page, rows=shown, more=page.more or shown.height < page.rows.height)
    rows = SHOWN[question.table](page.rows)
    return {**_frame(page, default["total"], question, order, mark), "rows": rows}


def _taxonomy(question: Question, default: Default, tables: Tables, mark: str) -> dict[str, Any]:
    order = order_of(question)
    passing, unknown = _passing(question, tables.taxa_below)
    counts = tables.pairs.select(passing.sum(), unknown.sum().alias("unknown")).collect()
    subjects = survey_pairs(tables.pairs.filter(passing), counts["passing"][0])
    bare = replace(question, filters={})
    page = _page(bare, subjects.taxa, order, tables.taxa_below)
    page.excluded_unknown = counts["unknown"][0]
    found = _frame(page, default["total"], question, order, mark)
    several = {
        "subjects": subjects.count,
        "subjects_with_several_taxids": subjects.several,
        "unassigned": subjects.unassigned,
    }
    return {**found, **several, "rows": taxon_rows(page.rows)}


SHOWN = {
    ArtifactType.QUERIES: query_rows,
    ArtifactType.DESCRIPTIONS: description_rows,
    ArtifactType.ALIGNMENTS: alignment_rows,
}
"""How the rows of each table are shown."""
