"""The answer to a question, from the tables of all parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from blast_artifacts.reading.hits import HIT_COLUMNS
from blast_artifacts.tables.schema import HITS, PAIRS, QUERIES
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import filters, selection
from blast_artifacts.views.alignments import PAGE_BYTES, alignment_rows, bounded, letters, with_titles
from blast_artifacts.views.chosen import choose
from blast_artifacts.views.cursor import CursorExpired, same_input, write_cursor
from blast_artifacts.views.descriptions import description_rows
from blast_artifacts.views.names import with_names
from blast_artifacts.views.order import KEYS, Order, keys, order_of, position
from blast_artifacts.views.pages import Row
from blast_artifacts.views.parts import Tables
from blast_artifacts.views.queries import query_rows
from blast_artifacts.views.question import Question
from blast_artifacts.views.subjects import TAXA, survey_pairs
from blast_artifacts.views.taxonomy import Organisms

Default = Mapping[str, Any]

Last = Sequence[Any] | None
"""The sort keys of the last row of a page, where another row follows."""

Moved = tuple[dict[str, Any], Last]


def answer(question: Question, default: Default, tables: Tables, fingerprint: str) -> dict[str, Any]:
    """One page; `default` is the table's artifact, of whose fields only those change that the question moves.

    Raises CursorExpired, and BadQuestion for a cursor that is none.
    """
    place = question.position
    if place is not None and not same_input(place, fingerprint):
        raise CursorExpired("The results were built anew from other input: begin again without a cursor.")
    order = order_of(question)
    last = position(order, _KINDS[question.table], place.last) if place else None
    moved, end = _VIEWS[question.table](question, default, tables, order, last)
    cursor = write_cursor(fingerprint, question.key, end) if end is not None else None
    return {**default, **moved, "page_size": question.page_size, "next_cursor": cursor}


def _descriptions(question: Question, default: Default, tables: Tables, order: Order, last: Last) -> Moved:
    found = choose(question, tables, order, question.page_size + 1, last)
    shown = found.places.head(question.page_size)
    rows = tables.of_pairs.rows(shown, PAIRS.names())
    told = description_rows(with_names(rows, tables.taxonomy))
    moved = _counts(found.filtered, found.excluded_unknown, told)
    return moved, _keys(question, order, rows) if len(found.places) > len(shown) else None


def _alignments(question: Question, default: Default, tables: Tables, order: Order, last: Last) -> Moved:
    found = choose(question, tables, order, question.page_size + 1, last)
    present = {"batch", "source", "qindex", "iteration", *default["columns_present"]}
    places = _fitting(tables, found.places.head(question.page_size), present)
    columns = [name for name in HITS if name in present]
    absent = [pl.lit(None, HITS[name]).alias(name) for name in HIT_COLUMNS if name not in present]
    hits = tables.of_hits.rows(places, columns).with_columns(*absent, place=places)
    rows = bounded(with_titles(tables.queries(), hits))
    moved = _counts(found.filtered, found.excluded_unknown, alignment_rows(rows))
    return moved, _keys(question, order, rows) if len(found.places) > rows.height else None


def _fitting(tables: Tables, places: pl.Series, present: set[str]) -> pl.Series:
    """As many places as may fit on a page: those of megabase alignments need not all be read."""
    sequences = len(present & {"qseq", "sseq"})
    weights = sequences * letters(tables.of_hits, places)
    return places.filter(weights.cum_sum().shift(1, fill_value=0) <= PAGE_BYTES)


def _queries(question: Question, default: Default, tables: Tables, order: Order, last: Last) -> Moved:
    passing, _ = _passing(question, tables)
    rows = tables.queries().filter(passing)
    page, more = _page(question, rows, order, last)
    return _counts(rows.height, 0, query_rows(page)), _keys(question, order, page) if more else None


def _taxonomy(question: Question, default: Default, tables: Tables, order: Order, last: Last) -> Moved:
    passing, unknown = _passing(question, tables)
    pairs = tables.of_pairs.scan()
    keyed = pairs.with_columns(keys(ArtifactType.DESCRIPTIONS, filters.compared(question)))
    counts = keyed.select(passing=passing.sum(), unknown=unknown.sum()).collect(engine="streaming")
    chosen = keyed.filter(passing) if question.filters else pairs
    subjects = survey_pairs(chosen, counts["passing"][0])
    found = Organisms(subjects, tables.taxonomy)
    page, more = _page(question, found.taxa, order, last)
    moved = {
        **_counts(found.taxa.height, counts["unknown"][0], found.rows(page)),
        **found.summary(),
        "lineage_source": found.lineage_source,
    }
    return moved, _keys(question, order, page) if more else None


def _passing(question: Question, tables: Tables) -> tuple[pl.Expr, pl.Expr]:
    """Whether a row passes, and whether it does not for an unknown value alone."""
    said = filters.words(question, tables.taxonomy).values()
    named = pl.all_horizontal(pl.repeat(True, pl.len()), *said)
    known = filters.ranges(question)
    return named & known.fill_null(False), named & known.is_null()


def _page(question: Question, rows: pl.DataFrame, order: Order, last: Last) -> tuple[pl.DataFrame, bool]:
    """The page of a table that is in memory, and whether another row follows."""
    keyed = rows.with_columns(**KEYS[question.table])

    def values(name: str, places: pl.Series) -> pl.Series:
        return keyed[name].gather(places)

    places = pl.int_range(rows.height, eager=True)
    if last is not None:
        places = selection.behind(places, order, last, values)
    best = selection.first(places, order, question.page_size + 1, values)
    shown = selection.arranged(best, order, values).head(question.page_size)
    return rows[shown], len(best) > len(shown)


def _counts(filtered: int, excluded_unknown: int, rows: list[Row]) -> dict[str, Any]:
    return {"filtered": filtered, "excluded_unknown": excluded_unknown, "rows": rows}


def _keys(question: Question, order: Order, rows: pl.DataFrame) -> Last:
    return rows.tail(1).select(keys(question.table, (key.column for key in order))).row(0)


_View = Callable[[Question, Default, Tables, Order, Last], Moved]
_VIEWS: Mapping[ArtifactType, _View] = {
    ArtifactType.QUERIES: _queries,
    ArtifactType.DESCRIPTIONS: _descriptions,
    ArtifactType.ALIGNMENTS: _alignments,
    ArtifactType.TAXONOMY: _taxonomy,
}
_KINDS: Mapping[ArtifactType, Mapping[str, pl.DataType]] = {
    ArtifactType.QUERIES: QUERIES,
    ArtifactType.DESCRIPTIONS: {**PAIRS, "shown_identity": pl.Float64(), "shown_cover": pl.Float64()},
    ArtifactType.ALIGNMENTS: {**HITS, "place": pl.Int64()},
    ArtifactType.TAXONOMY: {**TAXA, "distance": pl.Int64()},
}
"""What the sort keys of each table are."""

SHOWN = {
    ArtifactType.QUERIES: query_rows,
    ArtifactType.DESCRIPTIONS: description_rows,
    ArtifactType.ALIGNMENTS: alignment_rows,
}
"""How the rows of each table are shown."""
