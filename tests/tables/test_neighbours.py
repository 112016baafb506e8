from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blast_artifacts.tables import neighbours
from blast_artifacts.tables.neighbours import Neighbours
from tests.tables.made import hits


def passed(*batches: pl.DataFrame, tabular: bool = True) -> tuple[list[tuple[int, str]], bool]:
    stage = Neighbours()
    out = [*(stage.add(batch, tabular) for batch in batches), stage.close()]
    rows = [row for table in out for row in table.select("qindex", "sseqid").rows()]
    return rows, stage.scattered


def rows(*subjects: str, query: int = 0) -> pl.DataFrame:
    return hits(*({"qindex": query, "sseqid": name} for name in subjects))


def test_hsps_of_a_subject_come_together_at_its_first_one() -> None:
    found, scattered = passed(rows("a", "b", "a", "c", "b"))
    assert [name for _, name in found] == ["a", "a", "b", "b", "c"]
    assert scattered


def test_they_come_together_over_the_borders_of_batches_but_not_of_queries() -> None:
    found, _ = passed(rows("a", "b"), rows("a"), pl.concat([rows("b"), rows("a", query=1)]))
    assert found == [(0, "a"), (0, "a"), (0, "b"), (0, "b"), (1, "a")]


def test_reports_are_passed_on_as_they_come() -> None:
    found, scattered = passed(rows("a", "b", "a"), tabular=False)
    assert [name for _, name in found] == ["a", "b", "a"]
    assert not scattered


def test_a_query_of_very_many_rows_does_not_wait_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "HELD_ROWS", 3)
    stage = Neighbours()
    assert stage.add(rows("a", "b"), tabular=True).height == 0
    assert stage.add(rows("a", "c"), tabular=True).height == 4
    assert stage.open_query is None


_order = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(order=_order, size=st.integers(1, 20))
def test_no_hsp_is_lost_and_each_pair_is_one_run(order: list[tuple[int, str]], size: int) -> None:
    ordered: list[dict[str, Any]] = [{"qindex": q, "sseqid": s} for q, s in sorted(order, key=lambda r: r[0])]
    whole = hits(*ordered)
    found, _ = passed(*(whole[start : start + size] for start in range(0, whole.height, size)))
    runs = [pair for place, pair in enumerate(found) if not place or found[place - 1] != pair]
    assert sorted(found) == sorted(order)
    assert len(runs) == len(set(runs))
