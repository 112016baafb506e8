"""The rows of a subject brought together within their query, where a table was sorted after the search."""

from __future__ import annotations

import polars as pl

from blast_artifacts.reading.hits import hit_schema
from blast_artifacts.reading.twice import twice

HELD_ROWS = 400_000
"""HSPs of one query that may wait for the query's end: about 100 MB."""

QUERY = ("qindex", "iteration")
_UNGROUPED = ("qseq", "sseq", "midline", "btop", "extra")
TABULAR = frozenset({"6", "7", "10", "20"})
"""Formats whose rows may have been sorted since BLAST wrote them."""


class Neighbours:
    """Passes hits on with the HSPs of each (query, subject) side by side, in order of their first ones.

    BLAST itself writes them so; a merged or sorted table does not. What is kept between batches is the query
    that may go on. Of a query with more rows than `HELD_ROWS` only those that wait together are regrouped.
    `scattered` says whether HSPs had to be moved.
    """

    def __init__(self) -> None:
        self.scattered = False
        self._held: list[pl.DataFrame] = []
        self._rows = 0

    @property
    def open_query(self) -> tuple[int, int | None] | None:
        """(qindex, iteration) of the query whose hits wait."""
        return self._held[0].select(QUERY).row(0) if self._held else None

    def add(self, hits: pl.DataFrame, tabular: bool) -> pl.DataFrame:
        """The hits of the queries that have ended; what is not `tabular` is passed on as it comes."""
        if not tabular or hits.is_empty():
            return hits
        hits = hits.drop(_UNGROUPED)
        changes = hits.select(pl.struct(QUERY).rle_id()).to_series()
        last = int(changes.search_sorted(changes[-1]))
        begun = self._held and self.open_query != hits.select(QUERY).row(0)
        if not last and not begun:
            self._hold(hits)
            return self._release() if self._rows > HELD_ROWS else hits.clear()
        ended = [self._release(), hits[:last]] if self._held else [hits[:last]]
        self._hold(hits[last:])
        return self._together(pl.concat(ended))

    def close(self) -> pl.DataFrame:
        """The hits that still wait."""
        return self._release() if self._held else hit_schema().to_frame()

    def _release(self) -> pl.DataFrame:
        held, self._held, self._rows = self._held, [], 0
        return self._together(pl.concat(held))

    def _hold(self, hits: pl.DataFrame) -> None:
        self._held.append(hits)
        self._rows += hits.height

    def _together(self, hits: pl.DataFrame) -> pl.DataFrame:
        pair = pl.struct(*QUERY, "sseqid").rle_id()
        heads = hits.select(*QUERY, "sseqid").filter(
            hits.select(pair != pair.shift(1)).to_series().fill_null(True)
        )
        if not twice(heads, *QUERY, "sseqid"):
            return hits
        self.scattered = True
        first = pl.col("row").min().over(*QUERY, "sseqid")
        return hits.with_row_index("row").sort(first, maintain_order=True).drop("row")
