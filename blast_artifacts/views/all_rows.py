"""All rows that answer a question, in its order, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from blast_artifacts.reading.hits import SEQUENCES
from blast_artifacts.tables.schema import HITS, PAIRS
from blast_artifacts.terms import ArtifactType
from blast_artifacts.views import filters, selection
from blast_artifacts.views.alignments import letters, with_titles
from blast_artifacts.views.chosen import passing_places, table_of
from blast_artifacts.views.names import with_names
from blast_artifacts.views.order import KEYS, Key, Order, order_of, ordered
from blast_artifacts.views.part_table import PartTable
from blast_artifacts.views.parts import Tables
from blast_artifacts.views.question import Question

SORTED_ROWS = 200_000
"""Rows that are put in order together."""

PIECE_BYTES = 64 * 1024 * 1024
_ROW_BYTES = 500
_PREFIX = 8
"""Bytes of a text that are compared at a time, as one number."""


def every_row(question: Question, tables: Tables) -> Iterator[pl.DataFrame]:
    """The rows in their tables' columns (HSPs with `qtitle`); one empty piece where no row passes.

    What is held is the places and one key of all rows, and one piece.
    """
    if question.table is ArtifactType.QUERIES:
        yield from _queries(question, tables)
        return
    table, order = table_of(question, tables), order_of(question)
    found = [passing_places(question, tables, slab) for slab in table.slabs()]
    places = pl.concat([pl.Series("place", [], pl.Int64), *found])
    if places.is_empty():
        yield _piece(tables, table, places)
    texts = _texts(table) if table is tables.of_hits else 0
    for some in _in_turn(table, places, order):
        arranged = selection.arranged(some, order, table.values)
        for few in _pieces(table, arranged, texts) if texts else [arranged]:
            yield _piece(tables, table, few)


def _piece(tables: Tables, table: PartTable, places: pl.Series) -> pl.DataFrame:
    if table is tables.of_hits:
        return with_titles(tables.queries(), table.rows(places, HITS.names()))
    return with_names(table.rows(places, PAIRS.names()), tables.taxonomy)


def _queries(question: Question, tables: Tables) -> Iterator[pl.DataFrame]:
    passing = filters.words(question, tables.taxonomy).values()
    rows = tables.queries().filter(pl.all_horizontal(pl.repeat(True, pl.len()), *passing))
    keyed = rows.with_columns(**KEYS[question.table]).with_row_index("at")
    order = order_of(question)
    places = ordered(keyed.select("at", *(key.column for key in order)), order)["at"]
    for start in range(0, max(1, rows.height), SORTED_ROWS):
        yield rows[places.slice(start, SORTED_ROWS)]


def _in_turn(table: PartTable, places: pl.Series, order: Order, begin: int = 0) -> Iterator[pl.Series]:
    """Cuts ascending places into stretches of the order, each small enough to be put in order alone.

    Rows that are level in a key stay together and are cut by what comes next: of a text, from the byte
    `begin`, by its next bytes.
    """
    if len(places) <= SORTED_ROWS or not order:
        yield places
        return
    key = order[0]
    rows = pl.DataFrame({"place": places, "key": _numbers(table, key, begin, places)})
    rows = rows.sort("key", descending=key.descending, nulls_last=key.nulls_last, maintain_order=True)
    for some in _cut(rows):
        if some.height <= SORTED_ROWS:
            yield some["place"]
        elif table.is_text(key.column) and (some["key"][0] or 0) % 256:
            yield from _in_turn(table, some["place"], order, begin + _PREFIX)
        else:
            yield from _in_turn(table, some["place"], order[1:])


def _cut(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Stretches that no two level rows are parted by; only level rows are more than may be sorted."""
    runs = rows["key"].rle_id()
    start = 0
    while start < rows.height:
        end = min(start + SORTED_ROWS, rows.height)
        if end < rows.height:
            first = int(runs.search_sorted(runs[end], side="left"))
            end = first if first > start else int(runs.search_sorted(runs[end], side="right"))
        yield rows[start:end]
        start = end


def _numbers(table: PartTable, key: Key, begin: int, places: pl.Series) -> pl.Series:
    """A key at these ascending places as numbers; of a text the bytes from `begin`, in the same order."""
    if not table.is_text(key.column):
        return table.values(key.column, places)
    found = []
    for slab in table.slabs(texts=True):
        first, end = (int(places.search_sorted(border, side="left")) for border in slab)
        texts = table.values_in(slab, key.column, places.slice(first, end - first))
        found.append(_as_numbers(texts, begin))
    return pl.concat(found)


def _as_numbers(texts: pl.Series, begin: int) -> pl.Series:
    few = texts.cast(pl.Binary).bin.slice(begin, _PREFIX) + pl.Series([b"\0" * _PREFIX])
    return few.bin.slice(0, _PREFIX).bin.reinterpret(dtype=pl.UInt64, endianness="big")


def _texts(table: PartTable) -> int:
    """How many letters HSPs have for each position of their alignment."""
    column = table.scan().select
    return sum(column(name).drop_nulls().head(1).collect().height for name in SEQUENCES)


def _pieces(table: PartTable, places: pl.Series, texts: int) -> Iterator[pl.Series]:
    """HSPs that may be held together, by the letters of their alignments."""
    weights = texts * letters(table, places) + _ROW_BYTES
    for run in (weights.cum_sum() // PIECE_BYTES).rle().struct.unnest().iter_rows(named=True):
        yield places.head(run["len"])
        places = places.slice(run["len"])
