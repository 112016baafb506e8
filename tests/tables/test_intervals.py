from __future__ import annotations

import polars as pl

from blast_artifacts.tables import intervals


def test_touching_and_overlapping_intervals_become_one() -> None:
    given = pl.DataFrame({"low": [30, 1, 5, 11, 12], "high": [40, 10, 6, 20, 13]})
    assert intervals.union(given).rows() == [(1, 20), (30, 40)]


def test_each_group_counts_its_own_positions() -> None:
    given = pl.DataFrame({"group": [1, 0, 1, 0], "low": [1, 5, 2, 1], "high": [9, 6, 3, 5]})
    assert intervals.covered_by_group(given).rows() == [(0, 6), (1, 9)]


def test_length_of_disjoint_intervals_counts_both_ends() -> None:
    assert intervals.length(pl.DataFrame({"low": [1, 7], "high": [3, 7]})) == 4
