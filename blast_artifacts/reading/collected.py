"""The HSPs of a structured report that wait for their batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from blast_artifacts.reading.deflines import hit_table
from blast_artifacts.reading.hit_table import conform
from blast_artifacts.reading.hits import hit_schema
from blast_artifacts.reading.hsp_table import read_hsps, tabular_hsps

Hit = tuple[object, ...]
"""The `HIT_FIELDS` of a subject."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place among the HSPs that wait."""

    rows: int
    hits: int
    rows_of_hit: int


class Collected:
    """HSPs in order, each a row of cells, and the hits that they belong to."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[bytes] = []
        self._hits: list[Hit] = []
        self._counts: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

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

    def mark(self) -> Mark:
        """The place behind all that waits."""
        return Mark(len(self._rows), len(self._hits), self.rows_of_hit)

    def back_to(self, mark: Mark) -> int:
        """Forget what came behind a place; how many HSPs that were."""
        gone = len(self._rows) - mark.rows
        self.size -= sum(map(len, self._rows[mark.rows :]))
        del self._rows[mark.rows :], self._hits[mark.hits :], self._counts[mark.hits :]
        if self._counts:
            self._counts[-1] = mark.rows_of_hit
        return gone

    def take(self, fields: Sequence[str], program: str | None, going_on: Hit | None) -> pl.DataFrame:
        """The hit table of all that waits; `going_on` is the hit that more may belong to."""
        rows, hits, counts = self._rows, self._hits, self._counts
        self.size, self._rows, self._hits, self._counts = 0, [], [], []
        if going_on:
            self.open(going_on)
        if not rows:
            return hit_schema().to_frame()
        lengths = pl.Series(counts, dtype=pl.UInt32)
        place = pl.Series(range(len(hits)), dtype=pl.UInt32).repeat_by(lengths).explode(empty_as_null=False)
        subjects = hit_table(hits)[place]
        hsps = tabular_hsps(read_hsps(rows, fields), program)
        return conform(pl.concat([subjects, hsps], how="horizontal"))
