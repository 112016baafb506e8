"""The partial aggregate of a part: counts and sums that add up across parts."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

EVALUE_EDGES = (0.0, 1e-180, 1e-150, 1e-100, 1e-50, 1e-20, 1e-10, 1e-5, 1e-3, 0.1, 1.0, 10.0)
"""Lower edges of the E value bins; the last bin is open."""

IDENTITY_EDGES = tuple(float(edge) for edge in range(0, 100, 5))
"""Lower edges of the identity bins, in percent; the last one holds 100 too."""

AVERAGED = ("per_ident", "query_cover", "max_score", "total_score", "align_length")
_SCALE = 10_000


@dataclass(slots=True)
class Sums:
    """Over the pairs of a part, each by its best HSP.

    Averages are kept as sums in ten-thousandths and counts of known values: integers add up to the same in
    any order.
    """

    pairs: int = 0
    hsps: int = 0
    evalue_bins: list[int] = field(default_factory=lambda: [0] * len(EVALUE_EDGES))
    identity_bins: list[int] = field(default_factory=lambda: [0] * len(IDENTITY_EDGES))
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AVERAGED, 0))
    known: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AVERAGED, 0))

    def add_pairs(self, pairs: pl.DataFrame, times: int = 1) -> None:
        """Counts these pairs in; -1 times takes them out again."""
        if pairs.is_empty():
            return
        self.pairs += times * pairs.height
        self.hsps += times * int(pairs["hsps"].sum())
        count_in(self.evalue_bins, pairs["evalue"], EVALUE_EDGES, times)
        # As the tables show and filter it: a row of 85.00 is not in the bin below 85.
        count_in(self.identity_bins, pairs["per_ident"].round(2), IDENTITY_EDGES, times)
        scaled = (pl.col(AVERAGED).cast(pl.Float64) * _SCALE).round().cast(pl.Int64).sum()
        for name, total in pairs.select(scaled).row(0, named=True).items():
            self.totals[name] += times * total
            self.known[name] += times * (pairs.height - pairs[name].null_count())

    def add(self, other: Sums) -> None:
        """Counts another part in."""
        self.pairs += other.pairs
        self.hsps += other.hsps
        self.evalue_bins = [a + b for a, b in zip(self.evalue_bins, other.evalue_bins, strict=True)]
        self.identity_bins = [a + b for a, b in zip(self.identity_bins, other.identity_bins, strict=True)]
        for name in AVERAGED:
            self.totals[name] += other.totals[name]
            self.known[name] += other.known[name]

    def average(self, name: str) -> float | None:
        """Mean of the known values, to four decimals; null where none is known."""
        return round(self.totals[name] / self.known[name] / _SCALE, 4) if self.known[name] else None


def count_in(bins: list[int], values: pl.Series, edges: tuple[float, ...], times: int = 1) -> None:
    """Counts the known values into the bins with these lower edges; -1 times takes them out again."""
    known = values.drop_nulls()
    places = pl.Series(edges).search_sorted(known, side="right")
    for place, count in places.value_counts().iter_rows():
        bins[max(place - 1, 0)] += times * count
