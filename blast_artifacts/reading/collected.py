"""The HSPs of a structured report that wait for their batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from blast_artifacts.reading.deflines import HIT_FIELDS, hit_table
from blast_artifacts.reading.hit_table import conform
from blast_artifacts.reading.hits import hit_schema
from blast_artifacts.reading.hsp_table import REALS, read_hsps, tabular_hsps
from blast_artifacts.reading.plain_lists import PlainList

Hit = tuple[object, ...]
"""The `HIT_FIELDS` of a subject."""

_OF_QUERY = pl.Schema({name: HIT_FIELDS[name] for name in ("qindex", "iteration", "qseqid", "qlen")})


@dataclass(frozen=True, slots=True)
class Mark:
    """A place among the HSPs that wait."""

    rows: int
    hits: int
    rows_of_hit: int


@dataclass(frozen=True, slots=True)
class _Table:
    """A list that was read in one go, the rows before it that were not, and its query."""

    before: int
    found: PlainList
    query: Hit


class Collected:
    """HSPs in order, each a row of cells, and the hits that they belong to.

    `too_large`: a number of one that was taken is beyond all doubles.
    """

    def __init__(self) -> None:
        self.size = 0
        self.too_large = False
        self._rows: list[bytes] = []
        self._hits: list[Hit] = []
        self._counts: list[int] = []
        self._tables: list[_Table] = []
        self._listed = 0

    def __len__(self) -> int:
        return len(self._rows) + self._listed

    def open(self, hit: Hit) -> None:
        """What comes now belongs to this hit."""
        self._hits.append(hit)
        self._counts.append(0)

    @property
    def rows_of_hit(self) -> int:
        """How many HSPs of the last hit wait."""
        return self._counts[-1] if self._counts else 0

    def add(self, *hsps: Sequence[bytes]) -> None:
        """The next HSPs of the last hit."""
        rows = [b"\t".join(cells) for cells in hsps]
        self._rows += rows
        self._counts[-1] += len(rows)
        self.size += sum(map(len, rows))

    def add_list(self, found: PlainList, query: Hit) -> None:
        """All hits of a query, whose first `HIT_FIELDS` these are; nothing of them will be taken back."""
        self._tables.append(_Table(len(self._rows), found, query))
        self._listed += found.stop - found.first
        self.size += found.size

    def mark(self) -> Mark:
        """The place behind all that waits."""
        return Mark(len(self), len(self._hits), self.rows_of_hit)

    def back_to(self, mark: Mark) -> int:
        """Forget what came behind a place; how many HSPs that were."""
        gone = len(self) - mark.rows
        kept = len(self._rows) - gone
        self.size -= sum(map(len, self._rows[kept:]))
        del self._rows[kept:], self._hits[mark.hits :], self._counts[mark.hits :]
        if self._counts:
            self._counts[-1] = mark.rows_of_hit
        return gone

    def take(self, fields: Sequence[str], program: str | None, going_on: Hit | None) -> pl.DataFrame:
        """The hit table of all that waits; `going_on` is the hit that more may belong to."""
        rows, hits, counts, tables = self._rows, self._hits, self._counts, self._tables
        self.size, self._rows, self._hits, self._counts = 0, [], [], []
        self._tables, self._listed = [], 0
        if going_on:
            self.open(going_on)
        if not rows and not tables:
            return hit_schema().to_frame()
        lengths = pl.Series(counts, dtype=pl.UInt32)
        place = pl.Series(range(len(hits)), dtype=pl.UInt32).repeat_by(lengths).explode(empty_as_null=False)
        exact = HIT_FIELDS.to_frame() if not rows else hit_table(hits)[place]
        exact = pl.concat([exact, read_hsps(rows, fields)], how="horizontal") if rows else exact
        whole = _joined(exact, tables) if tables else exact
        self.too_large |= any(whole.select(pl.col(REALS).is_infinite().any()).row(0))
        hsps = tabular_hsps(whole.select(fields), program)
        return conform(pl.concat([whole.select(HIT_FIELDS.names()), hsps], how="horizontal"))


def _joined(exact: pl.DataFrame, tables: list[_Table]) -> pl.DataFrame:
    """Rows of both kinds in their order; neighbouring lists of one table are not taken apart."""
    queries = pl.DataFrame([table.query for table in tables], schema=_OF_QUERY, orient="row")
    queries = pl.concat([exact.select(_OF_QUERY.names()), queries])
    rows = exact.drop(_OF_QUERY.names())
    pieces: list[pl.DataFrame] = []
    owners: list[int] = []
    before, start = 0, 0
    last: PlainList | None = None
    for number, table in enumerate(tables):
        found = table.found
        if table.before > before:
            pieces.append(rows[before : table.before])
            owners += range(before, table.before)
            before, last = table.before, None
        if last and last.table is found.table and last.stop == found.first:
            pieces.pop()
        else:
            start = found.first
        pieces.append(found.table[start : found.stop])
        owners += [exact.height + number] * (found.stop - found.first)
        last = found
    if exact.height > before:
        pieces.append(rows[before:])
        owners += range(before, exact.height)
    return pl.concat([queries[owners], pl.concat(pieces)], how="horizontal")
